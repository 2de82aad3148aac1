import type { OptionalFact, Site, Yielding } from "../src/analysis/site-model.js";
import type { Output } from "../src/edits/output.js";
import { writeYield } from "../src/edits/yielding.js";
import type { Plan } from "../src/plan.js";
import { importSupport } from "./_support.js";

/**
 * Puts a `yield*` where an operation is awaited; where it is not, it is begun, and its handle stands there. `around` is the head of a
 * call that takes the operation as its last argument.
 */
export function writeBegun(site: Site, yielding: Yielding, plan: Plan, out: Output, text: string, around = ""): void {
  const begin = site.begins ? `${importSupport("futures", "begin", site.file, plan, out)}(${site.context}, ` : "";
  writeYield(out, site.file, text, yielding, around + begin, `${begin === "" ? "" : ")"}${around === "" ? "" : ")"}`);
}

/** `await step.undo?.();`: a `yield*` needs something to wait for. */
export function writeOptionalCall({ file, yielding }: Site, { condition, questions, isStatement }: OptionalFact, out: Output, text: string): void {
  const asked = text.slice(condition.start, condition.end);
  const [open, close] = isStatement ? [`if (${asked}) `, ""] : [`${yielding.parens ? "(" : ""}${asked} ? `, ` : undefined${yielding.parens ? ")" : ""}`];
  out.insert(file, yielding.keyword.start, open, -yielding.end - 0.5);
  writeYield(out, file, text, { ...yielding, parens: false, guard: false }, "", close);
  for (const { range, text: there } of questions) out.replace(file, range, there);
}

/** What is read at once, in a list of promises: a promise that has its value. */
export function writeListed(site: Site, plan: Plan, out: Output, text: string): void {
  const resolved = importSupport("futures", "resolved", site.file, plan, out);
  const { keyword, end } = site.yielding;
  out.insert(site.file, keyword.start, `${resolved}(`, -end - 0.5);
  writeYield(out, site.file, text, { ...site.yielding, parens: false });
  out.insert(site.file, end, ")", 1 - keyword.start);
}
