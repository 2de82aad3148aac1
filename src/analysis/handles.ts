import { ts } from "./compiler.js";
import type { TextRange } from "../edits/edit.js";
import { followList, followName, followPromise, isCombination, keeping, type PromisePaths, type PromiseQuestions } from "./promise-flow.js";
import { isShortCircuit } from "./promises.js";
import { type Scope, functionNamed, symbolOf } from "./scope.js";
import type { Sweep } from "./sweeps.js";
import { outOfParens, unwrap, valuesOf } from "./syntax.js";

/** Restate's promises, which become handles. */
export const handleTypes: ReadonlySet<string> = new Set(["RestatePromise", "InvocationPromise", "CombineablePromise"]);

/** Follows promises that are not awaited where they are created: they are handles then, which go where values go. */
export class Handles {
  /** Constants that hold handles, and lists of them, whatever the compiler takes their types for. */
  readonly #holders = new Set<ts.Symbol>();
  readonly #lists = new Set<ts.Symbol>();
  readonly #maps = new Set<ts.Symbol>();
  readonly #members = new Set<ts.Node>();
  readonly #begun = new Set<ts.Node>();
  /** Names of `Promise` in annotations, which become the name of the handles' type. */
  readonly annotations: TextRange[] = [];

  constructor(
    readonly fn: ts.Node,
    readonly scope: Scope,
    /** Says of a node that it is code of the function itself. */
    readonly isOwn: (node: ts.Node) => boolean,
    /** Says of a list's expression that it begins work for each of some items. */
    readonly isEach: (call: ts.CallExpression) => boolean,
    /** The sweep that a call is, or that a function literal is the callback of. */
    readonly sweeps: { of(call: ts.CallExpression): Sweep | undefined; by(literal: ts.Node): Sweep | undefined },
  ) {}

  /** Whether an expression gives a handle. */
  isHandle(node: ts.Expression): boolean {
    const value = unwrap(node);
    if (this.#begun.has(value)) return true;
    const symbol = ts.isIdentifier(value) ? symbolOf(value, this.scope.checker) : undefined;
    if (symbol && (this.#holders.has(symbol) || this.scope.promiseParameters.has(symbol))) return true;
    if (ts.isElementAccessExpression(value) && this.isList(value.expression)) return true;
    if (this.#isMember(value) || this.#isOfMap(value, "get") || this.#isTaken(value)) return true;
    return isHandleType(this.scope.checker.getTypeAtLocation(node), this.scope);
  }

  /** Whether an expression gives an array of handles. */
  isList(node: ts.Expression): boolean {
    const value = unwrap(node);
    if (ts.isCallExpression(value) && (this.isEach(value) || this.#isSweptList(value) || this.#isSameList(value) || this.#isOfMap(value, "values"))) return true;
    const symbol = ts.isIdentifier(value) ? symbolOf(value, this.scope.checker) : undefined;
    if (symbol && this.#lists.has(symbol)) return true;
    const element = elementType(this.scope.checker.getTypeAtLocation(node), this.scope);
    return element !== undefined && isHandleType(element, this.scope);
  }

  /** `items.flatMap((item) => [charge(ctx, item), ship(ctx, item)])`. */
  #isSweptList(call: ts.CallExpression): boolean {
    const sweep = this.sweeps.of(call);
    if (!sweep || sweep.member === "forEach") return false;
    const results = valuesOf(sweep.callback);
    return results.length > 0 && results.every((result) => this.#givesItem(unwrap(result), sweep.member === "flatMap"));
  }

  /** What a callback gives for a list of promises: a promise, or where the list is flattened a list of them. */
  #givesItem(value: ts.Expression, isFlat: boolean): boolean {
    if (ts.isConditionalExpression(value)) return [value.whenTrue, value.whenFalse].every((branch) => this.#givesItem(unwrap(branch), isFlat));
    if (isFlat && ts.isArrayLiteralExpression(value)) return value.elements.every((element) => (ts.isSpreadElement(element) ? this.isList(element.expression) : this.#givesItem(unwrap(element), false)));
    return this.isPromise(value) || (isFlat && this.isList(value)) || isPlainValue(value, this.scope.checker);
  }

  /** `list.filter(Boolean)`, `items.map((item) => [...]).flat()`. */
  #isSameList(call: ts.CallExpression): boolean {
    const access = call.expression;
    if (!ts.isPropertyAccessExpression(access) || !keeping.has(access.name.text) || call.arguments.some(ts.isFunctionLike)) return false;
    const inner = unwrap(access.expression);
    const sweep = access.name.text === "flat" && ts.isCallExpression(inner) ? this.sweeps.of(inner) : undefined;
    return sweep?.member === "map" ? valuesOf(sweep.callback).every((result) => this.#givesItem(unwrap(result), true)) : this.isList(inner);
  }

  /** Follows a list of promises that are begun. Says whether all its ways can be followed. */
  keepList(node: ts.Expression): boolean {
    return this.#keep(followList(node, this.fn, this.scope, this.#questions));
  }

  /** Follows the promise that a name stands for. Says whether all its ways can be followed. */
  keepName(name: ts.Identifier): boolean {
    return this.#keep(followName(name, this.fn, this.scope, this.#questions));
  }

  /** The code of the diagnostic for a place from where a promise cannot be followed; `undefined` where it can, and it is a handle. */
  escapeOf(node: ts.Expression): string | undefined {
    const wasBegun = this.#begun.has(node);
    this.#begun.add(node);
    if (isInCombination(node) || this.#keep(followPromise(node, this.fn, this.scope, this.#questions))) return undefined;
    const code = isHandleType(this.scope.checker.getTypeAtLocation(node), this.scope) || this.#isAskedFor(node) ? this.#escapeByType(node) : "R0116";
    if (code !== undefined && !wasBegun) this.#begun.delete(node);
    return code;
  }

  /** An argument for a parameter that holds a durable promise. */
  #isAskedFor(node: ts.Expression): boolean {
    const outer = outOfParens(node);
    const call = outer.parent;
    const target = ts.isCallExpression(call) ? functionNamed(call.expression, this.scope) : undefined;
    const parameter = target?.parameters[(call as ts.CallExpression).arguments.indexOf(outer)];
    const symbol = parameter && this.scope.checker.getSymbolAtLocation(parameter.name);
    return symbol !== undefined && this.scope.promiseParameters.has(symbol);
  }

  /** A member of an object that holds a handle. */
  #isMember(value: ts.Expression): boolean {
    if (this.#members.size === 0 || !ts.isPropertyAccessExpression(value)) return false;
    const declaration = this.scope.checker.getSymbolAtLocation(value.name)?.valueDeclaration;
    return declaration !== undefined && this.#members.has(declaration);
  }

  /** `list.pop()` of a list that holds handles. */
  #isTaken(value: ts.Expression): boolean {
    if (this.#lists.size === 0 || !ts.isCallExpression(value) || !ts.isPropertyAccessExpression(value.expression)) return false;
    return /^(pop|shift|at)$/.test(value.expression.name.text) && this.isList(value.expression.expression);
  }

  /** What a method gives of a map that holds handles. */
  #isOfMap(value: ts.Expression, method: "get" | "values"): boolean {
    if (this.#maps.size === 0 || !ts.isCallExpression(value) || !ts.isPropertyAccessExpression(value.expression) || value.expression.name.text !== method) return false;
    const map = unwrap(value.expression.expression);
    const symbol = ts.isIdentifier(map) ? symbolOf(map, this.scope.checker) : undefined;
    return symbol !== undefined && this.#maps.has(symbol);
  }

  #keep(paths: PromisePaths | undefined): boolean {
    if (!paths) return false;
    for (const symbol of paths.holders) this.#holders.add(symbol);
    for (const symbol of paths.lists) this.#lists.add(symbol);
    for (const symbol of paths.maps) this.#maps.add(symbol);
    for (const member of paths.members) this.#members.add(member);
    for (const range of paths.annotations) if (!this.annotations.some((other) => other.start === range.start)) this.annotations.push(range);
    return true;
  }

  readonly #questions: PromiseQuestions = { isPromise: (node) => this.isPromise(node), isChained: (node) => this.isChained(node), sweptBy: (literal) => this.sweeps.by(literal) };

  /** Something that is put beside a handle: one as well, or an operation that will turn out to be one. */
  isPromise(node: ts.Expression): boolean {
    return this.isHandle(node) || this.mayBegin(unwrap(node));
  }

  /** Whether a call begins a durable operation when it is not awaited. */
  mayBegin: (node: ts.Expression) => boolean = () => false;

  /** Whether a promise is the receiver of a `then` or its like that is rewritten. */
  isChained: (node: ts.Expression) => boolean = () => false;

  /** The code of the diagnostic for a place where a handle stands that was created elsewhere. */
  escapeOfUse(node: ts.Expression): string | undefined {
    // What was followed from where it was created needs no second look.
    const symbol = ts.isIdentifier(node) ? symbolOf(node, this.scope.checker) : undefined;
    if (isInCombination(node) || (symbol && this.#holders.has(symbol))) return undefined;
    return this.#escapeByType(node);
  }

  /** Where the types say what is a handle: fields, parameters, results, collections of other kinds. */
  #escapeByType(node: ts.Expression): string | undefined {
    const outer = outOfParens(node);
    const { parent } = outer;
    if (ts.isAwaitExpression(parent) || ts.isExpressionStatement(parent) || ts.isVoidExpression(parent)) return undefined;
    if (isAssertion(parent)) return this.#escapeOfAsserted(parent);
    if (ts.isConditionalExpression(parent)) return parent.condition === outer ? undefined : this.#escapeByType(parent);
    if (ts.isBinaryExpression(parent)) return this.#escapeOfOperand(outer, parent);
    if (ts.isReturnStatement(parent)) return this.isOwn(parent) ? undefined : "R0116";
    // A closure that only gives a handle: its type says so wherever it is called.
    if (ts.isArrowFunction(parent) && parent.body === outer && !parent.modifiers) return undefined;
    if (ts.isPrefixUnaryExpression(parent) || (ts.isIfStatement(parent) && parent.expression === outer)) return undefined;
    if (ts.isVariableDeclaration(parent)) return parent.type && !this.#holds(parent.type) ? "R0116" : undefined;
    if (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent) || ts.isArrayLiteralExpression(parent) || ts.isSpreadElement(parent)) return this.#escapeOfMember(outer);
    if (ts.isPropertyAccessExpression(parent)) return /^(orTimeout|map)$/.test(parent.name.text) || this.isChained(outer) ? undefined : "R0117";
    if (ts.isCallExpression(parent) && parent.arguments.includes(outer)) return this.#escapeOfArgument(outer, parent);
    return "R0116";
  }

  /** `promise as Promise<string>`: a handle is no such thing, and what a function returns is waited for in it. */
  #escapeOfAsserted(node: Assertion): string | undefined {
    const { parent } = outOfParens(node);
    const isReturned = ts.isReturnStatement(parent) || ts.isArrowFunction(parent);
    return isReturned || (!ts.isNonNullExpression(node) && !this.#holds(node.type)) ? "R0116" : this.#escapeByType(node);
  }

  #escapeOfOperand(node: ts.Expression, parent: ts.BinaryExpression): string | undefined {
    const operator = parent.operatorToken.kind;
    if (operator === ts.SyntaxKind.EqualsToken) return parent.right === node ? this.#escapeOfMember(node) : undefined;
    if (/^[=!]==?$/.test(parent.operatorToken.getText())) return undefined;
    return isShortCircuit(operator) ? this.#escapeByType(parent) : undefined;
  }

  /** A member of something: a place that asks for another kind of promise would be given none. */
  #escapeOfMember(node: ts.Expression): string | undefined {
    const wanted = isTakenApart(node) ? undefined : this.scope.checker.getContextualType(node);
    return wanted && !isHandleType(wanted, this.scope) ? "R0116" : undefined;
  }

  #escapeOfArgument(node: ts.Expression, call: ts.CallExpression): string | undefined {
    const declaration = this.scope.checker.getResolvedSignature(call)?.declaration;
    const isLibrary = declaration !== undefined && this.scope.compiled.isLibrary(declaration.getSourceFile());
    if (isLibrary && ts.isPropertyAccessExpression(call.expression)) return this.#escapeOfMember(node);
    const target = functionNamed(call.expression, this.scope);
    // Only a function that becomes a generator function can wait for a handle.
    if (!target || !this.scope.contextFunctions.has(target)) return "R0116";
    const parameter = target.parameters[call.arguments.indexOf(node)];
    return this.#isAskedFor(node) || (parameter?.type && this.#holds(parameter.type)) ? undefined : "R0116";
  }

  /** An annotation that names one of Restate's promises: it becomes the type of handles. */
  #holds(type: ts.TypeNode): boolean {
    let found = false;
    const visit = (node: ts.Node): void => {
      if (ts.isTypeReferenceNode(node) && handleTypes.has(this.scope.sdk.nameOf(node.typeName) ?? "")) found = true;
      ts.forEachChild(node, visit);
    };
    visit(type);
    return found || isHandleType(this.scope.checker.getTypeFromTypeNode(type), this.scope);
  }
}

/** What is no promise, as its type says. */
export function isPlainValue(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const type = checker.getTypeAtLocation(node);
  const types = type.isUnion() ? type.types : [type];
  return types.every((one) => (one.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.TypeParameter)) === 0 && one.getProperty("then") === undefined);
}

/** A member of a literal that is taken apart at once, `const { a, b } = { a: ..., b: ... }`: the names there ask for no type. */
function isTakenApart(node: ts.Expression): boolean {
  const { parent } = node;
  const literal = ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent) ? parent.parent : parent;
  if (!ts.isObjectLiteralExpression(literal) && !ts.isArrayLiteralExpression(literal)) return false;
  let outer = outOfParens(literal);
  while (ts.isAsExpression(outer.parent)) outer = outOfParens(outer.parent);
  return ts.isVariableDeclaration(outer.parent) && !outer.parent.type && !ts.isIdentifier(outer.parent.name);
}

/** What an array, or something of the library that can be iterated, has as its elements. */
function elementType(type: ts.Type, { checker }: Scope): ts.Type | undefined {
  const indexed = checker.getIndexTypeOfType(type, ts.IndexKind.Number);
  if (indexed) return indexed;
  const isIterable = /^(Set|ReadonlySet|Iterable|Iterator|IterableIterator|IteratorObject|MapIterator|SetIterator|ArrayIterator|Generator)$/.test(type.getSymbol()?.name ?? "");
  return isIterable ? checker.getTypeArguments(type as ts.TypeReference)[0] : undefined;
}

/** Whether a type is one of Restate's promises, or may be one or absent. */
export function isHandleType(type: ts.Type, scope: Scope): boolean {
  if (type.isUnion()) {
    const members = type.types.filter((member) => !(member.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)));
    return members.length > 0 && members.every((member) => isHandleType(member, scope));
  }
  const symbol = type.getSymbol();
  return symbol !== undefined && handleTypes.has(scope.sdk.nameOfSymbol(symbol) ?? "");
}

type Assertion = ts.AsExpression | ts.TypeAssertion | ts.SatisfiesExpression | ts.NonNullExpression;

function isAssertion(node: ts.Node): node is Assertion {
  return ts.isAsExpression(node) || ts.isTypeAssertionExpression(node) || ts.isSatisfiesExpression(node) || ts.isNonNullExpression(node);
}

/** An element of a list that is combined on the spot. */
export function isInCombination(node: ts.Expression): boolean {
  const outer = outOfParens(node);
  const list = outer.parent;
  return ts.isArrayLiteralExpression(list) && isCombination(outOfParens(list).parent, outOfParens(list));
}
