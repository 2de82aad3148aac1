import { changedParameters } from "./aliases.js";
import { changingMethods, isCollection } from "./collections.js";
import { ts } from "./compiler.js";
import { type Scope, functionNamed, isConst, symbolOf } from "./scope.js";
import { type FunctionNode, unwrap, walk, isWithin } from "./syntax.js";

// What must hold for an expression to move into the closure of a step, or to go away.

/** Whether a plain read may give something else later: of a variable that is assigned again, of a member, of a list or an object made anew. */
export function mayChange(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const value = unwrap(node);
  if (ts.isIdentifier(value)) return isAssignedAgain(value, checker);
  if (ts.isTemplateExpression(value)) return value.templateSpans.some((span) => mayChange(span.expression, checker));
  return !ts.isLiteralExpression(value) && !/^(true|false|null)$/.test(value.getText());
}

/** A name that may stand for another value later: a `let`, or a parameter that its function assigns to. */
function isAssignedAgain(name: ts.Identifier, checker: ts.TypeChecker): boolean {
  const declaration = symbolOf(name, checker)?.valueDeclaration;
  if (!declaration) return name.text !== "undefined";
  const root = ts.findAncestor(declaration, (node) => !ts.isBindingElement(node) && !ts.isBindingName(node));
  if (!root || !ts.isParameter(root)) return root !== undefined && ts.isVariableDeclaration(root) && !isConst(root);
  let assigned = false;
  walk(root.parent, (node) => {
    if (ts.isIdentifier(node) && node.text === name.text && isAssignmentTarget(node)) assigned = true;
    return !assigned;
  });
  return assigned;
}

/** The target of an assignment, of `++`, of a loop; or part of one, as in `[a, b] = pair`. */
export function isAssignmentTarget(node: ts.Node): boolean {
  const { parent } = node;
  if (ts.isBinaryExpression(parent)) return parent.left === node && parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken;
  if (ts.isForInStatement(parent) || ts.isForOfStatement(parent)) return parent.initializer === node;
  const isPart = ts.isArrayLiteralExpression(parent) || ts.isObjectLiteralExpression(parent) || ts.isSpreadElement(parent) || ts.isShorthandPropertyAssignment(parent) || (ts.isPropertyAssignment(parent) && parent.initializer === node) || ts.isParenthesizedExpression(parent);
  return isPart && isAssignmentTarget(parent);
}

/** Methods that only read. */
const reading: ReadonlySet<string> = new Set([
  "toString", "toFixed", "toUpperCase", "toLowerCase", "slice", "substring", "join", "trim", "padStart", "padEnd", "at", "concat", "replace", "replaceAll", "toISOString", "toJSON", "request", "stringify", "valueOf", "charAt", "keys",
]);
const readingFunctions: ReadonlySet<string> = new Set(["String", "Number", "encodeURIComponent", "JSON.stringify", "Math.floor", "Math.round"]);

/** True for an expression that does nothing but give a value: the name of a step that can be dropped. */
export function onlyNames(node: ts.Expression): boolean {
  let pure = true;
  const visit = (child: ts.Node): boolean => {
    if (ts.isFunctionLike(child) || ts.isNewExpression(child) || ts.isAwaitExpression(child) || ts.isYieldExpression(child) || ts.isDeleteExpression(child) || ts.isTaggedTemplateExpression(child)) pure = false;
    else if (ts.isPostfixUnaryExpression(child) || (ts.isPrefixUnaryExpression(child) && (child.operator === ts.SyntaxKind.PlusPlusToken || child.operator === ts.SyntaxKind.MinusMinusToken))) pure = false;
    else if (ts.isBinaryExpression(child) && child.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && child.operatorToken.kind <= ts.SyntaxKind.LastAssignment) pure = false;
    else if (ts.isCallExpression(child) && !isReading(child)) pure = false;
    return pure;
  };
  if (visit(node)) walk(node, visit);
  return pure;
}

function isReading(call: ts.CallExpression): boolean {
  const { expression } = call;
  return readingFunctions.has(expression.getText()) || (ts.isPropertyAccessExpression(expression) && reading.has(expression.name.text));
}

/** A name for a context in a function that has none, which nothing in the function uses. */
export function freeContextName(fn: FunctionNode): string {
  return freeName(fn, ["ctx", "context", "durableContext"], "resonateContext");
}

/** The first of several names that nothing in a function uses. Names of members do not count. */
export function freeName(fn: FunctionNode, wanted: readonly string[], otherwise: string): string {
  const used = new Set<string>();
  walk(fn, (node) => {
    if (ts.isIdentifier(node) && !isMemberName(node)) used.add(node.text);
  });
  return wanted.find((name) => !used.has(name)) ?? otherwise;
}

function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isPropertyAccessExpression(parent) && parent.name === node) || (ts.isPropertyAssignment(parent) && parent.name === node) || ts.isPropertySignature(parent);
}

/** Whether a name that a function's parameter has means something else at a node inside of it. */
export function isShadowed(node: ts.Node, name: string, fn: ts.Node): boolean {
  return (
    ts.findAncestor(node, (ancestor) => {
      if (ancestor === fn || ancestor.parent === fn) return "quit";
      // The binder keeps the names of a scope on its node; not part of the public type.
      return (ancestor as ts.Node & { readonly locals?: ReadonlyMap<string, unknown> }).locals?.has(name) === true;
    }) !== undefined || bodyDeclares(fn, name)
  );
}

function bodyDeclares(fn: ts.Node, name: string): boolean {
  const body = (fn as FunctionNode).body;
  const locals = body && (body as ts.Node & { readonly locals?: ReadonlyMap<string, unknown> }).locals;
  return locals?.has(name) === true;
}

/** A variable of the function, declared outside of an expression, that the expression writes: a replay would not write it. */
export function writesOutside(expression: ts.Expression, fn: ts.Node, checker: ts.TypeChecker): string | undefined {
  let found: string | undefined;
  const check = (target: ts.Expression): void => {
    for (const root of rootsOf(target)) {
      const declaration = symbolOf(root, checker)?.valueDeclaration;
      if (declaration && isWithin(declaration, fn) && !isWithin(declaration, expression)) found ??= root.text;
    }
  };
  const visit = (node: ts.Node): void => {
    const written = writtenBy(node, checker);
    if (written) check(written);
  };
  visit(expression);
  walk(expression, visit);
  return found;
}

/** What a node assigns to, deletes, or puts something into. */
function writtenBy(node: ts.Node, checker: ts.TypeChecker): ts.Expression | undefined {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && node.operatorToken.kind <= ts.SyntaxKind.LastAssignment) return node.left;
  if (ts.isPostfixUnaryExpression(node)) return node.operand;
  if (ts.isPrefixUnaryExpression(node) && (node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken)) return node.operand;
  if (ts.isDeleteExpression(node)) return node.expression;
  const isChange = ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && changingMethods.has(node.expression.name.text) && isCollection(node.expression.expression, checker);
  return isChange ? node.expression.expression : undefined;
}

/**
 * A variable of the function that is written by code the expression calls: a closure of the function, a method of an object
 * made in it, or (where only the effect can be wanted) a function that is handed such an object.
 */
export function writesThroughCalls(expression: ts.Expression, fn: ts.Node, used: boolean, checker: ts.TypeChecker): string | undefined {
  let found: string | undefined;
  const madeHere = (node: ts.Expression): ts.Identifier | undefined => {
    const root = rootOf(node);
    const declaration = root && checker.getSymbolAtLocation(root)?.valueDeclaration;
    const value = declaration && ts.isVariableDeclaration(declaration) && isWithin(declaration, fn) && declaration.initializer && unwrap(declaration.initializer);
    return value && (ts.isNewExpression(value) || ts.isObjectLiteralExpression(value) || ts.isArrayLiteralExpression(value)) ? root : undefined;
  };
  const visit = (node: ts.Node): void => {
    if (!ts.isCallExpression(node)) return;
    const callee = unwrap(node.expression);
    if (ts.isPropertyAccessExpression(callee)) {
      const object = madeHere(callee.expression);
      const isReadOnly = ts.isPropertyAccessExpression(callee) && /^(map|filter|slice|join|includes|find|some|every|keys|values|entries|flatMap|concat|get|has)$/.test(callee.name.text);
      if (object && !isReadOnly) found ??= object.text;
    }
    const closure = ts.isIdentifier(callee) ? closureIn(callee, fn, checker) : undefined;
    if (closure) found ??= writesOutside(closure, fn, checker);
    for (const argument of node.arguments) {
      if (ts.isIdentifier(argument)) {
        const handed = closureIn(argument, fn, checker);
        if (handed) found ??= writesOutside(handed, fn, checker);
      }
      if (!used) found ??= ts.isIdentifier(argument) ? madeHere(argument)?.text : undefined;
    }
  };
  visit(expression);
  walk(expression, visit);
  return found;
}

/**
 * A variable of the function that is written by what the action of a step calls: a closure of the function, or a function of the
 * project that writes to what it is handed.
 */
export function writesInCallees(action: ts.Expression, fn: ts.Node, scope: Scope, seen: Set<ts.Node> = new Set()): string | undefined {
  let found: string | undefined;
  const visit = (node: ts.Node): void => {
    if (found !== undefined || !ts.isCallExpression(node)) return;
    const callee = unwrap(node.expression);
    const closure = ts.isIdentifier(callee) ? closureIn(callee, fn, scope.checker) : undefined;
    if (closure && !seen.has(closure)) found = writesOutside(closure, fn, scope.checker) ?? writesInCallees(closure, fn, scope, seen.add(closure));
    const own = node.arguments.map((argument) => rootOf(argument)).map((root) => {
      const declaration = root && scope.checker.getSymbolAtLocation(root)?.valueDeclaration;
      return declaration !== undefined && isWithin(declaration, fn) && !isWithin(declaration, action) ? root : undefined;
    });
    const target = own.some((root) => root !== undefined) ? functionNamed(node.expression, scope) : undefined;
    const changed = target ? changedParameters(target, scope) : [];
    found ??= own.find((root, index) => root !== undefined && changed.includes(index))?.text;
  };
  visit(action);
  walk(action, visit);
  return found;
}

/** The body of a function that is declared inside of another. */
function closureIn(name: ts.Identifier, fn: ts.Node, checker: ts.TypeChecker): ts.Expression | undefined {
  const declaration = checker.getSymbolAtLocation(name)?.valueDeclaration;
  if (!declaration || declaration === fn || !isWithin(declaration, fn)) return undefined;
  const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : ts.isFunctionDeclaration(declaration) ? declaration : undefined;
  return value && ts.isFunctionLike(value) ? (value as ts.Node as ts.Expression) : undefined;
}

/** The variables that a node assigns to, changes a member of, or puts something into. */
export function variablesWritten(node: ts.Node, checker: ts.TypeChecker): ts.Identifier[] {
  const place = writtenBy(node, checker);
  return place ? rootsOf(place) : [];
}

/** The variable at the root of `a.b[c]`. */
export function rootOf(node: ts.Expression): ts.Identifier | undefined {
  const inner = unwrap(node);
  if (ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner)) return rootOf(inner.expression);
  return ts.isIdentifier(inner) ? inner : undefined;
}

/** The variables that an assignment writes to: several in `[a, b] = pair` and `({ a } = pair)`. */
function rootsOf(target: ts.Expression): ts.Identifier[] {
  const place = unwrap(target);
  if (ts.isArrayLiteralExpression(place)) return place.elements.flatMap((element) => rootsOf(ts.isSpreadElement(element) ? element.expression : element));
  if (ts.isBinaryExpression(place)) return rootsOf(place.left);
  if (!ts.isObjectLiteralExpression(place)) return [rootOf(place) ?? []].flat();
  return place.properties.flatMap((property) => {
    if (ts.isShorthandPropertyAssignment(property)) return [property.name];
    if (ts.isPropertyAssignment(property)) return rootsOf(property.initializer);
    return ts.isSpreadAssignment(property) ? rootsOf(property.expression) : [];
  });
}

/** Something whose type is known more closely here than it would be inside of a closure: a checked member, or a checked variable that changes. */
export function narrowedIn(expression: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (/\.[cm]?jsx?$/.test(expression.getSourceFile().fileName)) return undefined;
  let found: string | undefined;
  walk(expression, (node) => {
    if (ts.isFunctionLike(node)) return false;
    const isMember = ts.isPropertyAccessExpression(node) && !(ts.isCallExpression(node.parent) && node.parent.expression === node);
    if (!isMember && !(ts.isIdentifier(node) && isChanging(node, checker))) return true;
    const symbol = checker.getSymbolAtLocation(isMember ? node.name : node);
    const declaration = symbol?.valueDeclaration;
    if (!symbol || !declaration || ts.isFunctionLike(declaration)) return true;
    const [declared, here] = [checker.getTypeOfSymbol(symbol), checker.getTypeAtLocation(node)];
    if (declared !== here && !checker.isTypeAssignableTo(declared, here)) found ??= node.getText();
    return true;
  });
  return found;
}

/** A `let` or a parameter: constants keep what was found out about them inside of closures. */
function isChanging(node: ts.Identifier, checker: ts.TypeChecker): boolean {
  const declaration = checker.getSymbolAtLocation(node)?.valueDeclaration;
  if (!declaration || !ts.isVariableDeclaration(declaration)) return false;
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) === 0;
}
