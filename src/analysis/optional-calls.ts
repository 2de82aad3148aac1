import { ts } from "./compiler.js";
import type { OptionalFact } from "./site-model.js";
import { outOfParens, rangeOf } from "./syntax.js";

/**
 * `await step.undo?.();`: nothing can be waited for where there is nothing to call, so the call is made under a condition.
 * Gives `left` for a chain that is no statement, or whose parts cannot be read twice; undefined for a call that is always made.
 * @param outer the call with its `await`
 */
export function optionalCall(call: ts.CallExpression, outer: ts.Expression): OptionalFact | "left" | undefined {
  if (!ts.isOptionalChain(call)) return undefined;
  const statement = outOfParens(outer).parent;
  const isStatement = ts.isExpressionStatement(statement) && !(ts.isIfStatement(statement.parent) && statement.parent.elseStatement);
  if (!isStatement || !call.questionDotToken || !isPath(call.expression)) return "left";
  return { callee: rangeOf(call.expression), question: rangeOf(call.questionDotToken) };
}

/** `step.undo`: reading it twice does nothing else. */
function isPath(node: ts.Expression): boolean {
  return ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword || (ts.isPropertyAccessExpression(node) && !node.questionDotToken && isPath(node.expression));
}
