import type { Binding } from "./bindings.js";
import { stubOf } from "./clients.js";
import { ts } from "./compiler.js";
import type { Definition } from "./definitions.js";
import type { DefinitionUseFact } from "./definition-model.js";
import type { LeftFact } from "./said-model.js";
import type { FileScan } from "./scan.js";
import { type Scope, leftAt, subjectOf, symbolOf } from "./scope.js";
import { definitionsOf, readsNames, type ServiceList, withSpread } from "./service-lists.js";
import { type FunctionNode, rangeOf, walk } from "./syntax.js";

/** Where names are mentioned, across files. */
export interface Mentions {
  /** A place where a whole module is taken in a way that its names cannot be followed: spread, destructured, handed on, imported dynamically. */
  whole(path: string): ts.Node | undefined;
  /** Every identifier that refers to what a declaration declares, in its own file and in importing files; specifiers are not among them. */
  /** Names in export lists that stand for a symbol. */
  exportsOf(symbol: ts.Symbol | undefined): readonly ts.ExportSpecifier[];
  of(name: ts.Identifier | undefined, symbol: ts.Symbol | undefined): readonly ts.Identifier[];
}

/** Indexes the imports of all files by what they lead to. */
export function indexMentions(scans: ReadonlyMap<string, FileScan>, bindings: ReadonlyMap<string, readonly Binding[]>, scope: Scope): Mentions {
  const importers = new Map<ts.Symbol, Binding[]>();
  const exported = new Map<ts.Symbol, ts.ExportSpecifier[]>();
  const namespaces: ts.Identifier[] = [];
  for (const binding of [...bindings.values()].flat()) {
    const symbol = symbolOf(binding.name, scope.checker);
    const specifier = binding.name.parent;
    if (symbol && ts.isExportSpecifier(specifier)) exported.set(symbol, [...(exported.get(symbol) ?? []), specifier]);
    else if (symbol && binding.fact.form !== "reexport") importers.set(symbol, [...(importers.get(symbol) ?? []), binding]);
    if (binding.fact.form === "namespace" || binding.fact.form === "require" || binding.fact.form === "equals") namespaces.push(...binding.nodes);
  }
  const members = new Map<ts.Symbol, ts.Identifier[]>();
  const wholes = wholeModules(scans, bindings, scope);
  for (const node of namespaces) {
    const access = node.parent;
    const name = ts.isPropertyAccessExpression(access) && access.expression === node ? access.name : ts.isQualifiedName(access) && access.left === node ? access.right : undefined;
    const symbol = name && ts.isIdentifier(name) ? symbolOf(name, scope.checker) : undefined;
    if (symbol && name && ts.isIdentifier(name)) members.set(symbol, [...(members.get(symbol) ?? []), name]);
  }
  return {
    whole: (path) => wholes.get(path),
    exportsOf: (symbol) => (symbol && exported.get(symbol)) ?? [],
    of: (name, symbol) => {
      if (!symbol) return [];
      const scan = name && scans.get(name.getSourceFile().fileName);
      const own = (name && scan?.references.get(name.text)) ?? [];
      const local = name && (scan?.declared.get(name.text) ?? 0) > 1 ? own.filter((node) => symbolOf(node, scope.checker) === symbol) : own;
      return [...local, ...(importers.get(symbol) ?? []).flatMap((binding) => binding.nodes), ...(members.get(symbol) ?? [])];
    },
  };
}

/** Modules that are used as values, or imported in the middle of an expression, with the place; barrels pass it on to what they export. */
function wholeModules(scans: ReadonlyMap<string, FileScan>, bindings: ReadonlyMap<string, readonly Binding[]>, scope: Scope): Map<string, ts.Node> {
  const found = new Map<string, ts.Node>();
  const add = (path: string | undefined, node: ts.Node): void => {
    if (path === undefined || found.has(path)) return;
    found.set(path, node);
    for (const statement of scans.get(path)?.file.statements ?? []) {
      if (ts.isExportDeclaration(statement) && statement.moduleSpecifier && ts.isStringLiteral(statement.moduleSpecifier)) add(scope.project.resolve(statement.moduleSpecifier.text, path), node);
    }
  };
  for (const { fact, nodes } of [...bindings.values()].flat()) {
    if (fact.form !== "namespace" && fact.form !== "require" && fact.form !== "equals") continue;
    const stray = nodes.find((node) => !isMemberAccess(node));
    if (stray) add(fact.resolved, stray);
  }
  for (const [path, { file }] of scans) {
    if (!/\b(import|require)\s*\(|export\s*\*\s*as\b/.test(file.text)) continue;
    const known = new Set((bindings.get(path) ?? []).map(({ fact }) => fact.declaration.start));
    walk(file, (node) => {
      if (ts.isVariableStatement(node) && known.has(node.getStart())) return false;
      if (ts.isExportDeclaration(node) && node.exportClause && ts.isNamespaceExport(node.exportClause) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) add(scope.project.resolve(node.moduleSpecifier.text, path), node);
      const [argument] = ts.isCallExpression(node) && (node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === "require") ? node.arguments : [];
      if (argument && ts.isStringLiteral(argument)) add(scope.project.resolve(argument.text, path), node);
      return true;
    });
  }
  return found;
}

function isMemberAccess(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isQualifiedName(parent)) return parent.left === node;
  return ts.isPropertyAccessExpression(parent) && parent.expression === node;
}

export interface Accounted {
  readonly uses: DefinitionUseFact[];
  readonly left: { readonly definition: string; readonly fact: LeftFact }[];
}

/** Accounts for every mention of the definitions: each either goes away with what a transform rewrites, or keeps the definition on Restate. */
export function accountForDefinitions(definitions: readonly Definition[], lists: readonly ServiceList[], bindings: ReadonlyMap<string, readonly Binding[]>, rewritten: ReadonlySet<ts.Node>, mentions: Mentions, scope: Scope): Accounted {
  const result: Accounted = { uses: [], left: [] };
  const named = new Set<string>();
  for (const { fact, name } of [...bindings.values()].flat()) {
    const specifier = name.parent;
    if (fact.form !== "reexport" || fact.definition === undefined || !ts.isExportSpecifier(specifier)) continue;
    // A second name for the same definition in one list would export the same functions twice.
    const key = `${specifier.getSourceFile().fileName}#${fact.declaration.start}#${fact.definition}`;
    useSpecifier(specifier, fact.definition, fact.module === "" || named.has(key), result);
    named.add(key);
  }
  for (const definition of definitions) {
    const whole = mentions.whole(definition.fact.file);
    if (whole && definition.fact.exported) result.left.push({ definition: definition.fact.id, fact: leftAt("R0106", whole, subjectOf(whole)) });
    for (const node of mentions.of(nameOf(definition), definition.symbol)) account(node, definition.fact.id, rewritten, mentions, scope, result);
  }
  accountForLists(lists, rewritten, mentions, scope, result);
  return { ...result, uses: result.uses.map((use) => withTypes(use, definitions, result.uses)) };
}

/** Lists that endpoints share go away with what they list; where their names are read as well, the names stay. */
function accountForLists(shared: readonly ServiceList[], rewritten: ReadonlySet<ts.Node>, mentions: Mentions, scope: Scope, result: Accounted): void {
  const named = new Set<ts.Symbol>();
  const others = (list: ServiceList): ts.Identifier[] => mentions.of(list.name, list.symbol).filter((mention) => !rewritten.has(mention));
  const lists = new Map(shared.flatMap(withSpread).map((list) => [list.symbol, list]));
  for (const list of lists.values()) {
    const reads = typeOf(list) ? [] : others(list);
    if (reads.length > 0 && reads.every((mention) => readsNames(mention, scope))) for (const inner of withSpread(list)) named.add(inner.symbol);
  }
  for (const list of lists.values()) {
    const [first] = definitionsOf(list);
    if (first === undefined) continue;
    const file = list.name.getSourceFile().fileName;
    const annotation = typeOf(list);
    if (named.has(list.symbol)) {
      for (const { definition, node } of list.elements) result.uses.push({ file, definition, range: rangeOf(node), kind: "named" });
      continue;
    }
    // Restate's types in its annotation go with it.
    if (annotation) walk(annotation.parent, (node) => void scope.consumed.add(node));
    result.uses.push({ file, definition: first, range: rangeOf(list.statement), kind: "statement" });
    forget(list.name, first, scope);
    for (const specifier of mentions.exportsOf(list.symbol)) useSpecifier(specifier, first, true, result);
    for (const mention of others(list)) account(mention, first, rewritten, mentions, scope, result);
  }
}

/** The type that is written for a list. */
function typeOf(list: ServiceList): ts.TypeNode | undefined {
  return list.statement.declarationList.declarations[0]?.type;
}

/** A barrel that passes on only the type of a definition passes on the types of its functions: callers elsewhere name these. */
function withTypes(use: DefinitionUseFact, definitions: readonly Definition[], uses: readonly DefinitionUseFact[]): DefinitionUseFact {
  if (use.alias === undefined || !use.list) return use;
  const definition = definitions.find(({ fact }) => fact.id === use.definition)?.fact;
  const passedOn = uses.some((other) => other !== use && other.kind === "specifier" && other.file === use.file && other.definition === use.definition && (!other.list || other.range.start < use.range.start));
  return definition?.handlers.every((handler) => handler.place === "inline") && !passedOn ? { ...use, list: undefined } : use;
}

/** A name in an export list that goes away, or gives its place to the functions' names. */
function useSpecifier(specifier: ts.ExportSpecifier, definition: string, removed: boolean, result: Accounted, alias?: DefinitionUseFact["alias"]): void {
  const list = removed ? { range: rangeOf(specifier.parent.parent), names: specifier.parent.elements.length } : undefined;
  const file = specifier.getSourceFile().fileName;
  if (result.uses.some((use) => use.file === file && use.range.start === specifier.getStart())) return;
  result.uses.push({ file, definition, range: rangeOf(specifier), kind: "specifier", list, alias });
}

/** How a specifier passes on the type of a definition out of the module where the definition and its type stand. */
function passesTypeOn(specifier: ts.ExportSpecifier, home: string, scope: Scope): DefinitionUseFact["alias"] {
  const module = specifier.parent.parent.moduleSpecifier;
  if (!module || !ts.isStringLiteral(module) || scope.project.resolve(module.text, specifier.getSourceFile().fileName) !== home) return undefined;
  return specifier.isTypeOnly ? "inline" : "list";
}

/** A default or CommonJS export has no name of its own in its file: only importers mention it. */
function nameOf(definition: Definition): ts.Identifier | undefined {
  const declaration = definition.symbol?.valueDeclaration ?? definition.symbol?.declarations?.[0];
  return declaration && ts.isVariableDeclaration(declaration) && ts.isIdentifier(declaration.name) ? declaration.name : undefined;
}

function account(node: ts.Identifier, definition: string, rewritten: ReadonlySet<ts.Node>, mentions: Mentions, scope: Scope, result: Accounted): void {
  if (rewritten.has(node) || node.parent === undefined) return;
  const file = node.getSourceFile().fileName;
  const isKnown = (statement: ts.Node): boolean => result.uses.some((other) => other.file === file && other.range.start === statement.getStart());
  const use = (statement: ts.Node, kind: DefinitionUseFact["kind"]): void => {
    if (!isKnown(statement)) result.uses.push({ file, definition, range: rangeOf(statement), kind });
  };
  const parent = node.parent;
  if (ts.isExportSpecifier(parent)) return; // among the bindings
  const whole = ts.isPropertyAccessExpression(parent) && parent.name === node ? parent : node;
  if (ts.isPropertyAccessExpression(whole.parent) && whole.parent.expression === whole && whole.parent.name.text === "name") return use(whole.parent, "name");
  if (ts.isExportAssignment(parent)) return use(parent, "statement");
  if (isCommonJsMember(parent)) return use(parent, "property");
  if (isCommonJsAssignment(parent, node)) return use(parent.parent, "statement");
  const holder = ts.isTypeQueryNode(parent) ? parent.parent : ts.isTypeReferenceNode(parent) ? parent.parent : undefined;
  if (holder && ts.isTypeAliasDeclaration(holder) && !holder.typeParameters) {
    if (isKnown(holder)) return;
    use(holder, "statement");
    forget(holder.name, definition, scope);
    for (const specifier of mentions.exportsOf(scope.checker.getSymbolAtLocation(holder.name))) useSpecifier(specifier, definition, true, result, passesTypeOn(specifier, file, scope));
    for (const mention of mentions.of(holder.name, scope.checker.getSymbolAtLocation(holder.name))) account(mention, definition, rewritten, mentions, scope, result);
    return;
  }
  const symbol = holder && ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name) ? scope.checker.getSymbolAtLocation(holder.name) : undefined;
  if (holder && symbol && ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name) && stubOf(symbol) && ts.isVariableStatement(holder.parent.parent)) {
    // `const Greeter: Greeter = ...`: its own annotation mentions the name.
    if (isKnown(holder.parent.parent)) return;
    use(holder.parent.parent, "statement");
    forget(holder.name, definition, scope);
    for (const mention of mentions.of(holder.name, symbol)) account(mention, definition, rewritten, mentions, scope, result);
    return;
  }
  result.left.push({ definition, fact: leftAt("R0106", node, subjectOf(parent)) });
}

/** A name that goes away with a definition: so do the imports of it. */
function forget(name: ts.Identifier, definition: string, scope: Scope): void {
  const symbol = scope.checker.getSymbolAtLocation(name);
  if (symbol) scope.definitionsBySymbol.set(symbol, definition);
}

/** A member of `module.exports = { ... }`. */
function isCommonJsMember(parent: ts.Node): boolean {
  if (!ts.isShorthandPropertyAssignment(parent) && !ts.isPropertyAssignment(parent)) return false;
  const assignment = parent.parent.parent;
  return ts.isBinaryExpression(assignment) && assignment.left.getText() === "module.exports";
}

function isCommonJsAssignment(parent: ts.Node, node: ts.Node): boolean {
  return ts.isBinaryExpression(parent) && parent.right === node && ts.isExpressionStatement(parent.parent) && /^(module\.)?exports(\.|$)/.test(parent.left.getText());
}

/** Mentions of a function that takes a context which are neither calls that become `yield*` nor imports and exports. */
export function strayMentions(fn: FunctionNode, rewritten: ReadonlySet<ts.Node>, mentions: Mentions, scope: Scope): readonly ts.Identifier[] {
  const name = declaredName(fn);
  if (!name) return [];
  return mentions.of(name, scope.checker.getSymbolAtLocation(name)).filter((node) => !rewritten.has(node) && !isExport(node));
}

/** How often a function is mentioned other than by imports and exports. */
export function countMentions(fn: FunctionNode, mentions: Mentions, scope: Scope): number {
  const name = declaredName(fn);
  return name ? mentions.of(name, scope.checker.getSymbolAtLocation(name)).filter((node) => !isExport(node)).length : 0;
}

/** The name under which other code in scope reaches a function: its own, or that of the constant that holds it or its object. */
export function declaredName(fn: FunctionNode): ts.Identifier | undefined {
  if (ts.isFunctionDeclaration(fn)) return fn.name;
  const holder = ts.isVariableDeclaration(fn.parent) ? fn.parent : undefined;
  return holder && ts.isIdentifier(holder.name) ? holder.name : undefined;
}

function isExport(node: ts.Identifier): boolean {
  return ts.isExportSpecifier(node.parent) || ts.isExportAssignment(node.parent) || isCommonJsMember(node.parent) || isCommonJsAssignment(node.parent, node);
}
