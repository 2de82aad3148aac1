import type { Site } from "../analysis/site-model.js";
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
  state: { from: "ctx.get, ctx.set, ...", to: "yield* state.get, state.set, ..." },
  key: { from: "ctx.key", to: "key" },
  "invocation-id": { from: "handle.invocationId", to: "handle.id" },
  "bare-id": { from: "ctx.invocation(id)", to: "id" },
  callback: { from: "callbacks with durable operations", to: "function* (...) { ... }" },
  "closure-type": { from: "() => Promise<T>", to: "() => Generator<unknown, T>" },
  "for-await": { from: "for await (... of ...)", to: "for (...), yield* items.next()" },
  item: { from: "yield item", to: "yield* give(item)" },
  handle: { from: "await promise", to: "yield* handle" },
  "settled-promise": { from: "return Promise.resolve(x), Promise.reject(e)", to: "return x, throw e" },
  combine: { from: "RestatePromise.all, race, ...", to: "all, race, ... of handles" },
  chain: { from: "promise.then(...), catch, finally", to: "chained(promise).andThen(...)" },
  awakeable: { from: "ctx.awakeable()", to: "yield* awakeable(ctx)" },
  invocation: { from: "ctx.cancel(id), ctx.attach(id)", to: "yield* cancelInvocation(ctx, id), attach(ctx, id)" },
  "workflow-promise": { from: "ctx.promise(name)", to: "workflowPromise(ctx, name)" },
  "promise-method": { from: "promise.resolve(...), peek()", to: "yield* promise.resolve(...), peek()" },
  loop: { from: "items.forEach(...)", to: "for (const item of items)" },
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
  for (const site of plan.facts.ingress.sites) counts[!plan.regions.ingresses.has(site.owner) ? "left" : "range" in site && remarked.has(`${site.file}#${site.range.start}`) ? "migrated-with-note" : "migrated"]++;
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
  const calls = plan.clients.sites.filter((site) => site.concept !== "ingress-client").length;
  if (calls > 0) rows.push({ concept: "ingress", from: "ingress.serviceClient(...).greet(...)", to: 'resonate.rpc(id, "greet", ...)', count: calls });
  return rows;
}
