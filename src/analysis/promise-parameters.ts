import { ts } from "./compiler.js";
import type { FlowCall } from "./function-flows.js";
import { isHandleType } from "./handles.js";
import type { Scope } from "./scope.js";
import { type FunctionNode, isFunctionNode, outOfParens, unwrap, walk } from "./syntax.js";

/**
 * Parameters of the type `Promise<T>` that only durable promises are given, at every call: `tryCatch(ctx.run(...))`. They hold handles
 * from now on. A function that also takes promises of another kind keeps its parameter.
 * @param isDurableCall says of a call that it gives a durable promise
 * @returns the functions that have such parameters
 */
export function promiseParameters(calls: readonly FlowCall[], scope: Scope, isDurableCall: (call: ts.CallExpression) => boolean): FunctionNode[] {
  const found = new Set<FunctionNode>();
  for (const [parameter, givers] of givenPromises(calls)) {
    const symbol = scope.checker.getSymbolAtLocation(parameter.name);
    if (!symbol || !isFunctionNode(parameter.parent) || !onlyAwaits(parameter.parent, symbol, scope)) continue;
    if (!givers.every((node) => node !== undefined && isDurable(node, scope, isDurableCall))) continue;
    scope.promiseParameters.add(symbol);
    found.add(parameter.parent);
  }
  return [...found];
}

/** Parameters whose type is written as `Promise<T>`, with what each call gives for them. */
function givenPromises(calls: readonly FlowCall[]): Map<ts.ParameterDeclaration, (ts.Expression | undefined)[]> {
  const given = new Map<ts.ParameterDeclaration, (ts.Expression | undefined)[]>();
  for (const { node, targets } of calls) {
    for (const target of targets) {
      if (!isFunctionNode(target) || !target.body || !ts.isCallExpression(node)) continue;
      target.parameters.forEach((parameter, index) => {
        if (!isPromise(parameter)) return;
        const all = given.get(parameter) ?? [];
        given.set(parameter, all);
        all.push(node.arguments[index]);
      });
    }
  }
  return given;
}

/** A parameter whose type is written as `Promise<T>`: it may be given durable promises only, and then holds handles. */
export function isPromise({ type, name, initializer, dotDotDotToken }: ts.ParameterDeclaration): boolean {
  return type !== undefined && ts.isTypeReferenceNode(type) && /^Promise(Like)?$/.test(type.typeName.getText()) && ts.isIdentifier(name) && !initializer && !dotDotDotToken;
}

function isDurable(node: ts.Expression, scope: Scope, isDurableCall: (call: ts.CallExpression) => boolean): boolean {
  const value = unwrap(node);
  return isHandleType(scope.checker.getTypeAtLocation(value), scope) || (ts.isCallExpression(value) && isDurableCall(value));
}

/** Whether a function does nothing with a parameter but wait for it. */
function onlyAwaits(fn: FunctionNode, symbol: ts.Symbol, scope: Scope): boolean {
  let only = true;
  walk(fn.body ?? fn, (node) => {
    if (ts.isIdentifier(node) && node.text === symbol.name && scope.checker.getSymbolAtLocation(node) === symbol && !ts.isAwaitExpression(outOfParens(node).parent)) only = false;
  });
  return only;
}
