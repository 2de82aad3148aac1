import type { Mentions } from "./accounting.js";
import { ts } from "./compiler.js";
import type { ErrorUseFact } from "./model.js";
import { type Scope, idOf, leftAt, subjectOf } from "./scope.js";
import { type FunctionNode, isFunctionNode, rangeOf } from "./syntax.js";
import { createThrowers } from "./throwers.js";
import type { Work } from "./work.js";

/** Restate's error classes that a support module has as well. */
const classes: ReadonlySet<string> = new Set<ErrorUseFact["name"]>(["TerminalError", "RetryableError", "TimeoutError", "CancelledError"]);

/** Where error classes are used, and which code goes with which because errors pass between them. */
export interface ErrorUses {
  readonly uses: readonly ErrorUseFact[];
  /** Pairs of ids that go together. */
  readonly links: readonly (readonly [string, string])[];
}

/**
 * Finds the uses of Restate's error classes. Those in a durable function go with it. Those in other code go with every durable
 * function that mentions that code, directly or through more code: an error thrown there is caught here.
 */
export function errorUses(work: Work, mentions: Mentions): ErrorUses {
  const found = work.references.flatMap(({ node, name }) => {
    const use = useOf(node, name);
    const owner = use && ownerOf(node, work);
    return use && owner ? [{ node, owner, use: { ...use, owner: idOf(owner) } }] : [];
  });
  const statements = new Set(found.flatMap(({ owner }) => (isOther(owner, work) ? [owner] : [])));
  const links = [...spread(statements, work, mentions), ...unresolvedCalls(work, statements)];
  const reached = reachedBy([...work.findings.keys()].map(idOf), links);
  const uses = found.map(({ node, use }): ErrorUseFact => {
    work.scope.consumed.add(node);
    return reached.has(use.owner) ? use : { ...use, stray: leftAt("R0131", node, subjectOf(ts.isNewExpression(node.parent) ? node.parent : node)) };
  });
  return { uses, links };
}

/** Code at the top of a module that is no durable function. */
function isOther(owner: FunctionNode | ts.Statement, work: Work): owner is ts.Statement {
  return !(isFunctionNode(owner) && work.findings.has(owner));
}

function useOf(node: ts.Node, name: string | undefined): Omit<ErrorUseFact, "owner"> | undefined {
  const [base, member] = (name ?? "").split(".");
  if (base === undefined || !isClassName(base) || (member !== undefined && member !== "from")) return undefined;
  const named = member !== undefined && ts.isPropertyAccessExpression(node) ? node.expression : node;
  return { file: node.getSourceFile().fileName, range: rangeOf(named), name: base, tested: isTested(node) };
}

function isClassName(name: string): name is ErrorUseFact["name"] {
  return classes.has(name);
}

/** The durable function around a node, else the statement at the top of its module. */
function ownerOf(node: ts.Node, work: Work): FunctionNode | ts.Statement | undefined {
  return (
    ts.findAncestor(node, (ancestor): ancestor is FunctionNode => isFunctionNode(ancestor) && work.findings.has(ancestor)) ??
    ts.findAncestor(node, (ancestor): ancestor is ts.Statement => ts.isStatement(ancestor) && ts.isSourceFile(ancestor.parent))
  );
}

/** Follows what a statement declares to wherever it is mentioned. */
function spread(statements: Set<ts.Statement>, work: Work, mentions: Mentions): (readonly [string, string])[] {
  const links: (readonly [string, string])[] = [];
  const open = [...statements];
  for (let statement = open.pop(); statement; statement = open.pop()) {
    for (const name of declaredNames(statement)) {
      for (const mention of mentions.of(name, work.scope.checker.getSymbolAtLocation(name))) {
        const owner = ownerOf(mention, work);
        if (!owner || owner === statement || isTypeOnly(mention)) continue;
        links.push([idOf(statement), idOf(owner)]);
        if (!isOther(owner, work) || statements.has(owner) || ts.isImportDeclaration(owner) || ts.isExportDeclaration(owner)) continue;
        statements.add(owner);
        open.push(owner);
      }
    }
  }
  return links;
}

function declaredNames(statement: ts.Statement): ts.Identifier[] {
  if ((ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name) return [statement.name];
  return ts.isVariableStatement(statement) ? statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name] : name.elements.flatMap((element) => (ts.isBindingElement(element) && ts.isIdentifier(element.name) ? [element.name] : [])))) : [];
}

function isTypeOnly(node: ts.Node): boolean {
  return ts.isTypeReferenceNode(node.parent) || ts.isTypeQueryNode(node.parent) || ts.isImportTypeNode(node.parent);
}

/** Calls of methods whose body cannot be told: they go with all code that has such a method and an error class in it. */
function unresolvedCalls(work: Work, statements: ReadonlySet<ts.Statement>): (readonly [string, string])[] {
  const throwers = createThrowers(errorMentions(work), work.scope, {});
  const links: (readonly [string, string])[] = [];
  for (const fn of work.findings.keys()) {
    for (const owner of throwers.ownersOf(fn)) {
      const statement = ts.findAncestor(owner, (ancestor): ancestor is ts.Statement => ts.isStatement(ancestor) && ts.isSourceFile(ancestor.parent));
      if (statement && statements.has(statement)) links.push([idOf(fn), idOf(statement)]);
    }
  }
  return links;
}

/** Where an error class is named so that an error may come of it: not where an error is only tested. */
export function errorMentions(work: Work, wanted: (name: string) => boolean = isClassName): ts.Node[] {
  return work.references.flatMap(({ node, name }) => (wanted(name?.split(".")[0] ?? "") && !isTested(node) ? [node] : []));
}

/** The classes whose errors end a step and an invocation. */
export function isTerminalClass(name: string): boolean {
  return name === "TerminalError" || name === "TimeoutError" || name === "CancelledError";
}

function isTested(node: ts.Node): boolean {
  return (ts.isBinaryExpression(node.parent) && node.parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) || (ts.isTypeNode(node.parent) && !ts.isExpressionWithTypeArguments(node.parent));
}

/** The ids that lead to a durable function by links. */
function reachedBy(durable: Iterable<string>, links: readonly (readonly [string, string])[]): Set<string> {
  const neighbours = new Map<string, string[]>();
  for (const [a, b] of links) {
    for (const [from, to] of [[a, b], [b, a]] as const) (neighbours.get(from) ?? neighbours.set(from, []).get(from))?.push(to);
  }
  const reached = new Set(durable);
  const open = [...reached];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const other of neighbours.get(id) ?? []) {
      if (reached.has(other)) continue;
      reached.add(other);
      open.push(other);
    }
  }
  return reached;
}

/** Whether an expression gives a terminal error of Restate's, or one of a class derived from it. Errors of the language's own are told by their name. */
export function isTerminalError(error: ts.Expression, scope: Scope): boolean {
  const { checker, compiled } = scope;
  const named = ts.isNewExpression(error) && ts.isIdentifier(error.expression) ? checker.getSymbolAtLocation(error.expression) : undefined;
  if (named?.declarations?.every((declaration) => compiled.isLibrary(declaration.getSourceFile()))) return false;
  return isTerminalType(checker.getTypeAtLocation(error), scope);
}

/** Whether a type is a terminal error of Restate's, or a class derived from it. */
export function isTerminalType(type: ts.Type, scope: Scope): boolean {
  const symbol = type.getSymbol();
  const name = symbol && scope.sdk.nameOfSymbol(symbol);
  if (name !== undefined && isTerminalClass(name)) return true;
  return type.isClassOrInterface() && (scope.checker.getBaseTypes(type) ?? []).some((base) => isTerminalType(base, scope));
}
