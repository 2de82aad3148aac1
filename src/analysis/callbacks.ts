import { eachCallAt, isLiteral, type Literal, onceCallAt, standsAlone } from "./begun-work.js";
import { isChainCallback } from "./chains.js";
import { isAwaitedWhole, readsWhatChanges } from "./changing-reads.js";
import { ts } from "./compiler.js";
import { writesOutside } from "./moving.js";
import { type Scope, isConst, symbolOf } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { type FunctionNode, isFunctionNode, modifier, outOfParens, unwrap, valuesOf, walk } from "./syntax.js";

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
    if (!each || this.gathers(call)) return undefined;
    const known = this.#verdicts.get(call) ?? (each.callback.parameters.length <= 2 && this.#canBegin(each.callback, call) && this.finder.handles.keepList(call));
    this.#verdicts.set(call, known);
    return known ? each.callback : undefined;
  }

  /**
   * Whether the callback of `items.map` only begins something for each item: `const works = items.map((item) => ctx.run(...))`. It runs in
   * the function itself, so that a step which nobody waits for never runs. Where all is waited for on the spot there is no difference.
   */
  gathers(call: ts.CallExpression): boolean {
    const known = this.#gathering.get(call);
    if (known !== undefined) return known;
    this.#gathering.set(call, false);
    const each = eachCallAt(call, this.scope);
    const gathers = each !== undefined && !isAwaitedWhole(call) && this.#onlyBegins(each.callback) && (!givesPromise(each.callback, this.scope) || this.finder.handles.keepList(call));
    this.#gathering.set(call, gathers);
    return gathers;
  }

  readonly #gathering = new Map<ts.CallExpression, boolean>();

  #onlyBegins(callback: FunctionNode): boolean {
    if (modifier(callback, ts.SyntaxKind.AsyncKeyword) || callback.parameters.length > 2 || callback.parameters.some((parameter) => parameter.dotDotDotToken)) return false;
    if (!this.finder.isDurableCode(callback) || !standsAlone(callback)) return false;
    const values = valuesOf(callback);
    const isPromise = (value: ts.Expression): boolean => {
      const node = unwrap(value);
      return ts.isConditionalExpression(node) ? isPromise(node.whenTrue) && isPromise(node.whenFalse) : this.finder.handles.isPromise(node);
    };
    return values.length > 0 && (values.every(isPromise) || values.every((value) => isRecordOf(unwrap(value), isPromise)));
  }

  /** The call of `items.map` whose callback a literal is, where it only begins something for each item. */
  gatheredBy(literal: ts.Node): ts.CallExpression | undefined {
    const { parent } = isLiteral(literal) ? outOfParens(literal) : literal;
    return isLiteral(literal) && ts.isCallExpression(parent) && eachCallAt(parent, this.scope)?.callback === literal && this.gathers(parent) ? parent : undefined;
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

  /** The call with which a literal is work that begins. */
  begunBy(literal: ts.Node): ts.CallExpression | undefined {
    if (!isLiteral(literal)) return undefined;
    const { parent } = outOfParens(literal);
    if (!ts.isCallExpression(parent)) return undefined;
    return this.eachOf(parent) === literal || this.onceOf(parent) === literal ? parent : undefined;
  }

  #canBegin(callback: FunctionNode, call: ts.CallExpression): boolean {
    if (!this.finder.isDurableCode(callback) || !standsAlone(callback) || callback.parameters.some((parameter) => parameter.dotDotDotToken)) return false;
    if (readsWhatChanges(callback, call, this.finder.fn, this.scope)) return false;
    // What has ended is not run again on a replay: it must not have written to what is outside of it.
    return writesOutside(callback as Literal, this.finder.fn, this.scope.checker) === undefined && givesPromise(callback, this.scope);
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
      if (isLiteral(node) && this.finder.mentionsContext(node) && !isChainCallback(node) && !this.begunBy(node) && !this.gatheredBy(node)) this.isClosure(node);
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

/** `{ id, work: ctx.run(...) }`: promises beside plain values. */
function isRecordOf(value: ts.Expression, isPromise: (node: ts.Expression) => boolean): boolean {
  if (ts.isArrayLiteralExpression(value)) return value.elements.some(isPromise);
  return ts.isObjectLiteralExpression(value) && value.properties.some((property) => ts.isPropertyAssignment(property) && isPromise(property.initializer));
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
