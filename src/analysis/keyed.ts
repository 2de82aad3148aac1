import { ts } from "./compiler.js";
import { contextTypeOf } from "./contexts.js";
import type { KeyedFact } from "./model.js";
import { freeName } from "./moving.js";
import { type Scope, idOf, leftAt, subjectOf } from "./scope.js";
import type { FunctionFindings } from "./findings.js";
import type { FunctionNode } from "./syntax.js";
import { type Work, leave } from "./work.js";

/**
 * The functions that run under the key of an object or workflow: its handlers, and helpers that use the key or its state,
 * or that call such helpers. Leaves what asks for a key where there is none.
 */
export function keyedFunctions(work: Work): Map<FunctionNode, KeyedFact> {
  const { scope } = work;
  const byId = new Map([...work.findings.keys()].map((fn) => [idOf(fn), fn]));
  const callers = callersOf(work, byId);
  const workflows = workflowsOfHelpers(work, callers);
  const needing = functionsInNeed(work, callers, workflows);
  const keyed = new Map<FunctionNode, KeyedFact>();
  for (const [fn, findings] of work.findings) {
    const isHandler = isKeyedHandler(fn, scope);
    if (!isHandler && !needing.has(fn)) continue;
    if (!isHandler && scope.handlers.has(fn)) leaveSites(fn, findings, work);
    if (!isHandler && !takesState(fn, needing, work.scope)) leave(work, idOf(fn), leftAt("R0110", fn, subjectOf(fn.name ?? fn)));
    leaveDirectCalls(fn, findings, byId, work);
    keyed.set(fn, factOf(fn, findings, isHandler ? "handler" : "helper", needing, byId, workflows.get(fn), work));
  }
  return keyed;
}

function callersOf(work: Work, byId: ReadonlyMap<string, FunctionNode>): Map<FunctionNode, FunctionNode[]> {
  const callers = new Map<FunctionNode, FunctionNode[]>();
  for (const [fn, findings] of work.findings) {
    for (const id of findings.calls) {
      const target = byId.get(id);
      if (target) (callers.get(target) ?? callers.set(target, []).get(target))?.push(fn);
    }
  }
  return callers;
}

function isKeyedHandler(fn: FunctionNode, scope: Scope): boolean {
  const kind = scope.handlers.get(fn);
  return kind === "object" || kind === "workflow";
}

function isKeyedSite(concept: string): boolean {
  return concept === "state" || concept === "key";
}

/** Functions that need the key or its state, themselves or through the helpers they call. */
function functionsInNeed(work: Work, callers: ReadonlyMap<FunctionNode, readonly FunctionNode[]>, workflows: ReadonlyMap<FunctionNode, string>): Set<FunctionNode> {
  const needing = new Set<FunctionNode>();
  const open = [...work.findings].flatMap(([fn, { sites }]) => (sites.some((site) => isKeyedSite(site.concept) || ownsKey(site)) || workflows.has(fn) ? [fn] : []));
  for (let fn = open.pop(); fn; fn = open.pop()) {
    if (needing.has(fn)) continue;
    needing.add(fn);
    if (!isKeyedHandler(fn, work.scope)) open.push(...(callers.get(fn) ?? []));
  }
  return needing;
}

/** A call to an object under the caller's own key. */
function ownsKey(site: FunctionFindings["sites"][number]): boolean {
  return (site.concept === "call" || site.concept === "send") && site.key?.own === true;
}

function leaveSites(fn: FunctionNode, { sites }: FunctionFindings, work: Work): void {
  if (sites.length > 0) leave(work, idOf(fn), leftAt("R0110", fn, subjectOf(fn)));
}

/**
 * Whether a helper can be handed the state: after a context of its own, like every function that it can be taken for. The type of a function
 * has no place for it.
 */
function takesState(fn: FunctionNode, needing: ReadonlySet<ts.Node>, { contextFunctions, colours }: Scope): boolean {
  return (colours?.membersOf(fn) ?? [fn]).every((member) => needing.has(member) && contextFunctions.get(member)?.parameter !== undefined);
}

function isRun(fn: FunctionNode, work: Work): boolean {
  return work.definitions.some(({ fact }) => fact.handlers.some((handler) => handler.function === idOf(fn) && handler.mode === "run"));
}

/**
 * The workflows that helpers with promises name: that of the handlers which lead to a helper. In what only `run` leads to, the workflow is
 * the invocation itself; where several workflows lead to a helper beside their `run`, nobody can tell.
 */
function workflowsOfHelpers(work: Work, callers: ReadonlyMap<FunctionNode, readonly FunctionNode[]>): Map<FunctionNode, string> {
  const workflows = new Map<FunctionNode, string>();
  for (const [fn, findings] of work.findings) {
    if (work.scope.handlers.has(fn) || !findings.sites.some((site) => site.concept === "workflow-promise")) continue;
    const handlers = handlersLeadingTo(fn, work, callers);
    if (handlers.every((handler) => isRun(handler, work))) continue;
    const names = new Set(handlers.map((handler) => work.definitions.find(({ functions }) => functions.includes(handler))?.fact.name));
    const [name] = names;
    if (names.size === 1 && name !== undefined) workflows.set(fn, name);
    else leave(work, idOf(fn), leftAt("R0112", fn, subjectOf(fn.name ?? fn)));
  }
  return workflows;
}

function handlersLeadingTo(fn: FunctionNode, work: Work, callers: ReadonlyMap<FunctionNode, readonly FunctionNode[]>): FunctionNode[] {
  const seen = new Set<FunctionNode>();
  const open = [fn];
  for (let next = open.pop(); next; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (!work.scope.handlers.has(next)) open.push(...(callers.get(next) ?? []));
  }
  return [...seen].filter((one) => work.scope.handlers.has(one));
}

/** A handler that another function calls like a helper has no turn of its own there, and no key. */
function leaveDirectCalls(fn: FunctionNode, findings: FunctionFindings, byId: ReadonlyMap<string, FunctionNode>, work: Work): void {
  for (const id of findings.calls) {
    const target = byId.get(id);
    if (target && target !== fn && isKeyedHandler(target, work.scope) && findings.sites.some((site) => site.concept === "helper-call" && site.target === id)) {
      leave(work, idOf(fn), leftAt("R0157", target, subjectOf(target.name ?? target)));
    }
  }
}

function factOf(fn: FunctionNode, { sites, calls }: FunctionFindings, role: KeyedFact["role"], needing: ReadonlySet<FunctionNode>, byId: ReadonlyMap<string, FunctionNode>, workflow: string | undefined, work: Work): KeyedFact {
  const helped = [...calls].some((id) => {
    const target = byId.get(id);
    return target !== undefined && needing.has(target) && !isKeyedHandler(target, work.scope);
  });
  return {
    role,
    keyName: freeName(fn, ["key", "objectKey", "ownKey"], "keyOfObject"),
    stateName: freeName(fn, ["state", "objectState", "keyState"], "stateOfKey"),
    usesKey: workflow !== undefined || sites.some((site) => site.concept === "key" || ownsKey(site) || (site.concept === "workflow-promise" && role === "handler" && !isRun(fn, work))),
    usesState: helped || sites.some((site) => site.concept === "state"),
    stateType: stateTypeOf(fn, work),
    workflow,
  };
}

/** The type argument of the context's annotation, as source text that means the same in the function's file. */
function stateTypeOf(fn: FunctionNode, work: Work): string | undefined {
  const written = work.scope.contextFunctions.get(fn)?.type;
  const alias = written && contextTypeOf(written, work.scope)?.alias;
  const type = alias ? alias.type : written;
  const [argument] = type && ts.isTypeReferenceNode(type) ? (type.typeArguments ?? []) : [];
  if (!argument) return undefined;
  if (alias && alias.node.getSourceFile() !== fn.getSourceFile()) leave(work, idOf(fn), leftAt("R0158", fn, subjectOf(alias.node)));
  return argument.getText();
}
