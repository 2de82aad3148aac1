import { eachCallAt, isArrayType, isLiteral, type Literal } from "./begun-work.js";
import { ts } from "./compiler.js";
import { type Reduction, reductionOf } from "./reductions.js";
import type { Scope } from "./scope.js";
import { modifier, outOfParens, unwrap } from "./syntax.js";

/** A call that runs a function literal where it stands, for one item of an array after the other. */
export interface Sweep {
  readonly call: ts.CallExpression;
  readonly callback: Literal;
  readonly items: ts.Expression;
  readonly member: SweepMember;
  /** The items are made by a call that is to be closed after them: `Array.from({ length: 3 }`. */
  readonly opens?: boolean;
  /** What a `reduce` begins with. */
  readonly initial?: ts.Expression;
  /** The promises of a `reduce`, each of which is given to the next callback. */
  readonly reduction?: Reduction;
}

export type SweepMember = "map" | "flatMap" | "forEach" | "reduce" | "reduceRight";

const members: ReadonlySet<string> = new Set<SweepMember>(["map", "flatMap", "forEach"]);
const reducing: ReadonlySet<string> = new Set<SweepMember>(["reduce", "reduceRight"]);

/** `items.flatMap((item) => ...)` with a literal that waits for nothing: it has come to its end when the next item's turn comes. */
export function sweepAt(call: ts.CallExpression, scope: Scope): Sweep | undefined {
  const made = eachCallAt(call, scope);
  if (made?.opens && isLiteral(made.callback) && !modifier(made.callback, ts.SyntaxKind.AsyncKeyword)) return { call, callback: made.callback, items: made.items, member: "map", opens: true };
  const access = call.expression;
  const [argument, initial, ...others] = call.arguments;
  if (!ts.isPropertyAccessExpression(access) || access.questionDotToken || !argument || others.length > 0) return undefined;
  const member = access.name.text as SweepMember;
  const isReduction = reducing.has(member);
  const callback = unwrap(argument);
  if (!(isReduction || members.has(member)) || (initial !== undefined) !== isReduction || !isLiteral(callback) || !isArrayType(access.expression, scope)) return undefined;
  const sweep = { call, callback, items: access.expression, member, initial };
  const reduction = initial && reductionOf(call, callback, initial, scope);
  if (reduction && isWaitedFor(call)) return { ...sweep, reduction };
  return modifier(callback, ts.SyntaxKind.AsyncKeyword) || call.typeArguments ? undefined : sweep;
}

/** A promise that is awaited on the spot, or is what a function gives. */
function isWaitedFor(call: ts.CallExpression): boolean {
  const { parent } = outOfParens(call);
  return ts.isAwaitExpression(parent) || ts.isReturnStatement(parent) || ts.isArrowFunction(parent);
}

/** The call that a function literal is the callback of. */
export function callOf(literal: ts.Node): ts.CallExpression | undefined {
  const { parent } = isLiteral(literal) ? outOfParens(literal) : literal;
  return ts.isCallExpression(parent) && parent.expression !== literal ? parent : undefined;
}
