import { ts } from "./compiler.js";
import { type Scope, isConst, symbolOf } from "./scope.js";
import type { Sweep } from "./sweeps.js";
import { isWithin, outOfParens, propertyName, rangeOf, unwrap, walk } from "./syntax.js";
import type { TextRange } from "../edits/edit.js";

/** Methods of a list that give the same promises again. */
export const keeping: ReadonlySet<string> = new Set(["slice", "reverse", "toReversed", "concat", "values", "filter", "flat"]);

/** Where a promise goes from the place it is created at, through constants and lists of one function. */
export interface PromisePaths {
  /** Awaits of the promise. */
  readonly awaits: readonly ts.AwaitExpression[];
  /** Constants that hold it, and lists that it is put into. */
  readonly holders: readonly ts.Symbol[];
  readonly lists: readonly ts.Symbol[];
  /** Maps that it is put into, and members of objects that it is. */
  readonly maps: readonly ts.Symbol[];
  readonly members: readonly ts.Declaration[];
  /** Names of `Promise` in the annotations of those constants. */
  readonly annotations: readonly TextRange[];
}

/** What the follower of a promise asks about code around it. */
export interface PromiseQuestions {
  /** Whether another expression that is put into the same list is such a promise as well. */
  isPromise(node: ts.Expression): boolean;
  /** Whether a promise is the receiver of a `then` or its like that is rewritten with it. */
  isChained(node: ts.Expression): boolean;
  /** The call that runs a function literal for one item after the other, and gives a list of what it gives. */
  sweptBy(literal: ts.Node): Sweep | undefined;
}

/**
 * Follows a promise to everything that happens to it in a function.
 * @returns undefined where it goes somewhere else
 */
export function followPromise(node: ts.Expression, fn: ts.Node, scope: Scope, about: PromiseQuestions): PromisePaths | undefined {
  const flow = new PromiseFlow(fn, scope, about);
  return flow.promise(outOfParens(node)) ? flow : undefined;
}

/** Follows a list of promises in the same way. */
export function followList(node: ts.Expression, fn: ts.Node, scope: Scope, about: PromiseQuestions): PromisePaths | undefined {
  const flow = new PromiseFlow(fn, scope, about);
  return flow.list(outOfParens(node)) ? flow : undefined;
}

/** Follows the promise that a parameter holds in the same way. */
export function followName(name: ts.Identifier, fn: ts.Node, scope: Scope, about: PromiseQuestions): PromisePaths | undefined {
  const flow = new PromiseFlow(fn, scope, about);
  return flow.name(name, flow.holders, (use) => flow.promise(use)) ? flow : undefined;
}

class PromiseFlow implements PromisePaths {
  readonly awaits: ts.AwaitExpression[] = [];
  readonly holders: ts.Symbol[] = [];
  readonly lists: ts.Symbol[] = [];
  readonly maps: ts.Symbol[] = [];
  readonly members: ts.Declaration[] = [];
  readonly annotations: TextRange[] = [];

  constructor(
    readonly fn: ts.Node,
    readonly scope: Scope,
    readonly about: PromiseQuestions,
  ) {}

  /** What happens to a promise where it stands. */
  promise(node: ts.Expression): boolean {
    const { parent } = node;
    if (ts.isAwaitExpression(parent)) return this.awaits.push(parent) > 0;
    if (ts.isVariableDeclaration(parent)) return this.#constant(parent, this.holders, (use) => this.promise(use));
    if (ts.isNonNullExpression(parent)) return this.promise(outOfParens(parent));
    if (ts.isPropertyAccessExpression(parent)) return this.about.isChained(node);
    if (ts.isArrayLiteralExpression(parent)) return parent.elements.every((element) => this.#isElement(element)) && this.list(outOfParens(parent));
    if ((ts.isPropertyAssignment(parent) && parent.initializer === node) || ts.isShorthandPropertyAssignment(parent)) return this.#member(parent, parent.parent);
    const sweep = this.#sweepGiven(node);
    if (sweep) return this.#given(sweep);
    const access = ts.isCallExpression(parent) && parent.arguments.includes(node) && ts.isPropertyAccessExpression(parent.expression) ? parent.expression : undefined;
    if (access === undefined) return false;
    return /^(push|unshift)$/.test(access.name.text) ? this.#localList(access.expression) : access.name.text === "set" && this.#localMap(access.expression);
  }

  /** What happens to a list of promises where it stands. */
  list(node: ts.Expression): boolean {
    const outer = outOfParens(node);
    const { parent } = outer;
    if (isCombination(parent, outer)) return true;
    if (ts.isAsExpression(parent) && ts.isConstTypeReference(parent.type)) return this.list(parent);
    if (ts.isVariableDeclaration(parent) && ts.isArrayBindingPattern(parent.name)) return this.#takenApart(parent, parent.name);
    if (ts.isVariableDeclaration(parent)) return this.#constant(parent, this.lists, (use) => this.list(use));
    if (ts.isSpreadElement(parent)) return ts.isArrayLiteralExpression(parent.parent) && this.list(outOfParens(parent.parent));
    if (ts.isElementAccessExpression(parent) && parent.expression === outer) return this.promise(outOfParens(parent));
    // `for await` gives the values.
    if (ts.isForOfStatement(parent) && parent.expression === outer) return parent.awaitModifier !== undefined || this.#loop(parent);
    const sweep = this.#sweepGiven(outer);
    if (sweep) return sweep.member === "flatMap" ? this.#given(sweep) : this.#flattened(sweep);
    if (!ts.isPropertyAccessExpression(parent) || parent.expression !== outer) return false;
    const name = parent.name.text;
    const call = parent.parent;
    if (name === "length") return true;
    if (!ts.isCallExpression(call) || call.expression !== parent) return false;
    if (name === "push" || name === "unshift") return call.arguments.every((argument) => this.#isElement(argument));
    if (/^(pop|shift|at)$/.test(name)) return this.promise(outOfParens(call));
    return keeping.has(name) && !call.arguments.some(ts.isFunctionLike) && this.list(outOfParens(call));
  }

  /** The sweep whose callback gives a value, in one branch of a conditional at most. */
  #sweepGiven(node: ts.Expression): Sweep | undefined {
    const { parent } = node;
    if (ts.isConditionalExpression(parent)) return parent.condition === node ? undefined : this.#sweepGiven(outOfParens(parent));
    const isResult = ts.isReturnStatement(parent) || (ts.isArrowFunction(parent) && parent.body === node);
    const literal = isResult ? ts.findAncestor(parent, ts.isFunctionLike) : undefined;
    return literal && this.about.sweptBy(literal);
  }

  #given({ call, member }: Sweep): boolean {
    return member === "forEach" || this.list(outOfParens(call));
  }

  /** `items.map((item) => [...]).flat()`. */
  #flattened({ call }: Sweep): boolean {
    const access = outOfParens(call).parent;
    if (!ts.isPropertyAccessExpression(access) || access.name.text !== "flat" || !ts.isCallExpression(access.parent)) return false;
    return this.list(outOfParens(access.parent));
  }

  /** `const [first, second] = [...]`. */
  #takenApart(declaration: ts.VariableDeclaration, pattern: ts.ArrayBindingPattern): boolean {
    if (!isConst(declaration) || declaration.type) return false;
    return pattern.elements.every((element) => ts.isOmittedExpression(element) || (!element.dotDotDotToken && !element.initializer && this.name(element.name, this.holders, (use) => this.promise(use))));
  }

  #isElement(node: ts.Expression): boolean {
    return ts.isSpreadElement(node) ? this.list(node.expression) : this.about.isPromise(node);
  }

  #localList(node: ts.Expression): boolean {
    const value = unwrap(node);
    const declaration = ts.isIdentifier(value) ? symbolOf(value, this.scope.checker)?.valueDeclaration : undefined;
    if (!declaration || !ts.isVariableDeclaration(declaration) || declaration.pos < this.fn.pos || declaration.end > this.fn.end) return false;
    const initial = declaration.initializer && unwrap(declaration.initializer);
    if (initial && !(ts.isArrayLiteralExpression(initial) && initial.elements.every((element) => this.#isElement(element)))) return false;
    return this.#constant(declaration, this.lists, (use) => this.list(use));
  }

  #loop(loop: ts.ForOfStatement): boolean {
    const [declaration] = ts.isVariableDeclarationList(loop.initializer) ? loop.initializer.declarations : [];
    return declaration !== undefined && this.#constant(declaration, this.holders, (use) => this.promise(use));
  }

  /** `{ first: promise }`, taken apart at once or kept in a constant all of whose members are read by their names. */
  #member(property: ts.PropertyAssignment | ts.ShorthandPropertyAssignment, literal: ts.ObjectLiteralExpression): boolean {
    const declaration = outOfParens(literal).parent;
    if (!ts.isVariableDeclaration(declaration) || !isConst(declaration) || declaration.type || literal.properties.some(ts.isSpreadAssignment)) return false;
    const name = propertyName(property.name);
    if (name === undefined) return false;
    if (ts.isObjectBindingPattern(declaration.name)) return this.#takenOut(declaration.name, name);
    this.members.push(property);
    return this.#uses(declaration.name, (use) => {
      const access = use.parent;
      if (!ts.isPropertyAccessExpression(access) || access.expression !== use) return false;
      return access.name.text !== name || this.promise(outOfParens(access));
    });
  }

  /** `const { first } = { first: promise }`. */
  #takenOut(pattern: ts.ObjectBindingPattern, member: string): boolean {
    if (pattern.elements.some(({ dotDotDotToken, initializer }) => dotDotDotToken || initializer)) return false;
    const element = pattern.elements.find(({ propertyName: from, name }) => (from ?? name).getText() === member);
    return element === undefined || this.name(element.name, this.holders, (use) => this.promise(use));
  }

  /** A map that is made empty in this function, of which all that happens to its promises can be followed. */
  #localMap(node: ts.Expression): boolean {
    const value = unwrap(node);
    const declaration = ts.isIdentifier(value) ? symbolOf(value, this.scope.checker)?.valueDeclaration : undefined;
    if (!declaration || !ts.isVariableDeclaration(declaration) || !isConst(declaration) || !isWithin(declaration, this.fn) || !ts.isIdentifier(declaration.name)) return false;
    const made = declaration.initializer && unwrap(declaration.initializer);
    if (!made || !ts.isNewExpression(made) || made.expression.getText() !== "Map" || (made.arguments ?? []).length > 0) return false;
    const symbol = this.scope.checker.getSymbolAtLocation(declaration.name);
    if (!symbol) return false;
    if (this.maps.includes(symbol)) return true;
    this.maps.push(symbol);
    return this.#annotation(declaration.type) && this.#annotation(made.typeArguments?.[1]) && this.#uses(declaration.name, (use) => this.#mapUse(use));
  }

  /** What happens to a map where it stands. */
  #mapUse(use: ts.Expression): boolean {
    const { parent } = use;
    if (ts.isForOfStatement(parent) && parent.expression === use) return this.#entries(parent);
    if (!ts.isPropertyAccessExpression(parent) || parent.expression !== use) return false;
    const call = parent.parent;
    if (/^(has|delete|clear|keys|size)$/.test(parent.name.text)) return true;
    if (!ts.isCallExpression(call) || call.expression !== parent) return false;
    const outer = outOfParens(call);
    if (parent.name.text === "set") return call.arguments[1] !== undefined && this.about.isPromise(call.arguments[1]) && ts.isExpressionStatement(outer.parent);
    if (parent.name.text === "get") return this.promise(outer);
    if (parent.name.text === "values") return this.list(outer);
    return parent.name.text === "entries" && ts.isForOfStatement(outer.parent) && outer.parent.expression === outer && this.#entries(outer.parent);
  }

  /** `for (const [key, promise] of map)`. */
  #entries(loop: ts.ForOfStatement): boolean {
    const [declaration] = ts.isVariableDeclarationList(loop.initializer) ? loop.initializer.declarations : [];
    if (!declaration || !isConst(declaration) || !ts.isArrayBindingPattern(declaration.name)) return false;
    const [, promise, ...others] = declaration.name.elements;
    if (others.length > 0) return false;
    return promise === undefined || ts.isOmittedExpression(promise) || (!promise.dotDotDotToken && this.name(promise.name, this.holders, (use) => this.promise(use)));
  }

  #constant(declaration: ts.VariableDeclaration, found: ts.Symbol[], each: (use: ts.Expression) => boolean): boolean {
    return isConst(declaration) && this.#annotation(declaration.type) && this.name(declaration.name, found, each);
  }

  /** What happens to what a name stands for, at each of its uses. */
  name(name: ts.BindingName, found: ts.Symbol[], each: (use: ts.Expression) => boolean): boolean {
    const symbol = ts.isIdentifier(name) ? this.scope.checker.getSymbolAtLocation(name) : undefined;
    if (!symbol) return false;
    if (found.includes(symbol)) return true;
    found.push(symbol);
    return this.#uses(name, each);
  }

  /** Whether all uses of a name can be followed. */
  #uses(name: ts.BindingName, each: (use: ts.Expression) => boolean): boolean {
    const symbol = ts.isIdentifier(name) ? this.scope.checker.getSymbolAtLocation(name) : undefined;
    let understood = symbol !== undefined;
    walk(this.fn, (node) => {
      if (understood && symbol && ts.isIdentifier(node) && node !== name && node.text === symbol.name && symbolOf(node, this.scope.checker) === symbol) understood = each(outOfParens(node));
    });
    return understood;
  }

  /** `Promise<T>` in the type of a constant: becomes the type of handles. */
  #annotation(type: ts.TypeNode | undefined): boolean {
    if (!type) return true;
    const found: ts.TypeReferenceNode[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isTypeReferenceNode(node) && /Promise$/.test(node.typeName.getText())) found.push(node);
      else ts.forEachChild(node, visit);
    };
    visit(type);
    for (const one of found) if (this.scope.sdk.nameOf(one.typeName) === undefined) this.annotations.push(rangeOf(one.typeName));
    return found.length > 0;
  }
}

/** `Promise.all(list)` and its relatives, with the list as their only argument. */
export function isCombination(node: ts.Node, list: ts.Expression): boolean {
  if (ts.isSpreadElement(node)) return ts.isArrayLiteralExpression(node.parent) && isCombination(outOfParens(node.parent).parent, outOfParens(node.parent));
  if (!ts.isCallExpression(node) || node.arguments[0] !== list || node.arguments.length !== 1 || !ts.isPropertyAccessExpression(node.expression)) return false;
  return /^(all|allSettled|any|race)$/.test(node.expression.name.text) && /Promise$/.test(node.expression.expression.getText());
}
