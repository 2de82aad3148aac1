import type { DefinitionFact, FunctionFact, HandlerFact, RemoteCallSite } from "../src/analysis/model.js";
import { commentsIn, commentsOf, keepingComments } from "../src/edits/comments.js";
import type { Output } from "../src/edits/output.js";
import { removeStatement, writeYield } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { writeDuration } from "./time.js";

/** Calls between services: `ctx.rpc` for a result, `ctx.detached` for a message, by function in one process and by name across processes. */
export function calls(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) {
      if (site.concept === "client") removeStatement(out, site.file, text, site.statement);
      if (site.concept === "call" || site.concept === "send") writeCall(site, fn, plan, out, text);
    }
  }
}

export default asJscodeshift("calls");

function writeCall(site: RemoteCallSite, fn: FunctionFact, plan: Plan, out: Output, text: string): void {
  const { file } = site;
  const style = plan.style(file);
  const definition = plan.facts.definitions.get(site.definition);
  const handler = definition?.handlers.find((candidate) => candidate.name === site.handler);
  if (!definition || !handler) throw new Error(`${site.definition} migrates without ${site.handler}`);
  const group = plan.groupOf(definition.id);
  const callee = plan.facts.functions.get(handler.function);
  // Whatever is connected with a migrated function migrates as well: both sides are there.
  const byName = (group !== undefined && [...groupsOfFunction(fn, plan)].some((own) => own !== group)) || !callee || !isWithinReach(file, callee, handler, plan);
  const method = site.concept === "call" ? "rpc" : "detached";
  const { quote } = style;
  let typeArgument = "";
  if (byName && site.concept === "call" && callee && fn.typescript && isWithinReach(file, callee, handler, plan)) {
    const module = plan.supportModule(file, "result-of");
    out.support.set(module, "result-of");
    const resultOf = plan.localName(file, "ResultOf");
    out.import(file, { name: "ResultOf", as: resultOf, from: { file: module }, typeOnly: true });
    const { name, exported, from } = plan.reference(file, definition, handler);
    out.import(file, { name: exported, as: name, from, typeOnly: true });
    typeArgument = `<${resultOf}<typeof ${name}>>`;
  }
  const target = byName ? `${quote}${plan.registeredAs(definition, handler)}${quote}` : referTo(file, definition, handler, plan, out);
  const head = `${site.context}.${method}${typeArgument}(${target}${site.argument ? ", " : ""}`;
  writeYield(out, file, text, site.yielding);
  out.replace(file, site.head, keepingComments(text, site.head, head, style.eol));
  writeOptions(site, group, plan, out, text);
}

/** Whether a file can name a handler's function: one that stands there or is exported, and that no local variable of the same name hides. */
function isWithinReach(file: string, callee: FunctionFact, handler: HandlerFact, plan: Plan): boolean {
  if (handler.place === "inline") return true;
  if (!/^[\w$]+$/.test(handler.reference ?? "")) return false;
  return callee.file === file ? (plan.file(file).declared.get(callee.name) ?? 0) <= 1 : callee.exportName !== undefined;
}

/** Imports a handler's function where it is not in the same module, and gives its name there. */
function referTo(file: string, definition: DefinitionFact, handler: HandlerFact, plan: Plan, out: Output): string {
  const { name, exported, from } = plan.reference(file, definition, handler);
  out.import(file, { name: exported, as: name, from });
  return name;
}

/** The groups a function runs in: those of the services whose handler it is, or of all that call it. */
function groupsOfFunction(fn: FunctionFact, plan: Plan, seen = new Set<string>()): ReadonlySet<string | undefined> {
  if (seen.has(fn.id)) return new Set();
  seen.add(fn.id);
  const owners = plan.definitions.filter((definition) => definition.handlers.some((handler) => handler.function === fn.id));
  const callers = plan.functions.filter((candidate) => candidate.calls.includes(fn.id));
  return new Set([...owners.map((owner) => plan.groupOf(owner.id)), ...callers.flatMap((caller) => [...groupsOfFunction(caller, plan, seen)])]);
}

function writeOptions(site: RemoteCallSite, group: string | undefined, plan: Plan, out: Output, text: string): void {
  const { file, options, delay } = site;
  const { quote } = plan.style(file);
  const target = group === undefined ? "" : `{ target: ${quote}${group}${quote} }`;
  if (delay && options) {
    const module = plan.supportModule(file, "delay");
    out.support.set(module, "delay");
    const delayed = plan.localName(file, "delayed");
    out.import(file, { name: "delayed", as: delayed, from: { file: module } });
    const { eol } = plan.style(file);
    const [before, after] = [{ start: options.start, end: delay.range.start }, { start: delay.range.end, end: options.end }];
    out.replace(file, before, `, yield* ${delayed}(${site.context}, ${commentsOf(text, before, eol)}`);
    writeDuration(out, file, delay, plan, text);
    out.replace(file, after, `${commentsIn(text, after).map((comment) => ` ${text.slice(comment.start, comment.end)}`).join(eol)}${text.slice(after.start, after.end).includes("//") ? eol : ""}${target === "" ? "" : `, ${target}`})`);
    return;
  }
  const suffix = target === "" ? "" : `, ${site.context}.options(${target})`;
  if (options) out.replace(file, options, keepingComments(text, options, suffix, plan.style(file).eol));
  else if (suffix !== "") out.insert(file, site.argument?.end ?? site.head.end, suffix, 1);
}
