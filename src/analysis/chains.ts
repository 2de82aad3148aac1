import type { TextRange } from "../edits/edit.js";
import { isLiteral, standsAlone } from "./begun-work.js";
import { readsWhatChanges } from "./changing-reads.js";
import { isCombinationOfHandles } from "./combinators.js";
import { ts } from "./compiler.js";
import type { Consumption } from "./consumption.js";
import { freeName, writesInCallees, writesOutside } from "./moving.js";
import { mayBePromise } from "./promises.js";
import { functionNamed } from "./scope.js";
import type { ChainMember } from "./site-model.js";
import type { SiteFinder } from "./sites.js";
import { type FunctionNode, isWithin, modifier, openParen, outOfParens, rangeOf, skipParens, unwrap, valuesOf, yieldingFor } from "./syntax.js";
import { isDurablePromise } from "./waiting.js";

/** What a callback of a chain becomes: it is absent, stays as it is, becomes a generator function, or is the name of one in the function. */
type CallbackKind = "absent" | "plain" | "work" | "closure";

/** A chain that is rewritten. */
export interface Chain {
  readonly consumption: Extract<Consumption, { kind: "now" }>;
  /** The callbacks that become generator functions. */
  readonly works: ReadonlySet<ts.Node>;
}

/**
 * `then`, `catch` and `finally` on durable promises. Where the result is awaited on the spot, the callback runs in the function itself;
 * elsewhere it is work that begins, for a callback of Restate's runs as soon as its promise ends, whoever waits for it.
 */
export class Chains {
  readonly #known = new Map<ts.CallExpression, Chain | undefined>();

  constructor(readonly finder: SiteFinder) {}

  /** Takes note of a chain where its last call stands. */
  find(last: ts.CallExpression): void {
    const links = linksOf(last);
    const [first] = links;
    const chain = first && this.isDurable(first.access.expression) ? this.#read(last) : undefined;
    if (!first || !chain || isChainReceiver(last)) return;
    const { finder } = this;
    const { consumption } = chain;
    const isObserved = !isStatement(last);
    if (consumption.begins) finder.begunValue(last, finder.scope.checker.getResolvedSignature(last));
    finder.findings.sites.push({ concept: "chain", ...finder.base(consumption), receiver: rangeOf(first.access.expression), links: links.map(({ access, call }) => ({ member: access.name.text as ChainMember, name: rangeOf(access.name), ...typeArgumentsOf(call, access) })), ...(isObserved ? {} : { unobserved: true }) });
    // What is thrown in a callback of work that begins is what the work ends with.
    if (consumption.begins) for (const callback of links.flatMap(({ call }) => call.arguments.map(unwrap))) if (isLiteral(callback) && !chain.works.has(callback)) finder.findings.callbacks.push({ site: { retries: false }, node: callback, certain: false, begun: true });
  }

  /** The chain that has a durable promise as its receiver, where it is rewritten. */
  on(receiver: ts.Expression): Chain | undefined {
    return isChainReceiver(receiver) ? this.#read(lastOf(receiver)) : undefined;
  }

  /** The chain in which a function literal is a callback that becomes a generator function. */
  of(literal: ts.Node): Chain | undefined {
    const call = isLiteral(literal) && isChainCallback(literal) ? lastOf(callWith(literal)) : undefined;
    const [first] = call ? linksOf(call) : [];
    const chain = call && first && this.isDurable(first.access.expression) ? this.#read(call) : undefined;
    return chain?.works.has(literal) ? chain : undefined;
  }

  /** Whether an expression gives a durable promise, or may begin one. */
  isDurable(node: ts.Expression): boolean {
    const { finder } = this;
    const value = unwrap(node);
    if (ts.isOptionalChain(value)) return false;
    const [first] = ts.isCallExpression(value) ? linksOf(value) : [];
    if (first) return this.isDurable(first.access.expression);
    if (finder.handles.isPromise(value) || isDurablePromise(value, finder)) return true;
    return ts.isCallExpression(value) && (isCombinationOfHandles(value, finder) || (finder.scope.colours?.targetsOf(value).length ?? 0) > 0);
  }

  /** Whether a call is the last one of a chain that is rewritten. */
  mayBegin(last: ts.CallExpression): boolean {
    const [first] = linksOf(last);
    return first !== undefined && this.isDurable(first.access.expression) && this.#read(last) !== undefined;
  }

  /** Whether a parameter is what a callback of a chain is given as the failure. */
  givesFailure(parameter: ts.ParameterDeclaration): boolean {
    const literal = parameter.parent;
    if (!isLiteral(literal) || !isChainCallback(literal)) return false;
    const call = callWith(literal);
    return (chainAt(call)?.name.text === "then" ? call.arguments[1] : call.arguments[0]) === outOfParens(literal) && this.calls(literal);
  }

  /** Whether a failure in a callback is handled by a later one of the same chain. */
  isCaught(node: ts.Node): boolean {
    const literal = ts.findAncestor(node, (ancestor) => (ancestor === this.finder.fn ? "quit" : this.of(ancestor) !== undefined));
    const call = literal && callWith(literal as ts.Expression);
    const later = call ? linksOf(lastOf(call)).filter((link) => link.call.end > call.end) : [];
    return later.some(({ access, call: { arguments: given } }) => given[access.name.text === "then" ? 1 : 0] !== undefined && access.name.text !== "finally");
  }

  /** What becomes of a chain, by its last call; undefined where it is left. */
  #read(last: ts.CallExpression): Chain | undefined {
    if (this.#known.has(last)) return this.#known.get(last);
    this.#known.set(last, undefined);
    const chain = this.finder.isOwn(last) ? this.#chain(last) : undefined;
    this.#known.set(last, chain);
    return chain;
  }

  #chain(last: ts.CallExpression): Chain | undefined {
    const links = linksOf(last);
    if (!links.every(({ access, call: { arguments: given } }) => given.length > 0 && given.length <= (access.name.text === "then" ? 2 : 1) && !given.some(ts.isSpreadElement))) return undefined;
    const callbacks = links.flatMap(({ call }) => call.arguments.map(unwrap));
    if (callbacks.some((callback) => this.#kindOf(callback) === undefined)) return undefined;
    const consumption = this.#consumption(last);
    // What is begun asks more of its callbacks.
    if (consumption.kind === "left" || (consumption.begins && !this.#canBegin(links, last))) return undefined;
    return { consumption, works: new Set(callbacks.filter((callback) => this.#kindOf(callback) === "work")) };
  }

  #consumption(last: ts.CallExpression): Consumption {
    return isStatement(last) ? { kind: "now", outer: last, yielding: yieldingFor(last), begins: true } : this.finder.use.promise(last);
  }

  #kindOf(callback: ts.Expression): CallbackKind | undefined {
    const value = unwrap(callback);
    if (value.kind === ts.SyntaxKind.NullKeyword || (ts.isIdentifier(value) && value.text === "undefined")) return "absent";
    if (this.#isClosure(value)) return "closure";
    if (!isLiteral(value)) return this.#givesPlainly(value) ? "plain" : undefined;
    if (!this.#isWork(value)) return "plain";
    return standsAlone(value) && value.parameters.length <= 1 && !value.parameters.some((parameter) => parameter.dotDotDotToken) ? "work" : undefined;
  }

  /** The name of a function within this one that does durable work. */
  #isClosure(value: ts.Expression): boolean {
    const { scope, fn } = this.finder;
    const named = ts.isIdentifier(value) ? functionNamed(value, scope) : undefined;
    return named !== undefined && !scope.contextFunctions.has(named) && isWithin(named, fn) && this.finder.isDurableCode(named);
  }

  /** Whether a function is given to a chain that is rewritten, and is called in it. */
  calls(callback: ts.Expression): boolean {
    const call = isChainCallback(callback) ? lastOf(callWith(callback)) : undefined;
    const [first] = call ? linksOf(call) : [];
    return call !== undefined && first !== undefined && this.isDurable(first.access.expression) && this.#read(call) !== undefined;
  }

  /** A function by its name, or by what a call gives, that gives no promise and is no durable function. */
  #givesPlainly(value: ts.Expression): boolean {
    const { checker, colours } = this.finder.scope;
    const signatures = checker.getTypeAtLocation(value).getCallSignatures();
    return signatures.length > 0 && signatures.every((signature) => {
      const type = checker.getReturnTypeOfSignature(signature);
      const isVague = (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
      const isDurable = signature.declaration !== undefined && colours?.isDurable(signature.declaration) === true;
      return !isVague && !isDurable && !mayBe(type, (one) => one.getProperty("then") !== undefined || one.getProperty("next") !== undefined);
    });
  }

  /** A callback that waits for something, or does durable work. */
  #isWork(literal: FunctionNode): boolean {
    if (modifier(literal, ts.SyntaxKind.AsyncKeyword) || this.finder.isDurableCode(literal)) return true;
    return valuesOf(literal).some((value) => mayBePromise(value, this.finder.scope));
  }

  /** Whether a chain can be work that begins: it has a context of its own. */
  #canBegin([first, ...others]: readonly Link[], last: ts.CallExpression): boolean {
    // A workflow's promise has a handle by its `get` only.
    if (!first || isDurablePromise(first.access.expression, this.finder)) return false;
    return [first, ...others].every(({ call }) => call.arguments.every((callback) => this.#canBeRecorded(unwrap(callback), last)));
  }

  /** Whether a callback can be part of work whose result is recorded: a replay does not run it again. */
  #canBeRecorded(callback: ts.Expression, call: ts.CallExpression): boolean {
    const { fn, scope } = this.finder;
    if (this.#isClosure(callback)) return false;
    if (!isLiteral(callback)) return writesInCallees(callback, fn, scope) === undefined;
    return !readsWhatChanges(callback, call, fn, scope) && writesOutside(callback, fn, scope.checker) === undefined;
  }

  /** What goes behind the parameters of a callback of work that begins. */
  contextFor(literal: FunctionNode): string {
    const { fn, name } = this.finder;
    if (literal.parameters.length > 0) return `, ${name}`;
    const isGivenNothing = chainAt(callWith(literal as ts.Node as ts.Expression))?.name.text === "finally";
    return isGivenNothing ? name : `${freeName(fn, ["_value", "_given"], "_whatever")}, ${name}`;
  }
}

/** `promise.then`, where a call calls it. */
function chainAt(call: ts.CallExpression): ts.PropertyAccessExpression | undefined {
  const access = call.expression;
  return ts.isPropertyAccessExpression(access) && /^(then|catch|finally)$/.test(access.name.text) && !ts.isOptionalChain(call) ? access : undefined;
}

/** One call in `promise.then(...).catch(...)`. */
interface Link {
  readonly call: ts.CallExpression;
  readonly access: ts.PropertyAccessExpression;
}

/** The calls of a chain up to this one, the first first. */
function linksOf(last: ts.CallExpression): Link[] {
  const access = chainAt(last);
  if (!access) return [];
  const receiver = skipParens(access.expression);
  return [...(ts.isCallExpression(receiver) ? linksOf(receiver) : []), { call: last, access }];
}

/** The last call of the chain that an expression is the receiver of, or a call of. */
function lastOf(node: ts.Expression): ts.CallExpression {
  return isChainReceiver(node) ? lastOf(outOfParens(node).parent.parent as ts.CallExpression) : (node as ts.CallExpression);
}

/** Whether an expression is the receiver of a `then` or its like. */
export function isChainReceiver(node: ts.Expression): boolean {
  const outer = outOfParens(node);
  const access = outer.parent;
  return ts.isPropertyAccessExpression(access) && access.expression === outer && ts.isCallExpression(access.parent) && chainAt(access.parent) === access;
}

/** Whether nobody looks at what an expression gives. */
function isStatement(node: ts.Expression): boolean {
  const { parent } = outOfParens(node);
  return ts.isExpressionStatement(parent) || ts.isVoidExpression(parent);
}

function typeArgumentsOf(call: ts.CallExpression, access: ts.PropertyAccessExpression): { typeArguments?: TextRange } {
  return call.typeArguments ? { typeArguments: { start: access.name.end, end: openParen(call) - 1 } } : {};
}

/** The call that a callback is given to. */
function callWith(callback: ts.Expression): ts.CallExpression {
  return outOfParens(callback).parent as ts.CallExpression;
}

/** Whether a function literal is the callback of a `then` or its like, on whatever. */
export function isChainCallback(literal: ts.Expression): boolean {
  const outer = outOfParens(literal);
  return ts.isCallExpression(outer.parent) && outer.parent.arguments.includes(outer) && chainAt(outer.parent) !== undefined;
}

function mayBe(type: ts.Type, holds: (type: ts.Type) => boolean): boolean {
  return type.isUnion() ? type.types.some((member) => mayBe(member, holds)) : holds(type);
}
