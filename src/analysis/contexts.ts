import { ts } from "./compiler.js";
import { contextTypes } from "./sdk.js";
import type { ContextAlias, ContextParameter, Scope } from "./scope.js";
import { type FunctionNode, enclosingFunction, isFunctionNode } from "./syntax.js";

/** Records a parameter as a context, once. Returns true where it was not known before. */
export function addContext(parameter: ts.ParameterDeclaration, scope: Scope, type?: ts.TypeNode, alias?: ContextAlias): boolean {
  const fn = parameter.parent;
  if (!isNamed(parameter) || !isFunctionNode(fn) || !fn.body) return false;
  const symbol = scope.checker.getSymbolAtLocation(parameter.name);
  if (!symbol || scope.contexts.has(symbol)) return false;
  const context: ContextParameter = { symbol, parameter, fn, text: parameter.name.text, type, alias };
  scope.contexts.set(symbol, context);
  scope.contextNames.add(parameter.name.text);
  scope.contextFunctions.set(fn, context);
  if (type) consumeTypeName(type, scope);
  return true;
}

function isNamed(parameter: ts.ParameterDeclaration): parameter is ts.ParameterDeclaration & { readonly name: ts.Identifier } {
  return ts.isIdentifier(parameter.name);
}

/** Finds the parameters whose written type (or JSDoc type) is one of the SDK's contexts, or a plain alias of one. */
export function collectTypedContexts(functions: readonly FunctionNode[], scope: Scope): void {
  for (const { parameters } of functions) {
    for (const parameter of parameters) {
      const type = parameter.type ?? ts.getJSDocType(parameter);
      const named = type && contextTypeOf(type, scope);
      if (named) addContext(parameter, scope, type, named.alias);
    }
  }
}

/** The context a written type names, directly or through `type Ctx = restate.Context` and its like. */
export function contextTypeOf(type: ts.TypeNode, scope: Scope): { readonly name: string; readonly alias?: ContextAlias } | undefined {
  // One of several contexts: what the function uses is what they share.
  if (ts.isUnionTypeNode(type)) {
    const [first, ...others] = type.types.map((member) => contextTypeOf(member, scope));
    return first && others.every((other) => other !== undefined) ? { name: first.name } : undefined;
  }
  const reference = ts.isTypeReferenceNode(type) ? type.typeName : ts.isImportTypeNode(type) ? type.qualifier : ts.isExpressionWithTypeArguments(type) ? type.expression : undefined;
  if (!reference) return undefined;
  const name = ts.isImportTypeNode(type) ? importedContext(type) : scope.sdk.nameOf(reference);
  if (name !== undefined) return contextTypes.has(name) ? { name } : undefined;
  const part = ts.isTypeReferenceNode(type) && isPartOf(type) ? type.typeArguments?.[0] : undefined;
  if (part) return contextTypeOf(part, scope);
  const symbol = scope.checker.getSymbolAtLocation(ts.isQualifiedName(reference) ? reference.right : ts.isPropertyAccessExpression(reference) ? reference.name : reference);
  const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? scope.checker.getAliasedSymbol(symbol) : symbol;
  for (const declaration of target?.declarations ?? []) {
    for (const written of writtenContexts(declaration)) {
      const inner = contextTypeOf(written, scope);
      if (inner) return { name: inner.name, alias: inner.alias ?? { node: declaration, type: written } };
    }
  }
  return undefined;
}

/** `Pick<Context, "run">`: whoever asks for a part is given the whole. */
function isPartOf(type: ts.TypeReferenceNode): boolean {
  return ts.isIdentifier(type.typeName) && /^(Pick|Omit|Readonly)$/.test(type.typeName.text);
}

/** The types that a declaration is another name for: that of an alias, the constraint of a type parameter, what an interface extends. */
function writtenContexts(declaration: ts.Declaration): readonly ts.TypeNode[] {
  if (ts.isTypeAliasDeclaration(declaration)) return declaration.typeParameters ? [] : [declaration.type];
  if (ts.isInterfaceDeclaration(declaration)) return declaration.heritageClauses?.flatMap((clause) => clause.types) ?? [];
  return ts.isTypeParameterDeclaration(declaration) && declaration.constraint ? [declaration.constraint] : [];
}

function importedContext(type: ts.ImportTypeNode): string | undefined {
  const module = ts.isLiteralTypeNode(type.argument) && ts.isStringLiteral(type.argument.literal) ? type.argument.literal.text : "";
  return module.startsWith("@restatedev/restate-sdk") && type.qualifier && ts.isIdentifier(type.qualifier) ? type.qualifier.text : undefined;
}

/** Marks the SDK's name in a type as accounted for. */
export function consumeTypeName(type: ts.TypeNode, scope: Scope): void {
  scope.consumed.add(type);
  if (ts.isTypeReferenceNode(type)) scope.consumed.add(type.typeName);
  if (ts.isExpressionWithTypeArguments(type)) scope.consumed.add(type.expression);
  if (ts.isUnionTypeNode(type)) for (const member of type.types) consumeTypeName(member, scope);
  if (ts.isTypeReferenceNode(type) && isPartOf(type)) for (const argument of type.typeArguments ?? []) consumeTypeName(argument, scope);
}

/** The context that an identifier or a member holds, if it does. */
export function contextAt(node: ts.Expression, scope: Scope): ContextParameter | undefined {
  if (ts.isPropertyAccessExpression(node)) return memberContextAt(node, scope);
  if (!ts.isIdentifier(node)) return undefined;
  const symbol = ts.isShorthandPropertyAssignment(node.parent) ? scope.checker.getShorthandAssignmentValueSymbol(node.parent) : scope.checker.getSymbolAtLocation(node);
  return symbol && scope.contexts.get(symbol);
}

/** `args.ctx` and `this.ctx`, in the function that was given them or in a function inside of it. */
function memberContextAt(node: ts.PropertyAccessExpression, scope: Scope): ContextParameter | undefined {
  if (scope.nestedContexts.size === 0) return undefined;
  for (let fn = enclosingFunction(node); fn; fn = enclosingFunction(fn)) {
    const context = scope.nestedContexts.get(fn);
    if (context?.text === node.getText()) return context.symbol === scope.checker.getSymbolAtLocation(node.name) ? context : undefined;
  }
  return undefined;
}

/** The parameter at a position, unless it is a rest parameter or a pattern. */
export function parameterAt(fn: FunctionNode, index: number): ts.ParameterDeclaration | undefined {
  const parameter = fn.parameters[index];
  return parameter && !parameter.dotDotDotToken ? parameter : undefined;
}
