import { eachCallAt } from "./begun-work.js";
import type { Callbacks } from "./callbacks.js";
import { ts } from "./compiler.js";
import { contextAt, contextTypeOf } from "./contexts.js";
import { carriesContext } from "./helper-calls.js";
import type { CallbackSite, Site } from "./site-model.js";
import { type Scope, idOf, subjectOf } from "./scope.js";
import { optionalCall } from "./optional-calls.js";
import { returnTypeOf, shapeOf } from "./shapes.js";
import type { SiteFinder } from "./sites.js";
import { containsAwait, isWithin, walk } from "./syntax.js";
import { type FunctionNode, enclosingFunction, isFunctionNode, modifier, outOfParens, rangeOf } from "./syntax.js";

/** What a function has of closures: literals that become generator functions in it, and calls of functions that are durable without taking a context. */
export class ClosureSites {
  readonly #calls = new Set<ts.CallExpression>();
  /** Calls that are given the context. */
  readonly #helped = new Set<ts.CallExpression>();
  /** Literals of the function that become generator functions, with the site of each. */
  readonly #literals = new Map<FunctionNode, CallbackSite>();

  constructor(
    readonly finder: SiteFinder,
    readonly callbacks: Callbacks,
    readonly scope: Scope,
  ) {}

  /** A function literal in the function: part of it where it becomes a generator function whose calls can be followed. Says whether it does. */
  literal(node: FunctionNode): boolean {
    const { finder, callbacks } = this;
    const chain = finder.chains.of(node);
    if (chain) return this.#chained(node, chain.consumption.begins === true);
    const gathering = callbacks.gatheredBy(node);
    if (gathering) return this.#gathered(node, gathering);
    const call = callbacks.begunBy(node);
    const each = call && eachCallAt(call, this.scope);
    const isCoded = this.scope.colours?.isDurable(node) === true;
    const isDeclared = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node);
    if (isDeclared ? !isCoded : !call && !isCoded && !finder.isDurableCode(node) && !callbacks.isConverted(node)) return false;
    if (!call && !callbacks.isClosure(node)) return false;
    const place = call ?? (isDeclared ? (node.name as ts.Node as ts.Expression) : (node as ts.Expression));
    const site: CallbackSite & { retries: boolean } = { concept: "callback", ...finder.sync(place), shape: shapeOf(node, this.scope.checker), ...(each ? { items: { start: each.opens ? call.getStart() : each.items.getStart(), end: each.items.end }, opens: each.opens } : {}), ...(call ? { begins: true } : {}), ...(isStraight(node) ? { straight: true } : {}), retries: false };
    finder.findings.sites.push(site);
    finder.findings.callbacks.push({ site, node, certain: call !== undefined && this.#isAwaitedWhole(each ? call : outOfParens(call).parent), begun: call !== undefined });
    this.#literals.set(node, site);
    if (call) finder.begunValue(node, this.scope.checker.getSignatureFromDeclaration(node));
    return true;
  }

  /** A callback that only begins something for each item. */
  #gathered(node: FunctionNode, call: ts.CallExpression): boolean {
    const { finder } = this;
    const each = eachCallAt(call, this.scope);
    if (!each) return false;
    const site: CallbackSite & { retries: boolean } = { concept: "callback", ...finder.sync(call), shape: shapeOf(node, this.scope.checker), items: { start: each.opens ? call.getStart() : each.items.getStart(), end: each.items.end }, opens: each.opens, gathers: true, retries: false };
    finder.findings.sites.push(site);
    this.#literals.set(node, site);
    return true;
  }

  /** A callback of a chain, which runs in the function itself or in work that begins. */
  #chained(node: FunctionNode, begun: boolean): boolean {
    const { finder } = this;
    const site: CallbackSite & { retries: boolean } = { concept: "callback", ...finder.sync(node as ts.Node as ts.Expression), shape: shapeOf(node, this.scope.checker), ...(begun ? { begins: true, chained: finder.chains.contextFor(node) } : {}), retries: false };
    finder.findings.sites.push(site);
    finder.findings.callbacks.push({ site, node, certain: false, begun });
    this.#literals.set(node, site);
    return true;
  }

  /** Whether a literal has become a generator function of its own. */
  has(literal: ts.Node): boolean {
    return isFunctionNode(literal) && this.#literals.has(literal);
  }

  /** A call of a durable function that is not given the context where it is called. */
  call(call: ts.CallExpression): void {
    const { context } = this.finder;
    const targets = this.scope.colours?.targetsOf(call) ?? [];
    // The type of a function says what it gives: only what is called by itself has to be read for that.
    for (const target of targets) if (isFunctionNode(target) && this.scope.contextFunctions.has(target)) this.finder.findings.calls.add(idOf(target));
    this.#join(targets);
    if (targets.length === 0) return;
    if (call.arguments.some((argument) => context !== undefined && contextAt(argument, this.scope) === context)) return void this.#helped.add(call);
    this.#calls.add(call);
    if (ts.isIdentifier(call.expression)) this.finder.findings.helperNames.push(call.expression);
    else if (ts.isPropertyAccessExpression(call.expression)) this.finder.findings.helperNames.push(call.expression.name);
  }

  /** Notes the functions that a declaration can stand for: they move together. */
  #join(targets: readonly ts.Node[]): void {
    for (const member of targets.flatMap((target) => this.scope.colours?.membersOf(target) ?? [])) {
      const owner = ownerOf(member, this.scope);
      if (owner) this.finder.findings.together.add(idOf(owner));
    }
  }

  /** Says of all that was found what it becomes, once the function is read. */
  settle(): void {
    for (const call of new Set([...this.#calls, ...this.callbacks.calls])) this.#settleCall(call);
    for (const call of this.#helped) {
      const begun = this.#begunAround(call);
      if (begun && this.#handsOutside(call, begun)) this.finder.leave("R0163", call);
    }
    for (const type of this.callbacks.annotations) this.#type(type);
    for (const node of [this.finder.fn, ...this.#literals.keys()]) this.#types(node);
    for (const parameter of this.finder.fn.parameters) this.#promise(parameter);
    for (const range of this.finder.handles.annotations) this.finder.findings.types.push(range);
    this.#keepStatesOut();
  }

  /** `Promise<T>` becomes the type of handles where durable promises are all that comes. */
  #promise({ name, type }: ts.ParameterDeclaration): void {
    const symbol = this.scope.checker.getSymbolAtLocation(name);
    if (symbol && this.scope.promiseParameters.has(symbol) && type && ts.isTypeReferenceNode(type)) this.finder.findings.types.push(rangeOf(type.typeName));
  }

  #settleCall(call: ts.CallExpression): void {
    const { finder } = this;
    // Work that begins here is a site of its own.
    if (this.callbacks.onceOf(call)) return;
    if (!finder.isOwn(call)) return finder.leave(finder.inStep(call) ? "R0146" : "R0119", call);
    if (this.#borrowsContext(call)) return finder.leave("R0163", call);
    const consumption = this.#mayWait(call) ? finder.use.promise(call) : finder.use.value(call);
    if (consumption.kind === "left" || consumption.begins) return finder.leave("R0116", call);
    const optional = optionalCall(call, consumption.outer);
    if (optional === "left") return finder.leave("R0116", call);
    finder.findings.sites.push({ concept: "handle", ...finder.base(consumption), ...(optional ? { optional } : {}) });
  }

  /** A call that gives a promise, also where its type says that nobody looks at it: `notify(): void` may be an async function. */
  #mayWait(call: ts.CallExpression): boolean {
    if (this.scope.checker.getTypeAtLocation(call).getProperty("then")) return true;
    return this.#bodiesOf(call).some((body) => modifier(body, ts.SyntaxKind.AsyncKeyword) !== undefined && containsAwait(body));
  }

  /** Work that is begun has a context of its own: it cannot run what captured that of the function around it. */
  #borrowsContext(call: ts.CallExpression): boolean {
    const begun = this.#begunAround(call);
    if (!begun) return false;
    const bodies = this.#bodiesOf(call).filter((body) => !isWithin(body, begun));
    return bodies.some((body) => this.#captures(body) && !this.#isGiven(body, call)) || this.#handsOutside(call, begun);
  }

  /** The begun work that a call stands in, the innermost: it has a context of its own. */
  #begunAround(call: ts.Node): ts.Node | undefined {
    const around = [...this.#literals].flatMap(([node, site]) => (site.begins && isWithin(call, node) ? [node] : []));
    return around.reduce<ts.Node | undefined>((inner, node) => (inner === undefined || isWithin(node, inner) ? node : inner), undefined);
  }

  /** The functions that a call may run. */
  #bodiesOf(call: ts.CallExpression): ts.Node[] {
    const members = (this.scope.colours?.targetsOf(call) ?? []).flatMap((target) => this.scope.colours?.membersOf(target) ?? []);
    return members.filter((member) => isFunctionNode(member) && member.body !== undefined);
  }

  /** A closure of another function, or a function that was given its context before. */
  #captures(body: ts.Node): boolean {
    return !this.scope.contextFunctions.has(body) || this.scope.contextFunctions.get(body) !== undefined;
  }

  /** Whether a call in begun work is handed something that was made outside of the work and captured a context there. */
  #handsOutside(call: ts.CallExpression, begun: ts.Node): boolean {
    const { context } = this.finder;
    return call.arguments.some((argument) => {
      if (context !== undefined && contextAt(argument, this.scope) === context) return false;
      const declarations = this.scope.checker.getTypeAtLocation(argument).getCallSignatures().flatMap((signature) => signature.declaration ?? []);
      const isMadeInside = declarations.length > 0 && declarations.every((declaration) => isWithin(declaration, begun));
      return !isMadeInside && !ts.isObjectLiteralExpression(argument) && carriesContext(argument, this.scope);
    });
  }

  /** `charge({ ctx, item })`: the context that stands there is that of the work. */
  #isGiven(body: ts.Node, call: ts.CallExpression): boolean {
    const context = this.scope.nestedContexts.get(body);
    if (!context || context.text.startsWith("this.") || context.fn !== body) return false;
    return call.arguments.every((argument) => {
      const members = ts.isObjectLiteralExpression(argument) ? argument.properties : undefined;
      return members ? members.every((member) => !ts.isSpreadAssignment(member)) : !carriesContext(argument, this.scope);
    });
  }

  /** The types of functions that are taken for a literal become types of generator functions; one of the literals sees to it. */
  #types(node: FunctionNode): void {
    const { colours } = this.scope;
    if (!colours?.isDurable(node)) return;
    const members = colours.membersOf(node);
    this.#join([node]);
    if (members.find((member) => isFunctionNode(member) && member.body !== undefined) !== node) return;
    for (const member of members) if (ts.isFunctionLike(member) && !("body" in member && member.body !== undefined)) this.#type(member);
  }

  #type(type: ts.SignatureDeclaration): void {
    const { findings } = this.finder;
    if (!type.type || findings.sites.some((site) => site.concept === "closure-type" && site.range.start === type.getStart() && site.file === type.getSourceFile().fileName)) return;
    findings.sites.push({ concept: "closure-type", ...this.finder.sync(type as ts.Node as ts.Expression), file: type.getSourceFile().fileName, returns: returnTypeOf(type.type, this.scope.checker) });
    for (const parameter of type.parameters) {
      const written = parameter.type && contextTypeOf(parameter.type, this.scope);
      if (parameter.type && written) findings.contextTypes.push(written.alias ?? { node: parameter, type: parameter.type });
    }
  }

  /** A state belongs to the context of the function, not to that of an item. */
  #keepStatesOut(): void {
    const { findings } = this.finder;
    const items = [...this.#literals.values()].filter((site) => site.begins);
    const isInItem = (site: Site): boolean => items.some(({ shape }) => shape.range.start <= site.range.start && site.range.end <= shape.range.end);
    for (const site of findings.sites) {
      if (site.concept === "state" && isInItem(site)) findings.left.push({ code: "R0119", file: site.file, range: site.range, subject: `${site.context}.${site.member}` });
    }
  }

  /** `await Promise.all(items.map(...))` where no `catch` is around. */
  #isAwaitedWhole(list: ts.Node): boolean {
    const call = ts.isExpression(list) ? outOfParens(list).parent : list;
    if (!ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression) || call.expression.name.text !== "all") return false;
    const outer = outOfParens(call);
    return (ts.isAwaitExpression(outer.parent) || this.finder.use.isReturned(outer)) && !this.finder.use.isCaught(call);
  }
}

/** Whether there is no loop in a function's own code. */
function isStraight(node: ts.Node): boolean {
  let straight = true;
  walk(node, (child) => {
    if (ts.isIterationStatement(child, false)) straight = false;
    if (isFunctionNode(child)) return false;
    return straight;
  });
  return straight;
}

/** The function with findings of its own that a function is, or stands in. */
function ownerOf(node: ts.Node, scope: Scope): ts.Node | undefined {
  for (let owner: ts.Node | undefined = node; owner; owner = enclosingFunction(owner)) if (scope.contextFunctions.has(owner)) return owner;
  return undefined;
}

/** What a problem of a colour is about. */
export function problemSubject(at: ts.Node): string {
  const name = ts.isVariableDeclaration(at.parent) ? at.parent.name : isFunctionNode(at) ? at.name : undefined;
  return subjectOf(name ?? at);
}
