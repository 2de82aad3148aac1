import { ts } from "./compiler.js";
import { type Scope, isConst, symbolOf } from "./scope.js";
import { outOfParens, rangeOf, unwrap, walk } from "./syntax.js";
import type { TextRange } from "../edits/edit.js";

/** Methods of a list that give the same promises again. */
const keeping: ReadonlySet<string> = new Set(["slice", "reverse", "toReversed", "concat", "values", "filter"]);

/** Where a promise goes from the place it is created at, through constants and lists of one function. */
export interface PromisePaths {
  /** Awaits of the promise. */
  readonly awaits: readonly ts.AwaitExpression[];
  /** Constants that hold it, and lists that it is put into. */
  readonly holders: readonly ts.Symbol[];
  readonly lists: readonly ts.Symbol[];
  /** Names of `Promise` in the annotations of those constants. */
  readonly annotations: readonly TextRange[];
}

/** What following a promise has to ask. */
export interface PromiseQuestions {
  /** Whether an expression that is put into the same list is such a promise as well. */
  isPromise(node: ts.Expression): boolean;
  /** Whether a promise is the receiver of a `then` or its like that is rewritten with it. */
  isChained(node: ts.Expression): boolean;
}

/**
 * Follows a promise to everything that happens to it in a function.
 * @returns undefined where it goes somewhere else
 */
export function followPromise(node: ts.Expression, fn: ts.Node, scope: Scope, questions: PromiseQuestions): PromisePaths | undefined {
  const flow = new PromiseFlow(fn, scope, questions);
  return flow.promise(outOfParens(node)) ? flow : undefined;
}

/** Follows a list of promises in the same way. */
export function followList(node: ts.Expression, fn: ts.Node, scope: Scope, questions: PromiseQuestions): PromisePaths | undefined {
  const flow = new PromiseFlow(fn, scope, questions);
  return flow.list(outOfParens(node)) ? flow : undefined;
}

class PromiseFlow implements PromisePaths {
  readonly awaits: ts.AwaitExpression[] = [];
  readonly holders: ts.Symbol[] = [];
  readonly lists: ts.Symbol[] = [];
  readonly annotations: TextRange[] = [];

  constructor(
    readonly fn: ts.Node,
    readonly scope: Scope,
    readonly questions: PromiseQuestions,
  ) {}

  /** What happens to a promise where it stands. */
  promise(node: ts.Expression): boolean {
    const { parent } = node;
    if (ts.isAwaitExpression(parent)) return this.awaits.push(parent) > 0;
    if (ts.isVariableDeclaration(parent)) return this.#constant(parent, this.holders, (use) => this.promise(use));
    if (ts.isNonNullExpression(parent)) return this.promise(outOfParens(parent));
    if (ts.isPropertyAccessExpression(parent)) return this.questions.isChained(node);
    if (ts.isArrayLiteralExpression(parent)) return parent.elements.every((element) => this.#isElement(element)) && this.list(outOfParens(parent));
    const access = ts.isCallExpression(parent) && parent.arguments.includes(node) && ts.isPropertyAccessExpression(parent.expression) ? parent.expression : undefined;
    return access !== undefined && /^(push|unshift)$/.test(access.name.text) && this.#localList(access.expression);
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
    if (ts.isForOfStatement(parent) && parent.expression === outer) return this.#loop(parent);
    if (!ts.isPropertyAccessExpression(parent) || parent.expression !== outer) return false;
    const name = parent.name.text;
    const call = parent.parent;
    if (name === "length") return true;
    if (!ts.isCallExpression(call) || call.expression !== parent) return false;
    if (name === "push" || name === "unshift") return call.arguments.every((argument) => this.#isElement(argument));
    return keeping.has(name) && !call.arguments.some(ts.isFunctionLike) && this.list(outOfParens(call));
  }

  /** `const [first, second] = [...]`. */
  #takenApart(declaration: ts.VariableDeclaration, pattern: ts.ArrayBindingPattern): boolean {
    if (!isConst(declaration) || declaration.type) return false;
    return pattern.elements.every((element) => ts.isOmittedExpression(element) || (!element.dotDotDotToken && !element.initializer && this.#name(element.name, this.holders, (use) => this.promise(use))));
  }

  #isElement(node: ts.Expression): boolean {
    return ts.isSpreadElement(node) ? this.list(node.expression) : this.questions.isPromise(node);
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

  #constant(declaration: ts.VariableDeclaration, found: ts.Symbol[], each: (use: ts.Expression) => boolean): boolean {
    return isConst(declaration) && this.#annotation(declaration.type) && this.#name(declaration.name, found, each);
  }

  #name(name: ts.BindingName, found: ts.Symbol[], each: (use: ts.Expression) => boolean): boolean {
    const symbol = ts.isIdentifier(name) ? this.scope.checker.getSymbolAtLocation(name) : undefined;
    if (!symbol) return false;
    if (found.includes(symbol)) return true;
    found.push(symbol);
    let understood = true;
    walk(this.fn, (node) => {
      if (understood && ts.isIdentifier(node) && node !== name && node.text === symbol.name && symbolOf(node, this.scope.checker) === symbol) understood = each(outOfParens(node));
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
