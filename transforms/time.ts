import type { SdkTypeFact } from "../src/analysis/model.js";
import type { DateSite, DurationFact, SleepSite } from "../src/analysis/site-model.js";
import { commentsOf, keepingComments } from "../src/edits/comments.js";
import { formatMilliseconds } from "../src/edits/numbers.js";
import type { TextRange } from "../src/edits/edit.js";
import type { Output } from "../src/edits/output.js";
import { writeYield } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { writeListed } from "./_begun.js";
import { importSupport } from "./_support.js";

/** `ctx.sleep` in milliseconds, `ctx.date` as the recorded clock. */
export function time(plan: Plan, out: Output): void {
  writeDataTypes(plan, out);
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) {
      if (site.concept === "sleep") writeSleep(site, plan, out, text);
      if (site.concept === "date") writeDate(site, plan, out, text);
    }
  }
}

export default asJscodeshift("time");

/** Where the SDK's name for a type stays in use, that of the support module takes its place. */
function writeDataTypes(plan: Plan, out: Output): void {
  for (const { file, range, name } of plan.facts.types) {
    if (plan.functions.length === 0 || plan.stays(file, range) || (isShared(name) && plan.isDivided(file) && !isInMigrated(file, range, plan))) continue;
    if (name === "InvocationId") {
      out.replace(file, range, "string");
      continue;
    }
    const { type, support } = supportTypes[name];
    out.replace(file, range, importSupport(support, type, file, plan, out, true));
  }
}

/** Within a function that leaves Restate there are no such values. */
function isInMigrated(file: string, range: TextRange, plan: Plan): boolean {
  return plan.functions.some((fn) => fn.file === file && fn.shape.range.start <= range.start && range.end <= fn.shape.range.end);
}

/** A type of values of Restate's own, which code that stays there still has. */
function isShared(name: SdkTypeFact["name"]): boolean {
  return name !== "Duration" && name !== "RunOptions";
}

/** The types of support modules that stand for types of Restate's SDK. */
const supportTypes = {
  Duration: { type: "Duration", support: "duration" },
  RunOptions: { type: "StepRetries", support: "retries" },
  Durable: { type: "Durable", support: "futures" },
  WorkflowPromise: { type: "WorkflowPromise", support: "promises" },
} as const;

function writeSleep(site: SleepSite, plan: Plan, out: Output, text: string): void {
  writeYield(out, site.file, text, site.yielding);
  if (site.begins) out.replace(site.file, site.head, keepingComments(text, site.head, `${importSupport("futures", "beginSleep", site.file, plan, out)}(${site.context}, `, plan.style(site.file).eol));
  writeDuration(out, site.file, site.duration, plan, text);
  if (site.name) out.replace(site.file, site.name, keepingComments(text, site.name, "", plan.style(site.file).eol));
}

function writeDate(site: DateSite, plan: Plan, out: Output, text: string): void {
  if (site.listed) return writeListed(site, plan, out, text);
  if (site.member === "now") return writeYield(out, site.file, text, site.yielding);
  const { keyword } = site.yielding;
  const { eol } = plan.style(site.file);
  if (keyword.end > keyword.start) out.replace(site.file, keyword, "");
  const comments = commentsOf(text, keyword, eol) + commentsOf(text, site.call, eol);
  out.replace(site.file, site.call, `new Date(${comments}yield* ${site.context}.date.now()).toJSON()`);
}

/** Writes a duration as milliseconds, in place. */
export function writeDuration(out: Output, file: string, duration: DurationFact, plan: Plan, text: string): void {
  const { range } = duration;
  if (duration.kind === "number") return;
  if (duration.kind === "literal") {
    out.replace(file, range, keepingComments(text, range, formatMilliseconds(duration.milliseconds), plan.style(file).eol));
    return;
  }
  if (duration.kind === "dynamic") {
    out.insert(file, range.start, `${importSupport("duration", "millis", file, plan, out)}(`, -range.end);
    out.insert(file, range.end, ")", -range.start);
    return;
  }
  let from = range.start;
  duration.parts.forEach((part, index) => {
    const previous = duration.parts[index - 1];
    const lead = `${previous ? unit(previous.factor, previous.parens) + " + " : ""}${part.parens ? "(" : ""}`;
    out.replace(file, { start: from, end: part.value.start }, lead);
    from = part.value.end;
    if (index === duration.parts.length - 1) out.replace(file, { start: from, end: range.end }, unit(part.factor, part.parens));
  });
}

function unit(factor: number, parens: boolean): string {
  return `${parens ? ")" : ""}${factor === 1 ? "" : ` * ${formatMilliseconds(factor)}`}`;
}
