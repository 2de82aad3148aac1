import { isPlainText } from "./site-kinds.js";
import { idOf } from "./scope.js";
import type { Site } from "./site-model.js";
import { type FunctionNode, modifier } from "./syntax.js";
import { ts } from "./compiler.js";
import type { Work } from "./work.js";

/**
 * Functions that take a context only to give it to the closures and objects that they make: `makeApi(ctx)`. They wait for nothing
 * themselves, and stay plain functions, as their callers' types expect.
 */
export function plainFunctions(work: Work): ReadonlySet<FunctionNode> {
  const plain = new Set([...work.findings.keys()].filter((fn) => canStay(fn, work)));
  const byId = new Map([...plain].map((fn) => [idOf(fn), fn]));
  const waits = (fn: FunctionNode): boolean => ownSites(fn, work).some((site) => (site.concept === "helper-call" ? !plain.has(byId.get(site.target) ?? fn) || !byId.has(site.target) : !isPlainText(site)));
  // One that calls another that waits does so as well.
  for (let shrunk = true; shrunk; ) {
    shrunk = false;
    for (const fn of plain) if (waits(fn)) shrunk = plain.delete(fn);
  }
  return plain;
}

/** A function that gives no promise, and that no type of functions stands for. */
function canStay(fn: FunctionNode, { scope, findings }: Work): boolean {
  if (modifier(fn, ts.SyntaxKind.AsyncKeyword) || scope.handlers.has(fn) || scope.contextFunctions.get(fn)?.parameter === undefined) return false;
  if ((scope.colours?.membersOf(fn).length ?? 0) > 1) return false;
  const signature = scope.checker.getSignatureFromDeclaration(fn);
  const result = signature && scope.checker.getReturnTypeOfSignature(signature);
  const makesClosures = findings.get(fn)?.sites.some((site) => site.concept === "callback" && !site.begins) === true;
  return makesClosures && result !== undefined && result.getProperty("then") === undefined;
}

/** The sites of a function outside of the closures that it makes. */
function ownSites(fn: FunctionNode, { findings }: Work): readonly Site[] {
  const sites = findings.get(fn)?.sites ?? [];
  const closures = sites.flatMap((site) => (site.concept === "callback" && !site.begins ? [site.shape.range] : []));
  return sites.filter((site) => !(site.concept === "callback" && !site.begins) && !closures.some((range) => range.start <= site.range.start && site.range.end <= range.end));
}
