import { isTaken, itemsCallee } from "./async-items.js";
import { eachCallAt } from "./begun-work.js";
import type { Callbacks } from "./callbacks.js";
import { ts } from "./compiler.js";
import { contextAt, contextTypeOf } from "./contexts.js";
import { canBeginWithObject, givesObject } from "./begun-objects.js";
import type { Consumption } from "./consumption.js";
import { carriesContext } from "./helper-calls.js";
import { isClosureCall, LentClosures } from "./lent-closures.js";
import type { CallbackSite, ReductionFact, Site } from "./site-model.js";
import { type Reduction, reductionFact } from "./reductions.js";
import { type Scope, idOf, subjectOf } from "./scope.js";
import { optionalCall } from "./optional-calls.js";
import { returnTypeOf, shapeOf } from "./shapes.js";
import type { SiteFinder } from "./sites.js";
import type { Sweep } from "./sweeps.js";
import { type FunctionNode, containsAwait, enclosingFunction, isFunctionNode, isWithin, modifier, openParen, outOfParens, rangeOf, walk } from "./syntax.js";

/** What a function has of closures: literals that become generator functions in it, and calls of functions that are durable without taking a context. */
export class ClosureSites {
  readonly #calls = new Set<ts.CallExpression>();
  /** Calls of closures that may be begun: where their promises go must be known before what waits for them is read. */
  readonly #begun = new Map<ts.CallExpression, [ts.CallExpression, Consumption][]>();
  /** Calls that are given the context. */
  readonly #helped = new Set<ts.CallExpression>();
  /** Literals of the function that become generator functions, with the site of each. */
  readonly #literals = new Map<FunctionNode, CallbackSite & { takesContext?: boolean }>();
  #lent: LentClosures | undefined;

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
    if (callbacks.isAround(node)) return true;
    const call = callbacks.begunBy(node);
    const each = call && eachCallAt(call, this.scope);
    const isCoded = this.scope.colours?.isDurable(node) === true;
    const isDeclared = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node);
    const sweep = isDeclared ? undefined : callbacks.sweptBy(node);
    // Inside of a step's action no `yield*` can stand.
    if (sweep && !finder.isOwn(sweep.call)) return false;
    if (isDeclared ? !isCoded : !call && !isCoded && !finder.isDurableCode(node) && !callbacks.isConverted(node)) return false;
    if (!call && !sweep && !callbacks.isClosure(node)) return false;
    const place = call ?? sweep?.call ?? (isDeclared ? (node.name as ts.Node as ts.Expression) : (node as ts.Expression));
    const own = each && callbacks.ownField(node);
    const site: CallbackSite & { retries: boolean; takesContext?: boolean } = { concept: "callback", ...finder.sync(sweep?.reduction ? this.#awaited(sweep.call) : place), shape: shapeOf(node, this.scope), ...(each ? { items: { start: each.opens ? call.getStart() : each.items.getStart(), end: each.items.end }, opens: each.opens } : {}), ...(own === undefined ? {} : { own }), ...(sweep ? { items: { start: sweep.opens ? sweep.call.getStart() : sweep.items.getStart(), end: sweep.items.end }, opens: sweep.opens, sweep: sweep.member, ...(callbacks.sharesThis(node) ? { thisAfter: sweep.initial?.end ?? sweep.callback.end } : {}), reduction: sweep.reduction && this.#reduction(sweep, sweep.reduction) } : {}), ...(call ? { begins: true } : {}), ...(isStraight(node) ? { straight: true } : {}), retries: false };
    finder.findings.sites.push(site);
    finder.findings.callbacks.push({ site, node, certain: call !== undefined && own === undefined && (sweep ? this.#leavesFunction(sweep) : this.#isAwaitedWhole(each ? call : outOfParens(call).parent)), begun: call !== undefined });
    this.#literals.set(node, site);
    if (call) finder.begunValue(node, this.scope.checker.getSignatureFromDeclaration(node));
    return true;
  }

  /** A callback of a chain, which runs in the function itself or in work that begins. */
  #chained(node: FunctionNode, begun: boolean): boolean {
    const { finder } = this;
    const site: CallbackSite & { retries: boolean } = { concept: "callback", ...finder.sync(node as ts.Node as ts.Expression), shape: shapeOf(node, this.scope), ...(begun ? { begins: true, chained: finder.chains.contextFor(node) } : {}), retries: false };
    finder.findings.sites.push(site);
    finder.findings.callbacks.push({ site, node, certain: false, begun });
    this.#literals.set(node, site);
    return true;
  }

  /** The `await` of a call, which goes with it. */
  #awaited(call: ts.CallExpression): ts.Expression {
    const { parent } = outOfParens(call);
    if (!ts.isAwaitExpression(parent)) return call;
    this.finder.settle(parent);
    return parent;
  }

  /** Whether a failure of one callback is that of the function: none of those after it handles it. */
  #leavesFunction({ call, callback, reduction }: Sweep): boolean {
    const isHandled = (node: ts.Node): boolean => ts.findAncestor(node, (ancestor) => (ancestor === callback ? "quit" : ts.isTryStatement(ancestor))) !== undefined;
    return !this.finder.use.isCaught(call) && !reduction?.awaits.some(isHandled);
  }

  #reduction(sweep: Sweep, reduction: Reduction): ReductionFact {
    const { order, awaits, before } = reduction;
    if (order === "begun") {
      const type = before.type && ts.isTypeReferenceNode(before.type) ? before.type.typeName : undefined;
      if (type) this.finder.findings.types.push(rangeOf(type));
    } else for (const node of awaits) this.finder.settle(node);
    return reductionFact(sweep, reduction, this.scope);
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
    for (const body of this.#bodiesOf(call)) if (this.scope.contextFunctions.has(body)) this.finder.findings.runs.push({ at: call, id: idOf(body) });
    if (call.arguments.some((argument) => context !== undefined && contextAt(argument, this.scope) === context)) return void this.#helped.add(call);
    this.#calls.add(call);
    if (isClosureCall(call, this.finder.fn, this.scope) || givesObject(call, this.finder)) this.#begun.set(call, this.#usedAs(call));
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
    const calls = new Map([...new Set([...this.#calls, ...this.callbacks.calls])].flatMap((call) => this.#begun.get(call) ?? this.#usedAs(call)));
    const begins = new Map([...calls].map(([call, use]) => [call, { begins: use.kind === "now" && use.begins === true }]));
    this.#lent = new LentClosures(this.finder, this.scope, this.#literals, begins, (call) => this.#bodiesOf(call));
    for (const [call, use] of calls) this.#settleCall(call, use);
    for (const [literal, site] of this.#literals) if (this.#lent.has(literal)) site.takesContext = true;
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

  /** How the promise of a call is used; nothing where the call is left, or is a site of its own as work that begins. */
  #usedAs(call: ts.CallExpression): [ts.CallExpression, Consumption][] {
    const { finder } = this;
    if (this.callbacks.onceOf(call)) return [];
    if (finder.isOwn(call)) return [[call, this.#mayWait(call) ? finder.use.promise(call) : finder.use.value(call)]];
    finder.leave(finder.inStep(call) ? "R0146" : "R0119", call);
    return [];
  }

  #settleCall(call: ts.CallExpression, use: Consumption): void {
    const { finder } = this;
    if (this.#borrowsContext(call)) return finder.leave("R0163", call);
    if (itemsCallee(call, this.scope)) return isTaken(call) ? undefined : finder.leave("R0166", call);
    const closure = this.#lent?.calledBy(call);
    if (use.kind === "left") return finder.leave("R0116", call);
    const isWrapped = use.begins === true && !closure && this.#canBeginWithObject(call);
    if (use.begins && !isWrapped && !(closure && this.#canBegin(call, closure))) return finder.leave("R0116", call);
    const optional = optionalCall(call, use.outer, this.scope);
    if (optional === "left" || (optional && (closure || use.begins))) return finder.leave("R0116", call);
    const place = { callee: rangeOf(call.expression), at: openParen(call), isEmpty: call.arguments.length === 0 };
    const target = optional || isWrapped ? undefined : this.#bareTarget(call);
    finder.findings.sites.push({ concept: "handle", ...finder.base(use), ...(closure ? { given: place } : {}), ...(isWrapped ? { isWrapped } : {}), ...(target ? { bare: { ...place, target: idOf(target) } } : {}), ...(optional ? { optional } : {}) });
  }

  /** Whether `charge({ ctx, item })` can run beside the function. */
  #canBeginWithObject(call: ts.CallExpression): boolean {
    const bodies = this.#bodiesOf(call);
    const isAsync = bodies.length > 0 && bodies.every((body) => modifier(body, ts.SyntaxKind.AsyncKeyword) !== undefined && this.#isGiven(body, call));
    if (!isAsync || !canBeginWithObject(call, this.finder) || call.arguments.some((argument) => !ts.isObjectLiteralExpression(argument) && carriesContext(argument, this.scope))) return false;
    this.finder.begunValue(call, this.scope.checker.getResolvedSignature(call));
    this.finder.findings.callbacks.push({ site: { retries: false }, node: call, certain: false, begun: true });
    return true;
  }

  /** The one function that a call runs, where it takes no context and could be handed that which stands here. */
  #bareTarget(call: ts.CallExpression): ts.Node | undefined {
    const [target, ...others] = this.#bodiesOf(call);
    const isBare = target !== undefined && others.length === 0 && this.scope.contextFunctions.has(target) && this.scope.contextFunctions.get(target) === undefined && !this.scope.handlers.has(target);
    // A closure has no `this` of the method around it.
    return isBare && !(this.finder.name.startsWith("this.") && enclosingFunction(call) !== this.finder.fn) ? target : undefined;
  }

  /** Whether a closure that takes the context can run beside the function: it waits for what is recorded, and throws nothing at once. */
  #canBegin(call: ts.CallExpression, closure: FunctionNode): boolean {
    if (call.typeArguments || call.arguments.some((argument) => ts.isSpreadElement(argument) || carriesContext(argument, this.scope)) || modifier(closure, ts.SyntaxKind.AsyncKeyword) === undefined) return false;
    this.finder.begunValue(call, this.scope.checker.getResolvedSignature(call));
    this.finder.findings.callbacks.push({ site: { retries: false }, node: closure, certain: false, begun: true });
    return true;
  }

  /** A call that gives a promise, also where its type says that nobody looks at it: `notify(): void` may be an async function. */
  #mayWait(call: ts.CallExpression): boolean {
    if (this.scope.checker.getTypeAtLocation(call).getProperty("then")) return true;
    return this.#bodiesOf(call).some((body) => modifier(body, ts.SyntaxKind.AsyncKeyword) !== undefined && containsAwait(body));
  }

  /** Work that is begun has a context of its own: it cannot run what captured that of the function around it. */
  #borrowsContext(call: ts.CallExpression): boolean {
    const begun = this.#begunAround(call);
    if (!begun || this.#isOfOwn(call, begun)) return false;
    const bodies = this.#bodiesOf(call).filter((body) => !isWithin(body, begun));
    return bodies.some((body) => this.#captures(body) && !this.#isGiven(body, call) && !this.#lent?.has(body)) || this.#handsOutside(call, begun);
  }

  /** `this.charge(item)` in work that has the object as one of its own. */
  #isOfOwn(call: ts.CallExpression, begun: ts.Node): boolean {
    const access = call.expression;
    const isOwn = isFunctionNode(begun) && this.#literals.get(begun)?.own !== undefined;
    return isOwn && ts.isPropertyAccessExpression(access) && access.expression.kind === ts.SyntaxKind.ThisKeyword && !this.#handsOutside(call, begun);
  }

  /** What a call stands in that has a context of its own, the innermost: work that is begun, or a closure that is lent to it. */
  #begunAround(call: ts.Node): ts.Node | undefined {
    return this.#lent?.around(call);
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
    findings.sites.push({ concept: "closure-type", ...this.finder.sync(type as ts.Node as ts.Expression), file: type.getSourceFile().fileName, returns: returnTypeOf(type.type, this.scope) });
    for (const parameter of type.parameters) {
      const written = parameter.type && contextTypeOf(parameter.type, this.scope);
      if (parameter.type && written) findings.contextTypes.push(written.alias ?? { node: parameter, type: parameter.type });
    }
  }

  /** A state belongs to the context of the function, not to that of an item. */
  #keepStatesOut(): void {
    const { findings } = this.finder;
    const items = [...this.#literals.values()].filter((site) => site.begins || site.takesContext);
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
