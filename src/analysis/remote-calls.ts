import { clientTarget, handlerArguments } from "./clients.js";
import { ts } from "./compiler.js";
import { contextAt } from "./contexts.js";
import type { TextRange } from "../edits/edit.js";
import type { KeyFact } from "./site-model.js";
import { freeName, onlyNames } from "./moving.js";
import { isConst, remarkAt, subjectOf, symbolOf } from "./scope.js";
import type { KnownDefinition } from "./findings.js";
import type { SiteFinder } from "./sites.js";
import { isWithin, openParen, outOfParens, rangeOf, unwrap, walk } from "./syntax.js";

/** What a client of the context reaches, and whether it waits for an answer. */
interface ClientMember {
  readonly kind: KnownDefinition["kind"];
  readonly concept: "call" | "send";
}

const members: Readonly<Record<string, ClientMember>> = {
  serviceClient: { kind: "service", concept: "call" },
  serviceSendClient: { kind: "service", concept: "send" },
  objectClient: { kind: "object", concept: "call" },
  objectSendClient: { kind: "object", concept: "send" },
  workflowClient: { kind: "workflow", concept: "call" },
  workflowSendClient: { kind: "workflow", concept: "send" },
};

/** The members of a context that give a client whose calls are rewritten. */
export function clientMember(name: string): ClientMember | undefined {
  return members[name];
}

/** Every call of a handler through a client: `ctx.objectClient(counter, key).add(1)`, or through a constant that holds the client. */
export function findRemoteCalls(call: ts.CallExpression, member: ClientMember, finder: SiteFinder): void {
  const target = clientTarget(call, finder.scope);
  const known = target && finder.definitions.get(target.definition);
  if (!target || known?.kind !== member.kind) return finder.leave("R0142", call);
  const key = member.kind === "service" ? undefined : keyOf(call, finder);
  if (!key && member.kind !== "service") return finder.leave("R0118", call);
  const reached: CallTarget = { member, definition: target.definition, known, key };
  const direct = methodCallOn(call);
  if (!direct && !keepClient(call, reached, finder)) return finder.leave("R0118", call);
  finder.findings.definitions.add(target.definition);
  finder.findings.definitionNames.push(...target.names);
  if (direct) remoteCall(direct, reached, finder);
}

/** `client.handler(...)` of a constant that holds a client. */
export function findClientCall(call: ts.CallExpression, finder: SiteFinder): void {
  const access = call.expression;
  if (!ts.isPropertyAccessExpression(access) || !ts.isIdentifier(access.expression)) return;
  const target = finder.clientOf(access.expression);
  if (!target) return;
  if (finder.isOwn(call)) remoteCall(call, target, finder);
  else finder.leave(finder.inStep(call) ? "R0146" : "R0119", call);
}

/** The key that a client is bound to: repeated at each call where it is plain, kept in a constant where it is computed. */
function keyOf(call: ts.CallExpression, finder: SiteFinder): KeyFact | undefined {
  const [, key] = call.arguments;
  if (!key || ts.isSpreadElement(key)) return undefined;
  const value = unwrap(key);
  const isOwnKey = ts.isPropertyAccessExpression(value) && value.name.text === "key" && contextAt(value.expression, finder.scope) === finder.context && finder.context !== undefined;
  const declaration = ts.isIdentifier(value) ? symbolOf(value, finder.scope.checker)?.valueDeclaration : undefined;
  const isConstant = ts.isStringLiteralLike(value) || (declaration !== undefined && ((ts.isVariableDeclaration(declaration) && isConst(declaration)) || (ts.isParameter(declaration) && !isAssigned(value, finder.fn))));
  return { range: rangeOf(key), own: isOwnKey, plain: isOwnKey || isConstant, repeatable: onlyNames(key), owns: ownKeysIn(key, finder) };
}

/** Whether a function assigns to a name. */
function isAssigned(name: ts.Expression, fn: ts.Node): boolean {
  const text = name.getText();
  let found = false;
  walk(fn, (node) => {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && node.operatorToken.kind <= ts.SyntaxKind.LastAssignment && node.left.getText() === text) found = true;
    return !found;
  });
  return found;
}

/** Where `ctx.key` stands in an expression. */
function ownKeysIn(key: ts.Expression, finder: SiteFinder): TextRange[] {
  const found: TextRange[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.name.text === "key" && contextAt(node.expression, finder.scope) === finder.context) found.push(rangeOf(node));
    else ts.forEachChild(node, visit);
  };
  visit(key);
  return found;
}

/** Takes note of a constant that holds a client, if all that happens to it are calls of its handlers. */
function keepClient(call: ts.CallExpression, target: CallTarget, finder: SiteFinder): boolean {
  const declaration = call.parent;
  const { key } = target;
  if (!ts.isVariableDeclaration(declaration) || !isConst(declaration) || !ts.isIdentifier(declaration.name)) return false;
  const list = declaration.parent;
  if (!ts.isVariableDeclarationList(list) || !ts.isVariableStatement(list.parent) || !list.declarations.every((other) => isClient(other.initializer, finder))) return false;
  const computed = key !== undefined && !key.plain;
  const symbol = finder.scope.checker.getSymbolAtLocation(declaration.name);
  if (!symbol || (computed && list.declarations.length > 1)) return false;
  // A plain key goes with the statement and is written again at each call.
  if (key && !computed) finder.drop(key.range);
  const { text } = declaration.name;
  let understood = true;
  walk(finder.fn, (node) => {
    if (ts.isIdentifier(node) && node.text === text && node !== declaration.name && symbolOf(node, finder.scope.checker) === symbol && !methodCallOn(node)) understood = false;
  });
  if (!understood) return false;
  finder.keepClient(symbol, target);
  finder.findings.sites.push({
    concept: "client",
    ...finder.sync(call),
    statement: rangeOf(list.parent),
    keyConstant: computed ? { name: rangeOf(declaration.name), as: keyConstant(text, finder), initializer: rangeOf(declaration.initializer ?? call), key: key.range } : undefined,
  });
  return true;
}

/** The constant of a client becomes one of its key. */
function keyConstant(client: string, finder: SiteFinder): string {
  return freeName(finder.fn, [`${client}Key`, `${client}ObjectKey`], `keyOf${client}`);
}

function isClient(value: ts.Expression | undefined, finder: SiteFinder): boolean {
  if (!value || !ts.isCallExpression(value) || !ts.isPropertyAccessExpression(value.expression)) return false;
  return contextAt(value.expression.expression, finder.scope) !== undefined && clientMember(value.expression.name.text) !== undefined;
}

/** What a call through a client reaches. */
export interface CallTarget {
  readonly member: ClientMember;
  readonly definition: string;
  readonly known: KnownDefinition;
  readonly key?: KeyFact;
}

function remoteCall(call: ts.CallExpression, { member, definition, known, key }: CallTarget, finder: SiteFinder): void {
  const access = call.expression as ts.PropertyAccessExpression;
  const handler = access.name.text;
  if (!known.handlers.includes(handler)) return finder.leave("R0142", call, `${handler} of ${definition.split("/").at(-1)}`);
  const args = handlerArguments(call, finder.scope);
  if (args.left !== undefined) return finder.leave("R0129", args.options ?? call, args.left);
  const handle = member.concept === "send" ? sendHandle(call, finder) : undefined;
  const isRun = known.runs === handler;
  if (isRun && (key === undefined || !key.repeatable)) return finder.leave("R0122", call);
  const consumption = member.concept === "call" ? finder.use.promise(call) : handle ? finder.use.value(call) : finder.use.send(call);
  if (consumption.kind === "left") return finder.leave(consumption.code, call);
  // A workflow has one of its own.
  const { idempotencyKey } = args;
  if (idempotencyKey && isRun) return finder.leave("R0129", idempotencyKey, "idempotencyKey");
  // The key is written twice.
  if (isRun && key) finder.drop(key.range);
  const { findings } = finder;
  if (args.input && admitsUndefined(args.input, finder.scope.checker)) findings.remarks.push(remarkAt("R0217", call, subjectOf(args.input)));
  for (const name of args.dropped) findings.remarks.push(remarkAt("R0205", args.options ?? call, name));
  if (idempotencyKey) findings.remarks.push(remarkAt("R0330", idempotencyKey, subjectOf(idempotencyKey)));
  for (const use of handle ?? []) invocationId(use, finder);
  const holder = ts.isIdentifier(access.expression) ? access.expression : undefined;
  findings.sites.push({
    concept: member.concept,
    ...finder.base(consumption),
    head: { start: call.getStart(), end: openParen(call) },
    key: key && { ...key, constant: key.plain || !holder ? undefined : keyConstant(holder.text, finder) },
    argument: args.input && rangeOf(args.input),
    options: args.options && { start: args.input?.end ?? args.options.getStart(), end: args.options.end },
    delay: args.delay,
    idempotencyKey: idempotencyKey && rangeOf(idempotencyKey),
    repeats: ts.findAncestor(call, (node) => (node === finder.fn ? "quit" : ts.isIterationStatement(node, false) || ts.isFunctionLike(node))) !== undefined,
    queuesBesideItself: key !== undefined && known.exclusive.includes(handler) && !variesInClosure(key.range, call, finder),
    definition,
    handler,
  });
}

/** Whether the key of a call is made of what the closure around it declares; so it is where there is no closure. */
function variesInClosure({ start, end }: TextRange, call: ts.CallExpression, finder: SiteFinder): boolean {
  const closure = ts.findAncestor(call.parent, (node) => (node === finder.fn ? "quit" : ts.isFunctionLike(node)));
  if (!closure) return true;
  const { checker } = finder.scope;
  let varies = false;
  walk(finder.fn, (node) => {
    const declaration = ts.isIdentifier(node) && node.getStart() >= start && node.end <= end ? symbolOf(node, checker)?.valueDeclaration : undefined;
    if (declaration && isWithin(declaration, closure)) varies = true;
    return !varies && node.pos < end && node.end > start;
  });
  return varies;
}

/** The places where the id of a sent message is taken: `send(...).invocationId`, or of a constant that holds its handle. */
function sendHandle(call: ts.CallExpression, finder: SiteFinder): ts.PropertyAccessExpression[] | undefined {
  const direct = invocationIdOf(call);
  if (direct) return [direct];
  const declaration = call.parent;
  if (!ts.isVariableDeclaration(declaration) || !isConst(declaration) || !ts.isIdentifier(declaration.name) || declaration.type) return undefined;
  const symbol = finder.scope.checker.getSymbolAtLocation(declaration.name);
  const uses: (ts.PropertyAccessExpression | undefined)[] = [];
  walk(finder.fn, (node) => {
    if (ts.isIdentifier(node) && node !== declaration.name && symbolOf(node, finder.scope.checker) === symbol) uses.push(finder.isOwn(node) ? invocationIdOf(node) : undefined);
  });
  return uses.every((use): use is ts.PropertyAccessExpression => use !== undefined) ? uses : undefined;
}

function invocationIdOf(node: ts.Expression): ts.PropertyAccessExpression | undefined {
  const outer = outOfParens(node);
  const access = outer.parent;
  return ts.isPropertyAccessExpression(access) && access.expression === outer && access.name.text === "invocationId" && !access.questionDotToken ? access : undefined;
}

/** The promise of an id becomes the id: what awaited it waits no more. */
function invocationId(access: ts.PropertyAccessExpression, finder: SiteFinder): void {
  const outer = outOfParens(access);
  const awaited = ts.isAwaitExpression(outer.parent) ? outer.parent : undefined;
  if (awaited) finder.settle(awaited);
  finder.findings.sites.push({ concept: "invocation-id", ...finder.sync(access), member: rangeOf(access.name), keyword: awaited && { start: awaited.getStart(), end: awaited.expression.getStart() } });
}

/** An argument that may be `undefined` by its type. */
function admitsUndefined(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const type = checker.getTypeAtLocation(node);
  return (type.flags & ts.TypeFlags.Undefined) !== 0 || (type.isUnion() && type.types.some((member) => (member.flags & ts.TypeFlags.Undefined) !== 0));
}

function methodCallOn(node: ts.Expression): ts.CallExpression | undefined {
  const outer = outOfParens(node);
  const access = outer.parent;
  return ts.isPropertyAccessExpression(access) && access.expression === outer && !access.questionDotToken && ts.isCallExpression(access.parent) && access.parent.expression === access
    ? access.parent
    : undefined;
}
