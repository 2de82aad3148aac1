import { ts } from "./compiler.js";
import type { DurablePromiseSite } from "./site-model.js";
import type { SiteFinder } from "./sites.js";
import { openParen, outOfParens, rangeOf } from "./syntax.js";

const awakeableMembers: ReadonlySet<string> = new Set(["awakeable", "resolveAwakeable", "rejectAwakeable"]);
const promiseMethods: ReadonlySet<string> = new Set<DurablePromiseSite["member"]>(["get", "peek", "resolve", "reject"]);

/** Members of a context that create or complete awakeables. */
export function isAwakeableMember(name: string): boolean {
  return awakeableMembers.has(name);
}

/** `ctx.awakeable()`, `ctx.resolveAwakeable(id, payload)`, `ctx.rejectAwakeable(id, reason)`. */
export function findAwakeable(access: ts.PropertyAccessExpression, call: ts.CallExpression | undefined, finder: SiteFinder): void {
  const member = access.name.text;
  if (!call || call.arguments.some(ts.isSpreadElement)) return finder.leave("R0118", access);
  if (!finder.isOwn(access)) return finder.leave(finder.inStep(access) ? "R0146" : "R0119", access);
  const plain = member === "awakeable" ? 0 : 2;
  if (call.arguments.length > plain) return finder.leave("R0149", call.arguments[plain] ?? call);
  const consumption = finder.use.value(call);
  if (consumption.kind === "left") return finder.leave(consumption.code, call);
  finder.findings.sites.push({ concept: "awakeable", ...finder.base(consumption), callee: rangeOf(access), name: member, open: openParen(call), isEmpty: call.arguments.length === 0 });
}

/** `ctx.promise("approval")`: the promise of the workflow by that name. It is waited for, or used by its methods, here or in a constant. */
export function findWorkflowPromise(access: ts.PropertyAccessExpression, call: ts.CallExpression | undefined, finder: SiteFinder): void {
  if (!call || call.arguments.length === 0) return finder.leave("R0112", access);
  if (call.arguments.length > 1 || call.arguments.some(ts.isSpreadElement)) return finder.leave("R0149", call.arguments[1] ?? call);
  if (!finder.isOwn(access)) return finder.leave(finder.inStep(access) ? "R0146" : "R0119", access);
  const outer = outOfParens(call);
  const { parent } = outer;
  const isKept = ts.isVariableDeclaration(parent) && !parent.type && ts.isIdentifier(parent.name);
  const isReceiver = ts.isPropertyAccessExpression(parent) && promiseMethods.has(parent.name.text);
  const isAwaited = ts.isAwaitExpression(parent) || finder.use.isReturned(outer) || finder.handles.isChained(outer);
  if (!isKept && !isReceiver && !isAwaited) return finder.leave("R0112", call);
  // What waits for it, or calls its methods, is a site of its own.
  const [name] = call.arguments;
  finder.findings.sites.push({ concept: "workflow-promise", ...finder.sync(call), callee: rangeOf(access), open: openParen(call), end: name?.end ?? call.end, awaited: isAwaited });
  if (isAwaited) {
    const consumption = finder.use.promise(call);
    if (consumption.kind === "now") finder.findings.sites.push({ concept: "handle", ...finder.base(consumption) });
  }
}

/** `promise.get()`, `promise.peek()`, `promise.resolve(value)`, `promise.reject(message)` of a workflow's promise. */
export function findPromiseMethod(call: ts.CallExpression, finder: SiteFinder): void {
  const access = call.expression;
  if (!ts.isPropertyAccessExpression(access) || !promiseMethods.has(access.name.text) || !isDurablePromise(access.expression, finder)) return;
  const member = access.name.text as DurablePromiseSite["member"];
  if (!finder.isOwn(call)) return finder.leave(finder.inStep(call) ? "R0146" : "R0119", call);
  const isFloating = ts.isExpressionStatement(outOfParens(call).parent) || ts.isVoidExpression(outOfParens(call).parent);
  const consumption = member !== "get" && isFloating ? finder.use.value(call) : finder.use.promise(call);
  if (consumption.kind === "left") return finder.leave(consumption.code, call);
  if (consumption.begins && member !== "get") return finder.leave("R0116", call);
  finder.findings.sites.push({ concept: "promise-method", ...finder.base(consumption), member, name: rangeOf(access.name), floating: isFloating, dropped: { start: access.expression.end, end: call.end } });
}

/** Whether an expression is a promise of a workflow. */
export function isDurablePromise(node: ts.Expression, finder: SiteFinder): boolean {
  const symbol = finder.scope.checker.getTypeAtLocation(node).getSymbol();
  return symbol !== undefined && finder.scope.sdk.nameOfSymbol(symbol) === "DurablePromise";
}

/** The code of the diagnostic for a place from where a workflow's promise, or an awakeable as a whole, cannot be followed. */
export function escapeOfWaiting(node: ts.Expression, finder: SiteFinder): string | undefined {
  const outer = outOfParens(node);
  const { parent } = outer;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === outer) return isDurablePromise(node, finder) && !promiseMethods.has(parent.name.text) && !finder.handles.isChained(outer) ? "R0112" : undefined;
  if (ts.isVariableDeclaration(parent) || ts.isAwaitExpression(parent) || ts.isExpressionStatement(parent)) return undefined;
  if (ts.isReturnStatement(parent)) return finder.owner(parent) === finder.fn ? undefined : "R0112";
  if (isDurablePromise(node, finder)) return "R0112";
  return ts.isArrayLiteralExpression(parent) || ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent) || ts.isElementAccessExpression(parent) || ts.isSpreadElement(parent) || isPushed(outer) ? undefined : "R0116";
}

function isPushed(node: ts.Expression): boolean {
  const call = node.parent;
  return ts.isCallExpression(call) && call.arguments.includes(node) && ts.isPropertyAccessExpression(call.expression) && /^(push|unshift|set)$/.test(call.expression.name.text);
}
