import { isLiteral, type Literal } from "./begun-work.js";
import { ts } from "./compiler.js";
import { mayChange } from "./moving.js";
import { type SettledPromise, settledPromise } from "./promises.js";
import { type Scope, symbolOf } from "./scope.js";
import type { ReductionFact } from "./site-model.js";
import type { Sweep } from "./sweeps.js";
import { enclosingFunction, isFunctionNode, isWithin, modifier, outOfParens, rangeOf, unwrap, walk } from "./syntax.js";

/** How the promises of a chain that `items.reduce(...)` makes depend on each other. */
export interface Reduction {
  /** `in-turn`: each callback first waits for the one before it, so they run one after the other; `begun`: they run beside each other. */
  readonly order: "in-turn" | "begun";
  /** The parameter that holds the promise of the callback before. */
  readonly before: ts.ParameterDeclaration & { readonly name: ts.Identifier };
  readonly initial: ts.Expression;
  /** Waits for that promise. */
  readonly awaits: readonly ts.AwaitExpression[];
  /** `before.then((value) => ...)`: the function that runs after it. */
  readonly after?: Literal;
}

/**
 * Reads `items.reduce(async (before, item) => ..., Promise.resolve())` and `items.reduce((before, item) => before.then(() => ...), ...)`.
 * @returns undefined where the promise of the callback before goes elsewhere than to an `await`, or there is nothing to begin with
 */
export function reductionOf(call: ts.CallExpression, callback: Literal, initial: ts.Expression, scope: Scope): Reduction | undefined {
  const [before] = callback.parameters;
  if ((before?.type && !promised(before.type)) || (call.typeArguments && !promised(call.typeArguments[0]))) return undefined;
  if (!before || !ts.isIdentifier(before.name) || before.initializer || callback.parameters.some(({ dotDotDotToken }) => dotDotDotToken)) return undefined;
  if (!isPlainBeginning(initial, scope)) return undefined;
  const uses = usesOf(before.name, callback, scope);
  const parameter = before as Reduction["before"];
  if (!modifier(callback, ts.SyntaxKind.AsyncKeyword)) {
    const after = afterOf(callback, uses);
    return after && { order: "in-turn", before: parameter, initial, awaits: [], after };
  }
  const awaits = uses.flatMap((use) => waitFor(use, callback) ?? []);
  const [first] = awaits;
  const isFollowed = awaits.length === uses.length && first !== undefined && !isAssigned(before.name, callback);
  return isFollowed ? { order: comesFirst(first, callback, scope) ? "in-turn" : "begun", before: parameter, initial, awaits } : undefined;
}

/** What a chain begins with: a promise that has its value already, or a value. */
function isPlainBeginning(initial: ts.Expression, scope: Scope): boolean {
  const settled = settledPromise(unwrap(initial), scope);
  if (settled) return settled.member === "resolve";
  const type = scope.checker.getTypeAtLocation(initial);
  return !(type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) && type.getProperty("then") === undefined;
}

function usesOf(name: ts.Identifier, callback: Literal, { checker }: Scope): ts.Identifier[] {
  const symbol = checker.getSymbolAtLocation(name);
  const uses: ts.Identifier[] = [];
  walk(callback, (node) => {
    if (ts.isIdentifier(node) && node !== name && node.text === name.text && symbolOf(node, checker) === symbol) uses.push(node);
  });
  return uses;
}

/** `await before`, in the callback's own code. */
function waitFor(use: ts.Identifier, callback: Literal): ts.AwaitExpression | undefined {
  const { parent } = outOfParens(use);
  return ts.isAwaitExpression(parent) && enclosingFunction(parent) === callback && isWithin(parent, callback.body) ? parent : undefined;
}

function isAssigned(name: ts.Identifier, callback: Literal): boolean {
  let found = false;
  walk(callback.body, (node) => {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isIdentifier(node.left) && node.left.text === name.text) found = true;
    return !found;
  });
  return found;
}

/** `(before, item) => before.then((value) => ...)`. */
function afterOf({ body }: Literal, uses: readonly ts.Identifier[]): Literal | undefined {
  const only = ts.isBlock(body) ? (body.statements.length === 1 ? body.statements[0] : undefined) : body;
  const result = only && ts.isReturnStatement(only) ? only.expression : only;
  const call = result && ts.isExpression(result) ? unwrap(result) : undefined;
  const [use] = uses;
  if (!call || !use || uses.length > 1 || !ts.isCallExpression(call) || call.arguments.length !== 1 || call.questionDotToken) return undefined;
  const access = call.expression;
  const after = call.arguments[0] && unwrap(call.arguments[0]);
  if (!ts.isPropertyAccessExpression(access) || access.questionDotToken || access.name.text !== "then" || unwrap(access.expression) !== use || !after || !isLiteral(after)) return undefined;
  const plain = after.parameters.length <= 1 && after.parameters.every(({ initializer, dotDotDotToken }) => !initializer && !dotDotDotToken);
  return plain && !after.typeParameters && !after.type ? after : undefined;
}

/**
 * Whether nothing happens in a function before one of its awaits, and nothing decides whether it comes to it: only constants are read
 * until then, which stay the same while others run.
 */
function comesFirst(first: ts.AwaitExpression, callback: Literal, { checker }: Scope): boolean {
  for (let node: ts.Node = first; node !== callback.body; node = node.parent) if (isChoice(node.parent, node)) return false;
  let only = true;
  walk(callback.body, (node) => {
    if (ts.isTypeNode(node)) return false;
    if (!only || node.pos >= first.pos || isWithin(first, node)) return only;
    if (ts.isIdentifier(node)) only = isName(node) || !mayChange(node, checker);
    else if (ts.isStatement(node) || ts.isExpression(node)) only = ts.isVariableStatement(node) || ts.isLiteralExpression(node) || ts.isTemplateHead(node);
    return only;
  });
  return only && !callback.parameters.some((parameter) => parameter.initializer);
}

/** Code of which a part runs under a condition, in a loop, or where a failure is caught. */
function isChoice(parent: ts.Node, child: ts.Node): boolean {
  if (ts.isConditionalExpression(parent)) return parent.condition !== child;
  if (ts.isIfStatement(parent)) return parent.expression !== child;
  if (ts.isBinaryExpression(parent)) return parent.right === child && /^(&&|\|\||\?\?)=?$/.test(parent.operatorToken.getText());
  if (ts.isForOfStatement(parent) || ts.isForInStatement(parent) || ts.isSwitchStatement(parent)) return parent.expression !== child;
  const isOptional = (ts.isCallExpression(parent) || ts.isElementAccessExpression(parent)) && parent.expression !== child && (parent.flags & ts.NodeFlags.OptionalChain) !== 0;
  return isOptional || ts.isIterationStatement(parent, false) || ts.isTryStatement(parent) || ts.isCaseOrDefaultClause(parent) || ts.isLabeledStatement(parent) || isFunctionNode(parent);
}

/** A name that is declared, or that is part of a longer one. */
function isName(node: ts.Identifier): boolean {
  const { parent } = node;
  return (ts.isVariableDeclaration(parent) && parent.name === node) || ts.isBindingElement(parent);
}

/** What has to be known of a reduction to write it. */
export function reductionFact({ call, callback }: Pick<Sweep, "call" | "callback">, reduction: Reduction, scope: Scope): ReductionFact {
  const { order, awaits, before, initial, after } = reduction;
  const settled = settledPromise(unwrap(initial), scope);
  const inTurn = order === "in-turn";
  const [, ...others] = callback.parameters;
  const last = others.at(-1);
  const [value] = after?.parameters ?? [];
  return {
    order,
    ...(settled ? { initial: { range: rangeOf(initial), ...(settled.value ? { value: rangeOf(settled.value) } : {}) } } : {}),
    before: { name: rangeOf(before.name), ...(before.type ? { type: rangeOf(before.type) } : {}), written: valueType(call, before, initial, settled) },
    statements: inTurn ? awaits.flatMap((node) => (ts.isExpressionStatement(node.parent) ? [rangeOf(node.parent)] : [])) : [],
    awaits: inTurn ? awaits.filter((node) => !ts.isExpressionStatement(node.parent)).map((node) => rangeOf(outOfParens(node))) : [],
    ...(after ? { around: { range: rangeOf(callback), ...(others[0] && last ? { rest: { start: others[0].getStart(), end: last.end } } : {}), ...(value ? { value: rangeOf(value) } : {}) } } : {}),
  };
}

/** The type of what is handed from callback to callback, where the source names it. */
function valueType(call: ts.CallExpression, before: ts.ParameterDeclaration, initial: ts.Expression, settled: SettledPromise | undefined): string | undefined {
  const named = promised(before.type) ?? promised(call.typeArguments?.[0]);
  if (named) return named.getText();
  const made = unwrap(initial);
  const [argument] = (settled && ts.isCallExpression(made) && made.typeArguments) || [];
  return argument?.getText() ?? (settled && !settled.value ? "void" : undefined);
}

/** The `T` of `Promise<T>`. */
function promised(type: ts.TypeNode | undefined): ts.TypeNode | undefined {
  return type && ts.isTypeReferenceNode(type) && /Promise$/.test(type.typeName.getText()) ? type.typeArguments?.[0] : undefined;
}
