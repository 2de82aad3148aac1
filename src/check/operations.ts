import { ts } from "../analysis/compiler.js";
import { enclosingFunction, walk } from "../analysis/syntax.js";
import type { ResonateCode } from "./resonate-code.js";

/** Operations whose `yield*` gives a result, and those whose `yield*` gives a handle. */
const AWAITED = new Set(["run", "lfc", "rpc", "rfc", "sleep", "panic", "assert", "date.now", "math.random"]);
const BEGUN = new Set(["beginRun", "lfi", "beginRpc", "rfi", "detached", "promise"]);

/** A call of a context's method that does nothing until it is yielded. */
export interface Operation {
  /** Such as `run` or `date.now`. */
  readonly name: string;
  /** Whether `yield*` of it gives its result rather than a handle. */
  readonly awaited: boolean;
  readonly call: ts.CallExpression;
}

/** The operation that a node is, if it is one. */
export function operationAt(node: ts.Node, code: ResonateCode): Operation | undefined {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return undefined;
  const { expression: receiver, name } = node.expression;
  const nested = ts.isPropertyAccessExpression(receiver) && /^(date|math)$/.test(receiver.name.text);
  const full = nested ? `${receiver.name.text}.${name.text}` : name.text;
  if (!AWAITED.has(full) && !BEGUN.has(full)) return undefined;
  return code.isContext(nested ? receiver.expression : receiver) ? { name: full, awaited: AWAITED.has(full), call: node } : undefined;
}

/** All operations in a file, in source order. */
export function operationsIn(file: ts.SourceFile, code: ResonateCode): Operation[] {
  const found: Operation[] = [];
  walk(file, (node) => {
    const operation = operationAt(node, code);
    if (operation) found.push(operation);
  });
  return found;
}

/**
 * What is wrong with how an expression is used that does nothing until it is `yield*`ed, in a few words; `undefined` where it may reach
 * a `yield*`. `isResult`: it stands for a result, so that reading a member or returning it from a generator function is wrong as well.
 */
export function misuseOf(node: ts.Expression, isResult: boolean, code: ResonateCode): string | undefined {
  const outer = outermost(node);
  const { parent } = outer;
  if (ts.isExpressionStatement(parent) || ts.isVoidExpression(parent)) return "dropped";
  if (ts.isAwaitExpression(parent)) return "awaited";
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) return misuseOfVariable(parent.name, isResult, code);
  if (!isResult) return undefined;
  if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name)) return "taken for its result";
  if (ts.isReturnStatement(parent)) return isGenerator(enclosingFunction(parent)) ? "returned" : undefined;
  return isOperand(outer, parent) ? "taken for its result" : undefined;
}

/** A variable is wrong where every use is, or where there is none. */
function misuseOfVariable(name: ts.Identifier, isResult: boolean, code: ResonateCode): string | undefined {
  const symbol = code.checker.getSymbolAtLocation(name);
  const uses: ts.Identifier[] = [];
  walk(name.getSourceFile(), (node) => {
    if (ts.isIdentifier(node) && node !== name && node.text === name.text && code.symbolOf(node) === symbol) uses.push(node);
  });
  const misuses = uses.map((use) => misuseOf(use, isResult, code));
  return misuses.includes(undefined) ? undefined : (misuses[0] ?? "never used");
}

/** Steps out of parentheses, `as`, `satisfies` and `!`: the value is the same. */
export function outermost(node: ts.Expression): ts.Expression {
  const { parent } = node;
  const same = ts.isParenthesizedExpression(parent) || ts.isAsExpression(parent) || ts.isSatisfiesExpression(parent) || ts.isNonNullExpression(parent);
  return same ? outermost(parent) : node;
}

function isGenerator(fn: ts.SignatureDeclaration | undefined): boolean {
  return fn !== undefined && "asteriskToken" in fn && fn.asteriskToken !== undefined;
}

/** Methods of a generator object itself. */
const PROTOCOL = /^(next|return|throw)$/;

function isOperand(node: ts.Expression, parent: ts.Node): boolean {
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node && !PROTOCOL.test(parent.name.text);
  if (ts.isBinaryExpression(parent)) return COMPUTING.has(parent.operatorToken.kind);
  if (ts.isIfStatement(parent) || ts.isWhileStatement(parent) || ts.isDoStatement(parent)) return true;
  if (ts.isConditionalExpression(parent)) return parent.condition === node;
  return ts.isTemplateSpan(parent) || ts.isPrefixUnaryExpression(parent);
}

const { SyntaxKind } = ts;
const COMPUTING = new Set<ts.SyntaxKind>([
  SyntaxKind.PlusToken, SyntaxKind.MinusToken, SyntaxKind.AsteriskToken, SyntaxKind.SlashToken, SyntaxKind.PercentToken,
  SyntaxKind.LessThanToken, SyntaxKind.GreaterThanToken, SyntaxKind.LessThanEqualsToken, SyntaxKind.GreaterThanEqualsToken,
  SyntaxKind.EqualsEqualsEqualsToken, SyntaxKind.ExclamationEqualsEqualsToken, SyntaxKind.EqualsEqualsToken, SyntaxKind.ExclamationEqualsToken,
]);
