import type { TextRange } from "../edits/edit.js";
import { ts } from "./compiler.js";
import type { Yielding } from "./site-model.js";

/** A function with a body of its own. */
export type FunctionNode = ts.FunctionDeclaration | ts.FunctionExpression | ts.ArrowFunction | ts.MethodDeclaration;

/** The range of a node without leading comments. */
export function rangeOf(node: ts.Node): TextRange {
  return { start: node.getStart(), end: node.end };
}

/** A function that has a body of its own and can become a generator function. */
export function isFunctionNode(node: ts.Node): node is FunctionNode {
  return ts.isFunctionDeclaration(node) || ts.isFunctionExpression(node) || ts.isArrowFunction(node) || ts.isMethodDeclaration(node);
}

/** The function whose own code a node is, or `undefined` at the top level. Parameter initializers count as the function's own. */
export function enclosingFunction(node: ts.Node): ts.SignatureDeclaration | undefined {
  return ts.findAncestor(node.parent, (ancestor): ancestor is ts.SignatureDeclaration => ts.isFunctionLike(ancestor));
}

/** True where a `yield*` may not stand although the function is the right one: parameters and decorators. */
export function inParameters(node: ts.Node, fn: ts.Node): boolean {
  return ts.findAncestor(node, (ancestor) => (ancestor === fn ? "quit" : ts.isParameter(ancestor) || ts.isDecorator(ancestor))) !== undefined;
}

/** Steps out of parentheses around an expression. */
export function outOfParens(node: ts.Expression): ts.Expression {
  let outer = node;
  while (ts.isParenthesizedExpression(outer.parent)) outer = outer.parent;
  return outer;
}

/** Steps into parentheses, `as`, `satisfies` and `!`: what is left has the same value. */
export function unwrap(node: ts.Expression): ts.Expression {
  let inner = node;
  while (ts.isParenthesizedExpression(inner) || ts.isAsExpression(inner) || ts.isSatisfiesExpression(inner) || ts.isNonNullExpression(inner) || ts.isTypeAssertionExpression(inner)) inner = inner.expression;
  return inner;
}

/** The expression within parentheses, however many there are. */
export function skipParens(node: ts.Expression): ts.Expression {
  let inner = node;
  while (ts.isParenthesizedExpression(inner)) inner = inner.expression;
  return inner;
}

/** The string that an expression is known to have: a literal, or something whose type is one string. */
export function constantText(node: ts.Expression, checker: ts.TypeChecker): string | undefined {
  const value = unwrap(node);
  if (ts.isStringLiteralLike(value)) return value.text;
  const type = checker.getTypeAtLocation(value);
  return type.isStringLiteral() ? type.value : undefined;
}

/** The name of a property, unless it is computed. */
export function propertyName(name: ts.PropertyName): string | undefined {
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) || ts.isNumericLiteral(name) ? name.text : undefined;
}

/** How a `yield*` takes the place of an expression, or of the `await` around its operand. */
export function yieldingFor(expression: ts.Expression): Yielding {
  const awaited = ts.isAwaitExpression(expression);
  const start = expression.getStart();
  const parens = needsParens(expression);
  return {
    keyword: { start, end: awaited ? expression.expression.getStart() : start },
    end: expression.end,
    parens,
    guard: parens && startsStatementAfterOpenLine(expression),
  };
}

/** `yield*` binds like an assignment: whether the grammar needs parentheses around it in this place. */
function needsParens(node: ts.Expression): boolean {
  const parent = node.parent;
  switch (parent.kind) {
    case ts.SyntaxKind.BinaryExpression: {
      const binary = parent as ts.BinaryExpression;
      const operator = binary.operatorToken.kind;
      const assignment = operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
      return !(operator === ts.SyntaxKind.CommaToken || (assignment && binary.right === node));
    }
    case ts.SyntaxKind.ConditionalExpression:
      return (parent as ts.ConditionalExpression).condition === node;
    case ts.SyntaxKind.CallExpression:
    case ts.SyntaxKind.NewExpression:
      return (parent as ts.CallExpression | ts.NewExpression).expression === node;
    case ts.SyntaxKind.ElementAccessExpression:
      return (parent as ts.ElementAccessExpression).expression === node;
    case ts.SyntaxKind.PropertyAccessExpression:
    case ts.SyntaxKind.NonNullExpression:
    case ts.SyntaxKind.AsExpression:
    case ts.SyntaxKind.SatisfiesExpression:
    case ts.SyntaxKind.TypeAssertionExpression:
    case ts.SyntaxKind.AwaitExpression:
    case ts.SyntaxKind.PrefixUnaryExpression:
    case ts.SyntaxKind.PostfixUnaryExpression:
    case ts.SyntaxKind.TypeOfExpression:
    case ts.SyntaxKind.VoidExpression:
    case ts.SyntaxKind.DeleteExpression:
    case ts.SyntaxKind.TaggedTemplateExpression:
    case ts.SyntaxKind.ExpressionWithTypeArguments:
      return true;
    default:
      return false;
  }
}

/** `=`, `+=` and their kind. */
export function isAssignment(operator: ts.SyntaxKind): boolean {
  return operator >= ts.SyntaxKind.FirstAssignment && operator <= ts.SyntaxKind.LastAssignment;
}

/** True where a statement begins with this expression and the line before it has no semicolon. */
function startsStatementAfterOpenLine(expression: ts.Expression): boolean {
  const statement = ts.findAncestor(expression, ts.isStatement);
  if (!statement || !ts.isExpressionStatement(statement) || statement.getStart() !== expression.getStart()) return false;
  const siblings = statementsAround(statement);
  const previous = siblings?.[siblings.indexOf(statement) - 1];
  return previous !== undefined && endsOpen(previous) && !previous.getText().endsWith(";");
}

/** A statement that an expression on the next line could continue: one that ends in an expression. */
function endsOpen(statement: ts.Statement): boolean {
  return (
    ts.isExpressionStatement(statement) || ts.isVariableStatement(statement) || ts.isReturnStatement(statement) || ts.isThrowStatement(statement) || ts.isExportAssignment(statement) ||
    ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) || ts.isImportEqualsDeclaration(statement) || ts.isTypeAliasDeclaration(statement) || ts.isDoStatement(statement) ||
    ts.isBreakOrContinueStatement(statement) || lastInner(statement) !== undefined
  );
}

/** `if (x) f()` ends like the statement inside of it. */
function lastInner(statement: ts.Statement): ts.Statement | undefined {
  const inner = ts.isIfStatement(statement) ? (statement.elseStatement ?? statement.thenStatement) : ts.isIterationStatement(statement, false) || ts.isLabeledStatement(statement) ? statement.statement : undefined;
  return inner && endsOpen(inner) ? inner : undefined;
}

function statementsAround(statement: ts.Statement): ts.NodeArray<ts.Statement> | undefined {
  const parent = statement.parent;
  return ts.isBlock(parent) || ts.isSourceFile(parent) || ts.isCaseOrDefaultClause(parent) || ts.isModuleBlock(parent) ? parent.statements : undefined;
}

/** The statement list that a top-level statement stands in, with its index. */
export function isTopLevel(statement: ts.Node): boolean {
  return ts.isSourceFile(statement.parent);
}

/** Every node below `root` in source order, without entering nodes for which `enter` says no. */
export function walk(root: ts.Node, visit: (node: ts.Node) => boolean | void): void {
  const step = (node: ts.Node): void => {
    if (visit(node) === false) return;
    ts.forEachChild(node, step);
  };
  ts.forEachChild(root, step);
}

/** The keyword token of a kind among a node's modifiers. */
export function modifier(node: ts.Node, kind: ts.SyntaxKind): ts.Node | undefined {
  return ts.canHaveModifiers(node) ? ts.getModifiers(node)?.find((candidate) => candidate.kind === kind) : undefined;
}

const scanner = ts.createScanner(ts.ScriptTarget.ESNext, true);

/** The first token of a kind that is a node's own: one that stands between the nodes in it. The compiler's own lists of tokens would be kept with the tree. */
export function token(node: ts.Node, kind: ts.SyntaxKind): TextRange | undefined {
  const { text } = node.getSourceFile();
  let at = node.getStart();
  const scan = (end: number): TextRange | undefined => {
    scanner.setText(text, at, end - at);
    for (let found = scanner.scan(); found !== ts.SyntaxKind.EndOfFileToken; found = scanner.scan()) if (found === kind) return { start: scanner.getTokenStart(), end: scanner.getTokenEnd() };
    return undefined;
  };
  const found = ts.forEachChild(node, (child) => {
    const before = child.kind === kind ? rangeOf(child) : scan(child.pos);
    at = child.end;
    return before;
  });
  return found ?? scan(node.end);
}

/** Where the first token after an offset starts. */
export function tokenAfter(at: number, file: ts.SourceFile): number {
  scanner.setText(file.text, at);
  scanner.scan();
  return scanner.getTokenStart();
}

/** Whether a node stands in another, or is it. */
export function isWithin(node: ts.Node, outer: ts.Node): boolean {
  return node.getSourceFile() === outer.getSourceFile() && node.pos >= outer.pos && node.end <= outer.end;
}

/** An id that names a node for as long as its file is not edited. */
export function idOf(node: ts.Node): string {
  return `${node.getSourceFile().fileName}#${node.getStart()}`;
}

/** Just after the parenthesis that opens a call's arguments. */
export function openParen(call: ts.CallExpression): number {
  // The list of arguments begins there, with whatever white space it has.
  return call.arguments.pos;
}

/** An `await` of the same function somewhere in an expression. */
export function containsAwait(node: ts.Node): boolean {
  let found = ts.isAwaitExpression(node);
  walk(node, (child) => {
    if (ts.isFunctionLike(child)) return false;
    if (ts.isAwaitExpression(child)) found = true;
    return !found;
  });
  return found;
}

/** What a function returns, as far as it is written. */
export function valuesOf(literal: FunctionNode): ts.Expression[] {
  const { body } = literal;
  if (body === undefined) return [];
  if (!ts.isBlock(body)) return [body];
  const values: ts.Expression[] = [];
  walk(body, (node) => {
    if (ts.isReturnStatement(node) && node.expression) values.push(node.expression);
    return !isFunctionNode(node);
  });
  return values;
}
