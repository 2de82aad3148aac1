import { ts } from "./compiler.js";
import type { DurationFact, NumberText } from "./site-model.js";
import { rangeOf, unwrap } from "./syntax.js";

/** Milliseconds in each member of Restate's Duration. */
const milliseconds: Readonly<Record<string, number>> = { days: 86_400_000, hours: 3_600_000, minutes: 60_000, seconds: 1_000, milliseconds: 1 };

/** Reads a duration argument: a number, an object literal of units, or something only known at run time. */
export function durationOf(argument: ts.Expression, checker: ts.TypeChecker): DurationFact {
  const range = rangeOf(argument);
  const value = unwrap(argument);
  if (ts.isObjectLiteralExpression(value)) return objectDuration(value, range, checker) ?? { kind: "dynamic", range };
  const literal = numericValue(value);
  if (literal !== undefined) return { kind: "number", range, short: literal < (milliseconds.days ?? 0) };
  return isNumber(value, checker) ? { kind: "number", range, short: false } : { kind: "dynamic", range };
}

/** The length in milliseconds where it can be read off the code. */
export function constantDuration(argument: ts.Expression, checker: ts.TypeChecker): number | undefined {
  const value = unwrap(argument);
  const literal = numericValue(value);
  if (literal !== undefined) return literal;
  const fact = durationOf(argument, checker);
  return fact.kind === "literal" ? fact.milliseconds : undefined;
}

/** The same duration as a number where it is known, else as an expression in milliseconds; `undefined` if neither can be written. */
export function durationText(argument: ts.Expression, checker: ts.TypeChecker): NumberText | undefined {
  const constant = constantDuration(argument, checker);
  if (constant !== undefined) return constant;
  const fact = durationOf(argument, checker);
  return fact.kind === "number" ? argument.getText() : undefined;
}

/** The value of an expression made of number literals only. */
export function numericValue(node: ts.Expression): number | undefined {
  const value = unwrap(node);
  if (ts.isNumericLiteral(value)) return Number(value.text);
  if (ts.isPrefixUnaryExpression(value) && value.operator === ts.SyntaxKind.MinusToken) {
    const operand = numericValue(value.operand);
    return operand === undefined ? undefined : -operand;
  }
  if (!ts.isBinaryExpression(value)) return undefined;
  const [left, right] = [numericValue(value.left), numericValue(value.right)];
  if (left === undefined || right === undefined) return undefined;
  switch (value.operatorToken.kind) {
    case ts.SyntaxKind.AsteriskToken: return left * right;
    case ts.SyntaxKind.PlusToken: return left + right;
    case ts.SyntaxKind.MinusToken: return left - right;
    case ts.SyntaxKind.SlashToken: return left / right;
    default: return undefined;
  }
}

function objectDuration(literal: ts.ObjectLiteralExpression, range: DurationFact["range"], checker: ts.TypeChecker): DurationFact | undefined {
  const members: { value: ts.Expression; factor: number }[] = [];
  for (const property of literal.properties) {
    if (!ts.isPropertyAssignment(property) && !ts.isShorthandPropertyAssignment(property)) return undefined;
    const factor = ts.isComputedPropertyName(property.name) ? undefined : milliseconds[property.name.text];
    if (factor === undefined) return undefined;
    members.push({ value: ts.isPropertyAssignment(property) ? property.initializer : property.name, factor });
  }
  const values = members.map(({ value }) => numericValue(value));
  if (values.every((value) => value !== undefined)) {
    return { kind: "literal", range, milliseconds: values.reduce<number>((sum, value, index) => sum + (value ?? 0) * (members[index]?.factor ?? 0), 0) };
  }
  // A member that may be undefined counts as nothing, which only the run-time helper can tell.
  if (!members.every(({ value }) => numericValue(value) !== undefined || isNumber(value, checker))) return undefined;
  return {
    kind: "sum",
    range,
    parts: members.map(({ value, factor }) => ({ value: rangeOf(value), factor, parens: !isTight(value) })),
  };
}

/** Binds tighter than a multiplication. */
function isTight(node: ts.Expression): boolean {
  return ts.isIdentifier(node) || ts.isNumericLiteral(node) || ts.isPropertyAccessExpression(node) || ts.isCallExpression(node) ||
    ts.isElementAccessExpression(node) || ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node);
}

function isNumber(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const type = checker.getTypeAtLocation(node);
  return (type.flags & ts.TypeFlags.NumberLike) !== 0 || (type.isUnion() && type.types.every((member) => (member.flags & ts.TypeFlags.NumberLike) !== 0));
}
