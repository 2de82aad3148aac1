import type { StepOptionsFact, StepSite } from "../src/analysis/model.js";
import { keepingComments } from "../src/edits/comments.js";
import type { Output } from "../src/edits/output.js";
import { writeYield } from "../src/edits/yielding.js";
import { formatMilliseconds } from "../src/edits/numbers.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";

/** `await ctx.run(name?, action, options?)` becomes `yield* ctx.run(action, ...)`; awaits of anything else become steps of their own. */
export function steps(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) {
      if (site.concept === "step") writeStep(site, plan, out, text);
      if (site.concept !== "plain-await") continue;
      const { operand } = site;
      const options = site.caught ? `, ${site.context}.options({ retryPolicy: new ${neverIn(site.file, plan, out)}() })` : "";
      if (!site.used) writeYield(out, site.file, text, { ...site.yielding, keyword: { start: site.range.start, end: site.range.start } }, `${site.context}.run(async () => { `, `; }${options})`);
      else {
        const wrap = site.objectLiteral ? ["(", ")"] : ["", ""];
        // An await inside of the operand stays what it is: it belongs to the step.
        writeYield(out, site.file, text, { ...site.yielding, end: operand.end }, `${site.context}.run(${site.nested ? "async " : ""}() => ${wrap[0]}`, `${wrap[1]}${options})`);
      }
    }
  }
  for (const id of plan.contextFirst) takeContextFirst(id, plan, out);
}

export default asJscodeshift("steps");

/** The policy of a step whose failure the code around it handles. */
function neverIn(file: string, plan: Plan, out: Output): string {
  const never = plan.localName(file, "Never");
  out.import(file, { name: "Never", as: never, from: { package: "@resonatehq/sdk" } });
  return never;
}

function writeStep(site: StepSite, plan: Plan, out: Output, text: string): void {
  const { file, action } = site;
  writeYield(out, file, text, site.yielding);
  if (site.typeArguments) out.replace(file, site.typeArguments, "");
  if (site.name) out.replace(file, site.name, keepingComments(text, site.name, "", plan.style(file).eol));
  if (site.options) writeOptions(site, site.options, plan, out, text);
  if (action.kind === "call" && plan.contextFirst.has(action.target)) {
    const first = action.args[0];
    const last = action.args.at(-1);
    out.replace(file, { start: action.range.start, end: action.callee.start }, "");
    if (first && last) {
      out.replace(file, { start: action.callee.end, end: first.start }, ", ");
      out.replace(file, { start: last.end, end: action.range.end }, "");
    } else out.replace(file, { start: action.callee.end, end: action.range.end }, "");
    return;
  }
  if (action.kind === "reference") {
    if (action.bare) return;
    const simple = /^[\w$.]+$/.test(text.slice(action.range.start, action.range.end));
    const arrow = action.isAny ? "async () => " : "() => ";
    out.insert(file, action.range.start, simple ? arrow : `${arrow}(`);
    out.insert(file, action.range.end, simple ? "()" : ")()");
    return;
  }
  const closure = action.kind === "call" ? action.closure : action;
  for (const { at, text: inserted } of closure.insert) out.insert(file, at, inserted);
}

/** Restate waits 50 ms before the first retry, then twice as long each time, 10 s at most; Resonate multiplies once before the first. */
function writeOptions(site: StepSite, options: StepOptionsFact, plan: Plan, out: Output, text: string): void {
  const { file } = site;
  if (options.kind === "dynamic") {
    const stepRetries = plan.localName(file, "stepRetries");
    out.insert(file, options.range.start, `${site.context}.options({ retryPolicy: ${stepRetries}(`, -options.range.end);
    out.insert(file, options.range.end, ") })", -options.range.start);
    const module = plan.supportModule(file, "retries");
    out.support.set(module, "retries");
    out.import(file, { name: "stepRetries", as: stepRetries, from: { file: module } });
    return;
  }
  const { initial = 50, factor = 2, max = 10_000, attempts } = options;
  const delay = typeof initial === "number" && typeof factor === "number" ? formatMilliseconds(initial / factor) : `${operand(initial)} / ${operand(factor)}`;
  const members = [`delay: ${delay}`];
  if (factor !== 2) members.push(`factor: ${factor}`);
  if (attempts !== undefined) members.push(`maxRetries: ${typeof attempts === "number" ? Math.max(0, attempts - 1) : `Math.max(0, ${operand(attempts)} - 1)`}`);
  members.push(`maxDelay: ${typeof max === "number" ? formatMilliseconds(max) : max}`);
  const comments = keepingComments(text, options.range, "", plan.style(file).eol);
  const exponential = plan.localName(file, "Exponential");
  out.replace(file, options.range, `${comments}${site.context}.options({ retryPolicy: new ${exponential}({ ${members.join(", ")} }) })`);
  out.import(file, { name: "Exponential", as: exponential, from: { package: "@resonatehq/sdk" } });
}

function operand(value: number | string): string {
  return typeof value === "number" ? formatMilliseconds(value) : /^[\w$.]+$/.test(value) ? value : `(${value})`;
}

/** Resonate hands the context to every function it runs: a function that only steps use takes it as its first parameter. */
function takeContextFirst(id: string, plan: Plan, out: Output): void {
  const fn = plan.facts.stepFunctions.get(id);
  if (!fn || fn.parameterCount === 0) return; // without parameters there is nothing it could be taken for
  const type = plan.contextType(fn.file);
  const annotation = fn.typescript ? `: ${type}` : "";
  out.insert(fn.file, fn.parameters, `${fn.context}${annotation}, `);
  if (fn.typescript) out.import(fn.file, { name: "Context", as: type, from: { package: "@resonatehq/sdk" }, typeOnly: true });
}
