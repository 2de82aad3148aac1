import { ts } from "./compiler.js";
import { type Scope, symbolOf } from "./scope.js";
import type { OptionalFact } from "./site-model.js";
import { isAssignment, outOfParens, rangeOf, unwrap, walk } from "./syntax.js";

/**
 * `await step.undo?.();`: nothing can be waited for where there is nothing to call, so the call is made under a condition.
 * Gives `left` for a chain whose parts cannot be read twice; undefined for a call that is always made.
 * @param outer the call with its `await`
 */
export function optionalCall(call: ts.CallExpression, outer: ts.Expression, scope: Scope): OptionalFact | "left" | undefined {
  if (!ts.isOptionalChain(call)) return undefined;
  const questions = questionsOf(call);
  const [last] = questions;
  if (!last || !isPath(last.condition, scope) || mayHaveEdits(call.expression, scope)) return "left";
  const isNarrowed = narrows(last.condition, scope);
  return {
    condition: rangeOf(last.condition),
    questions: questions.map(({ token, isDot }) => ({ range: rangeOf(token), text: `${isNarrowed ? "" : "!"}${isDot ? "." : ""}` })),
    isStatement: isStatement(outOfParens(outer).parent),
  };
}

interface Question {
  /** What has to be there for the chain to go on. */
  readonly condition: ts.Expression;
  readonly token: ts.Node;
  /** `?.` before a name. */
  readonly isDot: boolean;
}

/** The `?.` of a chain, from its end. */
function questionsOf(call: ts.CallExpression): Question[] {
  const found: Question[] = [];
  for (let node: ts.Expression = call; ts.isOptionalChain(node); node = node.expression) {
    if ("questionDotToken" in node && node.questionDotToken) found.push({ condition: node.expression, token: node.questionDotToken, isDot: ts.isPropertyAccessExpression(node) });
  }
  return found;
}

/** A statement of its own, to which an `else` further on does not belong. */
function isStatement(node: ts.Node): boolean {
  return ts.isExpressionStatement(node) && !(ts.isIfStatement(node.parent) && node.parent.elseStatement);
}

/** `step.undo`, `steps[index]!.undo`, `steps.get(name)`: reading it twice does nothing else. */
function isPath(node: ts.Expression, scope: Scope): boolean {
  const value = unwrap(node);
  if (ts.isIdentifier(value) || value.kind === ts.SyntaxKind.ThisKeyword) return true;
  if (ts.isPropertyAccessExpression(value)) return isPath(value.expression, scope) && symbolOf(value.name, scope.checker)?.declarations?.some(ts.isAccessor) !== true;
  if (ts.isElementAccessExpression(value)) return isPath(value.expression, scope) && isIndex(value.argumentExpression, scope);
  return ts.isCallExpression(value) && isLookUp(value, scope) && value.arguments.every((argument) => isIndex(argument, scope));
}

/** `map.get(name)` and `list.at(-1)` of the language's own. */
function isLookUp({ expression }: ts.CallExpression, scope: Scope): boolean {
  if (!ts.isPropertyAccessExpression(expression) || !/^(get|at)$/.test(expression.name.text)) return false;
  const declaration = symbolOf(expression.name, scope.checker)?.declarations?.[0];
  return declaration !== undefined && scope.compiled.isLibrary(declaration.getSourceFile()) && isPath(expression.expression, scope);
}

/** `0`, `name`, `item.name`, `steps.length - 1`. */
function isIndex(node: ts.Expression, scope: Scope): boolean {
  const value = unwrap(node);
  if (ts.isBinaryExpression(value)) return !isAssignment(value.operatorToken.kind) && isIndex(value.left, scope) && isIndex(value.right, scope);
  if (ts.isPrefixUnaryExpression(value)) return value.operator === ts.SyntaxKind.MinusToken && isIndex(value.operand, scope);
  return ts.isStringLiteralLike(value) || ts.isNumericLiteral(value) || isPath(value, scope);
}

/** What is written twice must read the same afterwards: it names no context, and holds no comment. */
function mayHaveEdits(node: ts.Node, scope: Scope): boolean {
  let found = /\/[/*]/.test(node.getText());
  walk(node, (child) => {
    if (ts.isIdentifier(child) && scope.contextNames.has(child.text)) found = true;
    return !found;
  });
  return found;
}

/** Whether the compiler knows of the same text that it is there, once that was asked: not of elements by a variable, nor of look-ups. */
function narrows(node: ts.Expression, scope: Scope): boolean {
  if (/\.[cm]?jsx?$/.test(node.getSourceFile().fileName)) return true;
  const value = unwrap(node);
  if (ts.isCallExpression(value)) return false;
  if (ts.isElementAccessExpression(value)) return ts.isLiteralExpression(unwrap(value.argumentExpression)) && narrows(value.expression, scope);
  if (ts.isPropertyAccessExpression(value)) return narrows(value.expression, scope);
  return true;
}
