import type { DefinitionFact, HandlerFact } from "../src/analysis/definition-model.js";
import type { FunctionFact } from "../src/analysis/model.js";
import type { ClientSite, DurationFact, InvocationIdSite, KeyFact, RemoteCallSite } from "../src/analysis/site-model.js";
import { commentsIn, commentsOf, keepingComments } from "../src/edits/comments.js";
import type { Output } from "../src/edits/output.js";
import type { TextRange } from "../src/edits/edit.js";
import { removeStatement, writeYield } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { importSupport } from "./_support.js";
import { writeBegun } from "./_begun.js";
import { writeDuration } from "./time.js";

/** Calls between services: `ctx.rpc` for a result, `ctx.detached` for a message, by function in one process and by name across processes. */
export function calls(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) {
      if (site.concept === "client") writeClient(site, plan, out, text);
      if (site.concept === "invocation-id") writeInvocationId(site, plan, out, text);
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
  const byName = handler.mode === "run" || site.idempotencyKey !== undefined || (group !== undefined && [...groupsOfFunction(fn, plan)].some((own) => own !== group)) || !callee || !plan.isCalledByFunction(handler) || !isWithinReach(file, callee, handler, plan);
  const method = site.concept === "send" ? "detached" : site.begins ? "beginRpc" : "rpc";
  const { quote } = style;
  let typeArgument = "";
  if (byName && site.concept === "call" && callee && fn.typescript && isWithinReach(file, callee, handler, plan)) {
    const resultOf = importSupport("result-of", "ResultOf", file, plan, out, true);
    const { name, exported, from } = plan.reference(file, definition, handler);
    out.import(file, { name: exported, as: name, from, typeOnly: true });
    typeArgument = `<${resultOf}<typeof ${name}>>`;
  }
  const target = byName ? `${quote}${plan.registeredAs(definition, handler)}${quote}` : referTo(file, definition, handler, plan, out);
  if (handler.mode === "run") return writeRun(site, definition, handler, typeArgument, fn, plan, out, text);
  const order = keepsOrder(site, handler, fn, plan) ? inOrder(site, definition, fn, plan, out, text) : "";
  if (site.idempotencyKey) return writeOnce(site, site.idempotencyKey, typeArgument, runText(definition, handler, plan, quote), order, fn, plan, out, text);
  writeBegun(site, site.yielding, plan, out, text, order);
  writeHead(site, `${site.context}.${method}${typeArgument}(${target}`, fn, plan, out, text);
  writeOptions(site, handler, group, plan, out, text);
}

/** Whether what is not waited for and later calls from here to the same object are to be taken in the order in which they are made. */
function keepsOrder(site: RemoteCallSite, handler: HandlerFact, fn: FunctionFact, plan: Plan): boolean {
  if ((site.concept !== "send" && !site.begins) || site.delay || !site.key?.repeatable || !plan.takesTurns(handler)) return false;
  return site.repeats || fn.sites.some((other) => other !== site && (other.concept === "call" || other.concept === "send") && other.definition === site.definition);
}

/** The head of what queues a call before the caller goes on. */
function inOrder({ file, key, context }: RemoteCallSite, definition: DefinitionFact, fn: FunctionFact, plan: Plan, out: Output, text: string): string {
  const { quote } = plan.style(file);
  const written = key?.constant ?? (key ? keyAsWritten(key, fn, plan, text) : "");
  return `${importSupport("exclusive", "inOrder", file, plan, out)}(${context}, ${quote}${definition.name}${quote}, ${written}, `;
}

/** A workflow runs under an id of its own, once per key: it is started there, and its result is waited for. */
function writeRun(site: RemoteCallSite, definition: DefinitionFact, handler: HandlerFact, typeArgument: string, fn: FunctionFact, plan: Plan, out: Output, text: string): void {
  const { file, key, context, options, delay } = site;
  if (!key) throw new Error(`${definition.name} is called without a key`);
  const { quote, eol } = plan.style(file);
  const sends = delay ? "startWorkflowLater" : "startWorkflow";
  const [workflowId, start] = [importSupport("ids", "workflowId", file, plan, out), importSupport("workflows", site.concept === "send" ? sends : site.begins ? "beginWorkflow" : "callWorkflow", file, plan, out)];
  const written = key.constant ?? keyAsWritten(key, fn, plan, text);
  const run = runText(definition, handler, plan, quote);
  writeYield(out, file, text, site.yielding);
  const input = `${delay ? "[" : ""}${written}${site.argument ? ", " : ""}`;
  out.replace(file, site.head, keepingComments(text, site.head, `${start}${site.concept === "call" ? typeArgument : ""}(${context}, ${workflowId}(${quote}${definition.name}${quote}, ${written}), ${run}, ${input}`, eol));
  if (options && delay) writeDelay(site, options, delay, ["], ", ""], plan, out, text);
  else if (options) out.replace(file, options, keepingComments(text, options, "", eol));
}

/** A call with an idempotency key has its id by that: `callOnce(ctx, "greet", [name], { idempotencyKey: key })`. */
function writeOnce(site: RemoteCallSite, idempotencyKey: TextRange, typeArgument: string, run: string, order: string, fn: FunctionFact, plan: Plan, out: Output, text: string): void {
  const { file, options, delay, key, context } = site;
  const { eol } = plan.style(file);
  const isQueued = site.begins === true && order !== "";
  const once = importSupport("once", site.concept === "send" || isQueued ? "sendOnce" : site.begins ? "beginOnce" : "callOnce", file, plan, out);
  if (isQueued) writeYield(out, file, text, site.yielding, `${importSupport("once", "attachOnce", file, plan, out)}${typeArgument}(${context}, yield* ${order}`, "))");
  else if (site.concept === "send") writeBegun(site, site.yielding, plan, out, text, order);
  else writeYield(out, file, text, site.yielding);
  writeHead(site, `${once}${isQueued ? "" : typeArgument}(${context}, ${run}, [`, fn, plan, out, text, "");
  let at = options?.start ?? idempotencyKey.start;
  const members = [{ name: "idempotencyKey", range: idempotencyKey }, ...(delay ? [{ name: "delay", range: delay.range }] : [])].sort((a, b) => a.range.start - b.range.start);
  members.forEach(({ name, range }, index) => {
    const between = { start: at, end: range.start };
    out.replace(file, between, keepingComments(text, between, `${index === 0 ? `], { ` : ", "}${name}: `, eol));
    at = range.end;
  });
  if (delay) writeDuration(out, file, delay, plan, text);
  const rest = { start: at, end: options?.end ?? idempotencyKey.end };
  out.replace(file, rest, keepingComments(text, rest, `${key ? ", keyed: true" : ""} }`, eol));
}

/** The name that a handler is registered under, with its worker group where it has one. */
function runText(definition: DefinitionFact, handler: HandlerFact, plan: Plan, quote: string): string {
  const group = plan.groupOf(definition.id);
  const name = `${quote}${plan.registeredAs(definition, handler)}${quote}`;
  return group === undefined ? name : `{ name: ${name}, target: ${quote}${group}${quote} }`;
}

/** Of the options of a call only the delay stays, between two other texts. */
function writeDelay({ file }: RemoteCallSite, options: TextRange, delay: DurationFact, [head, tail]: readonly [string, string], plan: Plan, out: Output, text: string): void {
  const { eol } = plan.style(file);
  const [before, after] = [{ start: options.start, end: delay.range.start }, { start: delay.range.end, end: options.end }];
  out.replace(file, before, `${head}${commentsOf(text, before, eol)}`);
  writeDuration(out, file, delay, plan, text);
  out.replace(file, after, `${commentsIn(text, after).map((comment) => ` ${text.slice(comment.start, comment.end)}`).join(eol)}${text.slice(after.start, after.end).includes("//") ? eol : ""}${tail}`);
}

/** The text of a key with the caller's own key in it as it is called there. */
function keyAsWritten(key: KeyFact, fn: FunctionFact, plan: Plan, text: string): string {
  let written = text.slice(key.range.start, key.range.end);
  for (const { start, end } of [...key.owns].reverse()) written = written.slice(0, start - key.range.start) + plan.keyText(fn) + written.slice(end - key.range.start);
  return written;
}

/** The key as the caller writes it, after the head and a separator; a computed one that a client held is in a constant. */
function writeHead(site: RemoteCallSite, head: string, fn: FunctionFact, plan: Plan, out: Output, text: string, separator = ", "): void {
  const { file, key } = site;
  const { eol } = plan.style(file);
  const comma = site.argument ? ", " : "";
  if (!key) return out.replace(file, site.head, keepingComments(text, site.head, `${head}${site.argument ? separator : ""}`, eol));
  const inside = site.head.start <= key.range.start && key.range.end <= site.head.end;
  if (!inside) {
    const written = key.constant ?? keyAsWritten(key, fn, plan, text);
    return out.replace(file, site.head, keepingComments(text, site.head, `${head}${separator}${written}${comma}`, eol));
  }
  // What stands in the key may be rewritten itself.
  const [before, after] = [{ start: site.head.start, end: key.range.start }, { start: key.range.end, end: site.head.end }];
  out.replace(file, before, keepingComments(text, before, `${head}${separator}`, eol));
  out.replace(file, after, keepingComments(text, after, comma, eol));
}

/** The constant of a client goes with the calls on it; where its key is computed, it becomes a constant of the key. */
function writeClient(site: ClientSite, plan: Plan, out: Output, text: string): void {
  const { keyConstant: kept, file } = site;
  if (!kept) return removeStatement(out, file, text, site.statement);
  const { eol } = plan.style(file);
  out.replace(file, kept.name, kept.as);
  const [before, after] = [{ start: kept.initializer.start, end: kept.key.start }, { start: kept.key.end, end: kept.initializer.end }];
  out.replace(file, before, keepingComments(text, before, "", eol));
  out.replace(file, after, keepingComments(text, after, "", eol));
}

function writeInvocationId({ file, member, keyword }: InvocationIdSite, plan: Plan, out: Output, text: string): void {
  if (keyword) out.replace(file, keyword, keepingComments(text, keyword, "", plan.style(file).eol));
  out.replace(file, member, "id");
}

/** Whether a file can name a handler's function: one that stands there or is exported, and that no local variable of the same name hides. */
export function isWithinReach(file: string, callee: FunctionFact, handler: HandlerFact, plan: Plan): boolean {
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

function writeOptions(site: RemoteCallSite, handler: HandlerFact, group: string | undefined, plan: Plan, out: Output, text: string): void {
  const { file, options, delay } = site;
  const { quote } = plan.style(file);
  // What waits longer than a day is given the time: without it a call ends after one.
  const members = [...(group === undefined ? [] : [`target: ${quote}${group}${quote}`]), ...(plan.waitsLong(handler) ? [`timeout: ${importSupport("ids", "noDeadline", file, plan, out)}`] : [])];
  const written = members.length === 0 ? "" : `{ ${members.join(", ")} }`;
  if (delay && options) {
    const delayed = importSupport("delay", "delayed", file, plan, out);
    return writeDelay(site, options, delay, [`, yield* ${delayed}(${site.context}, `, `${written === "" ? "" : `, ${written}`})`], plan, out, text);
  }
  const suffix = written === "" ? "" : `, ${site.context}.options(${written})`;
  if (options) out.replace(file, options, keepingComments(text, options, suffix, plan.style(file).eol));
  else if (suffix !== "") out.insert(file, site.argument?.end ?? site.head.end, suffix, 1);
}
