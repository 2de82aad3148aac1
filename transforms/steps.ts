import type { StepOptionsFact, StepSite } from "../src/analysis/site-model.js";
import { keepingComments } from "../src/edits/comments.js";
import { danglingEnd } from "../src/edits/layout.js";
import type { Output } from "../src/edits/output.js";
import { writeYield } from "../src/edits/yielding.js";
import { formatMilliseconds } from "../src/edits/numbers.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import { writeBegun } from "./_begun.js";
import { importSupport } from "./_support.js";
import { isLimited, type Plan } from "../src/plan.js";

/** `await ctx.run(name?, action, options?)` becomes `yield* ctx.run(action, ...)`; awaits of anything else become steps of their own. */
export function steps(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) {
      if (site.concept === "step") writeStep(site, plan, out, text);
      if (site.concept !== "plain-await") continue;
      const { operand } = site;
      const policy = site.caught ? `retryPolicy: new ${neverIn(site.file, plan, out)}()` : site.throws ? endedBy(site.file, plan, out) : undefined;
      const options = policy === undefined ? "" : `, ${site.context}.options({ ${policy} })`;
      if (!site.used) writeYield(out, site.file, text, { ...site.yielding, keyword: { start: site.range.start, end: site.range.start } }, `${site.context}.run(async () => { `, `; }${options})`);
      else {
        const wrap = site.objectLiteral ? ["(", ")"] : ["", ""];
        // An await inside of the operand stays what it is: it belongs to the step.
        writeYield(out, site.file, text, { ...site.yielding, end: operand.end }, `${site.context}.run(${site.async ? "async " : ""}() => ${wrap[0]}`, `${wrap[1]}${options})`);
      }
    }
  }
  for (const id of plan.contextFirst) takeContextFirst(id, plan, out);
}

export default asJscodeshift("steps");

/** The errors that end a step. */
function endedBy(file: string, plan: Plan, out: Output): string {
  return `nonRetryableErrors: [${importSupport("errors", "TerminalError", file, plan, out)}]`;
}

/** The policy of a step whose failure the code around it handles. */
function neverIn(file: string, plan: Plan, out: Output): string {
  const never = plan.localName(file, "Never");
  out.import(file, { name: "Never", as: never, from: { package: "@resonatehq/sdk" } });
  return never;
}

function writeStep(site: StepSite, plan: Plan, out: Output, text: string): void {
  const { file, action } = site;
  writeBegun(site, site.yielding, plan, out, text);
  if (site.begins) out.replace(file, site.member, "beginRun");
  if (site.typeArguments) out.replace(file, site.typeArguments, "");
  if (site.name) out.replace(file, site.name, keepingComments(text, site.name, "", plan.style(file).eol));
  if (isLimited(site)) writeLimited(site, plan, out);
  else writePolicy(site, plan, out, text);
  if (action.kind === "call" && plan.contextFirst.has(action.target)) {
    const first = action.args[0];
    const last = action.args.at(-1);
    out.replace(file, { start: action.range.start, end: action.callee.start }, "");
    if (first && last) {
      out.replace(file, { start: action.callee.end, end: first.start }, ", ");
      out.replace(file, { start: last.end, end: action.range.end }, "");
    } else out.replace(file, { start: action.callee.end, end: action.range.end }, "");
    const dangling = site.options ? undefined : danglingEnd(text, site.member.end, action.range);
    if (dangling) out.replace(file, dangling, "");
    return;
  }
  if (action.kind === "reference") {
    if (action.bare) return;
    const simple = /^[\w$.]+$/.test(text.slice(action.range.start, action.range.end));
    const arrow = action.isOpen ? "async () => " : "() => ";
    out.insert(file, action.range.start, simple ? arrow : `${arrow}(`);
    out.insert(file, action.range.end, simple ? "()" : ")()");
    return;
  }
  const closure = action.kind === "call" ? action.closure : action;
  for (const { at, text: inserted } of closure.insert) out.insert(file, at, inserted);
}

/** A step whose attempts come to an end, or that says when to try again: its last failure arrives as a terminal error, as in Restate. */
function writeLimited(site: StepSite, plan: Plan, out: Output): void {
  const { file, action, options } = site;
  const retried = importSupport("steps", "retried", file, plan, out);
  out.insert(file, action.range.start, `...${retried}(${site.context}, `, -action.range.end - 1);
  out.insert(file, (options ?? action).range.end, ")", 2);
}

/** The pauses between attempts, where they are stated, and which errors end the step. */
function writePolicy(site: StepSite, plan: Plan, out: Output, text: string): void {
  const { file, action, options, context } = site;
  const members = [
    ...(options?.kind === "literal" ? [`retryPolicy: ${exponential(site, options, plan, out)}`] : []),
    ...(site.throws === "terminal" ? [endedBy(file, plan, out)] : []),
  ];
  if (members.length === 0) {
    if (options) out.replace(file, { start: action.range.end, end: options.range.end }, keepingComments(text, { start: action.range.end, end: options.range.end }, "", plan.style(file).eol));
    return;
  }
  const written = `${context}.options({ ${members.join(", ")} })`;
  if (options) out.replace(file, options.range, `${keepingComments(text, options.range, "", plan.style(file).eol)}${written}`);
  else out.insert(file, action.range.end, `, ${written}`, 3);
}

/** Restate waits 50 ms before the first retry, then twice as long each time, 10 s at most; Resonate multiplies once before the first. */
function exponential(site: StepSite, options: Extract<StepOptionsFact, { kind: "literal" }>, plan: Plan, out: Output): string {
  const { initial = 50, factor = 2, max = 10_000 } = options;
  const delay = typeof initial === "number" && typeof factor === "number" ? formatMilliseconds(initial / factor) : `${operand(initial)} / ${operand(factor)}`;
  const members = [`delay: ${delay}`];
  if (factor !== 2) members.push(`factor: ${factor}`);
  members.push(`maxDelay: ${typeof max === "number" ? formatMilliseconds(max) : max}`);
  const policy = plan.localName(site.file, "Exponential");
  out.import(site.file, { name: "Exponential", as: policy, from: { package: "@resonatehq/sdk" } });
  return `new ${policy}({ ${members.join(", ")} })`;
}

function operand(value: number | string): string {
  return typeof value === "number" ? formatMilliseconds(value) : /^[\w$.]+$/.test(value) ? value : `(${value})`;
}

/** Resonate hands the context to every function it runs: a function that only steps use takes it as its first parameter. */
function takeContextFirst(id: string, plan: Plan, out: Output): void {
  const fn = plan.facts.stepFunctions.get(id);
  if (!fn || fn.parameterCount === 0) return; // without parameters there is nothing it could be taken for
  const type = plan.contextType(fn.file);
  const parameter = `${fn.context}${fn.typescript ? `: ${type}` : ""},`;
  // Parameters on lines of their own stay so.
  const line = /^[ \t]*(\r?\n[ \t]*)/.exec(plan.file(fn.file).text.slice(fn.parameters))?.[1];
  out.insert(fn.file, fn.parameters, line === undefined ? `${parameter} ` : `${line}${parameter}`);
  if (fn.typescript) out.import(fn.file, { name: "Context", as: type, from: { package: "@resonatehq/sdk" }, typeOnly: true });
}
