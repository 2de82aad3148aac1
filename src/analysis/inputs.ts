import { ts } from "./compiler.js";
import { memberWritten, rootOf, writesTo } from "./moving.js";
import { type Scope, functionNamed, isConst } from "./scope.js";
import { type FunctionNode, isFunctionNode, unwrap, walk } from "./syntax.js";

/**
 * The names that a handler's input has in it, as far as the handler changes what they hold: by themselves, through constants and the
 * items of loops, or by a function of the project that changes what it is handed. A pass that follows at once gets the very input of
 * the one before, as the SDK decodes it once per task (0.11.5, core.js); in Restate each attempt decodes its own.
 */
export function changedInputs(fn: FunctionNode, scope: Scope): readonly string[] {
  if (!scope.handlers.has(fn)) return [];
  const context = scope.contextFunctions.get(fn)?.parameter;
  const inputs = new Map<ts.Symbol, string>();
  for (const parameter of fn.parameters) if (parameter !== context) bind(parameter.name, undefined, inputs, scope);
  if (inputs.size === 0) return [];
  const changed = new Set<string>();
  const inputOf = (node: ts.Expression): string | undefined => {
    const root = rootOf(node);
    const symbol = root && scope.checker.getSymbolAtLocation(root);
    return symbol && inputs.get(symbol);
  };
  walk(fn, (node) => {
    follow(node, inputOf, inputs, scope);
    const written = memberWritten(node, scope.checker);
    const names = [written && inputOf(written), ...(ts.isCallExpression(node) ? handedOn(node, inputOf, scope) : [])];
    for (const name of names) if (name !== undefined) changed.add(name);
  });
  return [...changed];
}

/** The names of a pattern stand for the input, or each for itself. */
function bind(pattern: ts.BindingName, input: string | undefined, inputs: Map<ts.Symbol, string>, scope: Scope): void {
  if (!ts.isIdentifier(pattern)) return pattern.elements.forEach((element) => ts.isBindingElement(element) && bind(element.name, input, inputs, scope));
  const symbol = scope.checker.getSymbolAtLocation(pattern);
  if (symbol) inputs.set(symbol, input ?? pattern.text);
}

/** Other names for parts of the input: a constant, the item of a loop, the parameter of a callback that gets the items. */
function follow(node: ts.Node, inputOf: (node: ts.Expression) => string | undefined, inputs: Map<ts.Symbol, string>, scope: Scope): void {
  const note = (name: ts.BindingName | undefined, source: ts.Expression): void => {
    const input = inputOf(source);
    if (name && input !== undefined) bind(name, input, inputs, scope);
  };
  if (ts.isVariableDeclaration(node) && node.initializer && isConst(node)) note(node.name, node.initializer);
  if (ts.isForOfStatement(node) && ts.isVariableDeclarationList(node.initializer)) note(node.initializer.declarations[0]?.name, node.expression);
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
  const callback = node.arguments[0] && unwrap(node.arguments[0]);
  if (callback && isFunctionNode(callback)) note(callback.parameters[0]?.name, node.expression.expression);
}

/** The inputs that a call hands to a function of the project that changes them. */
function handedOn(call: ts.CallExpression, inputOf: (node: ts.Expression) => string | undefined, scope: Scope): (string | undefined)[] {
  const target = call.arguments.some((argument) => inputOf(argument) !== undefined) ? functionNamed(call.expression, scope) : undefined;
  return call.arguments.map((argument, index) => (target?.parameters[index] && writesTo(target.parameters[index], target, scope.checker) ? inputOf(argument) : undefined));
}
