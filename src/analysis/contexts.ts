import { ts } from "./compiler.js";
import { contextTypes } from "./sdk.js";
import type { ContextParameter, Scope } from "./scope.js";
import { type FunctionNode, isFunctionNode } from "./syntax.js";

/** Records a parameter as a context, once. Returns true where it was not known before. */
export function addContext(parameter: ts.ParameterDeclaration, scope: Scope, type?: ts.TypeNode, alias?: ts.TypeAliasDeclaration): boolean {
  const fn = parameter.parent;
  if (!ts.isIdentifier(parameter.name) || !isFunctionNode(fn) || !fn.body) return false;
  const symbol = scope.checker.getSymbolAtLocation(parameter.name);
  if (!symbol || scope.contexts.has(symbol)) return false;
  const context: ContextParameter = { symbol, parameter, fn, type, alias };
  scope.contexts.set(symbol, context);
  scope.contextNames.add(parameter.name.text);
  scope.contextFunctions.set(fn, context);
  if (type) consumeTypeName(type, scope);
  return true;
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

/** The context a written type names, directly or through `type Ctx = restate.Context`. */
export function contextTypeOf(type: ts.TypeNode, scope: Scope): { readonly name: string; readonly alias?: ts.TypeAliasDeclaration } | undefined {
  // One of several contexts: what the function uses is what they share.
  if (ts.isUnionTypeNode(type)) {
    const [first, ...others] = type.types.map((member) => contextTypeOf(member, scope));
    return first && others.every((other) => other !== undefined) ? { name: first.name } : undefined;
  }
  const reference = ts.isTypeReferenceNode(type) ? type.typeName : ts.isImportTypeNode(type) ? type.qualifier : undefined;
  if (!reference) return undefined;
  const name = ts.isImportTypeNode(type) ? importedContext(type) : scope.sdk.nameOf(reference);
  if (name !== undefined) return contextTypes.has(name) ? { name } : undefined;
  const symbol = scope.checker.getSymbolAtLocation(ts.isQualifiedName(reference) ? reference.right : reference);
  const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? scope.checker.getAliasedSymbol(symbol) : symbol;
  const alias = target?.declarations?.find(ts.isTypeAliasDeclaration);
  const inner = alias && !alias.typeParameters && contextTypeOf(alias.type, scope);
  return inner ? { name: inner.name, alias: inner.alias ?? alias } : undefined;
}

function importedContext(type: ts.ImportTypeNode): string | undefined {
  const module = ts.isLiteralTypeNode(type.argument) && ts.isStringLiteral(type.argument.literal) ? type.argument.literal.text : "";
  return module.startsWith("@restatedev/restate-sdk") && type.qualifier && ts.isIdentifier(type.qualifier) ? type.qualifier.text : undefined;
}

/** Marks the SDK's name in a type as accounted for. */
export function consumeTypeName(type: ts.TypeNode, scope: Scope): void {
  scope.consumed.add(type);
  if (ts.isTypeReferenceNode(type)) scope.consumed.add(type.typeName);
  if (ts.isUnionTypeNode(type)) for (const member of type.types) consumeTypeName(member, scope);
}

/** The context a plain identifier holds, if it does. */
export function contextAt(node: ts.Expression, scope: Scope): ContextParameter | undefined {
  if (!ts.isIdentifier(node)) return undefined;
  const symbol = ts.isShorthandPropertyAssignment(node.parent) ? scope.checker.getShorthandAssignmentValueSymbol(node.parent) : scope.checker.getSymbolAtLocation(node);
  return symbol && scope.contexts.get(symbol);
}

/** The parameter at a position, unless it is a rest parameter or a pattern. */
export function parameterAt(fn: FunctionNode, index: number): ts.ParameterDeclaration | undefined {
  const parameter = fn.parameters[index];
  return parameter && !parameter.dotDotDotToken ? parameter : undefined;
}
