import type { Site } from "../analysis/model.js";
import type { Migration } from "../migration.js";
import type { Plan } from "../plan.js";
import { entryOf } from "./catalogue.js";
import type { Findings } from "./findings.js";

const words: Readonly<Record<Site["concept"], { readonly from: string; readonly to: string }>> = {
  step: { from: "await ctx.run(...)", to: "yield* ctx.run(...)" },
  sleep: { from: "await ctx.sleep(...)", to: "yield* ctx.sleep(ms)" },
  date: { from: "await ctx.date.now()", to: "yield* ctx.date.now()" },
  random: { from: "ctx.rand", to: "recorded random values" },
  console: { from: "ctx.console", to: "recorded console lines" },
  request: { from: "ctx.request().id", to: "ctx.id" },
  "plain-await": { from: "await of anything else", to: "yield* ctx.run(() => ...)" },
  "helper-call": { from: "await helper(ctx, ...)", to: "yield* helper(ctx, ...)" },
  call: { from: "await ctx.serviceClient(...)", to: "yield* ctx.rpc(...)" },
  send: { from: "ctx.serviceSendClient(...)", to: "yield* ctx.detached(...)" },
  client: { from: "const client = ctx.serviceClient(...)", to: "calls by function" },
};

/** Counts call sites by what became of them. A site counts as left where its function stays on Restate. */
export function sitesOf(plan: Plan, findings: Findings): Migration["sites"] {
  const counts = { migrated: 0, "migrated-with-note": 0, left: 0 };
  const remarked = new Set(findings.remarks.filter((remark) => entryOf(remark.code).severity === "warning").map((remark) => `${remark.file}#${remark.range.start}`));
  for (const fn of plan.facts.functions.values()) {
    const migrates = plan.regions.migrated.has(fn.id);
    for (const site of fn.sites) {
      if (!migrates) counts.left++;
      else if ([site.range.start, site.yielding.keyword.start, site.yielding.keyword.end].some((at) => remarked.has(`${site.file}#${at}`))) counts["migrated-with-note"]++;
      else counts.migrated++;
    }
  }
  for (const definition of plan.facts.definitions.values()) counts[plan.regions.migrated.has(definition.id) ? "migrated" : "left"]++;
  for (const endpoint of plan.endpoints) counts[endpoint.complete ? "migrated" : "left"]++;
  counts.left += findings.left.filter((fact) => fact.code !== "R0150" && !fact.code.startsWith("R09") && !/^R010[1-4]$|^R0137$/.test(fact.code)).length;
  return counts;
}

/** What became what, with counts, for the summary. */
export function rewritesOf(plan: Plan): Migration["rewrites"] {
  const counts = new Map<Site["concept"], number>();
  for (const fn of plan.functions) for (const site of fn.sites) counts.set(site.concept, (counts.get(site.concept) ?? 0) + 1);
  const handlers = plan.definitions.reduce((sum, definition) => sum + definition.handlers.length, 0);
  const endpoints = plan.endpoints.filter((endpoint) => endpoint.complete && endpoint.migrated.length > 0).length;
  const rows: Migration["rewrites"][number][] = [...counts].map(([concept, count]) => ({ concept, ...words[concept], count }));
  if (handlers > 0) rows.unshift({ concept: "handler", from: "service handlers", to: "registered generator functions", count: handlers });
  if (endpoints > 0) rows.push({ concept: "endpoint", from: "endpoints", to: "entry modules", count: endpoints });
  return rows;
}
