import type { TextRange } from "../edits/edit.js";
import { givesObject } from "./begun-objects.js";
import { findForAwait, findYield } from "./async-items.js";
import { Callbacks } from "./callbacks.js";
import { Chains, isChainReceiver } from "./chains.js";
import { ClosureSites } from "./closure-sites.js";
import { findCombination } from "./combinators.js";
import { ts } from "./compiler.js";
import { findConsole, settleConsole } from "./console-sites.js";
import { type Consumption, PromiseUse } from "./consumption.js";
import { contextAt } from "./contexts.js";
import { isTerminalType } from "./errors.js";
import type { FunctionFindings, Known, KnownDefinition } from "./findings.js";
import { checkHandles, findHandleAwait } from "./handle-uses.js";
import { Handles, isInCombination } from "./handles.js";
import { findHelperCall, isHandedOn, letsContextGo } from "./helper-calls.js";
import { findIdParser, findInvocation, isInvocationMember } from "./invocations.js";
import { findKeyed, isKeyedMember } from "./keyed-sites.js";
import { memberCode } from "./left.js";
import { findLoop } from "./loops.js";
import { isClosureCall } from "./lent-closures.js";
import { freeContextName, onlyNames } from "./moving.js";
import { fieldOfThis } from "./own-objects.js";
import { findPlainAwait } from "./plain-awaits.js";
import { findRandom } from "./random-sites.js";
import { type CallTarget, clientMember, findClientCall, findRemoteCalls } from "./remote-calls.js";
import { findRequest } from "./request-sites.js";
import { findReturnedPromise } from "./returned-promises.js";
import { type ContextParameter, type Scope, idOf, leftAt, remarkAt, shortened, subjectOf, symbolOf } from "./scope.js";
import { isPlainText } from "./site-kinds.js";
import type { Yielding } from "./site-model.js";
import { findStep } from "./step-sites.js";
import { type FunctionNode, enclosingFunction, inParameters, isFunctionNode, rangeOf, walk, isWithin, yieldingFor } from "./syntax.js";
import { findDate, findSleep } from "./time-sites.js";
import { jsonFate } from "./values.js";
import { findVolatile } from "./volatile.js";
import { findAwakeable, findPromiseMethod, findWorkflowPromise, isAwakeableMember } from "./waiting.js";

/** Finds the durable operations of a function and says of each what it is, or why it is left. */
export function findSites(fn: FunctionNode, context: ContextParameter | undefined, scope: Scope, known: Known): FunctionFindings {
  return new SiteFinder(fn, context, scope, known).find();
}

/** Walks through the body of a function and answers what the finders of single kinds of sites ask about it. */
export class SiteFinder {
  readonly definitions: ReadonlyMap<string, KnownDefinition>;
  readonly findings: FunctionFindings = { types: [], contextTypes: [], callbacks: [], sites: [], left: [], unrecorded: [], remarks: [], calls: new Set(), definitions: new Set(), runs: [], together: new Set(), definitionNames: [], helperNames: [], volatile: [] };
  /** Awaits that belong to a durable operation; the others are plain. */
  readonly #awaits = new Set<ts.AwaitExpression>();
  readonly #plain: ts.AwaitExpression[] = [];
  /** Awaits in functions inside of this one. */
  readonly #foreign: ts.AwaitExpression[] = [];
  readonly #returned: ts.Expression[] = [];
  /** Text that goes away as a whole, with whatever was found in it. */
  readonly #dropped: TextRange[] = [];
  /** Constants that hold clients. */
  readonly #clients = new Map<ts.Symbol, CallTarget>();
  readonly #inlined = new Set<ts.Node>();
  readonly #stepActions = new Set<ts.Node>();
  readonly name: string;
  /** Whether the context is a member of something. */
  readonly #isMember: boolean;
  readonly handles: Handles;
  readonly #callbacks: Callbacks;
  readonly #closures: ClosureSites;
  readonly use: PromiseUse;
  readonly chains: Chains;

  constructor(
    readonly fn: FunctionNode,
    readonly context: ContextParameter | undefined,
    readonly scope: Scope,
    readonly known: Known,
  ) {
    this.definitions = known.definitions;
    this.#callbacks = new Callbacks(this, scope);
    this.#closures = new ClosureSites(this, this.#callbacks, scope);
    this.handles = new Handles(fn, scope, (node) => this.owner(node) === fn, (call) => this.#callbacks.eachOf(call) !== undefined, {
      of: (call) => this.#callbacks.sweepOf(call),
      by: (literal) => this.#callbacks.sweptBy(literal),
    });
    this.handles.mayBegin = (node) => this.#mayBegin(node);
    this.use = new PromiseUse(fn, this.#awaits, this.owner, this.handles, (literal) => this.#givesItems(literal));
    this.chains = new Chains(this);
    this.handles.isChained = (node) => this.chains.on(node) !== undefined;
    this.use.isCaughtInChain = (node) => this.chains.isCaught(node);
    this.use.chainOn = (node) => this.chains.on(node)?.consumption;
    this.name = context?.text ?? freeContextName(fn);
    this.#isMember = context?.text.includes(".") ?? false;
  }

  find(): FunctionFindings {
    if (this.fn.body && !ts.isBlock(this.fn.body)) this.#returned.push(this.fn.body);
    if (this.context) this.#callbacks.prepare();
    walk(this.fn, (node) => this.#visit(node));
    this.#closures.settle();
    checkHandles(this);
    for (const node of this.#foreign) if (this.handles.isHandle(node.expression) && !this.isSaid(node.expression)) this.leave("R0119", node);
    // What waits for a handle is known before what stands around it.
    for (const node of this.#plain) if (!this.#awaits.has(node) && findHandleAwait(node, this)) this.#awaits.add(node);
    for (const node of this.#plain) if (!this.#awaits.has(node)) findPlainAwait(node, this);
    for (const value of this.#returned) findReturnedPromise(value, this);
    settleConsole(this);
    findVolatile(this);
    if (!this.context && !this.scope.handlers.has(this.fn)) this.#noteUnrecorded();
    return { ...this.findings, sites: this.findings.sites.filter((site) => !this.#dropped.some((range) => range.start <= site.range.start && site.range.end <= range.end)) };
  }

  #visit(node: ts.Node): boolean | void {
    if (ts.isIdentifier(node)) return this.#identifier(node);
    if (isFunctionNode(node) && this.scope.contextFunctions.has(node)) {
      // A function inside of this one goes where this one goes.
      this.findings.calls.add(idOf(node));
      this.findings.runs.push({ at: node, id: idOf(node) });
      return false;
    }
    if (isFunctionNode(node) && this.#closures.literal(node)) {
      this.#inlined.add(node);
      if (node.body && !ts.isBlock(node.body) && !this.#givesItems(node) && !this.#callbacks.isAround(node)) this.#returned.push(node.body);
    }
    if (ts.isPropertyAccessExpression(node) && this.#isMember && node.getText() === this.name && contextAt(node, this.scope) === this.context) this.#reference(node);
    else if (ts.isCallExpression(node)) this.#call(node);
    else if (ts.isAwaitExpression(node)) {
      if (this.owner(node) === this.fn) this.#plain.push(node);
      else this.#foreign.push(node);
    }
    else if (ts.isForOfStatement(node) && node.awaitModifier && this.owner(node) === this.fn) findForAwait(node, this);
    else if (ts.isYieldExpression(node) && this.owner(node) === this.fn) {
      findYield(node, this);
      if (node.expression && !node.asteriskToken) this.#returned.push(node.expression);
    }
    else if (ts.isReturnStatement(node) && node.expression && this.owner(node) === this.fn && !this.#isItem(node)) this.#returned.push(node.expression);
    else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) this.#instanceOf(node);
    else if (node.kind === ts.SyntaxKind.ThisKeyword) this.#this(node);
    else if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing && this.owner(node) === this.fn) this.leave("R0134", node, "await using");
  }

  /** A callback whose results go into a list as they are. */
  #givesItems(literal: ts.Node): boolean {
    const sweep = this.#callbacks.sweptBy(literal);
    return sweep !== undefined && !sweep.reduction;
  }

  /** What such a callback returns. */
  #isItem(node: ts.ReturnStatement): boolean {
    const literal = enclosingFunction(node);
    return literal !== undefined && (this.#givesItems(literal) || this.#callbacks.isAround(literal));
  }

  /** The function that a node belongs to, where closures that become generator functions and callbacks that become loops are part of it. */
  readonly owner = (node: ts.Node): ts.Node | undefined => {
    let owner = enclosingFunction(node);
    while (owner && this.#inlined.has(owner)) owner = this.#closures.has(owner) ? this.fn : enclosingFunction(owner);
    return owner;
  };

  #call(call: ts.CallExpression): void {
    const callback = findLoop(call, this);
    if (callback) this.#inlined.add(callback);
    else {
      findClientCall(call, this);
      findCombination(call, this);
      this.chains.find(call);
      findPromiseMethod(call, this);
      findIdParser(call, this);
      this.#closures.call(call);
    }
  }

  /** What the client reaches that a name stands for. */
  clientOf(name: ts.Identifier): CallTarget | undefined {
    const symbol = this.#clients.size > 0 ? symbolOf(name, this.scope.checker) : undefined;
    return symbol && this.#clients.get(symbol);
  }

  keepClient(symbol: ts.Symbol, target: CallTarget): void {
    this.#clients.set(symbol, target);
  }

  /** A call that begins something durable where it is not awaited: an operation of the context, or a helper that takes it. */
  #mayBegin(node: ts.Expression): boolean {
    if (!ts.isCallExpression(node)) return false;
    if (this.#callbacks.mayBeginOnce(node) || this.chains.mayBegin(node) || isClosureCall(node, this.fn, this.scope) || givesObject(node, this)) return true;
    const { expression } = node;
    if (isInCombination(node) && ts.isPropertyAccessExpression(expression) && expression.name.text === "now" && ts.isPropertyAccessExpression(expression.expression) && contextAt(expression.expression.expression, this.scope) === this.context) return true;
    if (ts.isPropertyAccessExpression(expression) && contextAt(expression.expression, this.scope) === this.context) return /^(run|sleep)$/.test(expression.name.text) || ((isInCombination(node) || isChainReceiver(node)) && /^(get|stateKeys|attach)$/.test(expression.name.text));
    if (ts.isPropertyAccessExpression(expression) && ts.isIdentifier(expression.expression) && this.clientOf(expression.expression)?.member.concept === "call") return true;
    return node.arguments.some((argument) => this.context !== undefined && contextAt(argument, this.scope) === this.context);
  }

  /** What begun work gives is recorded: it has to survive JSON, and can hold no handle. */
  begunValue(node: ts.Node, signature: ts.Signature | undefined): void {
    const { checker } = this.scope;
    const promised = signature && checker.getReturnTypeOfSignature(signature);
    const type = promised && (checker.getAwaitedType(promised) ?? promised);
    if (!type) return;
    const fate = jsonFate(type, checker);
    if (fate.kind === "changes") this.leave("R0133", node, `${subjectOf(node)}${fate.path ? `, at ${fate.path}` : ""}: ${shortened(fate.type)}`);
  }

  /** Whether something in an expression is left already, and said so. */
  isSaid(node: ts.Node): boolean {
    return this.findings.left.some((left) => left.range.start >= node.getStart() && left.range.end <= node.end);
  }

  /** A context: that of this function, or of a function around it. */
  #identifier(node: ts.Identifier): void {
    const { parent } = node;
    if (letsContextGo(node, this)) this.leave("R0118", node, subjectOf(parent));
    if ((ts.isBindingElement(parent) || ts.isVariableDeclaration(parent)) && parent.initializer !== node) return;
    if (!this.scope.contextNames.has(node.text) || (ts.isPropertyAccessExpression(parent) && parent.name === node) || (ts.isPropertyAssignment(parent) && parent.name === node)) return;
    const held = contextAt(node, this.scope);
    if (held === undefined || node === this.context?.parameter?.name) return;
    if (held === this.context) this.#reference(node);
    else if (!ts.isParameter(parent)) this.leave("R0119", node, subjectOf(parent));
  }

  /** An `await` that is accounted for: no plain step comes of it. */
  settle(node: ts.AwaitExpression): void {
    this.#awaits.add(node);
  }

  /** Whether an `await` is accounted for already. */
  isSettled(node: ts.AwaitExpression): boolean {
    return this.#awaits.has(node);
  }

  /** What a step runs: no `yield*` can stand in it. */
  noteAction(action: ts.Expression): void {
    this.#stepActions.add(action);
  }

  /** Text that goes away as a whole: what is found in it needs no rewriting. */
  drop(range: TextRange): void {
    this.#dropped.push(range);
  }

  leave(code: string, node: ts.Node, subject = subjectOf(node)): void {
    this.findings.left.push(leftAt(code, node, subject));
  }

  /** The context itself: received by a member access or handed on to a helper; anything else lets it escape. */
  #reference(node: ts.Identifier | ts.PropertyAccessExpression): void {
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent) && !parent.questionDotToken) this.#member(parent);
    else if (ts.isCallExpression(parent) && parent.arguments.includes(node)) findHelperCall(parent, node, this);
    else if (!isHandedOn(node, this)) this.leave("R0118", node, subjectOf(parent));
  }

  #member(access: ts.PropertyAccessExpression): void {
    const { parent } = access;
    const member = access.name.text;
    if (member === "console") return findConsole(access, this);
    if (member === "request") return findRequest(access, this);
    if (member === "rand") return findRandom(access, this);
    const call = ts.isCallExpression(parent) && parent.expression === access ? parent : undefined;
    if (isKeyedMember(member)) return findKeyed(access, call, this);
    if (isAwakeableMember(member)) return findAwakeable(access, call, this);
    if (isInvocationMember(member)) return findInvocation(access, call, this);
    if (member === "promise") return findWorkflowPromise(access, call, this);
    if (memberCode(member) !== "R0118") return this.leave(memberCode(member), call ?? access, call ? `${access.getText()}()` : access.getText());
    if (!this.isOwn(access)) return this.leave(this.inStep(access) ? "R0146" : "R0119", access);
    if (member === "date") return findDate(access, this);
    if (!call) return this.leave("R0118", access);
    if (member === "run") return findStep(call, this);
    if (member === "sleep") return findSleep(call, this);
    const client = clientMember(member);
    if (client) return findRemoteCalls(call, client, this);
    this.leave("R0118", call, `${access.getText()}()`);
  }

  /** A durable function that takes no context can wait for durable work; what else it waits for is to be recorded. */
  #noteUnrecorded(): void {
    for (const site of this.findings.sites) {
      const isBare = isPlainText(site) || /^(handle|settled-promise)$/.test(site.concept) || (site.concept === "callback" && !site.begins);
      if (!isBare) this.findings.unrecorded.push({ code: "R0164", file: site.file, range: site.range, subject: shortened(this.fn.getSourceFile().text.slice(site.range.start, site.range.end)) });
    }
  }

  /** In the function's own code, where a `yield*` may stand. */
  isOwn(node: ts.Node): boolean {
    return this.owner(node) === this.fn && !inParameters(node, this.fn);
  }

  inStep(node: ts.Node): boolean {
    return ts.findAncestor(node, (ancestor) => (ancestor === this.fn ? "quit" : this.#stepActions.has(ancestor))) !== undefined;
  }

  /** Resonate has no names for steps: one that only names can go. Says whether it can. */
  dropName(name: ts.Expression): boolean {
    if (!onlyNames(name)) return false;
    this.#dropped.push(rangeOf(name));
    return true;
  }

  /** Whether some code uses the context or a client of it, or waits for a handle. */
  isDurableCode(node: ts.Node): boolean {
    if (this.mentionsContext(node)) return true;
    let waits = false;
    walk(node, (child) => {
      if (ts.isAwaitExpression(child) && this.handles.isHandle(child.expression)) waits = true;
      if (ts.isIdentifier(child) && this.clientOf(child)) waits = true;
      if (ts.isCallExpression(child) && (this.scope.colours?.targetsOf(child).length ?? 0) > 0) waits = true;
      return !waits;
    });
    return waits;
  }

  /** Whether a node begins something durable, or hands the context on: chance and output need no `yield*`. */
  operates(node: ts.Node): boolean {
    if (ts.isCallExpression(node)) return (this.scope.colours?.targetsOf(node).length ?? 0) > 0;
    const { parent } = node;
    const isName = ts.isIdentifier(node);
    if (isName && this.clientOf(node)) return true;
    if (!(isName || ts.isPropertyAccessExpression(node)) || node.getText() !== this.name) return false;
    return !(ts.isPropertyAccessExpression(parent) && parent.expression === node && /^(key|rand|console|request)$/.test(parent.name.text));
  }

  /** Whether the context is used in some code, other than for its key, which is a plain value. */
  mentionsContext(node: ts.Node): boolean {
    const field = fieldOfThis(this.name);
    let found = false;
    walk(node, (child) => {
      if (ts.isIdentifier(child) && child.text === this.name && !isKeyOf(child)) found = true;
      if (field !== undefined && ts.isPropertyAccessExpression(child) && child.name.text === field && child.expression.kind === ts.SyntaxKind.ThisKeyword) found = true;
    });
    return found;
  }

  /** After a replay, an error that crossed a durable boundary has its name and message only. */
  #instanceOf(node: ts.BinaryExpression): void {
    const tested = symbolOf(node.right, this.scope.checker);
    if (tested?.name === "AggregateError") return; // the store knows it, and combinators make it in every pass
    if (tested && isTerminalType(this.scope.checker.getDeclaredTypeOfSymbol(tested), this.scope)) return; // the support module's class is found by its name
    const declaration = ts.isIdentifier(node.left) ? this.scope.checker.getSymbolAtLocation(node.left)?.valueDeclaration : undefined;
    if (!declaration) return;
    const isCaught = ts.isVariableDeclaration(declaration) && ts.isCatchClause(declaration.parent) && this.owner(node) === this.fn;
    if (isCaught || (ts.isParameter(declaration) && this.chains.givesFailure(declaration))) this.findings.remarks.push(remarkAt("R0218", node, subjectOf(node)));
  }

  /** Arrow functions become `function*`, and inline methods move: neither keeps its `this`. */
  #this(node: ts.Node): void {
    const owner = ts.findAncestor(node.parent, (ancestor) => (ts.isFunctionLike(ancestor) && !ts.isArrowFunction(ancestor)) || ts.isClassLike(ancestor));
    const inArrow = ts.isArrowFunction(this.fn) && (owner === undefined || !isWithin(owner, this.fn));
    const inMethod = ts.isMethodDeclaration(this.fn) && owner === this.fn && this.scope.handlers.has(this.fn);
    if (inArrow || inMethod) this.leave("R0145", node, subjectOf(node.parent));
  }

  base(consumption: Extract<Consumption, { kind: "now" }>): { file: string; range: { start: number; end: number }; yielding: Yielding; context: string; begins?: true } {
    return { file: this.fn.getSourceFile().fileName, range: rangeOf(consumption.outer), yielding: consumption.yielding, context: this.name, ...(consumption.begins ? { begins: true } : {}) };
  }

  sync(expression: ts.Expression): { file: string; range: { start: number; end: number }; yielding: Yielding; context: string } {
    return this.base({ kind: "now", outer: expression, yielding: yieldingFor(expression) });
  }
}

function isKeyOf(context: ts.Identifier): boolean {
  return ts.isPropertyAccessExpression(context.parent) && context.parent.expression === context && context.parent.name.text === "key";
}
