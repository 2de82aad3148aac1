import { ts } from "./compiler.js";
import { Callbacks } from "./callbacks.js";
import { ClosureSites } from "./closure-sites.js";
import { findCombination } from "./combinators.js";
import { contextAt } from "./contexts.js";
import { constantDuration, durationOf } from "./durations.js";
import { findKeyed, isKeyedMember } from "./keyed-sites.js";
import { isTerminalType } from "./errors.js";
import { memberCode } from "./left.js";
import { findHelperCall, isHandedOn, letsContextGo } from "./helper-calls.js";
import { Handles, isHandleType, isInCombination } from "./handles.js";
import { findIdParser, findInvocation, isInvocationMember } from "./invocations.js";
import { findLoop } from "./loops.js";
import type { LeftFact, RemarkFact } from "./said-model.js";
import type { Site, StepSite, Yielding } from "./site-model.js";
import { type CallTarget, clientMember, findClientCall, findRemoteCalls } from "./remote-calls.js";
import { type ContextAlias, type ContextParameter, type Scope, functionNamed, idOf, leftAt, remarkAt, shortened, subjectOf, symbolOf } from "./scope.js";
import { type Consumption, isWithin, PromiseUse } from "./consumption.js";
import { freeContextName, isShadowed, mayChange, narrowedIn, onlyNames, writesInCallees, writesOutside, writesThroughCalls } from "./moving.js";
import type { TextRange } from "../edits/edit.js";
import { actionOf, actionValue, runArguments, stepOptionsOf } from "./steps.js";
import { type FunctionNode, enclosingFunction, inParameters, isFunctionNode, openParen, outOfParens, rangeOf, unwrap, walk, yieldingFor } from "./syntax.js";
import { isShortCircuit, mayBePromise, settledPromise } from "./promises.js";
import type { Throwers } from "./throwers.js";
import { escapeOfWaiting, findAwakeable, findPromiseMethod, findWorkflowPromise, isAwakeableMember, isDurablePromise } from "./waiting.js";
import { jsonFate } from "./values.js";
import { isVolatile } from "./volatile.js";

/** Everything found in the body of one function that takes a context. */
export interface FunctionFindings {
  readonly sites: Site[];
  /** Callbacks, as sites and as nodes: what can leave them is known only when all functions have been read. */
  readonly callbacks: { readonly site: { retries: boolean }; readonly node: ts.Node; /** Its failure is that of the function: nothing handles it in between. */ readonly certain: boolean; readonly each: boolean }[];
  /** Names of `Promise` in annotations of constants that hold handles. */
  readonly types: TextRange[];
  /** Types of contexts in the signatures and members that the function has to do with. */
  readonly contextTypes: ContextAlias[];
  readonly left: LeftFact[];
  readonly remarks: RemarkFact[];
  /** Functions it calls with its context, and definitions it calls. */
  readonly calls: Set<string>;
  readonly definitions: Set<string>;
  /** Functions that can be taken for it, or for one in it. */
  readonly together: Set<string>;
  /** Names of definitions that go away with the calls that used them. */
  readonly definitionNames: ts.Identifier[];
  /** Where the time or chance is read outside of steps. */
  readonly volatile: ts.Node[];
  /** Names of helpers where they are called. */
  readonly helperNames: ts.Node[];
}

/** Definitions by id, as far as calls need them. */
export interface KnownDefinition {
  readonly kind: "service" | "object" | "workflow";
  readonly handlers: readonly string[];
  /** The handler of a workflow that runs once per key. */
  readonly runs?: string;
}

/** What is known of the project before its functions are read. */
export interface Known {
  readonly definitions: ReadonlyMap<string, KnownDefinition>;
  /** Code that can throw a terminal error, and code that can throw one that says when to try again. */
  readonly terminal: Throwers;
  readonly retryable: Throwers;
}

const dayInMilliseconds = 86_400_000;

/** Finds the durable operations of a function and says of each what it is, or why it is left. */
export function findSites(fn: FunctionNode, context: ContextParameter | undefined, scope: Scope, known: Known): FunctionFindings {
  return new SiteFinder(fn, context, scope, known).find();
}

export class SiteFinder {
  readonly definitions: ReadonlyMap<string, KnownDefinition>;
  readonly findings: FunctionFindings = { types: [], contextTypes: [], callbacks: [], sites: [], left: [], remarks: [], calls: new Set(), definitions: new Set(), together: new Set(), definitionNames: [], helperNames: [], volatile: [] };
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
  readonly #name: string;
  readonly handles: Handles;
  readonly #callbacks: Callbacks;
  readonly #closures: ClosureSites;
  readonly use: PromiseUse;

  constructor(
    readonly fn: FunctionNode,
    readonly context: ContextParameter | undefined,
    readonly scope: Scope,
    readonly known: Known,
  ) {
    this.definitions = known.definitions;
    this.#callbacks = new Callbacks(this, scope);
    this.#closures = new ClosureSites(this, this.#callbacks, scope);
    this.handles = new Handles(fn, scope, (node) => this.owner(node) === fn, (call) => this.#callbacks.eachOf(call) !== undefined);
    this.handles.mayBegin = (node) => this.#mayBegin(node);
    this.use = new PromiseUse(fn, this.#awaits, this.owner, this.handles);
    this.#name = context?.text ?? freeContextName(fn);
  }

  find(): FunctionFindings {
    if (this.fn.body && !ts.isBlock(this.fn.body)) this.#returned.push(this.fn.body);
    if (this.context) this.#callbacks.prepare();
    walk(this.fn, (node) => this.#visit(node));
    this.#closures.settle();
    this.#checkHandles();
    for (const node of this.#foreign) if (this.handles.isHandle(node.expression) && !this.#isSaid(node.expression)) this.leave("R0119", node);
    // What waits for a handle is known before what stands around it.
    for (const node of this.#plain) if (!this.#awaits.has(node) && this.#awaitsHandle(node)) this.#awaits.add(node);
    for (const node of this.#plain) if (!this.#awaits.has(node)) this.#plainAwait(node);
    for (const value of this.#returned) this.#returnedPromise(value);
    this.#settleConsole();
    this.#findVolatile();
    if (!this.context && !this.scope.handlers.has(this.fn)) this.#leaveWithoutContext();
    return { ...this.findings, sites: this.findings.sites.filter((site) => !this.#dropped.some((range) => range.start <= site.range.start && site.range.end <= range.end)) };
  }

  #visit(node: ts.Node): boolean | void {
    if (ts.isIdentifier(node)) return this.#identifier(node);
    if (isFunctionNode(node) && this.scope.contextFunctions.has(node)) {
      // A function inside of this one goes where this one goes.
      this.findings.calls.add(idOf(node));
      return false;
    }
    if (isFunctionNode(node) && this.#closures.literal(node)) {
      this.#inlined.add(node);
      if (node.body && !ts.isBlock(node.body)) this.#returned.push(node.body);
    }
    if (ts.isPropertyAccessExpression(node) && this.context && node.getText() === this.#name && contextAt(node, this.scope) === this.context) this.#reference(node);
    else if (ts.isCallExpression(node)) this.#call(node);
    else if (ts.isAwaitExpression(node)) {
      if (this.owner(node) === this.fn) this.#plain.push(node);
      else this.#foreign.push(node);
    }
    else if (ts.isForOfStatement(node) && node.awaitModifier && this.owner(node) === this.fn) this.leave("R0134", node.expression, "for await");
    else if (ts.isReturnStatement(node) && node.expression && this.owner(node) === this.fn) this.#returned.push(node.expression);
    else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword && this.owner(node) === this.fn) this.#instanceOf(node);
    else if (node.kind === ts.SyntaxKind.ThisKeyword) this.#this(node);
    else if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing && this.owner(node) === this.fn) this.leave("R0134", node, "await using");
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
    const { expression } = node;
    if (isInCombination(node) && ts.isPropertyAccessExpression(expression) && expression.name.text === "now" && ts.isPropertyAccessExpression(expression.expression) && contextAt(expression.expression.expression, this.scope) === this.context) return true;
    if (ts.isPropertyAccessExpression(expression) && contextAt(expression.expression, this.scope) === this.context) return /^(run|sleep)$/.test(expression.name.text) || (isInCombination(node) && /^(get|stateKeys|attach)$/.test(expression.name.text));
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
  #isSaid(node: ts.Node): boolean {
    return this.findings.left.some((left) => left.range.start >= node.getStart() && left.range.end <= node.end);
  }

  /** Every place where a handle stands must be one from which it can be followed. */
  #checkHandles(): void {
    if (!this.findings.sites.some((site) => site.begins || site.concept === "handle" || site.concept === "combine" || site.concept === "awakeable" || site.concept === "workflow-promise")) return;
    walk(this.fn, (node) => {
      if (ts.isTypeNode(node) || ts.isParameter(node)) return false;
      if (!isValueName(node) || this.scope.sdk.nameOf(node) !== undefined) return true;
      const type = this.scope.checker.getTypeAtLocation(node);
      const isWaiting = isDurablePromise(node, this) || isAwakeable(type, this.scope);
      const code = isHandleType(type, this.scope) ? this.handles.escapeOfUse(node) : isWaiting ? escapeOfWaiting(node, this) : undefined;
      if (code !== undefined) this.leave(code, node, subjectOf(node.parent));
      return true;
    });
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

  /** A line that prints what a `yield*` gives cannot be printed inside of a closure. */
  #settleConsole(): void {
    const { sites, remarks } = this.findings;
    sites.forEach((site, index) => {
      if (site.concept !== "console" || site.mode !== "step") return;
      const nested = sites.some((other) => other !== site && yields(other) && site.call.start <= other.range.start && other.range.end <= site.call.end);
      if (!nested) return;
      sites[index] = { ...site, mode: "repeated" };
      remarks.push({ code: "R0208", file: site.file, range: site.call, subject: shortened(this.fn.getSourceFile().text.slice(site.call.start, site.call.end)) });
    });
  }

  /** The time and chance, read by the function itself: not in a step, nor in an `await` that becomes one. */
  #findVolatile(): void {
    const apart = this.findings.sites.flatMap((site) => (site.concept === "plain-await" || site.concept === "console" ? [site.range] : []));
    walk(this.fn, (node) => {
      if (isFunctionNode(node) && this.scope.contextFunctions.has(node)) return false;
      const isRead = isVolatile(node, this.scope) && !this.inStep(node) && !apart.some((range) => range.start <= node.getStart() && node.end <= range.end);
      // Nobody looks at what a line of a log says.
      if (isRead && !ts.findAncestor(node, (ancestor) => ts.isCallExpression(ancestor) && ts.isExpressionStatement(ancestor.parent) && /^(console|log(ger)?)\b/.test(ancestor.expression.getText()))) this.findings.volatile.push(node);
      return !isRead;
    });
  }

  #member(access: ts.PropertyAccessExpression): void {
    const { parent } = access;
    const member = access.name.text;
    if (member === "console") return this.#console(access);
    if (member === "request") return this.#request(access);
    if (member === "rand") return this.#random(access);
    const call = ts.isCallExpression(parent) && parent.expression === access ? parent : undefined;
    if (isKeyedMember(member)) return findKeyed(access, call, this);
    if (isAwakeableMember(member)) return findAwakeable(access, call, this);
    if (isInvocationMember(member)) return findInvocation(access, call, this);
    if (member === "promise") return findWorkflowPromise(access, call, this);
    if (memberCode(member) !== "R0118") return this.leave(memberCode(member), call ?? access, call ? `${access.getText()}()` : access.getText());
    if (!this.isOwn(access)) return this.leave(this.inStep(access) ? "R0146" : "R0119", access);
    if (member === "date") return this.#date(access);
    if (!call) return this.leave("R0118", access);
    if (member === "run") return this.#step(call);
    if (member === "sleep") return this.#sleep(call);
    const client = clientMember(member);
    if (client) return findRemoteCalls(call, client, this);
    this.leave("R0118", call, `${access.getText()}()`);
  }

  /** A durable function that takes no context can wait for durable work, and record nothing of its own. */
  #leaveWithoutContext(): void {
    for (const site of this.findings.sites) {
      const isBare = isPlainText(site) || /^(handle|settled-promise)$/.test(site.concept) || (site.concept === "callback" && site.items === undefined);
      if (!isBare) this.findings.left.push({ code: "R0164", file: site.file, range: site.range, subject: shortened(this.fn.getSourceFile().text.slice(site.range.start, site.range.end)) });
    }
  }

  /** In the function's own code, where a `yield*` may stand. */
  isOwn(node: ts.Node): boolean {
    return this.owner(node) === this.fn && !inParameters(node, this.fn);
  }

  inStep(node: ts.Node): boolean {
    return ts.findAncestor(node, (ancestor) => (ancestor === this.fn ? "quit" : this.#stepActions.has(ancestor))) !== undefined;
  }

  #step(call: ts.CallExpression): void {
    const run = runArguments(call);
    if (!run) return this.leave("R0141", call);
    this.#stepActions.add(run.action);
    if (run.name && !this.#dropName(run.name)) return this.leave("R0151", run.name);
    if (!isFunctionNode(unwrap(run.action)) && (containsAwait(run.action) || this.mentionsContext(run.action) || writesOutside(run.action, this.fn, this.scope.checker) !== undefined)) return this.leave("R0147", run.action);
    if (run.options && (containsAwait(run.options) || this.mentionsContext(run.options))) return this.leave("R0143", run.options);
    const consumption = this.use.promise(call);
    if (consumption.kind === "left") return this.leave(consumption.code, call);
    const options = run.options && stepOptionsOf(run.options, this.scope);
    if (options?.left !== undefined) return this.leave("R0143", run.options ?? call, options.left);
    const [typeArgument] = call.typeArguments ?? [];
    const assigned = writesOutside(run.action, this.fn, this.scope.checker) ?? writesInCallees(run.action, this.fn, this.scope);
    if (assigned !== undefined) this.findings.remarks.push(remarkAt("R0213", call, assigned));
    if (!consumption.begins) this.#stepValue(call, run.action, consumption);
    const begins = consumption.begins === true;
    if (begins && !isFunctionNode(unwrap(run.action)) && mayChange(run.action, this.scope.checker)) return this.leave("R0160", run.action);
    this.findings.sites.push({
      concept: "step",
      ...this.base(consumption),
      typeArguments: call.typeArguments && { start: call.typeArguments.pos - 1, end: call.getSourceFile().text.indexOf(">", call.typeArguments.end) + 1 },
      name: run.name && { start: run.name.getStart(), end: run.action.getStart() },
      member: rangeOf((call.expression as ts.PropertyAccessExpression).name),
      action: actionOf(run.action, typeArgument, begins, this.scope),
      options: options?.fact,
      throws: this.#throwsOf(run.action),
    });
  }

  /** Which errors of its own kind a step can end with. */
  #throwsOf(action: ts.Expression): StepSite["throws"] {
    const literal = unwrap(action);
    const fn = isFunctionNode(literal) ? literal : (functionNamed(literal, this.scope) ?? literal);
    if (this.known.retryable.reaches(fn)) return "retryable";
    return this.known.terminal.reaches(fn) ? "terminal" : undefined;
  }

  /** Resonate has no names for steps: one that only names can go. Says whether it can. */
  #dropName(name: ts.Expression): boolean {
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

  /** Whether the context is used in some code, other than for its key, which is a plain value. */
  mentionsContext(node: ts.Node): boolean {
    let found = false;
    walk(node, (child) => {
      if (ts.isIdentifier(child) && child.text === this.#name && !isKeyOf(child)) found = true;
    });
    return found;
  }

  /** A step's value is what JSON makes of it: at once in Restate, only after a replay in Resonate. A handle gives it at once as well. */
  #stepValue(call: ts.CallExpression, action: ts.Expression, { outer }: Extract<Consumption, { kind: "now" }>): void {
    const { checker } = this.scope;
    const value = outOfParens(outer);
    // What a handler returns goes through JSON in any case.
    if (ts.isExpressionStatement(value.parent) || (this.scope.handlers.has(this.fn) && enclosingFunction(value) === this.fn && this.use.isReturned(value))) return;
    const type = actionValue(action, this.scope) ?? checker.getTypeAtLocation(outer);
    const fate = jsonFate(checker.getAwaitedType(type) ?? type, checker);
    const name = ts.isVariableDeclaration(value.parent) && ts.isIdentifier(value.parent.name) ? value.parent.name.text : "result";
    if (fate.kind === "changes") this.findings.remarks.push(remarkAt("R0202", call, `${name}${fate.path}: ${shortened(fate.type)}`));
    if (fate.kind === "nulls") this.findings.remarks.push(remarkAt("R0228", call, `${name}${fate.path}`));
  }

  #sleep(call: ts.CallExpression): void {
    const consumption = this.use.promise(call);
    if (consumption.kind === "left") return this.leave(consumption.code, call);
    const [duration, name] = call.arguments;
    if (!duration || ts.isSpreadElement(duration)) return this.leave("R0141", call);
    if (name && !this.#dropName(name)) return this.leave("R0151", name);
    const length = constantDuration(duration, this.scope.checker);
    if (length === undefined || length >= dayInMilliseconds) this.findings.remarks.push(remarkAt(length === undefined ? "R0304" : "R0204", call, subjectOf(duration)));
    this.findings.sites.push({
      concept: "sleep",
      ...this.base(consumption),
      head: { start: call.getStart(), end: openParen(call) },
      duration: durationOf(duration, this.scope.checker),
      name: name && { start: duration.end, end: name.end },
    });
  }

  #date(access: ts.PropertyAccessExpression): void {
    const member = access.parent;
    const call = member.parent;
    const isCall = ts.isPropertyAccessExpression(member) && ts.isCallExpression(call) && call.expression === member;
    if (!isCall || (member.name.text !== "now" && member.name.text !== "toJSON")) return this.leave("R0118", access);
    const consumption = this.use.promise(call);
    const listed = member.name.text === "now" && isInCombination(call) ? { listed: true as const } : {};
    if (consumption.kind === "left" || (consumption.begins && !listed.listed)) return this.leave(consumption.kind === "left" ? consumption.code : "R0116", call);
    this.findings.sites.push({ concept: "date", ...this.base(consumption), ...listed, member: member.name.text, call: rangeOf(call) });
  }

  #random(access: ts.PropertyAccessExpression): void {
    const member = access.parent;
    const call = member.parent;
    const isCall = ts.isPropertyAccessExpression(member) && ts.isCallExpression(call) && call.expression === member;
    if (!isCall || (member.name.text !== "random" && member.name.text !== "uuidv4") || inParameters(access, this.fn)) return this.leave("R0118", access);
    if (this.inStep(access)) return this.leave("R0146", access);
    const own = this.isOwn(access);
    const consumption = this.use.value(call);
    if (consumption.kind === "left") return this.leave(consumption.code, call);
    this.findings.sites.push({ concept: "random", ...(own ? this.base(consumption) : this.sync(call)), member: member.name.text, call: rangeOf(call), receiver: rangeOf(access), mode: own ? "step" : "seeded" });
  }

  #console(access: ts.PropertyAccessExpression): void {
    const method = access.parent;
    const call = ts.isPropertyAccessExpression(method) && ts.isCallExpression(method.parent) && method.parent.expression === method ? method.parent : undefined;
    const recorded = call !== undefined && this.isOwn(access) && ts.isExpressionStatement(call.parent) && !containsAwait(call) && call.arguments.every((argument) => onlyNames(argument)) && narrowedIn(call, this.scope.checker) === undefined;
    const mode = this.inStep(access) ? "plain" : recorded ? "step" : "repeated";
    if (mode === "repeated") this.findings.remarks.push(remarkAt("R0208", access, subjectOf(call ?? access)));
    this.findings.sites.push({ concept: "console", ...this.sync(call ?? access), receiver: rangeOf(access), call: rangeOf(call ?? access), mode });
  }

  #request(access: ts.PropertyAccessExpression): void {
    const call = access.parent;
    const id = call.parent;
    const isCall = ts.isCallExpression(call) && call.expression === access;
    if (isCall && isIdPattern(id)) {
      this.findings.sites.push({ concept: "request", ...this.sync(call), member: { start: access.expression.end, end: call.end }, text: "" });
      return;
    }
    const isId = isCall && ts.isPropertyAccessExpression(id) && id.name.text === "id";
    if (!isId) return this.leave("R0130", ts.isPropertyAccessExpression(id) ? id : isCall ? call : access);
    this.findings.sites.push({ concept: "request", ...this.sync(id), member: { start: access.name.getStart(), end: id.end }, text: "id" });
  }

  /** After a replay, an error that crossed a durable boundary has its name and message only. */
  #instanceOf(node: ts.BinaryExpression): void {
    const tested = symbolOf(node.right, this.scope.checker);
    if (tested?.name === "AggregateError") return; // the store knows it, and combinators make it in every pass
    if (tested && isTerminalType(this.scope.checker.getDeclaredTypeOfSymbol(tested), this.scope)) return; // the support module's class is found by its name
    const declaration = ts.isIdentifier(node.left) ? this.scope.checker.getSymbolAtLocation(node.left)?.valueDeclaration : undefined;
    if (declaration && ts.isVariableDeclaration(declaration) && ts.isCatchClause(declaration.parent)) this.findings.remarks.push(remarkAt("R0218", node, subjectOf(node)));
  }

  /** Arrow functions become `function*`, and inline methods move: neither keeps its `this`. */
  #this(node: ts.Node): void {
    const owner = ts.findAncestor(node.parent, (ancestor) => (ts.isFunctionLike(ancestor) && !ts.isArrowFunction(ancestor)) || ts.isClassLike(ancestor));
    const inArrow = ts.isArrowFunction(this.fn) && (owner === undefined || !isWithin(owner, this.fn));
    const inMethod = ts.isMethodDeclaration(this.fn) && owner === this.fn && this.scope.handlers.has(this.fn);
    if (inArrow || inMethod) this.leave("R0145", node, subjectOf(node.parent));
  }

  /** An `await` of a durable promise that was created before. Says whether it is one. */
  #awaitsHandle(node: ts.AwaitExpression): boolean {
    const operand = node.expression;
    const isHandle = this.handles.isHandle(operand);
    if (!isHandle && !isDurablePromise(operand, this)) return false;
    if (inParameters(node, this.fn)) this.leave("R0133", node);
    else if (isHandle && mayBeAbsent(this.scope.checker.getTypeAtLocation(operand))) this.leave("R0116", node, subjectOf(operand));
    else this.findings.sites.push({ concept: "handle", ...this.sync(node) });
    return true;
  }

  #plainAwait(node: ts.AwaitExpression): void {
    const operand = node.expression;
    if (inParameters(node, this.fn)) return this.leave("R0133", node);
    // What is waited for is left already, and said so.
    if (this.findings.left.some((left) => left.range.start >= operand.getStart() && left.range.end <= operand.end)) return;
    if (this.findings.sites.some((site) => yields(site) && site.range.start >= operand.getStart() && site.range.end <= operand.end)) return this.leave("R0147", node);
    if (ts.findAncestor(node.parent, (ancestor) => (ancestor === this.fn ? "quit" : ts.isAwaitExpression(ancestor) && !this.#awaits.has(ancestor)))) return; // part of the step around it
    this.#plainStep(node, operand, !ts.isExpressionStatement(outOfParens(node).parent));
  }

  /** Something not durable that the function waits for becomes a recorded step, if its value can be recorded. */
  #plainStep(node: ts.Expression, operand: ts.Expression, used: boolean): void {
    if (isShadowed(node, this.#name, this.fn)) return this.leave("R0118", node, `${this.#name} means something else here`);
    if (this.inStep(node)) return this.leave("R0147", node);
    const held = unwrap(operand);
    if (ts.isIdentifier(held) || ts.isPropertyAccessExpression(held)) {
      const symbol = this.scope.checker.getTypeAtLocation(held).getSymbol();
      // One of Restate's promises is left, and said so, where it was created.
      return symbol && this.scope.sdk.nameOfSymbol(symbol) !== undefined ? undefined : this.leave("R0155", node, subjectOf(operand));
    }
    const written = writesOutside(operand, this.fn, this.scope.checker) ?? writesThroughCalls(operand, this.fn, used, this.scope.checker) ?? writesInCallees(operand, this.fn, this.scope);
    if (written !== undefined) return this.leave("R0152", node, `${written} in ${subjectOf(operand)}`);
    const narrowed = narrowedIn(operand, this.scope.checker);
    if (narrowed !== undefined) return this.leave("R0153", node, narrowed);
    if (used) {
      const { checker } = this.scope;
      const type = checker.getTypeAtLocation(node);
      const fate = jsonFate(ts.isAwaitExpression(node) ? type : (checker.getAwaitedType(type) ?? type), checker);
      if (fate.kind === "changes") return this.leave("R0133", node, `${subjectOf(operand)}${fate.path ? `, at ${fate.path}` : ""}: ${shortened(fate.type)}`);
      const isResult = !ts.isAwaitExpression(node) && this.scope.handlers.has(this.fn);
      if (fate.kind === "unresolved" && !isResult) return this.leave("R0148", node, subjectOf(operand));
      if (fate.kind === "nulls") this.findings.remarks.push(remarkAt("R0228", node, `${subjectOf(operand)}, at ${fate.path}`));
      else if (fate.kind !== "survives") this.findings.remarks.push(remarkAt("R0214", node, subjectOf(operand)));
    }
    this.findings.remarks.push(remarkAt("R0203", node, subjectOf(operand)));
    this.findings.sites.push({
      concept: "plain-await",
      ...this.sync(node),
      operand: rangeOf(operand),
      used,
      nested: containsAwait(operand),
      caught: this.use.isCaught(node),
      objectLiteral: ts.isObjectLiteralExpression(operand),
      ...(this.known.terminal.reaches(operand) ? { throws: "terminal" as const } : {}),
    });
  }

  base(consumption: Extract<Consumption, { kind: "now" }>): { file: string; range: { start: number; end: number }; yielding: Yielding; context: string; begins?: true } {
    return { file: this.fn.getSourceFile().fileName, range: rangeOf(consumption.outer), yielding: consumption.yielding, context: this.#name, ...(consumption.begins ? { begins: true } : {}) };
  }

  sync(expression: ts.Expression): { file: string; range: { start: number; end: number }; yielding: Yielding; context: string } {
    return this.base({ kind: "now", outer: expression, yielding: yieldingFor(expression) });
  }

  /** What is settled already needs no wait: `return Promise.reject(error)` is a `throw` where no `catch` is around that would see it. */
  #settledPromise(call: ts.CallExpression): boolean {
    const settled = settledPromise(call, this.scope);
    if (!settled) return false;
    const { member, value, head } = settled;
    if (member === "reject" && this.use.isCaught(call)) {
      this.leave("R0144", call);
      return true;
    }
    const statement = ts.isReturnStatement(call.parent) ? { start: call.parent.getStart(), end: value?.getStart() ?? call.end } : undefined;
    this.findings.sites.push({ concept: "settled-promise", ...this.sync(call), member, head, tail: { start: value?.end ?? head.end, end: call.end }, hasValue: value !== undefined, parens: value !== undefined && !ts.isLeftHandSideExpression(value) && !ts.isConditionalExpression(call.parent) && !ts.isArrowFunction(call.parent), statement });
    if (value && member === "resolve") this.#returnedPromise(value);
    return true;
  }

  /** An async function awaits what it returns; a generator function does not, so a promise is awaited in a step before. */
  #returnedPromise(value: ts.Expression): void {
    const node = unwrap(value);
    if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].forEach((branch) => this.#returnedPromise(branch));
    if (ts.isCallExpression(node) && this.#settledPromise(node)) return;
    const isChoice = ts.isBinaryExpression(node) && isShortCircuit(node.operatorToken.kind);
    const leftCounts = isChoice && (node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken || node.operatorToken.kind === ts.SyntaxKind.BarBarToken);
    if (isChoice && !(leftCounts && mayBePromise(node.left, this.scope))) return this.#returnedPromise(node.right);
    const isSite = this.findings.sites.some((site) => site.range.start <= node.getStart() && node.end <= site.range.end && !isPlainText(site));
    if (isSite || (!isChoice && !mayBePromise(node, this.scope))) return;
    if (this.findings.left.some((left) => left.range.start >= node.getStart() && left.range.end <= node.end)) return;
    if (this.use.inTry(value)) return this.leave("R0144", node);
    if (this.handles.isHandle(node) || isDurablePromise(node, this)) return void this.findings.sites.push({ concept: "handle", ...this.sync(node) });
    const within = (site: Site): boolean => site.range.start >= node.getStart() && site.range.end <= node.end;
    if (this.findings.sites.some((site) => yields(site) && site.concept !== "plain-await" && within(site))) return this.leave("R0147", node);
    // What it awaits itself belongs to the step around it.
    this.findings.sites.splice(0, this.findings.sites.length, ...this.findings.sites.filter((site) => site.concept !== "plain-await" || !within(site)));
    this.#plainStep(node, node, true);
  }

}

function isKeyOf(context: ts.Identifier): boolean {
  return ts.isPropertyAccessExpression(context.parent) && context.parent.expression === context && context.parent.name.text === "key";
}

/** An object with a handle in it: `{ id, promise }`. */
function isAwakeable(type: ts.Type, scope: Scope): boolean {
  const promise = type.getProperty("promise");
  return promise !== undefined && isHandleType(scope.checker.getTypeOfSymbol(promise), scope);
}

/** Undefined or null can be awaited, and not be waited for with `yield*`. */
function mayBeAbsent(type: ts.Type): boolean {
  return type.isUnion() && type.types.some((member) => (member.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Null)) !== 0);
}

/** A name, a member or an element that is read: not what declares it, nor a part of a longer name. */
function isValueName(node: ts.Node): node is ts.Expression {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return true;
  if (!ts.isIdentifier(node)) return false;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.EqualsToken) return parent.right === node;
  return !(ts.isVariableDeclaration(parent) && parent.name === node) && !ts.isBindingElement(parent) && !(ts.isPropertyAssignment(parent) && parent.name === node) && !ts.isPropertySignature(parent);
}

/** `const { id } = ...`: the context has an id as well. */
function isIdPattern(node: ts.Node): boolean {
  if (!ts.isVariableDeclaration(node) || !ts.isObjectBindingPattern(node.name)) return false;
  return node.name.elements.every((element) => !element.dotDotDotToken && (element.propertyName ?? element.name).getText() === "id");
}

/** Whether a site becomes plain text, evaluated where it stands. */
export function isPlainText(site: Site): boolean {
  return site.concept === "request" || site.concept === "client" || site.concept === "key" || site.concept === "invocation-id" || site.concept === "bare-id" || site.concept === "loop" || site.concept === "workflow-promise" || site.concept === "closure-type";
}

/** Whether a site becomes a `yield*`, which cannot stand inside the closure of a step. */
function yields(site: Site): boolean {
  if (site.concept === "random") return site.mode === "step";
  return !isPlainText(site) && !(site.concept === "console" && site.mode !== "step");
}

/** An `await` of the same function somewhere in an expression. */
export function containsAwait(node: ts.Node): boolean {
  let found = ts.isAwaitExpression(node);
  walk(node, (child) => {
    if (ts.isFunctionLike(child)) return false;
    if (ts.isAwaitExpression(child)) found = true;
    return !found;
  });
  return found;
}
