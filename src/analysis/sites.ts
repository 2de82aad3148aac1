import { type ClientTarget, clientTarget, handlerArguments } from "./clients.js";
import { ts } from "./compiler.js";
import { addContext, contextAt, parameterAt } from "./contexts.js";
import { constantDuration, durationOf } from "./durations.js";
import { memberCode } from "./left.js";
import type { LeftFact, RemarkFact, Site, Yielding } from "./model.js";
import { type ContextParameter, type Scope, functionNamed, idOf, isConst, leftAt, remarkAt, shortened, subjectOf, symbolOf } from "./scope.js";
import { type Consumption, isWithin, PromiseUse } from "./consumption.js";
import { freeContextName, isShadowed, narrowedIn, onlyNames, writesOutside, writesThroughCalls } from "./moving.js";
import type { TextRange } from "../edits/edit.js";
import { actionOf, actionValue, runArguments, stepOptionsOf } from "./steps.js";
import { type FunctionNode, enclosingFunction, inParameters, isFunctionNode, modifier, outOfParens, rangeOf, unwrap, walk, yieldingFor } from "./syntax.js";
import { isShortCircuit, mayBePromise } from "./promises.js";
import { jsonFate } from "./values.js";

/** Everything found in the body of one function that takes a context. */
export interface FunctionFindings {
  readonly sites: Site[];
  readonly left: LeftFact[];
  readonly remarks: RemarkFact[];
  /** Functions it calls with its context, and definitions it calls. */
  readonly calls: Set<string>;
  readonly definitions: Set<string>;
  /** Names of definitions that go away with the calls that used them. */
  readonly definitionNames: ts.Identifier[];
  /** Names of helpers where they are called. */
  readonly helperNames: ts.Node[];
}

/** Definitions by id, as far as calls need them. */
export interface KnownDefinition {
  readonly kind: "service" | "object" | "workflow";
  readonly handlers: readonly string[];
}

const dayInMilliseconds = 86_400_000;

/** Finds the durable operations of a function and says of each what it is, or why it is left. */
export function findSites(fn: FunctionNode, context: ContextParameter | undefined, scope: Scope, definitions: ReadonlyMap<string, KnownDefinition>): FunctionFindings {
  return new SiteFinder(fn, context, scope, definitions).find();
}

class SiteFinder {
  readonly #findings: FunctionFindings = { sites: [], left: [], remarks: [], calls: new Set(), definitions: new Set(), definitionNames: [], helperNames: [] };
  /** Awaits that belong to a durable operation; the others are plain. */
  readonly #awaits = new Set<ts.AwaitExpression>();
  readonly #plain: ts.AwaitExpression[] = [];
  readonly #returned: ts.Expression[] = [];
  /** Text that goes away as a whole, with whatever was found in it. */
  readonly #dropped: TextRange[] = [];
  readonly #stepActions = new Set<ts.Node>();
  readonly #name: string;
  readonly #use: PromiseUse;

  constructor(
    readonly fn: FunctionNode,
    readonly context: ContextParameter | undefined,
    readonly scope: Scope,
    readonly definitions: ReadonlyMap<string, KnownDefinition>,
  ) {
    this.#use = new PromiseUse(fn, this.#awaits);
    this.#name = context ? context.parameter.name.getText() : freeContextName(fn);
  }

  find(): FunctionFindings {
    if (this.fn.body && !ts.isBlock(this.fn.body)) this.#returned.push(this.fn.body);
    walk(this.fn, (node) => this.#visit(node));
    for (const node of this.#plain) if (!this.#awaits.has(node)) this.#plainAwait(node);
    for (const value of this.#returned) this.#returnedPromise(value);
    this.#settleConsole();
    return { ...this.#findings, sites: this.#findings.sites.filter((site) => !this.#dropped.some((range) => range.start <= site.range.start && site.range.end <= range.end)) };
  }

  #visit(node: ts.Node): boolean | void {
    if (isFunctionNode(node) && this.scope.contextFunctions.has(node)) {
      // A function inside of this one goes where this one goes.
      this.#findings.calls.add(idOf(node));
      return false;
    }
    if (ts.isIdentifier(node) && this.scope.contextNames.has(node.text) && this.#isForeign(node)) this.#leave("R0119", node, subjectOf(node.parent));
    else if (ts.isIdentifier(node) && node.text === this.#name && this.context && node !== this.context.parameter.name) this.#reference(node);
    else if (ts.isAwaitExpression(node) && enclosingFunction(node) === this.fn) this.#plain.push(node);
    else if (ts.isForOfStatement(node) && node.awaitModifier && enclosingFunction(node) === this.fn) this.#leave("R0134", node.expression, "for await");
    else if (ts.isReturnStatement(node) && node.expression && enclosingFunction(node) === this.fn) this.#returned.push(node.expression);
    else if (ts.isThrowStatement(node) && enclosingFunction(node) === this.fn) this.#throw(node);
    else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword && enclosingFunction(node) === this.fn) this.#instanceOf(node);
    else if (node.kind === ts.SyntaxKind.ThisKeyword) this.#this(node);
    else if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.AwaitUsing) === ts.NodeFlags.AwaitUsing && enclosingFunction(node) === this.fn) this.#leave("R0134", node, "await using");
  }

  /** The context of a function around this one. */
  #isForeign(node: ts.Identifier): boolean {
    const isName = (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) || (ts.isPropertyAssignment(node.parent) && node.parent.name === node) || ts.isParameter(node.parent);
    const other = isName ? undefined : contextAt(node, this.scope);
    return other !== undefined && other !== this.context;
  }

  #leave(code: string, node: ts.Node, subject = subjectOf(node)): void {
    this.#findings.left.push(leftAt(code, node, subject));
  }

  /** The context itself: received by a member access or handed on to a helper; anything else lets it escape. */
  #reference(node: ts.Identifier): void {
    const isMember = (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) || (ts.isPropertyAssignment(node.parent) && node.parent.name === node);
    if (isMember || contextAt(node, this.scope) !== this.context) return;
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent) && !parent.questionDotToken) this.#member(parent);
    else if (ts.isCallExpression(parent) && parent.arguments.includes(node)) this.#helperCall(parent, node);
    else this.#leave("R0118", node, subjectOf(parent));
  }

  /** A line that prints what a `yield*` gives cannot be printed inside of a closure. */
  #settleConsole(): void {
    const { sites, remarks } = this.#findings;
    sites.forEach((site, index) => {
      if (site.concept !== "console" || site.mode !== "step") return;
      const nested = sites.some((other) => other !== site && yields(other) && site.call.start <= other.range.start && other.range.end <= site.call.end);
      if (!nested) return;
      sites[index] = { ...site, mode: "repeated" };
      remarks.push({ code: "R0208", file: site.file, range: site.call, subject: shortened(this.fn.getSourceFile().text.slice(site.call.start, site.call.end)) });
    });
  }

  #member(access: ts.PropertyAccessExpression): void {
    const { parent } = access;
    const member = access.name.text;
    if (member === "console") return this.#console(access);
    if (member === "request") return this.#request(access);
    if (member === "rand") return this.#random(access);
    const call = ts.isCallExpression(parent) && parent.expression === access ? parent : undefined;
    if (memberCode(member) !== "R0118") return this.#leave(memberCode(member), call ?? access, call ? `${access.getText()}()` : access.getText());
    if (!this.#isOwn(access)) return this.#leave(this.#inStep(access) ? "R0146" : "R0119", access);
    if (member === "date") return this.#date(access);
    if (!call) return this.#leave("R0118", access);
    if (member === "run") return this.#step(call);
    if (member === "sleep") return this.#sleep(call);
    if (member === "serviceClient" || member === "serviceSendClient") return this.#client(call, member === "serviceClient" ? "call" : "send");
    this.#leave("R0118", call, `${access.getText()}()`);
  }

  /** In the function's own code, where a `yield*` may stand. */
  #isOwn(node: ts.Node): boolean {
    return enclosingFunction(node) === this.fn && !inParameters(node, this.fn);
  }

  #inStep(node: ts.Node): boolean {
    return ts.findAncestor(node, (ancestor) => (ancestor === this.fn ? "quit" : this.#stepActions.has(ancestor))) !== undefined;
  }

  #step(call: ts.CallExpression): void {
    const run = runArguments(call);
    if (!run) return this.#leave("R0141", call);
    this.#stepActions.add(run.action);
    if (run.name && !this.#dropName(run.name)) return this.#leave("R0151", run.name);
    if (!isFunctionNode(unwrap(run.action)) && (containsAwait(run.action) || this.#mentionsContext(run.action) || writesOutside(run.action, this.fn, this.scope.checker) !== undefined)) return this.#leave("R0147", run.action);
    if (run.options && (containsAwait(run.options) || this.#mentionsContext(run.options))) return this.#leave("R0143", run.options);
    const consumption = this.#use.promise(call);
    if (consumption.kind === "left") return this.#leave(consumption.code, call);
    const options = run.options && stepOptionsOf(run.options, this.scope);
    if (options?.left !== undefined) return this.#leave("R0143", run.options ?? call, options.left);
    const [typeArgument] = call.typeArguments ?? [];
    const assigned = writesOutside(run.action, this.fn, this.scope.checker);
    if (assigned !== undefined) this.#findings.remarks.push(remarkAt("R0213", call, assigned));
    this.#stepValue(call, run.action);
    this.#findings.sites.push({
      concept: "step",
      ...this.#base(consumption),
      typeArguments: call.typeArguments && { start: call.typeArguments.pos - 1, end: call.getSourceFile().text.indexOf(">", call.typeArguments.end) + 1 },
      name: run.name && { start: run.name.getStart(), end: run.action.getStart() },
      action: actionOf(run.action, typeArgument, this.scope),
      options: options?.fact,
    });
  }

  /** Resonate has no names for steps: one that only names can go. Says whether it can. */
  #dropName(name: ts.Expression): boolean {
    if (!onlyNames(name)) return false;
    this.#dropped.push(rangeOf(name));
    return true;
  }

  #mentionsContext(node: ts.Node): boolean {
    let found = false;
    walk(node, (child) => {
      if (ts.isIdentifier(child) && child.text === this.#name) found = true;
    });
    return found;
  }

  /** A step's value is what JSON makes of it: at once in Restate, only after a replay in Resonate. */
  #stepValue(call: ts.CallExpression, action: ts.Expression): void {
    const value = ts.isAwaitExpression(call.parent) ? call.parent : undefined;
    if (!value || ts.isExpressionStatement(value.parent)) return;
    const fate = jsonFate(actionValue(action, this.scope) ?? this.scope.checker.getTypeAtLocation(value), this.scope.checker);
    if (fate.kind === "changes") this.#findings.remarks.push(remarkAt("R0202", call, `${fate.path || "the value"}: ${fate.type}`));
  }

  #sleep(call: ts.CallExpression): void {
    const consumption = this.#use.promise(call);
    if (consumption.kind === "left") return this.#leave(consumption.code, call);
    const [duration, name] = call.arguments;
    if (!duration || ts.isSpreadElement(duration)) return this.#leave("R0141", call);
    if (name && !this.#dropName(name)) return this.#leave("R0151", name);
    const length = constantDuration(duration, this.scope.checker);
    if (length === undefined || length >= dayInMilliseconds) this.#findings.remarks.push(remarkAt(length === undefined ? "R0304" : "R0204", call, subjectOf(duration)));
    this.#findings.sites.push({
      concept: "sleep",
      ...this.#base(consumption),
      duration: durationOf(duration, this.scope.checker),
      name: name && { start: duration.end, end: name.end },
    });
  }

  #date(access: ts.PropertyAccessExpression): void {
    const member = access.parent;
    const call = member.parent;
    const isCall = ts.isPropertyAccessExpression(member) && ts.isCallExpression(call) && call.expression === member;
    if (!isCall || (member.name.text !== "now" && member.name.text !== "toJSON")) return this.#leave("R0118", access);
    const consumption = this.#use.promise(call);
    if (consumption.kind === "left") return this.#leave(consumption.code, call);
    this.#findings.sites.push({ concept: "date", ...this.#base(consumption), member: member.name.text, call: rangeOf(call) });
  }

  #random(access: ts.PropertyAccessExpression): void {
    const member = access.parent;
    const call = member.parent;
    const isCall = ts.isPropertyAccessExpression(member) && ts.isCallExpression(call) && call.expression === member;
    if (!isCall || (member.name.text !== "random" && member.name.text !== "uuidv4") || inParameters(access, this.fn)) return this.#leave("R0118", access);
    if (this.#inStep(access)) return this.#leave("R0146", access);
    const own = this.#isOwn(access);
    const consumption = this.#use.value(call);
    if (consumption.kind === "left") return this.#leave(consumption.code, call);
    this.#findings.sites.push({ concept: "random", ...(own ? this.#base(consumption) : this.#sync(call)), member: member.name.text, call: rangeOf(call), receiver: rangeOf(access), mode: own ? "step" : "seeded" });
  }

  #console(access: ts.PropertyAccessExpression): void {
    const method = access.parent;
    const call = ts.isPropertyAccessExpression(method) && ts.isCallExpression(method.parent) && method.parent.expression === method ? method.parent : undefined;
    const recorded = call !== undefined && this.#isOwn(access) && ts.isExpressionStatement(call.parent) && !containsAwait(call) && call.arguments.every((argument) => onlyNames(argument)) && narrowedIn(call, this.scope.checker) === undefined;
    const mode = this.#inStep(access) ? "plain" : recorded ? "step" : "repeated";
    if (mode === "repeated") this.#findings.remarks.push(remarkAt("R0208", access, subjectOf(call ?? access)));
    this.#findings.sites.push({ concept: "console", ...this.#sync(call ?? access), receiver: rangeOf(access), call: rangeOf(call ?? access), mode });
  }

  #request(access: ts.PropertyAccessExpression): void {
    const call = access.parent;
    const id = call.parent;
    const isCall = ts.isCallExpression(call) && call.expression === access;
    if (isCall && isIdPattern(id)) {
      this.#findings.sites.push({ concept: "request", ...this.#sync(call), member: { start: access.expression.end, end: call.end }, text: "" });
      return;
    }
    const isId = isCall && ts.isPropertyAccessExpression(id) && id.name.text === "id";
    if (!isId) return this.#leave("R0130", ts.isPropertyAccessExpression(id) ? id : isCall ? call : access);
    this.#findings.sites.push({ concept: "request", ...this.#sync(id), member: { start: access.name.getStart(), end: id.end }, text: "id" });
  }

  #client(call: ts.CallExpression, concept: "call" | "send"): void {
    const target = clientTarget(call, this.scope);
    if (!target) return this.#leave("R0142", call);
    const known = this.definitions.get(target.definition);
    if (known?.kind !== "service") return this.#leave("R0121", call);
    const uses = this.#clientUses(call);
    if (!uses) return this.#leave("R0118", call);
    this.#findings.definitions.add(target.definition);
    this.#findings.definitionNames.push(...target.names);
    for (const use of uses) this.#remoteCall(use, concept, target, known);
  }

  /** `ctx.serviceClient(x).handler(...)`, or every `client.handler(...)` of a constant that holds the client. */
  #clientUses(call: ts.CallExpression): ts.CallExpression[] | undefined {
    const direct = methodCallOn(call);
    if (direct) return [direct];
    const declaration = call.parent;
    if (!ts.isVariableDeclaration(declaration) || !isConst(declaration) || !ts.isIdentifier(declaration.name)) return undefined;
    const list = declaration.parent;
    if (!ts.isVariableDeclarationList(list) || !ts.isVariableStatement(list.parent) || !list.declarations.every((other) => this.#isClient(other.initializer))) return undefined;
    const statement = list.parent;
    const symbol = this.scope.checker.getSymbolAtLocation(declaration.name);
    const text = declaration.name.text;
    const uses: ts.CallExpression[] = [];
    let understood = true;
    walk(this.fn, (node) => {
      if (!ts.isIdentifier(node) || node.text !== text || node === declaration.name || symbolOf(node, this.scope.checker) !== symbol) return;
      const use = methodCallOn(node);
      if (use && this.#isOwn(use)) uses.push(use);
      else understood = false;
    });
    if (!understood) return undefined;
    this.#findings.sites.push({ concept: "client", ...this.#sync(call), statement: rangeOf(statement) });
    return uses;
  }

  #isClient(value: ts.Expression | undefined): boolean {
    if (!value || !ts.isCallExpression(value) || !ts.isPropertyAccessExpression(value.expression)) return false;
    return contextAt(value.expression.expression, this.scope) !== undefined && /^service(Send)?Client$/.test(value.expression.name.text);
  }

  #remoteCall(call: ts.CallExpression, concept: "call" | "send", target: ClientTarget, known: KnownDefinition): void {
    const access = call.expression as ts.PropertyAccessExpression;
    const handler = access.name.text;
    if (!known.handlers.includes(handler)) return this.#leave("R0142", call, `${handler} of ${target.definition}`);
    const args = handlerArguments(call, this.scope);
    if (args.left !== undefined) return this.#leave("R0129", args.options ?? call, args.left);
    const consumption = concept === "call" ? this.#use.promise(call) : this.#use.send(call);
    if (consumption.kind === "left") return this.#leave(consumption.code, call);
    if (args.input && admitsUndefined(args.input, this.scope.checker)) this.#findings.remarks.push(remarkAt("R0217", call, subjectOf(args.input)));
    for (const name of args.dropped) this.#findings.remarks.push(remarkAt("R0205", args.options ?? call, name));
    this.#findings.sites.push({
      concept,
      ...this.#base(consumption),
      head: { start: call.getStart(), end: openParen(call) },
      argument: args.input && rangeOf(args.input),
      options: args.options && { start: args.input?.end ?? args.options.getStart(), end: args.options.end },
      delay: args.delay,
      definition: target.definition,
      handler,
    });
  }

  #helperCall(call: ts.CallExpression, argument: ts.Identifier): void {
    const target = functionNamed(call.expression, this.scope);
    const parameter = target && parameterAt(target, call.arguments.indexOf(argument));
    if (!target || !parameter || call.questionDotToken) return this.#leave("R0118", argument, subjectOf(call));
    if (!parameter.type && !ts.getJSDocType(parameter)) addContext(parameter, this.scope);
    if (!this.scope.contextFunctions.has(target)) return this.#leave("R0118", argument, subjectOf(call));
    this.#findings.calls.add(idOf(target));
    this.#findings.helperNames.push(ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression);
    if (!this.#isOwn(call)) return this.#leave(this.#inStep(call) ? "R0146" : "R0119", call);
    const consumption = this.#returnsPromise(target, call) ? this.#use.promise(call) : this.#use.value(call);
    if (consumption.kind === "left") return this.#leave(consumption.code, call);
    this.#findings.sites.push({ concept: "helper-call", ...this.#base(consumption), target: idOf(target) });
  }

  #returnsPromise(target: FunctionNode, call: ts.CallExpression): boolean {
    if (modifier(target, ts.SyntaxKind.AsyncKeyword)) return true;
    const type = this.scope.checker.getTypeAtLocation(call);
    return type.getProperty("then") !== undefined;
  }

  #throw(node: ts.ThrowStatement): void {
    const rethrown = ts.isIdentifier(node.expression) && this.scope.checker.getSymbolAtLocation(node.expression)?.valueDeclaration?.parent;
    if (rethrown && ts.isCatchClause(rethrown)) return;
    const caught = ts.findAncestor(node, (ancestor) => (ancestor === this.fn ? "quit" : ts.isTryStatement(ancestor) && ancestor.catchClause !== undefined && isWithin(node, ancestor.tryBlock)));
    if (!caught) this.#findings.remarks.push(remarkAt("R0201", node, subjectOf(node.expression)));
  }

  /** After a replay, an error that crossed a durable boundary has its name and message only. */
  #instanceOf(node: ts.BinaryExpression): void {
    const declaration = ts.isIdentifier(node.left) ? this.scope.checker.getSymbolAtLocation(node.left)?.valueDeclaration : undefined;
    if (declaration && ts.isVariableDeclaration(declaration) && ts.isCatchClause(declaration.parent)) this.#findings.remarks.push(remarkAt("R0218", node, subjectOf(node)));
  }

  /** Arrow functions become `function*`, and inline methods move: neither keeps its `this`. */
  #this(node: ts.Node): void {
    const owner = ts.findAncestor(node.parent, (ancestor) => (ts.isFunctionLike(ancestor) && !ts.isArrowFunction(ancestor)) || ts.isClassLike(ancestor));
    const inArrow = ts.isArrowFunction(this.fn) && (owner === undefined || !isWithin(owner, this.fn));
    const inMethod = ts.isMethodDeclaration(this.fn) && owner === this.fn;
    if (inArrow || inMethod) this.#leave("R0145", node, subjectOf(node.parent));
  }

  #plainAwait(node: ts.AwaitExpression): void {
    const operand = node.expression;
    if (inParameters(node, this.fn)) return this.#leave("R0133", node);
    // What is waited for is left already, and said so.
    if (this.#findings.left.some((left) => left.range.start >= operand.getStart() && left.range.end <= operand.end)) return;
    if (this.#findings.sites.some((site) => yields(site) && site.range.start >= operand.getStart() && site.range.end <= operand.end)) return this.#leave("R0147", node);
    if (ts.findAncestor(node.parent, (ancestor) => (ancestor === this.fn ? "quit" : ts.isAwaitExpression(ancestor) && !this.#awaits.has(ancestor)))) return; // part of the step around it
    this.#plainStep(node, operand, !ts.isExpressionStatement(outOfParens(node).parent));
  }

  /** Something not durable that the function waits for becomes a recorded step, if its value can be recorded. */
  #plainStep(node: ts.Expression, operand: ts.Expression, used: boolean): void {
    if (isShadowed(node, this.#name, this.fn)) return this.#leave("R0118", node, `${this.#name} means something else here`);
    if (this.#inStep(node)) return this.#leave("R0147", node);
    const held = unwrap(operand);
    if (ts.isIdentifier(held) || ts.isPropertyAccessExpression(held)) {
      const symbol = this.scope.checker.getTypeAtLocation(held).getSymbol();
      // One of Restate's promises is left, and said so, where it was created.
      return symbol && this.scope.sdk.nameOfSymbol(symbol) !== undefined ? undefined : this.#leave("R0155", node, subjectOf(operand));
    }
    const written = writesOutside(operand, this.fn, this.scope.checker) ?? writesThroughCalls(operand, this.fn, used, this.scope.checker);
    if (written !== undefined) return this.#leave("R0152", node, `${written} in ${subjectOf(operand)}`);
    const narrowed = narrowedIn(operand, this.scope.checker);
    if (narrowed !== undefined) return this.#leave("R0153", node, narrowed);
    if (used) {
      const { checker } = this.scope;
      const type = checker.getTypeAtLocation(node);
      const fate = jsonFate(ts.isAwaitExpression(node) ? type : (checker.getAwaitedType(type) ?? type), checker);
      if (fate.kind === "changes") return this.#leave("R0133", node, `${subjectOf(operand)}${fate.path ? `, at ${fate.path}` : ""}: ${shortened(fate.type)}`);
      const isResult = !ts.isAwaitExpression(node) && this.scope.handlers.has(this.fn);
      if (fate.kind === "unresolved" && !isResult) return this.#leave("R0148", node, subjectOf(operand));
      if (fate.kind !== "survives") this.#findings.remarks.push(remarkAt("R0214", node, subjectOf(operand)));
    }
    this.#findings.remarks.push(remarkAt("R0203", node, subjectOf(operand)));
    this.#findings.sites.push({
      concept: "plain-await",
      ...this.#sync(node),
      operand: rangeOf(operand),
      used,
      nested: containsAwait(operand),
      caught: this.#use.isCaught(node),
      objectLiteral: ts.isObjectLiteralExpression(operand),
    });
  }

  #base(consumption: Extract<Consumption, { kind: "now" }>): { file: string; range: { start: number; end: number }; yielding: Yielding; context: string } {
    return { file: this.fn.getSourceFile().fileName, range: rangeOf(consumption.outer), yielding: consumption.yielding, context: this.#name };
  }

  #sync(expression: ts.Expression): { file: string; range: { start: number; end: number }; yielding: Yielding; context: string } {
    return this.#base({ kind: "now", outer: expression, yielding: yieldingFor(expression) });
  }

  /** An async function awaits what it returns; a generator function does not, so a promise is awaited in a step before. */
  #returnedPromise(value: ts.Expression): void {
    const node = unwrap(value);
    if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].forEach((branch) => this.#returnedPromise(branch));
    const isChoice = ts.isBinaryExpression(node) && isShortCircuit(node.operatorToken.kind);
    const leftCounts = isChoice && (node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken || node.operatorToken.kind === ts.SyntaxKind.BarBarToken);
    if (isChoice && !(leftCounts && mayBePromise(node.left, this.scope))) return this.#returnedPromise(node.right);
    const isSite = this.#findings.sites.some((site) => site.range.start <= node.getStart() && node.end <= site.range.end && site.concept !== "request" && site.concept !== "client");
    if (isSite || (!isChoice && !mayBePromise(node, this.scope))) return;
    if (this.#findings.left.some((left) => left.range.start >= node.getStart() && left.range.end <= node.end)) return;
    if (this.#use.inTry(value)) return this.#leave("R0144", node);
    const within = (site: Site): boolean => site.range.start >= node.getStart() && site.range.end <= node.end;
    if (this.#findings.sites.some((site) => yields(site) && site.concept !== "plain-await" && within(site))) return this.#leave("R0147", node);
    // What it awaits itself belongs to the step around it.
    this.#findings.sites.splice(0, this.#findings.sites.length, ...this.#findings.sites.filter((site) => site.concept !== "plain-await" || !within(site)));
    this.#plainStep(node, node, true);
  }

}

/** `const { id } = ...`: the context has an id as well. */
function isIdPattern(node: ts.Node): boolean {
  if (!ts.isVariableDeclaration(node) || !ts.isObjectBindingPattern(node.name)) return false;
  return node.name.elements.every((element) => !element.dotDotDotToken && (element.propertyName ?? element.name).getText() === "id");
}

/** An argument that may be `undefined` by its type. */
function admitsUndefined(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const type = checker.getTypeAtLocation(node);
  return (type.flags & ts.TypeFlags.Undefined) !== 0 || (type.isUnion() && type.types.some((member) => (member.flags & ts.TypeFlags.Undefined) !== 0));
}

/** Whether a site becomes a `yield*`, which cannot stand inside the closure of a step. */
function yields(site: Site): boolean {
  if (site.concept === "random") return site.mode === "step";
  return site.concept !== "request" && site.concept !== "client" && !(site.concept === "console" && site.mode !== "step");
}

function methodCallOn(node: ts.Expression): ts.CallExpression | undefined {
  const outer = outOfParens(node);
  const access = outer.parent;
  return ts.isPropertyAccessExpression(access) && access.expression === outer && !access.questionDotToken && ts.isCallExpression(access.parent) && access.parent.expression === access
    ? access.parent
    : undefined;
}

function openParen(call: ts.CallExpression): number {
  const open = call.getChildren().find((child) => child.kind === ts.SyntaxKind.OpenParenToken);
  return open ? open.end : call.end;
}

/** An `await` of the same function somewhere in an expression. */
function containsAwait(node: ts.Node): boolean {
  let found = ts.isAwaitExpression(node);
  walk(node, (child) => {
    if (ts.isFunctionLike(child)) return false;
    if (ts.isAwaitExpression(child)) found = true;
    return !found;
  });
  return found;
}
