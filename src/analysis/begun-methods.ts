import type { TextRange } from "../edits/edit.js";
import { changesThis } from "./aliases.js";
import { ts } from "./compiler.js";
import { type Scope, functionNamed, symbolOf } from "./scope.js";
import { type FunctionNode, isFunctionNode, rangeOf, unwrap, walk } from "./syntax.js";

/** What `ctx.beginRun` is given of a call: the function, and the object that it is a method of. */
export interface BegunCallee {
  readonly callee: TextRange;
  readonly receiver?: TextRange;
}

/**
 * How the function of a call can be given to somebody else: by its name, or bound to its object where it asks for `this`.
 * @returns undefined where reading the object twice could give two, or where the object is one that begun work must not have:
 * it holds the context of the function around it, or its methods write to it (what has ended is not run again on a replay)
 */
export function begunCallee(call: ts.CallExpression, target: FunctionNode, scope: Scope): BegunCallee | undefined {
  const callee = rangeOf(call.expression);
  const access = call.expression;
  if (functionNamed(access, scope) === target && !asksForThis(target)) return { callee };
  const isMethod = ts.isPropertyAccessExpression(access) && !access.questionDotToken && isPlainPath(access.expression, scope);
  if (!isMethod || !mayBeShared(access.expression, target, scope)) return undefined;
  return { callee, receiver: rangeOf(access.expression) };
}

/** Whether a function's own code has a `this`. */
function asksForThis(fn: FunctionNode): boolean {
  if (ts.isArrowFunction(fn)) return false;
  let asks = false;
  walk(fn, (node) => {
    if (node.kind === ts.SyntaxKind.ThisKeyword || node.kind === ts.SyntaxKind.SuperKeyword) asks = true;
    return !asks && (ts.isArrowFunction(node) || !ts.isFunctionLike(node));
  });
  return asks;
}

/** `this`, `shop`, `this.shop.till`: what gives the same object when it is read again. */
function isPlainPath(node: ts.Expression, scope: Scope): boolean {
  if (node.kind === ts.SyntaxKind.ThisKeyword || ts.isIdentifier(node)) return true;
  if (!ts.isPropertyAccessExpression(node) || node.questionDotToken) return false;
  const isRead = symbolOf(node.name, scope.checker)?.declarations?.some(ts.isAccessor) === true;
  return !isRead && isPlainPath(node.expression, scope);
}

/** Whether work beside the function may have an object: it holds no context, and its methods leave it as it is. */
function mayBeShared(object: ts.Expression, target: FunctionNode, scope: Scope): boolean {
  const { checker, colours } = scope;
  const members = checker.getTypeAtLocation(object).getProperties();
  if (members.some((member) => scope.sdk.contextOfType(checker.getTypeOfSymbol(member)) !== undefined)) return false;
  const bodies = new Set<ts.Node>([...members.flatMap((member) => member.declarations ?? []), ...(colours?.membersOf(target) ?? []), target].map(bodyOf));
  return ![...bodies].some((body) => changesThis(body, scope));
}

/** A method, or the function that a member has. */
export function bodyOf(declaration: ts.Node): ts.Node {
  const value = (ts.isPropertyAssignment(declaration) || ts.isPropertyDeclaration(declaration)) && declaration.initializer && unwrap(declaration.initializer);
  return value && isFunctionNode(value) ? value : declaration;
}
