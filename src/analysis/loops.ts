import { ts } from "./compiler.js";
import type { SiteFinder } from "./sites.js";
import { isFunctionNode, outOfParens, rangeOf, unwrap, walk } from "./syntax.js";

/** The callback of `items.forEach((item) => ...)` that can be the body of a loop, in which a `yield*` may stand. */
export function loopBody(call: ts.CallExpression, finder: SiteFinder): ts.ArrowFunction | undefined {
  const access = call.expression;
  const [argument, ...others] = call.arguments;
  const callback = argument && unwrap(argument);
  const statement = outOfParens(call).parent;
  if (!ts.isPropertyAccessExpression(access) || access.name.text !== "forEach" || access.questionDotToken || others.length > 0) return undefined;
  if (!callback || !ts.isArrowFunction(callback) || callback.modifiers || !ts.isExpressionStatement(statement) || statement.expression !== call) return undefined;
  if (!isArray(access.expression, finder.scope.checker) || !finder.isDurableCode(callback) || !canBeLoop(callback)) return undefined;
  // A loop would meet what is put into the list meanwhile.
  return changes(access.expression, callback) ? undefined : callback;
}

/** `items.forEach(...)` with durable operations in its callback. Gives the callback whose code becomes code of the function, if there is one. */
export function findLoop(call: ts.CallExpression, finder: SiteFinder): ts.ArrowFunction | undefined {
  const callback = loopBody(call, finder);
  if (!callback || !ts.isPropertyAccessExpression(call.expression)) return undefined;
  const { expression: items } = call.expression;
  const statement = outOfParens(call).parent;
  const [item, index] = callback.parameters;
  finder.findings.sites.push({
    concept: "loop",
    ...finder.sync(call),
    statement: { start: statement.getStart(), end: call.end },
    semicolon: statement.getText().endsWith(";") && !/\n/.test(call.getSourceFile().text.slice(call.end, statement.end)) ? { start: call.end, end: statement.end } : undefined,
    items: rangeOf(items),
    item: item && rangeOf(item.name),
    index: index && rangeOf(index.name),
    constant: !assigns(callback),
    body: rangeOf(callback.body),
    block: ts.isBlock(callback.body),
    returns: returnsOf(callback).map(rangeOf),
  });
  return callback;
}

/** Whether code calls a method of a list, or assigns to it, that may change it. */
function changes(list: ts.Expression, code: ts.Node): boolean {
  const text = list.getText();
  let found = false;
  walk(code, (node) => {
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === text && /^(push|pop|shift|unshift|splice|sort|reverse|fill|length)$/.test(node.name.text)) found = true;
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken && node.left.getText().startsWith(text)) found = true;
    return !found;
  });
  return found;
}

function isArray(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const type = checker.getTypeAtLocation(node);
  return checker.isArrayType(type) || checker.isTupleType(type);
}

function canBeLoop(callback: ts.ArrowFunction): boolean {
  if (callback.parameters.length === 0 || callback.parameters.length > 2) return false;
  if (callback.parameters.some((parameter) => parameter.initializer || parameter.dotDotDotToken)) return false;
  let can = true;
  walk(callback, (node) => {
    if (isFunctionNode(node)) return false;
    // `var` would be shared by all passes of the loop.
    if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped)) can = false;
    if (ts.isReturnStatement(node) && (node.expression || isInLoop(node, callback))) can = false;
    return can;
  });
  return can;
}

/** Where `continue` would mean an inner loop. */
function isInLoop(node: ts.Node, callback: ts.Node): boolean {
  return ts.findAncestor(node, (ancestor) => (ancestor === callback ? "quit" : ts.isIterationStatement(ancestor, false))) !== undefined;
}

function returnsOf(callback: ts.ArrowFunction): ts.ReturnStatement[] {
  const returns: ts.ReturnStatement[] = [];
  walk(callback, (node) => {
    if (isFunctionNode(node)) return false;
    if (ts.isReturnStatement(node)) returns.push(node);
    return true;
  });
  return returns;
}

/** Whether a callback assigns to what it was given. */
function assigns(callback: ts.ArrowFunction): boolean {
  const names = new Set<string>();
  for (const parameter of callback.parameters) collectNames(parameter.name, names);
  let found = false;
  walk(callback.body, (node) => {
    const target = assignedIn(node);
    if (target && ts.isIdentifier(target) && names.has(target.text)) found = true;
  });
  return found;
}

function assignedIn(node: ts.Node): ts.Expression | undefined {
  if (ts.isBinaryExpression(node)) return node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && node.operatorToken.kind <= ts.SyntaxKind.LastAssignment ? node.left : undefined;
  const counts = ts.isPostfixUnaryExpression(node) || (ts.isPrefixUnaryExpression(node) && (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken));
  return counts ? node.operand : undefined;
}

function collectNames(name: ts.BindingName, names: Set<string>): void {
  if (ts.isIdentifier(name)) names.add(name.text);
  else for (const element of name.elements) if (ts.isBindingElement(element)) collectNames(element.name, names);
}

