import { standsAlone } from "./begun-work.js";
import { ts } from "./compiler.js";
import { contextAt } from "./contexts.js";
import { mayChange, rootOf, variablesWritten } from "./moving.js";
import { type Scope, symbolOf } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { isAssignment, unwrap, walk } from "./syntax.js";

/** `charge({ ctx, item })`: a call that is handed the context in an object that is written there. */
export function givesObject(call: ts.CallExpression, { context, scope }: SiteFinder): boolean {
  return context !== undefined && call.arguments.some((argument) => ts.isObjectLiteralExpression(argument) && argument.properties.some((property) => isContext(property, context.symbol, scope)));
}

function isContext(property: ts.ObjectLiteralElementLike, context: ts.Symbol, scope: Scope): boolean {
  const value = ts.isShorthandPropertyAssignment(property) ? property.name : ts.isPropertyAssignment(property) ? property.initializer : undefined;
  return value !== undefined && contextAt(value, scope)?.symbol === context;
}

/**
 * Whether such a call can be begun in a generator function of its own, whose context it is handed: what it is given reads the same
 * whenever that runs, and nothing in it needs the function around it.
 */
export function canBeginWithObject(call: ts.CallExpression, finder: SiteFinder): boolean {
  const { context, scope, fn } = finder;
  if (!context?.parameter || call.typeArguments || !standsAlone(call) || !isSteady(call.expression, fn, scope)) return false;
  return call.arguments.every((argument) => (ts.isObjectLiteralExpression(argument) ? argument.properties.every((property) => isContext(property, context.symbol, scope) || isSteadyMember(property, fn, scope)) : isSteady(argument, fn, scope)));
}

function isSteadyMember(property: ts.ObjectLiteralElementLike, fn: ts.Node, scope: Scope): boolean {
  if (ts.isShorthandPropertyAssignment(property)) return isSteady(property.name, fn, scope);
  return ts.isPropertyAssignment(property) && !ts.isComputedPropertyName(property.name) && isSteady(property.initializer, fn, scope);
}

/** A literal, an operation on such, a name that always stands for the same, or a member of something that the function changes nowhere. */
function isSteady(node: ts.Expression, fn: ts.Node, scope: Scope): boolean {
  const value = unwrap(node);
  if (ts.isTemplateExpression(value)) return value.templateSpans.every((span) => isSteady(span.expression, fn, scope));
  if (ts.isBinaryExpression(value)) return !isAssignment(value.operatorToken.kind) && isSteady(value.left, fn, scope) && isSteady(value.right, fn, scope);
  if (ts.isPropertyAccessExpression(value)) return !value.questionDotToken && isSteady(value.expression, fn, scope) && !isChanged(value, fn, scope);
  if (ts.isIdentifier(value)) return scope.sdk.contextOfType(scope.checker.getTypeAtLocation(value)) === undefined && (symbolOf(value, scope.checker)?.declarations?.some(ts.isFunctionDeclaration) === true || !mayChange(value, scope.checker));
  return ts.isLiteralExpression(value) || value.kind === ts.SyntaxKind.TrueKeyword || value.kind === ts.SyntaxKind.FalseKeyword || value.kind === ts.SyntaxKind.NullKeyword;
}

function isChanged(node: ts.Expression, fn: ts.Node, { checker }: Scope): boolean {
  const root = rootOf(node);
  const symbol = root && symbolOf(root, checker);
  let changed = false;
  walk(fn, (child) => {
    if (variablesWritten(child, checker).some((other) => other.text === root?.text && symbolOf(other, checker) === symbol)) changed = true;
    return !changed;
  });
  return changed;
}
