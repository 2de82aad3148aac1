import { ts } from "./compiler.js";
import { isAssignmentTarget } from "./moving.js";
import { type Scope, symbolOf } from "./scope.js";
import { outOfParens, walk, isWithin } from "./syntax.js";

/**
 * Whether work that begins reads a variable of the function around it that the function may assign while the work goes on: how far
 * each has come by then is another matter in Restate. Where the function waits for the whole of it on the spot, it assigns nothing.
 * @param call begins the work that `literal` is
 * @param reader what reads, where the work calls something else of the function
 */
export function readsWhatChanges(literal: ts.Node, call: ts.CallExpression, fn: ts.Node, scope: Scope, reader: ts.Node = literal): boolean {
  if (isAwaitedWhole(call)) return false;
  let changes = false;
  walk(reader, (node) => {
    const declaration = ts.isIdentifier(node) ? symbolOf(node, scope.checker)?.valueDeclaration : undefined;
    const isOfFunction = declaration !== undefined && isWithin(declaration, fn) && !isWithin(declaration, literal) && !isWithin(declaration, reader);
    if (isOfFunction && ts.isIdentifier(node) && isAssignedLater(node, declaration, literal, fn, scope)) changes = true;
    return !changes;
  });
  return changes;
}

/** After the work has begun, or in another pass of a loop that the variable outlives. */
function isAssignedLater(name: ts.Identifier, declaration: ts.Node, literal: ts.Node, fn: ts.Node, { checker }: Scope): boolean {
  const symbol = checker.getSymbolAtLocation(name);
  const loop = ts.findAncestor(literal, (node) => (node === fn ? "quit" : ts.isIterationStatement(node, false) && !isWithin(declaration, node)));
  let assigned = false;
  walk(fn, (node) => {
    if (ts.isIdentifier(node) && node.text === name.text && (node.pos >= literal.end || (loop && isWithin(node, loop))) && isAssignmentTarget(node) && symbolOf(node, checker) === symbol) assigned = true;
    return !assigned;
  });
  // In `for (let i = 0; i < n; i++)` each pass has a variable of its own.
  return assigned && !isOfLoopHead(declaration);
}

function isOfLoopHead(declaration: ts.Node): boolean {
  const list = declaration.parent;
  return ts.isVariableDeclarationList(list) && ts.isForStatement(list.parent) && (list.flags & ts.NodeFlags.BlockScoped) !== 0;
}

/** Whether a list, or an element of one, stands in an `await Promise.all(...)`. */
function isAwaitedWhole(call: ts.CallExpression): boolean {
  const { parent } = outOfParens(call);
  const combination = ts.isArrayLiteralExpression(parent) ? outOfParens(parent).parent : parent;
  if (!ts.isCallExpression(combination) || !ts.isPropertyAccessExpression(combination.expression) || !/^all(Settled)?$/.test(combination.expression.name.text)) return false;
  const { parent: waiter } = outOfParens(combination);
  return ts.isAwaitExpression(waiter) || ts.isReturnStatement(waiter) || ts.isArrowFunction(waiter);
}
