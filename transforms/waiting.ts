import type { FunctionFact } from "../src/analysis/model.js";
import type { AwakeableSite, BareIdSite, DurablePromiseSite, InvocationSite, WorkflowPromiseSite } from "../src/analysis/site-model.js";
import { keepingComments } from "../src/edits/comments.js";
import type { Output } from "../src/edits/output.js";
import { writeYield } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { importSupport } from "./_support.js";

/** Awakeables, and the promises of workflows: what waits for something from outside. */
export function waiting(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) {
      if (site.concept === "awakeable") writeAwakeable(site, plan, out, text);
      if (site.concept === "invocation") writeInvocation(site, plan, out, text);
      if (site.concept === "bare-id") writeBareId(site, plan, out, text);
      if (site.concept === "workflow-promise") writePromise(site, fn, plan, out, text);
      if (site.concept === "promise-method") writeMethod(site, out, text);
    }
  }
}

export default asJscodeshift("waiting");

function writeAwakeable(site: AwakeableSite, plan: Plan, out: Output, text: string): void {
  const { file, callee, name, open, isEmpty, context } = site;
  writeYield(out, file, text, site.yielding);
  out.replace(file, callee, keepingComments(text, callee, importSupport("awakeables", name, file, plan, out), plan.style(file).eol));
  out.insert(file, open, isEmpty ? context : `${context}, `);
}

function writeInvocation(site: InvocationSite, plan: Plan, out: Output, text: string): void {
  const { file, member, begins, context, head, tail, typeArguments } = site;
  const { eol } = plan.style(file);
  const name = importSupport("invocations", member === "cancel" ? "cancelInvocation" : begins ? "beginAttach" : "attach", file, plan, out);
  writeYield(out, file, text, site.yielding);
  out.replace(file, head, keepingComments(text, head, `${name}${typeArguments ? text.slice(typeArguments.start, typeArguments.end) : ""}(${context}, `, eol));
  out.replace(file, tail, keepingComments(text, tail, ")", eol));
}

function writeBareId({ file, head, tail }: BareIdSite, plan: Plan, out: Output, text: string): void {
  const { eol } = plan.style(file);
  out.replace(file, head, keepingComments(text, head, "", eol));
  out.replace(file, tail, keepingComments(text, tail, "", eol));
}

/** In `run` the workflow is the invocation itself; its other handlers name it. */
function writePromise(site: WorkflowPromiseSite, fn: FunctionFact, plan: Plan, out: Output, text: string): void {
  const { file, callee, open, end, context } = site;
  out.replace(file, callee, keepingComments(text, callee, importSupport("promises", "workflowPromise", file, plan, out), plan.style(file).eol));
  out.insert(file, open, `${context}, `);
  const workflow = plan.workflowOf(fn);
  if (workflow === undefined) return;
  const { quote } = plan.style(file);
  out.insert(file, end, `, ${importSupport("ids", "workflowId", file, plan, out)}(${quote}${workflow}${quote}, ${plan.keyText(fn)})`);
}

/** `yield* promise` waits for its value; `.get()` is needed only for a handle of it. */
function writeMethod(site: DurablePromiseSite, out: Output, text: string): void {
  writeYield(out, site.file, text, site.yielding);
  if (site.member === "get" && !site.begins) out.replace(site.file, site.dropped, "");
  if (site.floating && site.member === "resolve") out.replace(site.file, site.name, "offer");
  if (site.floating && site.member === "reject") out.replace(site.file, site.name, "offerRejection");
}
