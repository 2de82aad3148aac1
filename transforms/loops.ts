import type { LoopSite } from "../src/analysis/site-model.js";
import { keepingComments } from "../src/edits/comments.js";
import type { Output } from "../src/edits/output.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";

/** Callbacks with durable operations become loops: a `yield*` may stand in a loop, and not in a callback. */
export function loops(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) if (site.concept === "loop") writeLoop(site, plan, out, text);
  }
}

export default asJscodeshift("loops");

function writeLoop(site: LoopSite, plan: Plan, out: Output, text: string): void {
  const { file, items, body, statement } = site;
  const { eol } = plan.style(file);
  const of = (range: { readonly start: number; readonly end: number } | undefined): string => (range ? text.slice(range.start, range.end) : "");
  const names = site.index ? `[${of(site.index)}, ${of(site.item)}]` : of(site.item);
  out.insert(file, items.start, `for (${site.constant ? "const" : "let"} ${names} of `, -statement.end);
  const head = { start: items.end, end: body.start };
  out.replace(file, head, keepingComments(text, head, `${site.index ? ".entries()" : ""}) `, eol));
  const tail = { start: body.end, end: statement.end };
  out.replace(file, tail, keepingComments(text, tail, "", eol));
  // A block needs no semicolon.
  if (site.block && site.semicolon) out.replace(file, site.semicolon, keepingComments(text, site.semicolon, "", eol));
  for (const range of site.returns) out.replace(file, { start: range.start, end: range.start + "return".length }, "continue");
}
