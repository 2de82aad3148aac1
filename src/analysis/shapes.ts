import { ts } from "./compiler.js";
import { isHandleType } from "./handles.js";
import type { ParameterFact } from "./model.js";
import type { Scope } from "./scope.js";
import type { FunctionShape } from "./shape-model.js";
import { type FunctionNode, modifier, rangeOf, skipParens, token, tokenAfter } from "./syntax.js";

/** The pieces of a function that change when it becomes a generator function. */
export function shapeOf(fn: FunctionNode, scope: Scope): FunctionShape {
  const asyncKeyword = modifier(fn, ts.SyntaxKind.AsyncKeyword);
  const open = token(fn, ts.SyntaxKind.OpenParenToken);
  const close = token(fn, ts.SyntaxKind.CloseParenToken);
  const [first] = fn.parameters;
  const parameters = open && close ? { start: open.start, end: close.end } : { start: first?.getStart() ?? fn.getStart(), end: first?.end ?? fn.getStart() };
  const typeParameters = fn.typeParameters && token(fn, ts.SyntaxKind.LessThanToken);
  const body = fn.body ?? fn;
  const keyword = token(fn, ts.SyntaxKind.FunctionKeyword);
  const property = ts.isPropertyAssignment(fn.parent) && fn.parent.initializer === fn ? fn.parent : undefined;
  return {
    kind: kindOf(fn),
    range: rangeOf(fn),
    async: asyncKeyword && { start: asyncKeyword.getStart(), end: tokenAfter(asyncKeyword.end, fn.getSourceFile()) },
    starred: fn.asteriskToken !== undefined,
    asterisk: keyword ? keyword.end : ts.isMethodDeclaration(fn) ? fn.name.getStart() : undefined,
    name: fn.name && rangeOf(fn.name),
    signature: typeParameters ? typeParameters.start : parameters.start,
    parameters,
    bareParameter: open === undefined,
    headEnd: fn.type ? fn.type.end : parameters.end,
    returnType: fn.type && returnTypeOf(fn.type, scope),
    body: rangeOf(body),
    bodyKind: ts.isBlock(body) ? "block" : "expression",
    bodyValue: rangeOf(conciseValue(body)),
    variable: variableOf(fn),
    property: property && { range: rangeOf(property) },
  };
}

/** What a written return type becomes when the function becomes a generator function. */
export function returnTypeOf(type: ts.TypeNode, scope: Scope): NonNullable<FunctionShape["returnType"]> {
  const { checker } = scope;
  const items = ts.isTypeReferenceNode(type) && isItemsType(type) ? { items: (type.typeArguments ?? []).slice(0, 2).map(rangeOf) } : {};
  const promise = promiseOf(type);
  const given = checker.getTypeFromTypeNode(type);
  // Another name for one of Restate's promises becomes one for a handle, of which `Awaited` knows nothing.
  const members = given.isUnion() ? given.types : [given];
  const isHandle = !promise && members.some((member) => isHandleType(member, scope));
  const value = isHandle ? checker.typeToString(checker.getAwaitedType(given) ?? given, type, ts.TypeFormatFlags.NoTruncation) : undefined;
  return { ...items, range: rangeOf(type), thenable: members.some((member) => member.getProperty("then") !== undefined), promise, value };
}

/** `AsyncGenerator<T>` and its like, as the written type of an async generator; or none. */
export function isItemsType(type: ts.TypeNode | undefined): boolean {
  if (!type) return true;
  return ts.isTypeReferenceNode(type) && /^Async(Generator|IterableIterator|Iterable|Iterator)$/.test(type.typeName.getText()) && type.typeArguments !== undefined;
}

/** The parameters after the context, or all where there is none. */
export function parametersOf(fn: FunctionNode, context: ts.ParameterDeclaration | undefined): ParameterFact[] {
  return fn.parameters
    .filter((parameter) => parameter !== context)
    .map((parameter) => ({
      name: ts.isIdentifier(parameter.name) ? parameter.name.text : "",
      range: rangeOf(parameter),
      binding: { start: parameter.getStart(), end: parameter.type?.end ?? parameter.questionToken?.end ?? parameter.name.end },
      type: parameter.type && rangeOf(parameter.type),
      initializer: parameter.initializer && rangeOf(parameter.initializer),
    }));
}

function kindOf(fn: FunctionNode): FunctionShape["kind"] {
  if (ts.isFunctionDeclaration(fn)) return "declaration";
  if (ts.isArrowFunction(fn)) return "arrow";
  return ts.isMethodDeclaration(fn) ? "method" : "expression";
}

function promiseOf(type: ts.TypeNode): { name: { start: number; end: number }; argument: { start: number; end: number } } | undefined {
  const [argument] = ts.isTypeReferenceNode(type) ? (type.typeArguments ?? []) : [];
  if (!argument || !ts.isTypeReferenceNode(type) || !/^(?:[\w$]+\.)?(?:Restate|Combineable|Invocation)?Promise$/.test(type.typeName.getText())) return undefined;
  return { name: rangeOf(type.typeName), argument: rangeOf(argument) };
}

/** The value of a concise body; an object literal loses the parentheses that only the arrow needs. */
function conciseValue(body: ts.Node): ts.Node {
  if (ts.isBlock(body) || !ts.isParenthesizedExpression(body)) return body;
  const inner = skipParens(body);
  return ts.isObjectLiteralExpression(inner) ? inner : body;
}

function variableOf(fn: FunctionNode): FunctionShape["variable"] {
  const declaration = fn.parent;
  if (!ts.isVariableDeclaration(declaration) || declaration.type || !ts.isIdentifier(declaration.name)) return undefined;
  const list = declaration.parent;
  if (!ts.isVariableDeclarationList(list) || list.declarations.length !== 1 || !ts.isVariableStatement(list.parent)) return undefined;
  const statement = list.parent;
  return {
    statement: rangeOf(statement),
    keyword: { start: list.getStart(), end: declaration.name.getStart() },
    name: rangeOf(declaration.name),
    exported: modifier(statement, ts.SyntaxKind.ExportKeyword) !== undefined,
  };
}
