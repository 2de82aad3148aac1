import { ts } from "../analysis/compiler.js";
import { subjectOf } from "../analysis/scope.js";
import { enclosingFunction, type FunctionNode, unwrap, walk } from "../analysis/syntax.js";
import { exitsOf } from "./flow.js";
import { operationAt, outermost } from "./operations.js";
import type { ResonateCode } from "./resonate-code.js";
import type { RuleFinding } from "./rule.js";
import { settles } from "./settling.js";

/** Something that was begun in a durable function, and that it can be waited for by. */
interface Begun {
  readonly operation: ts.CallExpression;
  /** `undefined` where nothing keeps the handle. */
  readonly handle: ts.Symbol | undefined;
  /** The variable may hold something else elsewhere, and other conditions may tell which. */
  readonly isAssigned: boolean;
}

/**
 * What the durable functions of a file begin by one of these operations, and do not wait for on a path that leaves them. Silent about
 * a handle that is passed on in any way, since it may be waited for there; about a promise whose id the function itself settles, or
 * hands to its caller in the same invocation; and about requests whose `mode` is set.
 */
export function pendingAtExit(file: ts.SourceFile, operations: ReadonlySet<string>, code: ResonateCode): RuleFinding[] {
  const found: RuleFinding[] = [];
  walk(file, (node) => {
    if (!code.isDurable(node) || !node.body || !mentions(node.body, operations)) return;
    for (const [begun, exit] of pendingIn(node, operations, code)) found.push({ node: begun.operation, subject: `${subjectOf(begun.operation)}, where ${left(exit, node)}` });
  });
  return found;
}

function mentions(body: ts.Node, operations: ReadonlySet<string>): boolean {
  const text = body.getText();
  return [...operations].some((name) => text.includes(name));
}

function left(exit: ts.Node, fn: FunctionNode): string {
  if (exit === fn) return "the function ends";
  const line = exit.getSourceFile().getLineAndCharacterOfPosition(exit.getStart()).line + 1;
  return `line ${line} ${ts.isThrowStatement(exit) ? "throws" : "returns"}`;
}

/** What is begun in a function, and the first exit where it may be pending. */
function pendingIn(fn: FunctionNode, operations: ReadonlySet<string>, code: ResonateCode): Map<Begun, ts.Node> {
  const known = new Map<ts.Node, Begun>();
  const awaited = new Set<Begun>();
  const exits = exitsOf<Begun>(fn, (node, facts) => {
    for (const begun of [...facts]) {
      if (!begun.handle || !usesIn(node, begun.handle, code).some((use) => !isMention(use, fn, code))) continue;
      facts.delete(begun);
      awaited.add(begun);
    }
    // The task is given back: nothing after it runs in this pass.
    if (isPanic(node, code)) facts.clear();
    const begun = known.get(node) ?? begunAt(node, operations, code);
    if (!begun || isUsedEarlier(begun, fn, code)) return;
    known.set(node, begun);
    facts.add(begun);
  });
  const pending = new Map<Begun, ts.Node>();
  for (const { node, facts } of exits) {
    for (const begun of facts) if (!pending.has(begun) && !(begun.isAssigned && awaited.has(begun))) pending.set(begun, node);
  }
  return pending;
}

/** True where a function that exists before the handle does may wait for it: one that is declared, or made further up. */
function isUsedEarlier({ handle, operation }: Begun, fn: FunctionNode, code: ResonateCode): boolean {
  let found = false;
  walk(fn, (node) => {
    const exists = ts.isFunctionLike(node) && (ts.isFunctionDeclaration(node) || node.pos < operation.pos);
    found ||= exists && handle !== undefined && usesIn(node, handle, code).some((use) => !isMention(use, fn, code));
    return !found;
  });
  return found;
}

/** `yield* ctx.promise()` as a statement, or as the value of a variable, perhaps by way of a variable for the request. */
function begunAt(node: ts.Node, operations: ReadonlySet<string>, code: ResonateCode): Begun | undefined {
  if (ts.isExpressionStatement(node.parent) && ts.isYieldExpression(node)) return begunBy(node, undefined, false, operations, code);
  if (ts.isVariableDeclaration(node) && node.initializer) {
    const { name } = node;
    if (ts.isIdentifier(name)) return begunBy(node.initializer, code.symbolOf(name), false, operations, code);
    return takesIdOnly(name) ? begunBy(node.initializer, undefined, false, operations, code) : undefined;
  }
  const assigned = ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isIdentifier(node.left) ? node.left : undefined;
  return assigned && begunBy((node as ts.BinaryExpression).right, code.symbolOf(assigned), true, operations, code);
}

function begunBy(value: ts.Expression, handle: ts.Symbol | undefined, isAssigned: boolean, operations: ReadonlySet<string>, code: ResonateCode): Begun | undefined {
  const yielded = unwrap(value);
  if (!ts.isYieldExpression(yielded) || !yielded.expression) return undefined;
  const operation = requested(unwrap(yielded.expression), operations, code);
  return operation && { operation, handle, isAssigned };
}

/** The call that makes a request; behind a constant that is only yielded, so that nothing can have changed its mode. */
function requested(expression: ts.Expression, operations: ReadonlySet<string>, code: ResonateCode): ts.CallExpression | undefined {
  const operation = operationAt(expression, code);
  if (operation) return operations.has(operation.name) ? operation.call : undefined;
  const symbol = ts.isIdentifier(expression) ? code.symbolOf(expression) : undefined;
  const declaration = symbol?.valueDeclaration;
  if (!symbol || !declaration || !ts.isVariableDeclaration(declaration) || !declaration.initializer) return undefined;
  const fn = enclosingFunction(expression);
  const isOnlyYielded = fn === enclosingFunction(declaration) && fn !== undefined && usesIn(fn, symbol, code).length === 1;
  return isOnlyYielded ? requested(unwrap(declaration.initializer), operations, code) : undefined;
}

/** `const { id } = ...` drops the handle. */
function takesIdOnly(name: ts.BindingPattern): boolean {
  return ts.isObjectBindingPattern(name) && name.elements.every((element) => !element.dotDotDotToken && (element.propertyName ?? element.name).getText() === "id");
}

/** Where a name is used in a node: the node itself, if it is an identifier; all of a function that the node is. */
function usesIn(node: ts.Node, symbol: ts.Symbol, code: ResonateCode): ts.Identifier[] {
  const uses: ts.Identifier[] = [];
  const look = (inner: ts.Node): void => {
    if (ts.isIdentifier(inner) && inner.text === symbol.name && !isDeclared(inner) && code.symbolOf(inner) === symbol) uses.push(inner);
  };
  look(node);
  if (ts.isFunctionLike(node) || ts.isClassLike(node)) walk(node, look);
  return uses;
}

/** The name that a variable is declared by. */
function isDeclared(name: ts.Identifier): boolean {
  return (ts.isVariableDeclaration(name.parent) || ts.isBindingElement(name.parent)) && name.parent.name === name;
}

/** True for a use that leaves a promise as pending as it is: its id is read, or its variable written. */
function isMention(use: ts.Identifier, fn: FunctionNode, code: ResonateCode): boolean {
  const outer = outermost(use);
  const { parent } = outer;
  if (ts.isBinaryExpression(parent)) return parent.left === outer && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken;
  if (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name)) return takesIdOnly(parent.name) && !parent.name.elements.some(({ name }) => isIdHandled(name, fn, code));
  return ts.isPropertyAccessExpression(parent) && parent.name.text === "id" && !isIdUsedUp(parent, fn, code);
}

/** True where a promise is settled by its id, or the id goes to code that may still do so in the same invocation. */
function isIdUsedUp(id: ts.Expression, fn: FunctionNode, code: ResonateCode): boolean {
  for (let node: ts.Node = id; node !== fn; node = node.parent) {
    if (ts.isCallExpression(node.parent) && settles(node.parent, code)) return true;
    if (ts.isReturnStatement(node) && enclosingFunction(node) === fn) return code.isDelegatedTo(fn);
  }
  const { parent } = outermost(id);
  return ts.isVariableDeclaration(parent) && isIdHandled(parent.name, fn, code);
}

/** The same for what is done with a variable that holds the id. */
function isIdHandled(name: ts.BindingName, fn: FunctionNode, code: ResonateCode): boolean {
  const symbol = ts.isIdentifier(name) ? code.checker.getSymbolAtLocation(name) : undefined;
  return symbol !== undefined && usesIn(fn, symbol, code).some((use) => isIdUsedUp(use, fn, code));
}

function isPanic(node: ts.Node, code: ResonateCode): boolean {
  if (!ts.isYieldExpression(node) || !node.expression) return false;
  const operation = operationAt(unwrap(node.expression), code);
  return operation?.name === "panic" && operation.call.arguments[0]?.kind === ts.SyntaxKind.TrueKeyword;
}
