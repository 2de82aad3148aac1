import { ts } from "./compiler.js";
import { idOf } from "./scope.js";
import type { HandleSite, Site } from "./site-model.js";
import { type FunctionNode, isFunctionNode } from "./syntax.js";
import type { Work } from "./work.js";

/**
 * Durable functions that take no context and need one to record something: `retry(work)`, which pauses between its attempts. Where every
 * call of one is known, and has a context to hand over, it takes the context first; elsewhere it is left.
 * @returns the functions that take it
 */
export function handContexts(work: Work): ReadonlySet<FunctionNode> {
  const asking = functionsAsking(work);
  const left = new Set([...asking].filter((fn) => !canTake(fn, work)));
  const handing = callsThatHand(work, asking);
  for (const { node, targets } of asking.size > 0 ? (work.scope.colours?.flows.calls ?? []) : []) {
    for (const target of targets) if (isFunctionNode(target) && asking.has(target) && !handing.has(keyOf(node))) left.add(target);
  }
  // What is left hands nothing over.
  for (const fn of left) for (const target of bareTargets(fn, work)) if (asking.has(target)) left.add(target);
  for (const fn of left) work.findings.get(fn)?.left.push(...(work.findings.get(fn)?.unrecorded ?? []));
  const taking = new Set([...asking].filter((fn) => !left.has(fn)));
  const ids = new Set([...taking].map(idOf));
  for (const { sites } of work.findings.values()) sites.forEach((site, index) => {
    if (isBareCall(site) && ids.has(site.bare.target)) sites[index] = { ...site, given: site.bare };
  });
  return taking;
}

type BareCall = HandleSite & { readonly bare: NonNullable<HandleSite["bare"]> };

/** A call of a durable function that takes no context. */
function isBareCall(site: Site): site is BareCall {
  return site.concept === "handle" && site.bare !== undefined;
}

/** Functions without a context that record something, and those that call them. */
function functionsAsking(work: Work): Set<FunctionNode> {
  const asking = new Set([...work.findings].flatMap(([fn, { unrecorded }]) => (unrecorded.length > 0 ? [fn] : [])));
  for (let known = -1; known < asking.size; ) {
    known = asking.size;
    for (const fn of asking.size > 0 ? work.findings.keys() : []) if (isBare(fn, work) && bareTargets(fn, work).some((target) => asking.has(target))) asking.add(fn);
  }
  return asking;
}

function isBare(fn: FunctionNode, { scope }: Work): boolean {
  return scope.contextFunctions.get(fn) === undefined && !scope.handlers.has(fn);
}

function bareTargets(fn: FunctionNode, work: Work): FunctionNode[] {
  const ids = new Set(work.findings.get(fn)?.sites.flatMap((site) => (isBareCall(site) ? [site.bare.target] : [])));
  return ids.size === 0 ? [] : [...work.findings.keys()].filter((other) => ids.has(idOf(other)));
}

/** Calls in functions that have a context, or get one. */
function callsThatHand(work: Work, asking: ReadonlySet<FunctionNode>): Set<string> {
  const handing = [...work.findings].filter(([fn]) => !isBare(fn, work) || asking.has(fn));
  return new Set(handing.flatMap(([, { sites }]) => sites.flatMap((site) => (isBareCall(site) ? [`${site.file}#${site.bare.callee.start}`] : []))));
}

function keyOf(call: ts.Node): string {
  return idOf(ts.isCallExpression(call) ? call.expression : call);
}

/** A function of its own: no type of functions, and no other function, stands for it. */
function canTake(fn: FunctionNode, { scope }: Work): boolean {
  return (scope.colours?.membersOf(fn).length ?? 0) <= 1 && !fn.asteriskToken && fn.parameters[0]?.name.getText() !== "this";
}
