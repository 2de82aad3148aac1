import type { FunctionFact } from "../src/analysis/model.js";
import type { CallbackSite } from "../src/analysis/site-model.js";
import { keepingComments } from "../src/edits/comments.js";
import type { TextRange } from "../src/edits/edit.js";
import { danglingEnd, indentAt, startsLine } from "../src/edits/layout.js";
import type { Output } from "../src/edits/output.js";
import { writeGenerator, writeReturnType, writeYield } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { writeSweep } from "./_sweeps.js";
import { importSupport } from "./_support.js";

/** Function literals with durable operations become generator functions; the callback of `items.map` begins work for each item. */
export function callbacks(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) {
      if (site.concept === "callback") writeCallback(site, fn, plan, out, text);
      if (site.concept === "closure-type") writeReturnType(out, site.file, plan.file(site.file).text, site.returns, true);
    }
  }
}

export default asJscodeshift("callbacks");

function writeCallback(site: CallbackSite, fn: FunctionFact, plan: Plan, out: Output, text: string): void {
  const { file, shape, items, context } = site;
  const style = plan.style(file);
  writeGenerator(out, file, text, shape, { typescript: fn.typescript, indent: indentAt(shape.range.start, file, out, text) }, style);
  // The block ends with a line of its own: the argument needs none.
  const dangling = shape.bodyKind === "expression" && (items || !site.begins) && !startsLine(text, shape.range.start) ? danglingEnd(text, shape.range.start, shape.range) : undefined;
  if (dangling) out.replace(file, dangling, "");
  if (site.chained !== undefined) return out.insert(file, shape.bareParameter ? shape.parameters.end : shape.parameters.end - 1, site.chained, -1);
  if (site.sweep && items) writeSweep(site, site.sweep, items, fn.typescript, plan, out, text);
  if (!site.begins) {
    if (site.takesContext) writeContext(site, fn.typescript ? `${context}: ${contextType(file, plan, out)}` : context, out, text);
    return;
  }
  const retrying = site.retries ? `${importSupport("retrying", "retrying", file, plan, out)}(` : "";
  if (site.sweep) out.insert(file, shape.range.end, retrying === "" ? "" : ")", Number.MAX_SAFE_INTEGER);
  else if (items) writeEach(site, items, retrying, plan, out, text);
  else writeOnce(site, retrying, plan, out, text);
  if (site.own === undefined) writeContext(site, context, out, text);
}

/** The work has a context of its own, under the name that the code in it knows. */
function writeContext({ file, shape }: CallbackSite, parameter: string, out: Output, text: string): void {
  const empty = !shape.bareParameter && text.slice(shape.parameters.start + 1, shape.parameters.end - 1).trim() === "";
  out.insert(file, shape.bareParameter ? shape.parameters.start : shape.parameters.start + 1, empty ? parameter : `${parameter}, `, 1);
}

function contextType(file: string, plan: Plan, out: Output): string {
  const type = plan.contextType(file);
  out.import(file, { name: "Context", as: type, from: { package: "@resonatehq/sdk" }, typeOnly: true });
  return type;
}

function writeEach({ file, shape, context, yielding, opens, own }: CallbackSite, items: TextRange, retrying: string, plan: Plan, out: Output, text: string): void {
  writeYield(out, file, text, { ...yielding, keyword: { start: items.start, end: items.start } }, `${importSupport("each", own === undefined ? "beginEach" : "beginEachOf", file, plan, out)}(${context}, ${own === undefined ? "" : `this, ${JSON.stringify(own)}, `}`);
  const head = { start: items.end, end: shape.range.start };
  out.replace(file, head, keepingComments(text, head, `${opens ? ")" : ""}, ${retrying}`, plan.style(file).eol));
  if (retrying !== "") out.insert(file, shape.range.end, ")", Number.MAX_SAFE_INTEGER);
}

/** `(async () => { ... })()` without an `await`. */
function writeOnce({ file, shape, context, range, yielding }: CallbackSite, retrying: string, plan: Plan, out: Output, text: string): void {
  const before = `${importSupport("futures", "begin", file, plan, out)}(${context}, ${context}.beginRun(${retrying}`;
  writeYield(out, file, text, { ...yielding, keyword: { start: range.start, end: shape.range.start } }, before);
  const tail = { start: shape.range.end, end: range.end };
  out.replace(file, tail, keepingComments(text, tail, retrying === "" ? "))" : ")))", plan.style(file).eol));
}
