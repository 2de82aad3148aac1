import { ts } from "./compiler.js";
import { type Scope, symbolOf } from "./scope.js";
import { openParen, rangeOf, unwrap } from "./syntax.js";
import type { TextRange } from "../edits/edit.js";

/** `a ?? b`, `a || b`, `a && b`, `a, b`: the value may be that of the right side. */
export function isShortCircuit(operator: ts.SyntaxKind): boolean {
  return operator === ts.SyntaxKind.QuestionQuestionToken || operator === ts.SyntaxKind.BarBarToken || operator === ts.SyntaxKind.AmpersandAmpersandToken || operator === ts.SyntaxKind.CommaToken;
}

/** Whether an expression can evaluate to a promise: by its type, and where the type is not known, by where the value comes from. */
export function mayBePromise(expression: ts.Expression, scope: Scope): boolean {
  if (isPlainly(unwrap(expression))) return false;
  const type = scope.checker.getTypeAtLocation(expression);
  if (!(type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown))) return isThenable(type);
  return comesFromCall(unwrap(expression), scope, new Set());
}

/** A promise of the language that is made settled. */
export interface SettledPromise {
  readonly member: "resolve" | "reject";
  readonly value?: ts.Expression;
  readonly head: TextRange;
}

/** Reads `Promise.resolve(value)` and `Promise.reject(error)`; `undefined` for anything else. */
export function settledPromise(node: ts.Node, scope: Scope): SettledPromise | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression) || node.expression.expression.getText() !== "Promise") return undefined;
  const member = node.expression.name.text;
  const [value, ...others] = node.arguments;
  if ((member !== "resolve" && member !== "reject") || others.length > 0 || (value && ts.isSpreadElement(value)) || node.questionDotToken) return undefined;
  return isLibraryCall(node, scope) ? { member, value, head: { start: rangeOf(node).start, end: openParen(node) } } : undefined;
}

/** What a `throw` throws, and what `Promise.reject` rejects with. */
export function thrownError(node: ts.Node): ts.Expression | undefined {
  if (ts.isThrowStatement(node)) return node.expression;
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { expression, name } = node.expression;
  return ts.isIdentifier(expression) && expression.text === "Promise" && name.text === "reject" ? node.arguments[0] : undefined;
}

/** An expression whose form says that it is no promise. */
function isPlainly(node: ts.Expression): boolean {
  return (
    ts.isObjectLiteralExpression(node) || ts.isArrayLiteralExpression(node) || ts.isTemplateExpression(node) || ts.isLiteralExpression(node) || ts.isAwaitExpression(node) ||
    ts.isPrefixUnaryExpression(node) || ts.isTypeOfExpression(node) || node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword || node.kind === ts.SyntaxKind.NullKeyword ||
    (ts.isBinaryExpression(node) && !isShortCircuit(node.operatorToken.kind) && node.operatorToken.kind !== ts.SyntaxKind.EqualsToken)
  );
}

function isThenable(type: ts.Type): boolean {
  return type.isUnion() ? type.types.some(isThenable) : type.getProperty("then") !== undefined;
}

/** Values of unknown type are promises only where a call gave them and nobody awaited it. */
function comesFromCall(node: ts.Expression, scope: Scope, seen: Set<ts.Node>): boolean {
  if (seen.has(node)) return false;
  seen.add(node);
  if (ts.isCallExpression(node)) return !isLibraryCall(node, scope);
  if (ts.isConditionalExpression(node)) return comesFromCall(unwrap(node.whenTrue), scope, seen) || comesFromCall(unwrap(node.whenFalse), scope, seen);
  if (ts.isBinaryExpression(node) && isShortCircuit(node.operatorToken.kind)) return comesFromCall(unwrap(node.left), scope, seen) || comesFromCall(unwrap(node.right), scope, seen);
  if (!ts.isIdentifier(node)) return false;
  const declaration = symbolOf(node, scope.checker)?.valueDeclaration;
  return declaration !== undefined && ts.isVariableDeclaration(declaration) && declaration.initializer !== undefined && comesFromCall(unwrap(declaration.initializer), scope, seen);
}

/** A function of the language's own library, whose type is known. */
function isLibraryCall(call: ts.CallExpression, scope: Scope): boolean {
  const declaration = scope.checker.getResolvedSignature(call)?.declaration;
  return declaration !== undefined && scope.compiled.isLibrary(declaration.getSourceFile());
}
