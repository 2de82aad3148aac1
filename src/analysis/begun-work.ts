import { ts } from "./compiler.js";
import type { Scope } from "./scope.js";
import { type FunctionNode, modifier, outOfParens, skipParens, unwrap, walk } from "./syntax.js";

export type Literal = ts.ArrowFunction | ts.FunctionExpression;

/** A call that runs a function literal for each of some items, all of them beside each other. */
export interface EachCall {
  readonly callback: FunctionNode;
  /** What gives the items, up to here. */
  readonly items: ts.Expression;
  /** The end of a call that has to be closed after the items: `Array.from({ length: 3 }`. */
  readonly opens: boolean;
}

/** A function literal that is not a generator function already. */
export function isLiteral(node: ts.Node): node is Literal {
  return (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) && !node.asteriskToken;
}

/** `items.map((item) => ...)`, the same with `flatMap`, and `Array.from(items, (item) => ...)`, with a literal as callback. */
export function eachCallAt(call: ts.CallExpression, scope: Scope): EachCall | undefined {
  const access = call.expression;
  if (!ts.isPropertyAccessExpression(access) || access.questionDotToken) return undefined;
  const last = call.arguments.at(-1);
  const callback = last && unwrap(last);
  if (!callback || !isLiteral(callback)) return undefined;
  // A promise is an item of its own for `flatMap` too.
  if (/^(map|flatMap)$/.test(access.name.text) && call.arguments.length === 1 && isArrayType(access.expression, scope)) return { callback, items: access.expression, opens: false };
  const [items] = call.arguments;
  if (access.name.text !== "from" || call.arguments.length !== 2 || !items || ts.isSpreadElement(items) || !isArrayOfLanguage(access.expression, scope)) return undefined;
  return { callback, items, opens: true };
}

/** Whether an expression gives an array. */
export function isArrayType(node: ts.Expression, { checker }: Scope): boolean {
  const type = checker.getTypeAtLocation(node);
  return checker.isArrayType(type) || checker.isTupleType(type);
}

function isArrayOfLanguage(node: ts.Expression, { checker, compiled }: Scope): boolean {
  const [declaration] = (ts.isIdentifier(node) && node.text === "Array" && checker.getSymbolAtLocation(node)?.declarations) || [];
  return declaration !== undefined && compiled.isLibrary(declaration.getSourceFile());
}

/** `(async () => { ... })()`, where nobody waits for it on the spot: gives the literal. */
export function onceCallAt(call: ts.CallExpression): Literal | undefined {
  const callee = skipParens(call.expression);
  if (!isLiteral(callee) || callee.name || !modifier(callee, ts.SyntaxKind.AsyncKeyword) || callee.parameters.length > 0 || call.arguments.length > 0 || call.questionDotToken || call.typeArguments) return undefined;
  const { parent } = outOfParens(call);
  return ts.isAwaitExpression(parent) || ts.isReturnStatement(parent) || ts.isArrowFunction(parent) ? undefined : callee;
}

/** Whether a function literal shares nothing with the function around it that an arrow function would: `this`, `arguments`. */
export function standsAlone(literal: ts.Node): boolean {
  let alone = true;
  walk(literal, (node) => {
    if (node.kind === ts.SyntaxKind.ThisKeyword || (ts.isIdentifier(node) && node.text === "arguments")) alone = false;
    return alone;
  });
  return alone;
}
