import { type EachCall, eachCallAt, isLiteral, type Literal, onceCallAt, standsAlone } from "./begun-work.js";
import { isChainCallback } from "./chains.js";
import { readsWhatChanges } from "./changing-reads.js";
import { ts } from "./compiler.js";
import { isHandleType } from "./handles.js";
import { loopBody } from "./loops.js";
import { writesInCallees, writesOutside } from "./moving.js";
import { canHaveOwn, fieldOfThis, usesOfThis } from "./own-objects.js";
import { type Scope, isConst, symbolOf } from "./scope.js";
import type { Reduction } from "./reductions.js";
import type { SiteFinder } from "./sites.js";
import { callOf, type Sweep, sweepAt } from "./sweeps.js";
import { type FunctionNode, isFunctionNode, modifier, outOfParens, unwrap, walk } from "./syntax.js";

/**
 * Function literals with durable operations in them, whose every way can be followed: they become generator functions. The callback of
 * `items.map` begins work for each item; a closure in a constant or in a list of closures is called with `yield*`.
 */
export class Callbacks {
  readonly #verdicts = new Map<ts.Node, boolean>();

  constructor(
    readonly finder: SiteFinder,
    readonly scope: Scope,
  ) {}

  /** The callback of `items.map((item) => ...)` that begins work for each item. */
  eachOf(call: ts.CallExpression): FunctionNode | undefined {
    const each = eachCallAt(call, this.scope);
    if (!each) return undefined;
    const known = this.#verdicts.get(call) ?? (!this.#onlyMakes(each) && this.#canBegin(each.callback, call) && this.finder.handles.keepList(call));
    this.#verdicts.set(call, known);
    return known ? each.callback : undefined;
  }

  /** `items.map((item) => ctx.run(...))`: it makes a promise for each item where it stands, and what nobody waits for may never run. */
  #onlyMakes({ callback }: EachCall): boolean {
    if (modifier(callback, ts.SyntaxKind.AsyncKeyword) || !(standsAlone(callback) || this.sharesThis(callback))) return false;
    const signature = this.scope.checker.getSignatureFromDeclaration(callback);
    return signature !== undefined && isHandleType(this.scope.checker.getReturnTypeOfSignature(signature), this.scope);
  }

  /** The literal of `(async () => { ... })()` that begins work beside what follows. */
  onceOf(call: ts.CallExpression): FunctionNode | undefined {
    const literal = onceCallAt(call);
    if (!literal) return undefined;
    const known = this.#verdicts.get(call) ?? (this.#canBegin(literal, call) && this.finder.handles.escapeOf(call) === undefined);
    this.#verdicts.set(call, known);
    return known ? literal : undefined;
  }

  /** Whether a call runs an async literal that can be begun, wherever its promise goes. */
  mayBeginOnce(call: ts.CallExpression): boolean {
    const literal = onceCallAt(call);
    return literal !== undefined && this.#verdicts.get(call) !== false && this.#canBegin(literal, call);
  }

  /** `items.flatMap((item) => ...)`, whose callback is a generator function that runs where it stands, for one item after the other. */
  sweepOf(call: ts.CallExpression): Sweep | undefined {
    const sweep = this.eachOf(call) ? undefined : sweepAt(call, this.scope);
    if (!sweep || loopBody(call, this.finder)) return undefined;
    const { callback, reduction } = sweep;
    const known = this.#verdicts.get(callback) ?? (this.#operates(callback) && (standsAlone(callback) || this.sharesThis(reduction?.after ?? callback)) && (!reduction || this.#isReduced(sweep, reduction)));
    this.#verdicts.set(callback, known);
    return known ? sweep : undefined;
  }

  /** Whether a callback that runs where it stands needs the `this` around it, and can be given it. */
  sharesThis(code: ts.Node): boolean {
    return ts.isArrowFunction(code) && !standsAlone(code) && usesOfThis(code, this.finder.name) !== undefined;
  }

  /** Whether code performs durable operations where it stands, itself or in callbacks that run there. */
  #operates(code: ts.Node): boolean {
    let found = false;
    walk(code, (node) => {
      if (isFunctionNode(node) && !callOf(node)) return false;
      if (this.finder.operates(node)) found = true;
      return !found;
    });
    return found;
  }

  #isReduced({ callback, call }: Sweep, { order, before }: Reduction): boolean {
    const outer = outOfParens(call);
    // Without `await`, a rejected promise leaves a `try` block uncaught.
    const isReturned = !ts.isAwaitExpression(outer.parent);
    if (isReturned && (!this.finder.use.isReturned(outer) || this.finder.use.inTry(outer))) return false;
    return order === "in-turn" || (this.#canBegin(callback, call) && this.finder.handles.keepName(before.name));
  }

  /** The sweep that a literal is the callback of. */
  sweptBy(literal: ts.Node): Sweep | undefined {
    const call = isLiteral(literal) ? callOf(literal) : undefined;
    const sweep = call && (this.sweepOf(call) ?? this.#sweepAround(call));
    return sweep && (sweep.reduction?.after ?? sweep.callback) === literal ? sweep : undefined;
  }

  /** The sweep whose callback is `(before, item) => before.then(...)`. */
  #sweepAround(call: ts.CallExpression): Sweep | undefined {
    const around = ts.findAncestor(call, isFunctionNode);
    const sweep = around && isLiteral(around) ? callOf(around) : undefined;
    return sweep && this.sweepOf(sweep);
  }

  /** `(before, item) => before.then(...)`: what becomes a generator function is the function in it. */
  isAround(literal: ts.Node): boolean {
    const call = isLiteral(literal) ? callOf(literal) : undefined;
    const sweep = call && this.sweepOf(call);
    return sweep?.callback === literal && sweep.reduction?.after !== undefined;
  }

  /** The call with which a literal is work that begins. */
  begunBy(literal: ts.Node): ts.CallExpression | undefined {
    if (!isLiteral(literal)) return undefined;
    const { parent } = outOfParens(literal);
    if (!ts.isCallExpression(parent)) return undefined;
    const isBegun = this.eachOf(parent) === literal || this.onceOf(parent) === literal || this.sweptBy(literal)?.reduction?.order === "begun";
    return isBegun ? parent : undefined;
  }

  /** The field with the context of the object that the callback of `items.map` uses, and has as one of its own. */
  ownField(callback: FunctionNode): string | undefined {
    const field = fieldOfThis(this.finder.name);
    const { parent } = outOfParens(callback as ts.Node as ts.Expression);
    const isItem = ts.isCallExpression(parent) && parent.expression !== callback && eachCallAt(parent, this.scope)?.callback === callback;
    return field !== undefined && isItem && !standsAlone(callback) && canHaveOwn(callback, field, this.scope) ? field : undefined;
  }

  #canBegin(callback: FunctionNode, call: ts.CallExpression): boolean {
    // The work has a context of its own under the name that the code in it knows: `args.ctx` is no name, but for the field of an object of its own.
    if (this.finder.name.includes(".") && this.ownField(callback) === undefined) return false;
    if (!this.finder.isDurableCode(callback) || !(standsAlone(callback) || this.ownField(callback) !== undefined) || callback.parameters.some((parameter) => parameter.dotDotDotToken)) return false;
    if (readsWhatChanges(callback, call, this.finder.fn, this.scope)) return false;
    // What has ended is not run again on a replay: it must not have written to what is outside of it.
    const body = callback as Literal;
    return writesOutside(body, this.finder.fn, this.scope.checker) === undefined && writesInCallees(body, this.finder.fn, this.scope) === undefined && givesPromise(callback, this.scope);
  }

  /** Whether a function literal is a closure that becomes a generator function, called with `yield*` wherever it is called. */
  isClosure(literal: FunctionNode): boolean {
    const known = this.#verdicts.get(literal);
    if (known !== undefined) return known;
    if (this.#hasColour(literal)) {
      this.#verdicts.set(literal, true);
      return true;
    }
    this.#verdicts.set(literal, false);
    const flow = new ClosureFlow(this.finder.fn, this.scope, (node) => this.finder.owner(node) === this.finder.fn || this.#isInside(node), (node) => this.#isBegun(node), (node) => this.finder.chains.of(node) !== undefined, (use) => this.finder.chains.calls(use));
    const followed = standsAlone(literal) && flow.follow(literal) && flow.keepsContext();
    const durable = followed && flow.literals.some((other) => this.finder.isDurableCode(other));
    for (const other of flow.literals) this.#verdicts.set(other, durable);
    if (durable) for (const call of flow.calls) this.calls.add(call);
    if (durable) this.annotations.push(...flow.annotations);
    return durable;
  }

  /** A closure all of whose ways the types show. */
  #hasColour(literal: FunctionNode): boolean {
    const { colours } = this.scope;
    if (!colours?.isDurable(literal) || colours.problemOf(literal) !== undefined) return false;
    // Only an arrow function shares `this` and `arguments` with the function around it.
    return !ts.isArrowFunction(literal) || standsAlone(literal);
  }

  /** Finds the closures of the function before it is read: one may be called in another that is written above it. */
  prepare(): void {
    walk(this.finder.fn, (node) => {
      if (isFunctionNode(node) && this.scope.contextFunctions.has(node)) return false;
      if (isLiteral(node) && this.finder.mentionsContext(node) && !isChainCallback(node) && !this.begunBy(node) && !this.sweptBy(node) && !this.isAround(node)) this.isClosure(node);
      return true;
    });
  }

  /** A literal that was found to go with a closure. */
  isConverted(literal: ts.Node): boolean {
    return this.#verdicts.get(literal) === true;
  }

  /** Calls of closures. */
  readonly calls = new Set<ts.CallExpression>();
  /** Types of functions that become types of generator functions. */
  readonly annotations: ts.FunctionTypeNode[] = [];

  /** A literal that is work which begins, or a part of such work. */
  #isBegun(literal: ts.Node): boolean {
    return this.begunBy(literal) !== undefined || this.finder.chains.of(literal)?.consumption.begins === true;
  }

  #isInside(node: ts.Node): boolean {
    const fn = ts.findAncestor(node.parent, isFunctionNode);
    return fn !== undefined && this.#verdicts.get(fn) === true;
  }
}

function givesPromise(callback: FunctionNode, scope: Scope): boolean {
  const signature = scope.checker.getSignatureFromDeclaration(callback);
  const type = signature && scope.checker.getReturnTypeOfSignature(signature);
  return type?.getProperty("then") !== undefined;
}

function usesOf(name: ts.Identifier, symbol: ts.Symbol, fn: ts.Node, scope: Scope): ts.Identifier[] {
  const uses: ts.Identifier[] = [];
  walk(fn, (node) => {
    if (ts.isIdentifier(node) && node !== name && node.text === name.text && symbolOf(node, scope.checker) === symbol) uses.push(node);
  });
  return uses;
}

/** Methods of a list that keep its closures in it. */
const keeping: ReadonlySet<string> = new Set(["reverse", "slice", "toReversed", "concat", "filter", "flat", "values"]);

/** Follows closures through constants, lists and loops to where they are called. */
class ClosureFlow {
  readonly literals: FunctionNode[] = [];
  readonly calls: ts.CallExpression[] = [];
  readonly annotations: ts.FunctionTypeNode[] = [];
  readonly #seen = new Set<ts.Node | ts.Symbol>();

  constructor(
    readonly fn: ts.Node,
    readonly scope: Scope,
    readonly isOwn: (node: ts.Node) => boolean,
    /** Whether a literal is work that begins. */
    readonly isWork: (literal: ts.Node) => boolean,
    /** Whether a literal is a callback that runs as a part of the function. */
    readonly isPart: (literal: ts.Node) => boolean,
    /** Whether a closure is given to a chain that runs as a part of the function. */
    readonly isChained: (use: ts.Expression) => boolean,
  ) {}

  /** Follows a literal to everything that may happen to it. Gives false where something cannot be followed. */
  follow(literal: FunctionNode): boolean {
    if (this.#seen.has(literal)) return true;
    this.#seen.add(literal);
    this.literals.push(literal);
    return ts.isExpression(literal) && standsAlone(literal) && this.#closure(outOfParens(literal));
  }

  /**
   * Whether what is called in work begun for an item was written there: from outside it would bring the context around it, and what
   * runs side by side would take its places in one call sequence, each time in another order.
   */
  keepsContext(): boolean {
    return this.calls.every((call) => {
      const work = ts.findAncestor(call, (node) => this.isWork(node));
      return work === undefined || this.literals.every((literal) => work.pos <= literal.pos && literal.end <= work.end);
    });
  }

  /** A closure as a value. */
  #closure(node: ts.Expression): boolean {
    const { parent } = node;
    if (ts.isCallExpression(parent) && parent.expression === node) return this.#called(parent);
    if (ts.isCallExpression(parent) && this.isChained(node)) return true;
    if (ts.isVariableDeclaration(parent)) return isConst(parent) && this.#annotation(parent.type) && this.#name(parent.name, (use) => this.#closure(use));
    if (ts.isArrayLiteralExpression(parent)) return parent.elements.every((element) => this.#source(element)) && this.#list(outOfParens(parent));
    if (!ts.isCallExpression(parent) || !ts.isPropertyAccessExpression(parent.expression) || !/^(push|unshift)$/.test(parent.expression.name.text)) return false;
    return parent.arguments.every((argument) => this.#source(argument)) && this.#list(parent.expression.expression);
  }

  /** What is put into a list beside a closure must be one as well. */
  #source(node: ts.Expression): boolean {
    const value = unwrap(node);
    if (isLiteral(value)) return this.follow(value);
    const declaration = ts.isIdentifier(value) ? symbolOf(value, this.scope.checker)?.valueDeclaration : undefined;
    const initializer = declaration && ts.isVariableDeclaration(declaration) && isConst(declaration) && declaration.initializer ? unwrap(declaration.initializer) : undefined;
    return initializer !== undefined && isLiteral(initializer) && this.follow(initializer);
  }

  /** A list of closures as a value. */
  #list(node: ts.Expression): boolean {
    const value = outOfParens(node);
    if (ts.isIdentifier(value)) {
      const declaration = symbolOf(value, this.scope.checker)?.valueDeclaration;
      return declaration !== undefined && ts.isVariableDeclaration(declaration) && isConst(declaration) && this.#isLocal(declaration) && this.#annotation(declaration.type) && this.#listConstant(declaration);
    }
    return this.#listPlace(value);
  }

  #isLocal(declaration: ts.Node): boolean {
    return declaration.pos >= this.fn.pos && declaration.end <= this.fn.end;
  }

  #listConstant(declaration: ts.VariableDeclaration): boolean {
    const { initializer } = declaration;
    const literal = initializer && unwrap(initializer);
    if (literal && !ts.isArrayLiteralExpression(literal)) return false;
    if (literal && !literal.elements.every((element) => this.#source(element))) return false;
    return this.#name(declaration.name, (use) => this.#listPlace(use));
  }

  /** What happens to a list where it stands. */
  #listPlace(node: ts.Expression): boolean {
    const outer = outOfParens(node);
    const { parent } = outer;
    if (ts.isVariableDeclaration(parent)) return isConst(parent) && this.#annotation(parent.type) && this.#name(parent.name, (use) => this.#listPlace(use));
    if (ts.isForOfStatement(parent) && parent.expression === outer) return this.#loop(parent);
    if (ts.isSpreadElement(parent) && ts.isArrayLiteralExpression(parent.parent)) return this.#listPlace(parent.parent);
    if (ts.isElementAccessExpression(parent) && parent.expression === outer) return this.#closure(outOfParens(parent));
    if (ts.isNonNullExpression(parent)) return this.#listPlace(parent);
    return ts.isPropertyAccessExpression(parent) && parent.expression === outer && this.#method(parent);
  }

  #method(access: ts.PropertyAccessExpression): boolean {
    const name = access.name.text;
    if (name === "length") return true;
    const call = access.parent;
    if (!ts.isCallExpression(call) || call.expression !== access) return false;
    if (name === "push" || name === "unshift") return call.arguments.every((argument) => this.#source(argument));
    if (name === "pop" || name === "shift" || name === "at") return this.#closureOrUndefined(outOfParens(call));
    if (!keeping.has(name) || call.arguments.some(ts.isFunctionLike)) return false;
    return ts.isExpressionStatement(call.parent) || this.#listPlace(call);
  }

  #closureOrUndefined(node: ts.Expression): boolean {
    const { parent } = node;
    if (ts.isNonNullExpression(parent)) return this.#closureOrUndefined(outOfParens(parent));
    return this.#closure(node);
  }

  #loop(loop: ts.ForOfStatement): boolean {
    const [declaration] = ts.isVariableDeclarationList(loop.initializer) ? loop.initializer.declarations : [];
    return declaration !== undefined && isConst(declaration) && this.#name(declaration.name, (use) => this.#closure(use));
  }

  #name(name: ts.BindingName, each: (use: ts.Expression) => boolean): boolean {
    if (!ts.isIdentifier(name)) return false;
    const symbol = this.scope.checker.getSymbolAtLocation(name);
    if (!symbol) return false;
    if (this.#seen.has(symbol)) return true;
    this.#seen.add(symbol);
    return usesOf(name, symbol, this.fn, this.scope).every((use) => ts.isExpression(use) && each(outOfParens(use)));
  }

  /** A closure is called and awaited where a `yield*` may stand. */
  #called(call: ts.CallExpression): boolean {
    if (call.questionDotToken) return false;
    this.calls.push(call);
    if (this.isOwn(call)) return true;
    // Called in another closure, which becomes a generator function with it.
    const owner = ts.findAncestor(call.parent, isFunctionNode);
    if (!owner || !isLiteral(owner)) return false;
    return this.isWork(owner) || this.isPart(owner) || this.follow(owner);
  }

  /** `(() => Promise<void>)[]`: the functions in it become generator functions. */
  #annotation(type: ts.TypeNode | undefined): boolean {
    if (!type) return true;
    const found: ts.FunctionTypeNode[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isFunctionTypeNode(node)) found.push(node);
      else ts.forEachChild(node, visit);
    };
    visit(type);
    for (const one of found) if (!this.annotations.includes(one)) this.annotations.push(one);
    return found.length > 0;
  }
}
