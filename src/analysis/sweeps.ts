import { isArrayType, isLiteral, type Literal } from "./begun-work.js";
import { ts } from "./compiler.js";
import type { Scope } from "./scope.js";
import { isFunctionNode, modifier, outOfParens, unwrap, walk } from "./syntax.js";

/** A call that runs a function literal where it stands, for one item of an array after the other. */
export interface Sweep {
  readonly call: ts.CallExpression;
  readonly callback: Literal;
  readonly items: ts.Expression;
  readonly member: SweepMember;
}

export type SweepMember = "map" | "flatMap" | "forEach";

const members: ReadonlySet<string> = new Set<SweepMember>(["map", "flatMap", "forEach"]);

/** `items.flatMap((item) => ...)` with a literal that waits for nothing: it has come to its end when the next item's turn comes. */
export function sweepAt(call: ts.CallExpression, scope: Scope): Sweep | undefined {
  const access = call.expression;
  const [argument, ...others] = call.arguments;
  if (!ts.isPropertyAccessExpression(access) || access.questionDotToken || !members.has(access.name.text) || !argument || others.length > 0 || call.typeArguments) return undefined;
  const callback = unwrap(argument);
  if (!isLiteral(callback) || modifier(callback, ts.SyntaxKind.AsyncKeyword) || !isArrayType(access.expression, scope)) return undefined;
  return { call, callback, items: access.expression, member: access.name.text as SweepMember };
}

/** The call that a function literal is the callback of. */
export function callOf(literal: ts.Node): ts.CallExpression | undefined {
  const { parent } = isLiteral(literal) ? outOfParens(literal) : literal;
  return ts.isCallExpression(parent) && parent.expression !== literal ? parent : undefined;
}

/** What a function gives: its value, or all that it returns. */
export function resultsOf({ body }: Literal): readonly ts.Expression[] {
  if (!ts.isBlock(body)) return [body];
  const results: ts.Expression[] = [];
  walk(body, (node) => {
    if (isFunctionNode(node)) return false;
    if (ts.isReturnStatement(node) && node.expression) results.push(node.expression);
    return true;
  });
  return results;
}
