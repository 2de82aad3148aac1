import { ts } from "./compiler.js";
import { contextAt, contextTypeOf } from "./contexts.js";
import type { FileScan } from "./scan.js";
import { type ContextAlias, type ContextParameter, type Scope, isConst } from "./scope.js";
import { type FunctionNode, enclosingFunction } from "./syntax.js";

/** Finds what holds a context in functions that take none of their own: `{ ctx, item }`, `args.ctx`, `this.ctx`. */
export function collectNestedContexts(scans: Iterable<FileScan>, scope: Scope): void {
  const all = [...scans];
  const members = new Set(all.flatMap((scan) => [...contextMembers(scan, scope), ...assignedMembers(scan, scope)]));
  if (members.size === 0) return;
  for (const fn of all.flatMap((scan) => [...scan.functions, ...scan.methods])) {
    if (scope.contextFunctions.has(fn) || scope.nestedContexts.has(fn)) continue;
    const context = givenTo(fn, members, scope) ?? ownedBy(fn, scope);
    if (!context) continue;
    const own = takenOut(fn, context, scope);
    scope.nestedContexts.set(fn, own);
    if (own.text.includes(".")) continue;
    scope.contexts.set(own.symbol, own);
    scope.contextNames.add(own.text);
  }
  for (const scan of all) findStrays(scan.file, members, scope);
}

/** Names of members whose type is written as one of the contexts. */
function contextMembers({ typedMembers }: FileScan, scope: Scope): string[] {
  return typedMembers.flatMap((member) => (member.type && contextTypeOf(member.type, scope) ? [member.name.getText()] : []));
}

/** Names under which a context is put into an object: `{ ctx }`, `{ context: ctx }`. */
function assignedMembers(scan: FileScan, scope: Scope): string[] {
  return [...scope.contextNames].flatMap((name) => scan.references.get(name) ?? []).flatMap((node) => {
    const { parent } = node;
    const isValue = ts.isShorthandPropertyAssignment(parent) || (ts.isPropertyAssignment(parent) && parent.initializer === node);
    return isValue ? [parent.name.getText()] : [];
  });
}

/** `const { ctx } = args;` and `const ctx = this.ctx;` at the top of a function: from there on it is called by that name. */
function takenOut(fn: FunctionNode, context: ContextParameter, scope: Scope): ContextParameter {
  const [holder, member] = [context.text.slice(0, context.text.lastIndexOf(".")), context.text.slice(context.text.lastIndexOf(".") + 1)];
  const statements = holder !== "" && fn.body && ts.isBlock(fn.body) ? fn.body.statements : [];
  for (const statement of statements) {
    for (const declaration of ts.isVariableStatement(statement) ? statement.declarationList.declarations : []) {
      if (!isConst(declaration) || !declaration.initializer) continue;
      const name = nameFor(declaration, declaration.initializer.getText(), holder, member);
      const symbol = name && scope.checker.getSymbolAtLocation(name);
      if (name && symbol && !declaration.type) return { ...context, symbol, text: name.text };
    }
  }
  return context;
}

function nameFor({ name }: ts.VariableDeclaration, value: string, holder: string, member: string): ts.Identifier | undefined {
  if (ts.isIdentifier(name)) return value === `${holder}.${member}` ? name : undefined;
  if (!ts.isObjectBindingPattern(name) || value !== holder) return undefined;
  const element = name.elements.find((candidate) => !candidate.dotDotDotToken && (candidate.propertyName ?? candidate.name).getText() === member);
  return element && ts.isIdentifier(element.name) && !element.initializer ? element.name : undefined;
}

/** Finds where members that hold contexts are read other than in the functions that were found: in getters, of other objects, by other names. */
function findStrays(file: ts.SourceFile, members: ReadonlySet<string>, scope: Scope): void {
  const stray = (property: ts.Symbol | undefined, node: ts.Node): void => {
    const declaration = property?.declarations?.[0];
    if (declaration && !scope.strayContexts.has(declaration)) scope.strayContexts.set(declaration, node);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && members.has(node.name.text) && !isSet(node) && !contextAt(node, scope) && !isKnownConstant(node, scope)) {
      const property = scope.checker.getSymbolAtLocation(node.name);
      if (property && scope.sdk.contextOfType(scope.checker.getTypeOfSymbol(property)) !== undefined) stray(property, node);
    } else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent) && ts.isIdentifier(node.name) && members.has((node.propertyName ?? node.name).getText())) {
      const symbol = scope.checker.getSymbolAtLocation(node.name);
      if (symbol && !scope.contexts.has(symbol)) stray(contextIn(scope.checker.getTypeAtLocation(node.parent), (node.propertyName ?? node.name).getText(), scope), node);
    }
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
}

/** `const ctx = this.ctx`, which is what the function calls it. */
function isKnownConstant(node: ts.Expression, scope: Scope): boolean {
  const symbol = ts.isVariableDeclaration(node.parent) ? scope.checker.getSymbolAtLocation(node.parent.name) : undefined;
  return symbol !== undefined && scope.contexts.has(symbol);
}

/** `this.ctx = ctx` in a constructor. */
function isSet(node: ts.PropertyAccessExpression): boolean {
  return ts.isBinaryExpression(node.parent) && node.parent.left === node && enclosingFunction(node)?.kind === ts.SyntaxKind.Constructor;
}

/** A member of a parameter, taken out of it in its pattern or read from it. */
function givenTo(fn: FunctionNode, members: ReadonlySet<string>, scope: Scope): ContextParameter | undefined {
  for (const parameter of fn.parameters) {
    const { name } = parameter;
    if (ts.isArrayBindingPattern(name) || parameter.dotDotDotToken || parameter.name.getText() === "this") continue;
    const type = scope.checker.getTypeAtLocation(parameter);
    if (!(type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection))) continue;
    if (ts.isIdentifier(name)) {
      for (const member of members) {
        const property = contextIn(type, member, scope);
        const holder = property && scope.checker.getSymbolAtLocation(name);
        if (holder) scope.contextHolders.add(holder);
        if (property) return { symbol: property, fn, text: `${name.text}.${member}`, ...placeOf(property, scope) };
      }
      continue;
    }
    for (const element of name.elements) {
      const property = !element.dotDotDotToken && ts.isIdentifier(element.name) ? contextIn(type, (element.propertyName ?? element.name).getText(), scope) : undefined;
      const symbol = property && scope.checker.getSymbolAtLocation(element.name);
      if (symbol && property) return { symbol, fn, text: element.name.getText(), ...placeOf(property, scope) };
    }
  }
  return undefined;
}

function contextIn(type: ts.Type, member: string, scope: Scope): ts.Symbol | undefined {
  const property = type.getProperty(member);
  return property && scope.sdk.contextOfType(scope.checker.getTypeOfSymbol(property)) !== undefined ? property : undefined;
}

/** Where the type of a member is written, if it is. */
function placeOf(property: ts.Symbol, scope: Scope): { readonly alias?: ContextAlias; readonly type?: ts.TypeNode } {
  const [declaration] = property.declarations ?? [];
  const type = declaration && (ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration) || ts.isParameter(declaration)) ? declaration.type : undefined;
  const written = type && contextTypeOf(type, scope);
  return declaration && type && written ? { type, alias: written.alias ?? { node: declaration, type } } : {};
}

/** A field of the object that a method belongs to. */
function ownedBy(fn: FunctionNode, scope: Scope): ContextParameter | undefined {
  const isStatic = ts.canHaveModifiers(fn) && ts.getModifiers(fn)?.some((modifier) => modifier.kind === ts.SyntaxKind.StaticKeyword);
  if (!ts.isMethodDeclaration(fn) || !ts.isClassLike(fn.parent) || isStatic) return undefined;
  const field = fieldOf(fn.parent, scope);
  return field && { symbol: field.symbol, fn, text: `this.${field.name}`, ...placeOf(field.symbol, scope) };
}

/** The field of a class, or of one that it extends, that holds a context. */
export function fieldOf(owner: ts.ClassLikeDeclaration, scope: Scope): { readonly symbol: ts.Symbol; readonly name: string } | undefined {
  const { checker } = scope;
  for (const member of owner.members) {
    if (ts.isPropertyDeclaration(member) && member.type && contextTypeOf(member.type, scope)) {
      const symbol = checker.getSymbolAtLocation(member.name);
      if (symbol) return { symbol, name: member.name.getText() };
    }
    for (const parameter of ts.isConstructorDeclaration(member) ? member.parameters : []) {
      if (!ts.isParameterPropertyDeclaration(parameter, member) || !ts.isIdentifier(parameter.name) || !parameter.type || !contextTypeOf(parameter.type, scope)) continue;
      const symbol = checker.getSymbolsOfParameterPropertyDeclaration(parameter, parameter.name.text).find((candidate) => candidate.flags & ts.SymbolFlags.Property);
      if (symbol) return { symbol, name: parameter.name.text };
    }
  }
  const base = owner.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
  const symbol = base && checker.getTypeAtLocation(base).getSymbol();
  const declaration = symbol?.declarations?.find(ts.isClassLike);
  return declaration && declaration !== owner ? fieldOf(declaration, scope) : undefined;
}
