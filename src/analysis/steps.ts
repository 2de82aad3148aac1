import { ts } from "./compiler.js";
import { durationText, numericValue } from "./durations.js";
import { mayChange } from "./moving.js";
import type { ActionFact, NumberText, StepOptionsFact } from "./site-model.js";
import { type Scope, functionNamed, idOf, isConst, subjectOf, symbolOf } from "./scope.js";
import { isFunctionNode, modifier, outOfParens, rangeOf, token, unwrap, walk } from "./syntax.js";

/** The arguments of `ctx.run`, in any of its arities. */
export interface RunArguments {
  readonly name?: ts.Expression;
  readonly action: ts.Expression;
  readonly options?: ts.Expression;
}

/** Splits the arguments of `ctx.run`; `undefined` where they cannot be told apart (a spread, none at all). */
export function runArguments(call: ts.CallExpression): RunArguments | undefined {
  if (call.arguments.some(ts.isSpreadElement)) return undefined;
  const [first, second, third] = call.arguments;
  if (!first) return undefined;
  return second ? { name: first, action: second, options: third } : { action: first };
}

/**
 * What a step's action is and how it can be handed to Resonate, which calls it with the context first.
 * @param begins says that it runs later than it stands there: what it reads must not be read before
 */
export function actionOf(action: ts.Expression, typeArgument: ts.TypeNode | undefined, begins: boolean, scope: Scope): ActionFact {
  const literal = unwrap(action);
  if (isFunctionNode(literal) && !ts.isMethodDeclaration(literal) && literal.parameters.length === 0 && !literal.asteriskToken) {
    const closure = { kind: "closure", range: rangeOf(action), insert: insertions(literal, typeArgument, scope) } as const;
    const direct = typeArgument === undefined ? directCall(literal, action, closure, scope) : undefined;
    return direct && !(begins && returnedCall(literal)?.arguments.some((argument) => mayChange(argument, scope.checker))) ? direct : closure;
  }
  const isOpen = !isJavaScript(action) && givesOpen(literal, scope);
  return { kind: "reference", range: rangeOf(action), bare: !isOpen && typeArgument === undefined && takesNothing(literal, scope), isOpen };
}

function givesOpen(action: ts.Expression, scope: Scope): boolean {
  const [signature] = scope.checker.getTypeAtLocation(action).getCallSignatures();
  return signature !== undefined && isOpenType(scope.checker.getReturnTypeOfSignature(signature));
}

/**
 * `any`, `T`, `T[K]`, `T | undefined`: what could be anything could be a generator, which Resonate's types take for a function's own steps.
 * Only an async function says that it is none.
 */
export function isOpenType(type: ts.Type): boolean {
  if (type.isUnionOrIntersection()) return type.types.some(isOpenType);
  return (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Instantiable)) !== 0;
}

/** The options of a step as far as Resonate's retry policy can express them; `left` names a member it cannot. */
export function stepOptionsOf(options: ts.Expression, scope: Scope): { readonly fact?: StepOptionsFact; readonly left?: string } {
  const value = unwrap(options);
  if (!ts.isObjectLiteralExpression(value)) return readVariable(value, options, scope);
  let dynamic = false;
  let limited = false;
  const known: { attempts?: NumberText; initial?: NumberText; max?: NumberText; factor?: NumberText } = {};
  for (const property of value.properties) {
    if (!ts.isPropertyAssignment(property) && !ts.isShorthandPropertyAssignment(property)) return { left: subjectOf(property) };
    const name = ts.isComputedPropertyName(property.name) ? "" : property.name.text;
    const member = ts.isPropertyAssignment(property) ? property.initializer : property.name;
    const field = ({ maxRetryAttempts: "attempts", initialRetryInterval: "initial", maxRetryInterval: "max", retryIntervalFactor: "factor" } as const)[name];
    limited ||= name === "maxRetryAttempts" || name === "maxRetryDuration";
    if (name === "maxRetryDuration") continue;
    if (field === undefined) {
      if (name === "serde" && scope.sdk.nameOf(member) === "serde.json") {
        scope.consumed.add(member);
        continue;
      }
      return { left: name || property.getText() };
    }
    const text = field === "attempts" || field === "factor" ? countText(member, scope) : durationText(member, scope.checker);
    if (text === undefined) dynamic = true;
    else known[field] = text;
  }
  if (dynamic) return { fact: { kind: "dynamic", range: rangeOf(options) } };
  return { fact: { kind: "literal", range: rangeOf(options), ...known, limited } };
}

/** A count as it can be written into an expression; `undefined` where it may be absent. */
function countText(member: ts.Expression, scope: Scope): NumberText | undefined {
  const value = numericValue(member);
  if (value !== undefined) return value;
  return scope.checker.getTypeAtLocation(member).flags & ts.TypeFlags.NumberLike ? member.getText() : undefined;
}

/** Options in a constant are converted at run time; its members must be known to be such as can be. */
function readVariable(value: ts.Expression, options: ts.Expression, scope: Scope): { readonly fact?: StepOptionsFact; readonly left?: string } {
  const declaration = ts.isIdentifier(value) ? symbolOf(value, scope.checker)?.valueDeclaration : undefined;
  const literal = declaration && ts.isVariableDeclaration(declaration) && isConst(declaration) && declaration.initializer ? unwrap(declaration.initializer) : undefined;
  if (!literal || !ts.isObjectLiteralExpression(literal)) return { left: subjectOf(options) };
  const unknown = literal.properties.find((property) => !property.name || !retryMembers.has(property.name.getText()));
  return unknown ? { left: subjectOf(unknown) } : { fact: { kind: "dynamic", range: rangeOf(options) } };
}

const retryMembers: ReadonlySet<string> = new Set(["maxRetryAttempts", "initialRetryInterval", "maxRetryInterval", "retryIntervalFactor", "maxRetryDuration"]);

/** `ctx.run<T>(...)` states the result's type, which moves to the closure; one whose type is open becomes async. */
function insertions(literal: ts.FunctionExpression | ts.ArrowFunction | ts.FunctionDeclaration, typeArgument: ts.TypeNode | undefined, scope: Scope): { at: number; text: string }[] {
  if (isJavaScript(literal)) return [];
  const isAsync = modifier(literal, ts.SyntaxKind.AsyncKeyword) !== undefined;
  const stated = typeArgument ?? (hasOpenResult(literal) ? expectedType(literal) : undefined);
  if (stated && !literal.type) {
    const type = stated.getText();
    const close = token(literal, ts.SyntaxKind.CloseParenToken);
    if (!close) return [];
    if (isAsync) return [{ at: close.end, text: `: Promise<${type}>` }];
    const isOpen = isOpenType(scope.checker.getTypeFromTypeNode(stated));
    return isOpen ? [{ at: literal.getStart(), text: "async " }, { at: close.end, text: `: Promise<${type}>` }] : [{ at: close.end, text: `: ${unionMember(stated)} | Promise<${type}>` }];
  }
  if (isAsync || !returnsOpen(literal, scope)) return [];
  const written = literal.type ? [{ at: literal.type.getStart(), text: "Promise<" }, { at: literal.type.end, text: ">" }] : [];
  return [{ at: literal.getStart(), text: "async " }, ...written];
}

/** A result whose type depends on what it is wanted for: literals, object and array literals. A call's type is its own. */
function hasOpenResult(literal: ts.FunctionExpression | ts.ArrowFunction | ts.FunctionDeclaration): boolean {
  const isOpen = (node: ts.Expression): boolean => {
    const value = unwrap(node);
    if (ts.isConditionalExpression(value)) return isOpen(value.whenTrue) || isOpen(value.whenFalse);
    if (ts.isBinaryExpression(value)) return isOpen(value.left) || isOpen(value.right);
    return ts.isLiteralExpression(value) || ts.isObjectLiteralExpression(value) || ts.isArrayLiteralExpression(value);
  };
  const { body } = literal;
  if (!body) return false;
  if (!ts.isBlock(body)) return isOpen(body);
  let found = false;
  walk(body, (node) => {
    if (ts.isFunctionLike(node)) return false;
    if (ts.isReturnStatement(node) && node.expression && isOpen(node.expression)) found = true;
    return true;
  });
  return found;
}

/** The type that a step's value is wanted as, where it is written: on the variable it goes to, or as the function's result. */
function expectedType(literal: ts.Node): ts.TypeNode | undefined {
  const call = ts.findAncestor(literal, ts.isCallExpression);
  const outer = call && outOfParens(call);
  const value = outer && ts.isAwaitExpression(outer.parent) ? outOfParens(outer.parent) : outer;
  if (!value) return undefined;
  const { parent } = value;
  // Of a variable that keeps the promise, what the promise is of.
  if (ts.isVariableDeclaration(parent)) return value === outer ? valueTypeOf(parent.type) : parent.type;
  const fn = ts.isReturnStatement(parent) ? ts.findAncestor(parent, ts.isFunctionLike) : ts.isArrowFunction(parent) ? parent : undefined;
  return valueTypeOf(fn?.type);
}

/** `T` of `Promise<T>` and of Restate's own. */
function valueTypeOf(type: ts.TypeNode | undefined): ts.TypeNode | undefined {
  const isPromise = type && ts.isTypeReferenceNode(type) && /(^|\.)(Restate|Invocation|Combineable)?Promise$/.test(type.typeName.getText());
  return isPromise ? type.typeArguments?.[0] : undefined;
}

function unionMember(type: ts.TypeNode): string {
  return ts.isFunctionTypeNode(type) || ts.isConstructorTypeNode(type) || ts.isConditionalTypeNode(type) ? `(${type.getText()})` : type.getText();
}

function returnsOpen(literal: ts.FunctionExpression | ts.ArrowFunction | ts.FunctionDeclaration, scope: Scope): boolean {
  const annotated = annotatedReturn(literal, scope);
  if (annotated) return isOpenType(annotated);
  const signature = scope.checker.getSignatureFromDeclaration(literal);
  return signature !== undefined && isOpenType(scope.checker.getReturnTypeOfSignature(signature));
}

/** The type of an action's value where a declaration states it, which is much cheaper than inferring it. */
export function actionValue(action: ts.Expression, scope: Scope): ts.Type | undefined {
  const literal = unwrap(action);
  const type = isFunctionNode(literal) && !ts.isMethodDeclaration(literal) ? annotatedReturn(literal, scope) : undefined;
  return type && (scope.checker.getAwaitedType(type) ?? type);
}

/** What `() => f(...)` returns, where f states it, or `() => { ...; return f(...); }` with one such type in all of its returns. */
function annotatedReturn(literal: ts.FunctionExpression | ts.ArrowFunction | ts.FunctionDeclaration, scope: Scope): ts.Type | undefined {
  if (literal.type || !literal.body) return undefined;
  const [type, ...others] = new Set(returnedValues(literal.body).map((value) => statedType(value, scope)));
  return others.length === 0 ? type : undefined;
}

/** The type of `f(...)` or `await f(...)` where f is a function of the project that states it. */
function statedType(value: ts.Expression, scope: Scope): ts.Type | undefined {
  const call = ts.isAwaitExpression(value) ? value.expression : value;
  const target = ts.isCallExpression(call) && ts.isIdentifier(call.expression) ? functionNamed(call.expression, scope) : undefined;
  return target?.type && !target.typeParameters ? scope.checker.getTypeFromTypeNode(target.type) : undefined;
}

/** What a function's body may give: itself, or what its `return` statements name. */
function returnedValues(body: ts.ConciseBody): ts.Expression[] {
  if (!ts.isBlock(body)) return [body];
  const values: ts.Expression[] = [];
  walk(body, (node) => {
    if (ts.isReturnStatement(node) && node.expression) values.push(node.expression);
    return !ts.isFunctionLike(node);
  });
  return values;
}

function isJavaScript(node: ts.Node): boolean {
  return /\.[cm]?jsx?$/.test(node.getSourceFile().fileName);
}

/** `() => f(a)` and its async and block forms, where f is a function of the project and the arguments are plain reads. */
function directCall(literal: ts.FunctionExpression | ts.ArrowFunction | ts.FunctionDeclaration, action: ts.Expression, closure: Extract<ActionFact, { kind: "closure" }>, scope: Scope): ActionFact | undefined {
  const call = returnedCall(literal);
  if (!call || call.typeArguments || call.questionDotToken || !ts.isIdentifier(call.expression) || !call.arguments.every(isPlainRead)) return undefined;
  const target = functionNamed(call.expression, scope);
  if (!target || !ts.isFunctionDeclaration(target) || (!isJavaScript(literal) && givesOpen(call.expression, scope))) return undefined;
  return { kind: "call", range: rangeOf(action), callee: rangeOf(call.expression), target: idOf(target), args: call.arguments.map(rangeOf), closure };
}

function returnedCall(literal: ts.FunctionExpression | ts.ArrowFunction | ts.FunctionDeclaration): ts.CallExpression | undefined {
  const body = literal.body;
  if (!body || literal.type || hasComment(literal)) return undefined;
  const [statement, ...others] = ts.isBlock(body) ? body.statements : [];
  const value = ts.isBlock(body) ? (others.length === 0 && statement && ts.isReturnStatement(statement) ? statement.expression : undefined) : body;
  if (!value) return undefined;
  const inner = ts.isAwaitExpression(value) ? value.expression : value;
  return ts.isCallExpression(inner) ? inner : undefined;
}

function hasComment(node: ts.Node): boolean {
  return /\/\/|\/\*/.test(node.getText());
}

function isConstantKeyword(node: ts.Expression): boolean {
  return node.kind === ts.SyntaxKind.TrueKeyword || node.kind === ts.SyntaxKind.FalseKeyword || node.kind === ts.SyntaxKind.NullKeyword;
}

/** An expression whose value is the same whether it is read now or in the step, and whose reading does nothing. */
function isPlainRead(node: ts.Expression): boolean {
  if (ts.isIdentifier(node) || ts.isStringLiteralLike(node) || ts.isNumericLiteral(node) || isConstantKeyword(node)) return true;
  if (ts.isPropertyAccessExpression(node)) return !node.questionDotToken && isPlainRead(node.expression);
  if (ts.isNonNullExpression(node) || ts.isAsExpression(node) || ts.isParenthesizedExpression(node)) return isPlainRead(node.expression);
  if (ts.isTemplateExpression(node)) return node.templateSpans.every((span) => isPlainRead(span.expression));
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isPlainRead);
  if (!ts.isObjectLiteralExpression(node)) return false;
  return node.properties.every((property) => ts.isShorthandPropertyAssignment(property) || (ts.isPropertyAssignment(property) && !ts.isComputedPropertyName(property.name) && isPlainRead(property.initializer)));
}

/** A function of the project that has no parameters and does not look at `arguments`. */
function takesNothing(expression: ts.Expression, scope: Scope): boolean {
  const fn = functionNamed(expression, scope);
  if (!fn || ts.isPropertyAccessExpression(expression) || fn.parameters.length > 0 || fn.asteriskToken) return false;
  let usesArguments = false;
  walk(fn, (node) => {
    if (ts.isIdentifier(node) && node.text === "arguments") usesArguments = true;
  });
  return !usesArguments;
}

