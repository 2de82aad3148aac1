import type { FunctionFact } from "../src/analysis/model.js";
import type { CallbackSite } from "../src/analysis/site-model.js";
import { keepingComments } from "../src/edits/comments.js";
import type { TextRange } from "../src/edits/edit.js";
import { danglingEnd, indentAt, startsLine } from "../src/edits/layout.js";
import type { Output } from "../src/edits/output.js";
import { writeGenerator, writeReturnType, writeYield } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
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
  if (site.gathers && items) return writeEach(site, items, "", plan, out, text);
  if (!site.begins) return;
  const retrying = site.retries ? `${importSupport("retrying", "retrying", file, plan, out)}(` : "";
  if (items) writeEach(site, items, retrying, plan, out, text);
  else writeOnce(site, retrying, plan, out, text);
  // The work has a context of its own, under the name that the code in it knows.
  const empty = !shape.bareParameter && text.slice(shape.parameters.start + 1, shape.parameters.end - 1).trim() === "";
  out.insert(file, shape.bareParameter ? shape.parameters.start : shape.parameters.start + 1, empty ? context : `${context}, `, 1);
}

function writeEach(site: CallbackSite, items: TextRange, retrying: string, plan: Plan, out: Output, text: string): void {
  const { file, shape, context, yielding, opens } = site;
  writeYield(out, file, text, { ...yielding, keyword: { start: items.start, end: items.start } }, site.gathers ? `${importSupport("gathered", "gathered", file, plan, out)}(` : `${importSupport("each", "beginEach", file, plan, out)}(${context}, `);
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
