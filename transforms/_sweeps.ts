import type { CallbackSite, ReductionFact } from "../src/analysis/site-model.js";
import type { SweepMember } from "../src/analysis/sweeps.js";
import { keepingComments } from "../src/edits/comments.js";
import type { TextRange } from "../src/edits/edit.js";
import type { Output } from "../src/edits/output.js";
import { removeStatement, writeYield } from "../src/edits/yielding.js";
import type { Plan } from "../src/plan.js";
import { importSupport } from "./_support.js";

/** What runs callbacks where they stand, and what runs those of a `reduce` beside each other. */
const inTurn: Readonly<Record<SweepMember, string>> = { map: "mapInTurn", flatMap: "flatMapInTurn", forEach: "mapInTurn", reduce: "reduceInTurn", reduceRight: "reduceRightInTurn" };
const beside: Readonly<Partial<Record<SweepMember, string>>> = { reduce: "reduceEach", reduceRight: "reduceRightEach" };

/** `items.flatMap((item) => [ctx.run(...)])`: the callback runs for one item after the other, in the context around it. */
export function writeSweep(site: CallbackSite, member: SweepMember, items: TextRange, typescript: boolean, plan: Plan, out: Output, text: string): void {
  const { file, shape, yielding, context, begins, reduction, retries } = site;
  const { eol } = plan.style(file);
  writeYield(out, file, text, yielding);
  const begun = begins && beside[member];
  const head = begun ? `${importSupport("each", begun, file, plan, out)}(${context}, ` : `${importSupport("in-turn", inTurn[member], file, plan, out)}(`;
  out.insert(file, items.start, head, -items.end - 0.5);
  const between = { start: items.end, end: shape.range.start };
  out.replace(file, between, keepingComments(text, between, `${site.opens ? ")" : ""}, ${retries ? `${importSupport("retrying", "retrying", file, plan, out)}(` : ""}`, eol));
  if (site.thisAfter !== undefined) out.insert(file, site.thisAfter, ", this", Number.MAX_SAFE_INTEGER);
  if (!reduction) return;
  if (reduction.initial) writeInitial(file, reduction.initial, out, text, eol);
  if (reduction.around) writeAround(site, reduction, reduction.around, typescript, out, text, eol);
  else writeBefore(site, reduction, typescript, plan, out);
  for (const range of reduction.statements) removeStatement(out, file, text, withBlanks(text, range));
  for (const range of reduction.awaits) out.replace(file, range, keepingComments(text, range, text.slice(reduction.before.name.start, reduction.before.name.end), eol));
}

/** A statement that others follow on its line, with the blanks between. */
function withBlanks(text: string, { start, end }: TextRange): TextRange {
  const blanks = /^[ \t]+(?=\S)/.exec(text.slice(end))?.[0] ?? "";
  return { start, end: end + blanks.length };
}

/** `Promise.resolve(value)`: the value. */
function writeInitial(file: string, { range, value }: NonNullable<ReductionFact["initial"]>, out: Output, text: string, eol: string): void {
  if (!value) return out.replace(file, range, keepingComments(text, range, "undefined", eol));
  for (const part of [{ start: range.start, end: value.start }, { start: value.end, end: range.end }]) out.replace(file, part, keepingComments(text, part, "", eol));
}

/** The parameter for what the callback before gives: the value itself, or its handle. */
function writeBefore({ file }: CallbackSite, { before, order, statements, awaits }: ReductionFact, typescript: boolean, plan: Plan, out: Output): void {
  if (order === "in-turn" && statements.length > 0 && awaits.length === 0) out.insert(file, before.name.start, "_", 2);
  if (!typescript || before.written === undefined) return;
  if (before.type) return order === "begun" ? undefined : out.replace(file, before.type, before.written);
  const type = order === "begun" ? `${importSupport("futures", "Durable", file, plan, out, true)}<${before.written}>` : before.written;
  out.insert(file, before.name.end, `: ${type}`, -1);
}

/** `(before, item) => before.then((value) => ...)`: the function that comes after takes the place of the one around it. */
function writeAround({ file, shape }: CallbackSite, { before }: ReductionFact, { range, rest, value }: NonNullable<ReductionFact["around"]>, typescript: boolean, out: Output, text: string, eol: string): void {
  const of = (part: TextRange): string => text.slice(part.start, part.end);
  const tail = { start: shape.range.end, end: range.end };
  out.replace(file, tail, keepingComments(text, tail, "", eol));
  const { start, end } = shape.bareParameter ? shape.parameters : { start: shape.parameters.start + 1, end: shape.parameters.end - 1 };
  const name = value ? of(value) : `_${of(before.name)}`;
  const isTyped = !typescript || before.written === undefined || (value && of(value).includes(":"));
  const first = isTyped ? name : `${name}: ${before.written}`;
  const parameters = [first, ...(rest ? [of(rest)] : [])].join(", ");
  if (end > start) out.replace(file, { start, end }, parameters);
  else out.insert(file, start, parameters);
}
