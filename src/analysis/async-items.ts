import { ts } from "./compiler.js";
import { isPlainValue } from "./handles.js";
import { freeName } from "./moving.js";
import { type Scope, functionNamed, subjectOf } from "./scope.js";
import type { ForAwaitSite } from "./site-model.js";
import type { SiteFinder } from "./sites.js";
import { type FunctionNode, enclosingFunction, isFunctionNode, modifier, outOfParens, rangeOf, tokenAfter, unwrap, walk } from "./syntax.js";

/** An async generator function: what it yields are items for whoever takes them. */
export function isAsyncGenerator(fn: ts.Node): fn is FunctionNode {
  return isFunctionNode(fn) && fn.asteriskToken !== undefined && modifier(fn, ts.SyntaxKind.AsyncKeyword) !== undefined;
}

/** The durable async generator function that a call runs. */
export function itemsCallee(node: ts.Expression, scope: Scope): FunctionNode | undefined {
  const call = unwrap(node);
  if (!ts.isCallExpression(call)) return undefined;
  const named = functionNamed(call.expression, scope);
  if (named && isAsyncGenerator(named) && scope.contextFunctions.has(named)) return named;
  return scope.colours?.targetsOf(call).find(isAsyncGenerator);
}

/** Whether a call of such a function stands where its items are taken: `for await (... of pages(ctx))`, `yield* pages(ctx)`. */
export function isTaken(call: ts.CallExpression): boolean {
  const outer = outOfParens(call);
  const { parent } = outer;
  if (ts.isForOfStatement(parent)) return parent.awaitModifier !== undefined && parent.expression === outer;
  const giver = ts.isYieldExpression(parent) && parent.asteriskToken ? enclosingFunction(parent) : undefined;
  return giver !== undefined && isAsyncGenerator(giver);
}

/** `for await`: over the items of a durable generator, over durable promises, over plain values. */
export function findForAwait(loop: ts.ForOfStatement, finder: SiteFinder): void {
  const kind = kindOf(loop.expression, finder);
  const giver = kind === "items" ? itemsCallee(loop.expression, finder.scope) : undefined;
  const closes = giver !== undefined && hasFinally(giver, finder.scope, new Set());
  const assigned = assignedText(loop.initializer);
  const isFree = assigned !== undefined && !declaresAgain(loop) && (!closes || isInList(loop));
  if (!kind || !isFree || !loop.awaitModifier) return finder.leave("R0134", loop.expression, "for await");
  finder.findings.sites.push({
    concept: "for-await",
    ...finder.sync(loop.expression),
    kind,
    head: { start: loop.awaitModifier.getStart(), end: loop.expression.getStart() },
    keyword: { start: loop.awaitModifier.getStart(), end: tokenAfter(loop.awaitModifier.end, loop.getSourceFile()) },
    item: assigned,
    name: nameFor(kind, finder),
    ...(closes ? { closes: loop.getStart() } : {}),
    body: rangeOf(loop.statement),
    block: ts.isBlock(loop.statement),
  });
}

function kindOf(source: ts.Expression, finder: SiteFinder): ForAwaitSite["kind"] | undefined {
  if (itemsCallee(source, finder.scope)) return "items";
  const { checker } = finder.scope;
  const list = unwrap(source);
  const elements = ts.isArrayLiteralExpression(list) ? list.elements : [];
  const isLiteral = elements.length > 0 && elements.every((element) => !ts.isSpreadElement(element) && (finder.handles.isHandle(element) || finder.handles.mayBegin(unwrap(element))));
  if (isLiteral) return "promises";
  const element = checker.getIndexTypeOfType(checker.getTypeAtLocation(source), ts.IndexKind.Number);
  if (finder.handles.isList(source)) return element && mayBePlain(element) ? undefined : "promises";
  return element && isPlainType(element) ? "values" : undefined;
}

function mayBePlain(type: ts.Type): boolean {
  return (type.isUnion() ? type.types : [type]).some((one) => one.getProperty("then") === undefined);
}

function isPlainType(type: ts.Type): boolean {
  return (type.isUnion() ? type.types : [type]).every((one) => (one.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.TypeParameter)) === 0 && one.getProperty("then") === undefined);
}

/** A free name, which no other loop of the function has in the same block. */
function nameFor(kind: ForAwaitSite["kind"], { fn, findings }: SiteFinder): string {
  const taken = findings.sites.flatMap((site) => (site.concept === "for-await" && site.closes !== undefined ? [site.name] : []));
  const names = kind === "items" ? ["items", "given", "taken"] : ["promise", "handle", "begun"];
  return freeName(fn, names.filter((name) => !taken.includes(name)), `durableItems${taken.length}`);
}

/** A statement among others: a declaration can stand before it. */
function isInList({ parent }: ts.Statement): boolean {
  return ts.isBlock(parent) || ts.isCaseOrDefaultClause(parent);
}

/** Whether ending a generator early runs code of it, or of one whose items it gives on: a `finally` around something that is yielded. */
function hasFinally(giver: FunctionNode, scope: Scope, seen: Set<ts.Node>): boolean {
  if (seen.has(giver)) return false;
  seen.add(giver);
  let found = false;
  walk(giver, (node) => {
    if (isFunctionNode(node)) return false;
    if (!ts.isYieldExpression(node)) return !found;
    const ends = (source: ts.Expression): boolean => {
      const inner = itemsCallee(source, scope);
      return inner !== undefined && hasFinally(inner, scope, seen);
    };
    const isAround = (ancestor: ts.Node): boolean => (ts.isTryStatement(ancestor) ? ancestor.finallyBlock !== undefined : ts.isForOfStatement(ancestor) && ends(ancestor.expression));
    const around = ts.findAncestor(node, (ancestor) => (ancestor === giver ? "quit" : isAround(ancestor)));
    if (around || (node.asteriskToken && node.expression && ends(node.expression))) found = true;
    return !found;
  });
  return found;
}

/** What an item is given to, as it is written: `const page`, `page`. */
function assignedText(initializer: ts.ForInitializer): string | undefined {
  const isPattern = ts.isObjectLiteralExpression(initializer) || ts.isArrayLiteralExpression(initializer);
  const isUsing = ts.isVariableDeclarationList(initializer) && (initializer.flags & ts.NodeFlags.Using) === ts.NodeFlags.Using;
  return isPattern || isUsing ? undefined : initializer.getText();
}

/** Whether the body declares a name again that the head declares: both would stand in one block. */
function declaresAgain({ initializer, statement }: ts.ForOfStatement): boolean {
  // The binder keeps the names of a scope on its node; not part of the public type.
  const locals = (statement as ts.Node & { readonly locals?: ReadonlyMap<string, unknown> }).locals;
  if (!locals || !ts.isVariableDeclarationList(initializer)) return false;
  let again = false;
  walk(initializer, (node) => {
    if (ts.isIdentifier(node) && locals.has(node.text)) again = true;
  });
  return again;
}

/** `yield` in a durable async generator: an item, or those of something else. */
export function findYield(node: ts.YieldExpression, finder: SiteFinder): void {
  const giver = enclosingFunction(node);
  if (!giver || !isAsyncGenerator(giver)) return;
  const { expression, asteriskToken } = node;
  const isDelegated = asteriskToken !== undefined && expression !== undefined;
  if (isDelegated && itemsCallee(expression, finder.scope)) return;
  const element = isDelegated ? finder.scope.checker.getIndexTypeOfType(finder.scope.checker.getTypeAtLocation(expression), ts.IndexKind.Number) : undefined;
  if (isDelegated && !(element && isPlainType(element) && isPlainValue(expression, finder.scope.checker))) return finder.leave("R0134", node, subjectOf(node));
  finder.findings.sites.push({ concept: "item", ...finder.sync(node), keyword: { start: node.getStart(), end: expression?.getStart() ?? node.end }, hasValue: expression !== undefined, all: isDelegated });
}
