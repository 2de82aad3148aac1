import { ts } from "./compiler.js";
import { isHandleType } from "./handles.js";
import { type Scope, subjectOf } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { isShortCircuit } from "./promises.js";
import { inParameters, outOfParens, walk } from "./syntax.js";
import { escapeOfWaiting, isDurablePromise } from "./waiting.js";

/** An `await` of a durable promise that was created before. Says whether it is one. */
export function findHandleAwait(node: ts.AwaitExpression, finder: SiteFinder): boolean {
  const operand = node.expression;
  const isHandle = finder.handles.isHandle(operand);
  if (!isHandle && !isDurablePromise(operand, finder)) return false;
  if (inParameters(node, finder.fn)) finder.leave("R0133", node);
  else keepHandle(node, operand, finder);
  return true;
}

/** Takes note of a place that waits for a handle, which may be absent. */
export function keepHandle(node: ts.Expression, handle: ts.Expression, finder: SiteFinder): void {
  const absent = finder.handles.isHandle(handle) && (mayBeAbsent(finder.scope.checker.getTypeAtLocation(handle)) || (ts.isElementAccessExpression(handle) && isDoubted(node)));
  finder.findings.sites.push({ concept: "handle", ...finder.sync(node), ...(absent ? { absent: true } : {}) });
}

/** Every place where a handle stands must be one from which it can be followed. */
export function checkHandles(finder: SiteFinder): void {
  if (!finder.findings.sites.some((site) => site.begins || site.concept === "handle" || site.concept === "combine" || site.concept === "chain" || site.concept === "awakeable" || site.concept === "workflow-promise")) return;
  walk(finder.fn, (node) => {
    if (ts.isTypeNode(node) || ts.isParameter(node)) return false;
    if (!isValueName(node) || finder.scope.sdk.nameOf(node) !== undefined) return true;
    const type = finder.scope.checker.getTypeAtLocation(node);
    const isWaiting = isDurablePromise(node, finder) || isAwakeable(type, finder.scope);
    const code = isHandleType(type, finder.scope) ? finder.handles.escapeOfUse(node) : isWaiting ? escapeOfWaiting(node, finder) : undefined;
    if (code !== undefined) finder.leave(code, node, subjectOf(node.parent));
    return true;
  });
}

/** An object with a handle in it: `{ id, promise }`. */
function isAwakeable(type: ts.Type, scope: Scope): boolean {
  const promise = type.getProperty("promise");
  return promise !== undefined && isHandleType(scope.checker.getTypeOfSymbol(promise), scope);
}

/** `(await list[i]) ?? fallback`: the type of an element says nothing of its absence, and this does. */
function isDoubted(node: ts.Expression): boolean {
  const outer = outOfParens(node);
  const { parent } = outer;
  if (ts.isBinaryExpression(parent)) return parent.left === outer && isShortCircuit(parent.operatorToken.kind);
  return ts.isPropertyAccessExpression(parent) && parent.questionDotToken !== undefined;
}

/** Undefined or null can be awaited, and not be waited for with a bare `yield*`. */
function mayBeAbsent(type: ts.Type): boolean {
  return type.isUnion() && type.types.some((member) => (member.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) !== 0);
}

/** A name, a member or an element that is read: not what declares it, nor a part of a longer name. */
function isValueName(node: ts.Node): node is ts.Expression {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return true;
  if (!ts.isIdentifier(node)) return false;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) return parent.right === node;
  return !(ts.isVariableDeclaration(parent) && parent.name === node) && !ts.isBindingElement(parent) && !(ts.isPropertyAssignment(parent) && parent.name === node) && !ts.isPropertySignature(parent);
}
