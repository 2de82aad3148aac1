import { ts } from "./compiler.js";
import { durationOf } from "./durations.js";
import { isPlainValue } from "./handles.js";
import type { CombineSite } from "./site-model.js";
import { subjectOf } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { openParen, rangeOf, unwrap } from "./syntax.js";

const combining: ReadonlySet<string> = new Set<CombineSite["member"]>(["all", "allSettled", "any", "race"]);
const making: ReadonlySet<string> = new Set<CombineSite["member"]>(["resolve", "reject"]);

/**
 * Combinations of durable promises: `RestatePromise.all([...])` and its relatives, `Promise.all` over durable promises, and the methods
 * `orTimeout` and `map`. They are handles again, which are begun already.
 */
export function findCombination(call: ts.CallExpression, finder: SiteFinder): void {
  const access = call.expression;
  if (!ts.isPropertyAccessExpression(access)) return;
  const member = access.name.text;
  if (member === "orTimeout" || member === "map") return findMethod(call, access, member, finder);
  const isCombining = combining.has(member);
  if (!isCombining && !making.has(member)) return;
  const name = finder.scope.sdk.nameOf(access);
  const isOwn = name !== undefined && /^(Restate|Combineable)Promise\./.test(name);
  if (!isOwn && !(isCombining && isNative(access))) return;
  if (isCombining && !combinesHandles(call, isOwn, finder)) return;
  // Of its older name, `CombineablePromise`, the name itself is the reference.
  if (isOwn) for (const node of [access, access.expression]) finder.scope.consumed.add(node);
  finish(call, { member: member as CombineSite["member"], head: { start: call.getStart(), end: openParen(call) } }, finder);
}

/** `Promise.all(list)` and its relatives over handles. */
export function isCombinationOfHandles(call: ts.CallExpression, finder: SiteFinder): boolean {
  const access = call.expression;
  const [list] = call.arguments;
  if (!ts.isPropertyAccessExpression(access) || !combining.has(access.name.text) || !isNative(access) || call.arguments.length !== 1 || !list || ts.isSpreadElement(list)) return false;
  const kinds = elementsOf(list, finder);
  return kinds.length > 0 && kinds.every((isHandle) => isHandle);
}

function isNative(access: ts.PropertyAccessExpression): boolean {
  return ts.isIdentifier(access.expression) && access.expression.text === "Promise";
}

/** Says whether a combination is one of handles; one of handles and other things is left. */
function combinesHandles(call: ts.CallExpression, isOwn: boolean, finder: SiteFinder): boolean {
  const [argument, ...others] = call.arguments;
  if (!argument || others.length > 0 || ts.isSpreadElement(argument)) return isOwn;
  const kinds = elementsOf(argument, finder);
  const hasHandle = kinds.includes("handle");
  if (kinds.every((kind) => kind === "handle" || (kind === "value" && hasHandle))) return hasHandle || isOwn;
  if (isOwn || hasHandle) finder.leave("R0115", call, subjectOf(call));
  return false;
}

/** What each element of a list of promises is: a handle, a value that is no promise, or a promise of another kind. */
function elementsOf(list: ts.Expression, finder: SiteFinder): ("handle" | "value" | "other")[] {
  const value = unwrap(list);
  if (!ts.isArrayLiteralExpression(value)) return [finder.handles.isList(value) ? "handle" : "other"];
  return value.elements.flatMap((element) => {
    if (ts.isSpreadElement(element)) return elementsOf(element.expression, finder);
    if (finder.handles.isHandle(element) || finder.handles.mayBegin(unwrap(element))) return ["handle"];
    return [isPlainValue(element, finder.scope.checker) ? "value" : "other"];
  });
}

function findMethod(call: ts.CallExpression, access: ts.PropertyAccessExpression, member: "orTimeout" | "map", finder: SiteFinder): void {
  if (!finder.handles.isHandle(access.expression)) return;
  const [argument, ...others] = call.arguments;
  if (!argument || others.length > 0 || ts.isSpreadElement(argument)) return finder.leave("R0117", call);
  const receiver = rangeOf(access.expression);
  finish(call, { member, receiver, duration: member === "orTimeout" ? durationOf(argument, finder.scope.checker) : undefined, head: { start: receiver.end, end: openParen(call) } }, finder);
}

function finish(call: ts.CallExpression, site: Pick<CombineSite, "member" | "head" | "receiver" | "duration">, finder: SiteFinder): void {
  if (!finder.isOwn(call)) return finder.leave(finder.inStep(call) ? "R0146" : "R0119", call);
  const consumption = finder.use.promise(call);
  if (consumption.kind === "left") return finder.leave(consumption.code, call);
  finder.findings.sites.push({ concept: "combine", ...finder.base(consumption), ...site });
}
