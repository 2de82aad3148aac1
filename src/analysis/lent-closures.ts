import type { CallbackSite } from "./site-model.js";
import { standsAlone } from "./begun-work.js";
import { readsWhatChanges } from "./changing-reads.js";
import { ts } from "./compiler.js";
import { writesInCallees, writesOutside } from "./moving.js";
import { type Scope, isConst, symbolOf } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { type FunctionNode, isWithin, modifier, outOfParens, unwrap, walk } from "./syntax.js";

/**
 * Closures of a function that are called in work which it begins, or begun themselves. Such work has a context of its own: they take it
 * as their first parameter from now on, and every call hands them the context that stands there.
 */
export class LentClosures {
  readonly #lent = new Set<FunctionNode>();
  readonly #verdicts = new Map<FunctionNode, boolean>();

  /**
   * @param literals the function's own closures, and the work that it begins
   * @param calls calls of closures, with those that begin what they call
   * @param targetsOf the functions that a call may run
   */
  constructor(
    readonly finder: SiteFinder,
    readonly scope: Scope,
    readonly literals: ReadonlyMap<FunctionNode, CallbackSite>,
    readonly calls: ReadonlyMap<ts.CallExpression, { readonly begins: boolean }>,
    readonly targetsOf: (call: ts.CallExpression) => readonly ts.Node[],
  ) {
    for (let known = -1; known < this.#lent.size; ) {
      known = this.#lent.size;
      for (const [call, { begins }] of calls) for (const closure of this.#borrowed(call, begins)) if (this.#canTake(closure)) this.#lent.add(closure);
    }
  }

  has(closure: ts.Node): boolean {
    return this.#lent.has(closure as FunctionNode);
  }

  /** The one closure that a call runs, if that takes the context. */
  calledBy(call: ts.CallExpression): FunctionNode | undefined {
    const [closure, ...others] = this.targetsOf(call);
    return closure && others.length === 0 && this.has(closure) ? (closure as FunctionNode) : undefined;
  }

  /** The innermost function with a context of its own around a node: work that is begun, or a closure that takes it. */
  around(node: ts.Node): FunctionNode | undefined {
    const found = [...this.literals].flatMap(([literal, site]) => ((site.begins || this.#lent.has(literal)) && literal !== node && isWithin(node, literal) ? [literal] : []));
    return found.reduce<FunctionNode | undefined>((inner, literal) => (inner === undefined || isWithin(literal, inner) ? literal : inner), undefined);
  }

  /** Closures that a call runs with another context than that which they captured. */
  #borrowed(call: ts.CallExpression, begins: boolean): FunctionNode[] {
    const around = this.around(call);
    if (!around && !begins) return [];
    return this.targetsOf(call).filter((target): target is FunctionNode => this.#isClosure(target) && (begins || !isWithin(target, around as ts.Node)));
  }

  #isClosure(node: ts.Node): node is FunctionNode {
    const site = this.literals.get(node as FunctionNode);
    return site !== undefined && !site.begins;
  }

  #canTake(closure: FunctionNode): boolean {
    const known = this.#verdicts.get(closure);
    if (known !== undefined) return known;
    const verdict = !this.finder.name.includes(".") && (this.scope.colours?.membersOf(closure).length ?? 0) <= 1 && standsAlone(closure) && !this.#hasContextName(closure) && this.#isOnlyCalled(closure) && this.#mayRunApart(closure);
    this.#verdicts.set(closure, verdict);
    return verdict;
  }

  /** A parameter or variable of its own has the name of the context. */
  #hasContextName(closure: FunctionNode): boolean {
    let found = false;
    walk(closure, (node) => {
      if (ts.isIdentifier(node) && node.text === this.finder.name && (ts.isBindingElement(node.parent) || ts.isVariableDeclaration(node.parent) || ts.isParameter(node.parent)) && node.parent.name === node) found = true;
      return !found;
    });
    return found;
  }

  /** What has ended is not run again on a replay, and what goes on beside the function must not see how far that has come. */
  #mayRunApart(closure: FunctionNode): boolean {
    const { fn } = this.finder;
    const body = closure as ts.Node as ts.Expression;
    if (writesOutside(body, fn, this.scope.checker) !== undefined || writesInCallees(body, fn, this.scope) !== undefined) return false;
    const begun = [...this.literals].flatMap(([literal, site]) => (site.begins && !isWithin(literal, closure) ? [{ literal, call: ts.findAncestor(literal, ts.isCallExpression) }] : []));
    const begins = [...this.calls].flatMap(([call, use]) => (use.begins && this.targetsOf(call).includes(closure) ? [{ literal: call, call }] : []));
    return [...begun, ...begins].every(({ literal, call }) => call !== undefined && !readsWhatChanges(literal, call, fn, this.scope, closure));
  }

  /** Whether every mention of a closure is a call. */
  #isOnlyCalled(closure: FunctionNode): boolean {
    if (closure.asteriskToken) return false;
    if (ts.isFunctionDeclaration(closure)) return closure.name !== undefined && this.#usesOf(closure.name).every((use) => this.#isCall(use));
    const member = ts.isMethodDeclaration(closure) ? closure : outOfParens(closure).parent;
    if (ts.isVariableDeclaration(member)) return isConst(member) && !member.type && ts.isIdentifier(member.name) && this.#usesOf(member.name).every((use) => this.#isCall(use));
    if (!ts.isMethodDeclaration(member) && !ts.isPropertyAssignment(member)) return false;
    return ts.isObjectLiteralExpression(member.parent) && ts.isIdentifier(member.name) && this.#isMember(member.name.text, member.parent);
  }

  /** A member of a constant object that is nothing but asked for its members, and of them this one only called. */
  #isMember(name: string, object: ts.ObjectLiteralExpression): boolean {
    const holder = outOfParens(object).parent;
    if (!ts.isVariableDeclaration(holder) || !isConst(holder) || holder.type || !ts.isIdentifier(holder.name) || !standsAlone(object)) return false;
    return this.#usesOf(holder.name).every(({ parent }) => ts.isPropertyAccessExpression(parent) && ts.isIdentifier(parent.name) && (parent.name.text !== name || this.#isCall(parent)));
  }

  #usesOf(name: ts.Identifier): ts.Identifier[] {
    const symbol = this.scope.checker.getSymbolAtLocation(name);
    const uses: ts.Identifier[] = [];
    walk(this.finder.fn, (node) => {
      if (ts.isIdentifier(node) && node !== name && node.text === name.text && symbolOf(node, this.scope.checker) === symbol) uses.push(node);
    });
    return uses;
  }

  #isCall(node: ts.Expression): boolean {
    const { parent } = node;
    return ts.isCallExpression(parent) && parent.expression === node && !parent.questionDotToken && this.calls.has(parent);
  }
}

/** Whether a call names an async closure of a function, which could be begun. */
export function isClosureCall(call: ts.CallExpression, fn: ts.Node, scope: Scope): boolean {
  const name = ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression;
  const declaration = ts.isIdentifier(name) ? symbolOf(name, scope.checker)?.declarations?.[0] : undefined;
  const value = declaration && (ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration)) ? declaration.initializer && unwrap(declaration.initializer) : declaration;
  return value !== undefined && ts.isFunctionLike(value) && isWithin(value, fn) && value !== fn && modifier(value, ts.SyntaxKind.AsyncKeyword) !== undefined && scope.colours?.isDurable(value) === true;
}
