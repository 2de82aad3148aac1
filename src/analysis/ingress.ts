import type { Mentions } from "./accounting.js";
import { clientTarget, stubOf } from "./clients.js";
import { ts } from "./compiler.js";
import { type FlowListener, IngressFlow } from "./ingress-flow.js";
import type { ConnectionFact, IngressCallSite, IngressFacts, IngressNameFact, IngressReceiver, IngressSite } from "./ingress-model.js";
import { ingressArguments } from "./ingress-options.js";
import type { DefinitionFact } from "./definition-model.js";
import type { LeftFact, RemarkFact } from "./said-model.js";
import type { TextRange } from "../edits/edit.js";
import { loadsOf, processOf } from "./processes.js";
import { type Scope, idOf, isConst, leftAt, remarkAt, subjectOf, symbolOf } from "./scope.js";
import { constantText, isFunctionNode, modifier, openParen, outOfParens, propertyName, rangeOf, unwrap, walk } from "./syntax.js";
import type { Work } from "./work.js";

/** What was found of the ingress clients, and what of the code it accounts for. */
export interface IngressFindings {
  readonly facts: IngressFacts;
  /** Names of definitions that go away with the calls that mention them. */
  readonly names: ReadonlySet<ts.Node>;
  /** Calls that make a client which is understood. */
  readonly clients: ReadonlySet<ts.CallExpression>;
}

/** The ingresses as a whole: what goes together with all of them is linked with this id. */
const allIngresses = "ingress";

/** Finds the connections to Restate's ingress, follows them, and reads the calls through them. */
export function ingressClients(work: Work, mentions: Mentions): IngressFindings {
  return new IngressReader(work, mentions).read();
}

/** What a client reaches. */
interface Client {
  readonly owner: string;
  readonly kind: DefinitionFact["kind"];
  readonly sends: boolean;
  readonly definition: DefinitionFact;
  readonly key?: ts.Expression;
}

const clientMembers: Readonly<Record<string, { readonly kind: DefinitionFact["kind"]; readonly sends: boolean }>> = {
  serviceClient: { kind: "service", sends: false },
  serviceSendClient: { kind: "service", sends: true },
  objectClient: { kind: "object", sends: false },
  objectSendClient: { kind: "object", sends: true },
  workflowClient: { kind: "workflow", sends: false },
};
const ofWorkflow: Readonly<Record<string, "submit" | "attach" | "output">> = { workflowSubmit: "submit", workflowAttach: "attach", workflowOutput: "output" };
const others: Readonly<Record<string, string>> = { call: "R0123", send: "R0123", client: "R0124", sendClient: "R0124", scope: "R0125" };

class IngressReader implements FlowListener {
  readonly #connections: ts.CallExpression[] = [];
  readonly #sites: IngressSite[] = [];
  readonly #facts: IngressNameFact[] = [];
  readonly #links: (readonly [string, string])[] = [];
  readonly #left: { owner: string; fact: LeftFact }[] = [];
  readonly #remarks: { owner: string; fact: RemarkFact }[] = [];
  readonly #names = new Set<ts.Node>();
  readonly #clients = new Set<ts.CallExpression>();
  /** Expressions that stand elsewhere afterwards, as they are written. */
  readonly #moved: { readonly owner: string; readonly node: ts.Node }[] = [];

  constructor(
    readonly work: Work,
    readonly mentions: Mentions,
  ) {}

  read(): IngressFindings {
    const flow = new IngressFlow(this.work, this.mentions, this);
    for (const { node, name } of this.work.references) {
      const isCall = ts.isCallExpression(node.parent) && node.parent.expression === node;
      if (name === "clients.connect" && isCall) this.#connect(node.parent, node, flow);
      else if (name === "clients.Ingress" && !flow.annotated(node)) this.#unfollowed(node);
    }
    this.#links.push(...flow.links);
    if (this.#connections.length > 0) this.#readNames();
    this.#checkMoved();
    // Where a client is left, its options need no word of their own.
    const withLeft = new Set(this.#left.map(({ fact }) => fact.file));
    for (const { node, name } of this.work.references) if (/^clients\.(rpc\.|(Send)?Opts\.from)/.test(name ?? "") && withLeft.has(node.getSourceFile().fileName)) this.work.scope.consumed.add(node);
    const loads = this.#connections.length > 0 ? loadsOf(this.work, this.#names) : new Map<string, Set<string>>();
    const facts = {
      connections: this.#connections.map((call) => this.#connectionFact(call, loads)),
      sites: this.#sites, names: this.#facts, links: this.#links, left: this.#left, remarks: this.#remarks,
    };
    return { facts, names: this.#names, clients: this.#clients };
  }

  /** A type that no declaration can be followed from: it may be that of any ingress. */
  #unfollowed(name: ts.Node): void {
    if (ts.isImportSpecifier(name.parent) || ts.isExportSpecifier(name.parent)) return;
    this.work.scope.consumed.add(name);
    this.leave(allIngresses, "R0135", name);
  }

  // Connections

  #connect(call: ts.CallExpression, name: ts.Node, flow: IngressFlow): void {
    const owner = idOf(call);
    this.#connections.push(call);
    this.work.scope.consumed.add(name);
    const [argument] = call.arguments;
    const literal = argument && unwrap(argument);
    for (const property of literal && ts.isObjectLiteralExpression(literal) ? literal.properties : []) {
      if (/^(serde|journalValueCodec|fetch)$/.test((property.name && propertyName(property.name)) ?? "")) this.leave(owner, "R0135", property);
    }
    this.#remark(owner, "R0240", call, argument ? subjectOf(argument) : "connect()");
    const fn = ts.findAncestor(call, (node) => isFunctionNode(node) && this.work.findings.has(node));
    if (fn) this.#links.push([owner, idOf(fn)]);
    flow.connection(call);
  }

  #connectionFact(call: ts.CallExpression, loads: ReadonlyMap<string, ReadonlySet<string>>): ConnectionFact {
    const file = call.getSourceFile().fileName;
    const declaration = outOfParens(call).parent;
    const topLevel = ts.isVariableDeclaration(declaration) && ts.isVariableStatement(declaration.parent.parent) && ts.isSourceFile(declaration.parent.parent.parent);
    return { id: idOf(call), file, range: rangeOf(call), subject: subjectOf(call.expression), topLevel, constants: this.#onlyIn(call), process: processOf(file, loads) };
  }

  /** Statements of constants, plain values, that are mentioned in the arguments of connections and nowhere else. */
  #onlyIn(call: ts.CallExpression): ConnectionFact["constants"] {
    const statements = new Map<number, ts.VariableStatement>();
    walk(call, (node) => {
      const symbol = ts.isIdentifier(node) ? symbolOf(node, this.work.scope.checker) : undefined;
      const declaration = symbol?.valueDeclaration;
      const statement = declaration && ts.isVariableDeclaration(declaration) ? aloneIn(declaration) : undefined;
      if (!symbol || !declaration || !statement || !ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name)) return;
      if (!ts.isSourceFile(statement.parent) || modifier(statement, ts.SyntaxKind.ExportKeyword) || !isPlainValue(declaration.initializer)) return;
      const mentions = this.mentions.of(declaration.name, symbol);
      if (statement.getSourceFile() === call.getSourceFile() && mentions.every((mention) => this.#connections.some((other) => other.getSourceFile() === mention.getSourceFile() && other.pos <= mention.pos && mention.end <= other.end))) statements.set(statement.pos, statement);
    });
    return [...statements.values()].map(statementRange);
  }

  // What the flow tells

  lost(owner: string, node: ts.Node): void {
    this.leave(owner, "R0135", node);
  }

  type(owner: string, name: ts.Node): void {
    this.work.scope.consumed.add(name);
    this.#facts.push({ owner, file: name.getSourceFile().fileName, range: rangeOf(name), name: "Ingress" });
  }

  member(access: ts.PropertyAccessExpression, owner: string): void {
    const outer = outOfParens(access);
    const call = ts.isCallExpression(outer.parent) && outer.parent.expression === outer ? outer.parent : undefined;
    const member = access.name.text;
    if (!call || call.questionDotToken) return this.leave(owner, "R0135", access);
    const client = clientMembers[member];
    if (client) return this.#client(call, access.expression, client, owner);
    if (member === "result" || member === "resolveAwakeable" || member === "rejectAwakeable") return this.#member(call, access, member, owner);
    if (member === "call" || member === "send") for (const { fact } of this.work.definitions) if (isMeant(fact.name, memberNamed(call.arguments[0], "service"), this.work.scope)) this.#links.push([owner, fact.id]);
    this.leave(owner, others[member] ?? "R0135", call, subjectOf(call));
  }

  #member(call: ts.CallExpression, access: ts.PropertyAccessExpression, member: "result" | "resolveAwakeable" | "rejectAwakeable", owner: string): void {
    const plain = member === "result" ? 1 : 2;
    if (call.arguments.length > plain) return this.leave(owner, "R0149", call.arguments[plain] ?? call);
    if (call.arguments.length === 0 || call.arguments.some(ts.isSpreadElement)) return this.leave(owner, "R0135", call);
    if (member === "result") this.#links.push([owner, allIngresses]);
    else {
      const makers = [...this.work.findings].filter(([, { sites }]) => sites.some((site) => site.concept === "awakeable" && site.name === "awakeable"));
      if (makers.length === 0) return this.leave(owner, "R0135", call, `${subjectOf(call)}, whose awakeable is not made in the searched code`);
      for (const [fn] of makers) this.#links.push([owner, idOf(fn)]);
    }
    this.#site({ concept: "ingress-member", member, owner, file: call.getSourceFile().fileName, range: rangeOf(call), receiver: this.#here(access.expression), open: openParen(call) }, call);
  }

  // Clients and their calls

  #client(call: ts.CallExpression, receiver: ts.Expression, { kind, sends }: { kind: DefinitionFact["kind"]; sends: boolean }, owner: string): void {
    const target = clientTarget(call, this.work.scope);
    const definition = target && this.work.definitions.find(({ fact }) => fact.id === target.definition)?.fact;
    if (!target || definition?.kind !== kind) {
      for (const { fact } of this.work.definitions) if (!target && isMeant(fact.name, memberNamed(call.arguments[0], "name"), this.work.scope)) this.#links.push([owner, fact.id]);
      return this.leave(owner, "R0142", call);
    }
    const key = kind === "service" ? undefined : call.arguments[1];
    if (kind !== "service" && (!key || ts.isSpreadElement(key))) return this.leave(owner, "R0135", call);
    this.#links.push([owner, definition.id]);
    const client: Client = { owner, kind, sends, definition, key };
    const outer = outOfParens(call);
    const use = methodCallOn(outer);
    const understood = use ? this.#direct(use, receiver, client) : this.#held(call, outer, receiver, client);
    if (!understood) return;
    this.#clients.add(call);
    for (const name of target.names) this.#names.add(name);
  }

  /** `ingress.serviceClient(greeter).greet(name)`. */
  #direct(use: ts.CallExpression, receiver: ts.Expression, client: Client): boolean {
    const { key } = client;
    if (key && !isRepeatable(key) && memberOf(use) === "workflowSubmit") {
      this.leave(client.owner, "R0160", key);
      return false;
    }
    if (key) this.#move(key, client.owner);
    return this.#call(use, this.#here(receiver), key?.getText(), client);
  }

  /** `const client = ingress.serviceClient(greeter)`, used only by calls of its methods. */
  #held(call: ts.CallExpression, outer: ts.Expression, receiver: ts.Expression, client: Client): boolean {
    const { owner, key } = client;
    const declaration = outer.parent;
    const statement = ts.isVariableDeclaration(declaration) ? aloneIn(declaration) : undefined;
    if (!ts.isVariableDeclaration(declaration) || !statement || !isConst(declaration) || !ts.isIdentifier(declaration.name) || declaration.type) {
      this.leave(owner, "R0135", call);
      return false;
    }
    const { name } = declaration;
    const mentions = this.mentions.of(name, this.work.scope.checker.getSymbolAtLocation(name));
    const uses = mentions.map((mention) => methodCallOn(ts.isPropertyAccessExpression(mention.parent) && mention.parent.name === mention ? mention.parent : mention));
    const stray = mentions.find((_, index) => uses[index] === undefined);
    if (stray) {
      this.leave(owner, "R0135", stray, subjectOf(stray.parent));
      return false;
    }
    const calls = uses.filter((use) => use !== undefined);
    const exported = modifier(statement, ts.SyntaxKind.ExportKeyword) !== undefined;
    const repeats = !exported && isPath(receiver) && calls.every((use) => this.#isVisible(receiver, use));
    const computed = key !== undefined && !(this.#isStable(key) && calls.every((use) => this.#isVisible(key, use)));
    if (computed && (!repeats || calls.some((use) => use.getSourceFile() !== statement.getSourceFile()))) {
      this.leave(owner, "R0135", call);
      return false;
    }
    const as = computed ? this.#freeName(name.text, statement.getSourceFile()) : undefined;
    if (key && !computed) this.#move(key, owner);
    const initializer = rangeOf(declaration.initializer ?? call);
    const keeps = as !== undefined && key ? ({ kind: "key", name: rangeOf(name), as, initializer, key: rangeOf(key) } as const) : repeats ? undefined : ({ kind: "ingress", initializer, receiver: rangeOf(receiver) } as const);
    this.#sites.push({ concept: "ingress-client", owner, file: statement.getSourceFile().fileName, statement: statementRange(statement), keeps });
    return calls.every((use) => this.#call(use, { kind: "text", text: repeats ? receiver.getText() : (use.expression as ts.PropertyAccessExpression).expression.getText() }, as ?? key?.getText(), client));
  }

  #call(use: ts.CallExpression, receiver: IngressReceiver, key: string | undefined, { owner, sends, definition, kind }: Client): boolean {
    const member = memberOf(use);
    const special = kind === "workflow" ? ofWorkflow[member] : undefined;
    const handler = definition.handlers.find((candidate) => (special ? candidate.mode === "run" : candidate.name === member && candidate.mode !== "run"));
    if (!handler) return this.#refuse(owner, "R0142", use, `${member} of ${definition.name}`);
    const args = ingressArguments(use, this.work.scope);
    if (args.left) return this.#refuse(owner, "R0129", args.left);
    if ((special === "attach" || special === "output") && args.input) return this.#refuse(owner, "R0129", args.input);
    for (const property of args.dropped) this.#remark(owner, "R0242", property, property.name?.getText() ?? "");
    if (args.input && admitsUndefined(args.input, this.work.scope.checker)) this.#remark(owner, "R0217", use, subjectOf(args.input));
    if (args.idempotencyKey) {
      this.#move(args.idempotencyKey, owner);
      this.#remark(owner, "R0330", args.idempotencyKey, subjectOf(args.idempotencyKey));
    }
    if (args.options) for (const node of sdkNodesIn(args.options, this.work)) this.work.scope.consumed.add(node);
    const site: IngressCallSite = {
      concept: "ingress-call", kind: special ?? (sends ? "send" : "call"), owner, receiver, key, definition: definition.id, handler: handler.name,
      file: use.getSourceFile().fileName, range: rangeOf(use), open: openParen(use), used: isUsed(use),
      input: args.input && rangeOf(args.input),
      idempotencyKey: special ? undefined : args.idempotencyKey && rangeOf(args.idempotencyKey),
      delay: special === "attach" || special === "output" ? undefined : sends || special ? args.delay : undefined,
    };
    return this.#site(site, use);
  }

  #site(site: IngressSite, call: ts.CallExpression): true {
    this.#sites.push(site);
    const fn = ts.findAncestor(call, (node) => isFunctionNode(node) && this.work.findings.has(node));
    if (fn) this.#links.push([site.owner, idOf(fn)]);
    return true;
  }

  #here(receiver: ts.Expression): IngressReceiver {
    const value = unwrap(receiver);
    return { kind: "here", range: rangeOf(receiver), connects: ts.isCallExpression(value) && this.#connections.includes(value) };
  }

  // Keys and receivers

  /** A value that is the same whenever it is evaluated later. */
  #isStable(node: ts.Expression): boolean {
    const value = unwrap(node);
    if (ts.isStringLiteralLike(value)) return true;
    if (ts.isTemplateExpression(value)) return value.templateSpans.every((span) => this.#isStable(span.expression));
    const symbol = ts.isIdentifier(value) ? symbolOf(value, this.work.scope.checker) : undefined;
    const declaration = symbol?.valueDeclaration;
    if (!symbol || !declaration || !ts.isIdentifier(value)) return false;
    if (ts.isVariableDeclaration(declaration)) return isConst(declaration);
    const isParameter = ts.isParameter(declaration) || (ts.isBindingElement(declaration) && ts.findAncestor(declaration, ts.isParameter) !== undefined);
    const references = this.work.scans.get(declaration.getSourceFile().fileName)?.references.get(value.text) ?? [];
    return isParameter ? !references.some((reference) => isAssigned(reference) && symbolOf(reference, this.work.scope.checker) === symbol) : ts.isBindingElement(declaration) && (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
  }

  /** Whether the names in an expression mean the same at another place. */
  #isVisible(expression: ts.Expression, place: ts.Node): boolean {
    const { checker } = this.work.scope;
    if (expression.getSourceFile() !== place.getSourceFile()) return false;
    const declared = this.work.scans.get(place.getSourceFile().fileName)?.declared;
    let visible = true;
    const visit = (node: ts.Node): void => {
      if (node.kind === ts.SyntaxKind.ThisKeyword) visible &&= thisOf(node) === thisOf(place);
      if (!ts.isIdentifier(node) || (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) || (declared?.get(node.text) ?? 0) <= 1) return;
      const symbol = checker.getSymbolAtLocation(node);
      visible &&= checker.getSymbolsInScope(place, ts.SymbolFlags.Value | ts.SymbolFlags.Alias).some((candidate) => candidate === symbol);
    };
    visit(expression);
    walk(expression, visit);
    return visible;
  }

  #freeName(client: string, file: ts.SourceFile): string {
    const scan = this.work.scans.get(file.fileName);
    const isFree = (name: string): boolean => !scan?.declared.has(name) && !scan?.references.has(name);
    return [`${client}Key`, `${client}ObjectKey`].find(isFree) ?? `keyOf${client}`;
  }

  // Errors and types

  /** The class of a failed call's error and its members, and the types of what is sent. */
  #readNames(): void {
    const { scope, references } = this.work;
    const files = new Set<ts.SourceFile>();
    for (const { node, name } of references) {
      const file = node.getSourceFile();
      const named = (as: IngressNameFact["name"]): void => {
        scope.consumed.add(node);
        this.#facts.push({ owner: allIngresses, file: file.fileName, range: rangeOf(node), name: as });
      };
      const isType = ts.isTypeReferenceNode(node.parent);
      if (isType && (name === "clients.Send" || name === "clients.WorkflowSubmission")) named("Sent");
      else if (isType && name === "clients.Output") named("Output");
      else if (name === "clients.HttpCallError" && (isType || isTested(node))) {
        named("HttpCallError");
        files.add(file);
      }
    }
    for (const file of files) walk(file, (node) => this.#errorMember(node));
    // What one client sent another may wait for; an error may come from any.
    const together = [...this.#facts, ...this.#left].some(({ owner }) => owner === allIngresses) || this.#links.some(([, target]) => target === allIngresses);
    if (together) for (const call of this.#connections) this.#links.push([idOf(call), allIngresses]);
  }

  #errorMember(node: ts.Node): void {
    const { checker, sdk } = this.work.scope;
    const isError = (expression: ts.Expression): boolean => {
      const symbol = checker.getTypeAtLocation(expression).getSymbol();
      return symbol !== undefined && sdk.nameOfSymbol(symbol) === "clients.HttpCallError";
    };
    if (ts.isVariableDeclaration(node) && ts.isObjectBindingPattern(node.name) && node.initializer && isError(node.initializer)) return this.leave(allIngresses, "R0131", node);
    if (!ts.isPropertyAccessExpression(node) || !/^(status|responseText|message)$/.test(node.name.text) || !isError(node.expression)) return;
    const fact = (name: IngressNameFact["name"]): void => void this.#facts.push({ owner: allIngresses, file: node.getSourceFile().fileName, range: rangeOf(node.name), name });
    if (node.name.text === "status") return fact("status");
    const { parent } = node;
    if (ts.isCallExpression(parent) && parent.expression.getText() === "JSON.parse") return this.leave(allIngresses, "R0131", parent);
    if (node.name.text === "responseText") fact("message");
    this.#remark(allIngresses, "R0243", node, subjectOf(node));
  }

  // What is said

  leave(owner: string, code: string, node: ts.Node, subject = subjectOf(node)): void {
    this.#left.push({ owner, fact: leftAt(code, node, subject) });
  }

  #refuse(owner: string, code: string, node: ts.Node, subject = subjectOf(node)): false {
    this.leave(owner, code, node, subject);
    return false;
  }

  #remark(owner: string, code: string, node: ts.Node, subject: string): void {
    this.#remarks.push({ owner, fact: remarkAt(code, node, subject) });
  }

  #move(node: ts.Node, owner: string): void {
    this.#moved.push({ owner, node });
  }

  /** What is written at another place afterwards must not be rewritten where it stands. */
  #checkMoved(): void {
    for (const { owner, node } of this.#moved) {
      const file = node.getSourceFile();
      const holds = this.#sites.some((site) => "range" in site && site.file === file.fileName && node.pos <= site.range.start && site.range.end <= node.end);
      let context = false;
      const visit = (child: ts.Node): void => {
        context ||= ts.isAwaitExpression(child) || isFunctionNode(child) || (ts.isIdentifier(child) && this.work.scope.contextNames.has(child.text));
      };
      visit(node);
      walk(node, visit);
      if (holds || context) this.leave(owner, "R0160", node);
    }
  }
}

/** The statement of a variable that declares nothing else. */
function aloneIn(declaration: ts.VariableDeclaration): ts.VariableStatement | undefined {
  const list = declaration.parent;
  return ts.isVariableDeclarationList(list) && list.declarations.length === 1 && ts.isVariableStatement(list.parent) ? list.parent : undefined;
}

/** The value of a member in an object literal; the expression itself where it is none. */
function memberNamed(node: ts.Expression | undefined, name: string): ts.Expression | undefined {
  const value = node && unwrap(node);
  if (!value || !ts.isObjectLiteralExpression(value)) return value;
  const property = value.properties.find((candidate) => candidate.name && propertyName(candidate.name) === name);
  return property && ts.isPropertyAssignment(property) ? property.initializer : property && ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
}

/** Whether the service of that name is meant. Where the name is only known at run time, the call says itself that it is left. */
function isMeant(name: string, value: ts.Expression | undefined, scope: Scope): boolean {
  const text = value && constantText(value, scope.checker);
  if (text !== undefined) return text === name;
  const symbol = value && ts.isIdentifier(value) ? symbolOf(value, scope.checker) : undefined;
  const stub = symbol && stubOf(symbol);
  return stub !== undefined && isMeant(name, memberNamed(stub, "name"), scope);
}

/** A variable's statement; a semicolon on a line of its own guards what follows and stays. */
function statementRange(statement: ts.VariableStatement): TextRange {
  const end = statement.declarationList.end;
  return { start: statement.getStart(), end: /\n/.test(statement.getSourceFile().text.slice(end, statement.end)) ? end : statement.end };
}

function memberOf(use: ts.CallExpression): string {
  return ts.isPropertyAccessExpression(use.expression) ? use.expression.name.text : "";
}

function methodCallOn(node: ts.Expression): ts.CallExpression | undefined {
  const outer = outOfParens(node);
  const access = outer.parent;
  const isCalled = ts.isPropertyAccessExpression(access) && access.expression === outer && !access.questionDotToken && ts.isCallExpression(access.parent) && access.parent.expression === access && !access.parent.questionDotToken;
  return isCalled && ts.isCallExpression(access.parent) ? access.parent : undefined;
}

/** A call whose result, or the promise of it, is looked at. */
function isUsed(call: ts.CallExpression): boolean {
  const outer = outOfParens(call);
  const awaited = ts.isAwaitExpression(outer.parent) || ts.isVoidExpression(outer.parent) ? outOfParens(outer.parent) : outer;
  return !ts.isExpressionStatement(awaited.parent);
}

/** `ingress`, `this.ingress`: it can be written again. */
function isPath(node: ts.Expression): boolean {
  return ts.isIdentifier(node) || node.kind === ts.SyntaxKind.ThisKeyword || (ts.isPropertyAccessExpression(node) && !node.questionDotToken && isPath(node.expression));
}

/** Evaluated twice in one expression it gives the same. */
function isRepeatable(node: ts.Expression): boolean {
  const value = unwrap(node);
  if (ts.isStringLiteralLike(value) || ts.isNumericLiteral(value) || isPath(value)) return true;
  if (ts.isTemplateExpression(value)) return value.templateSpans.every((span) => isRepeatable(span.expression));
  if (ts.isElementAccessExpression(value)) return isRepeatable(value.expression) && isRepeatable(value.argumentExpression);
  return ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.PlusToken && isRepeatable(value.left) && isRepeatable(value.right);
}

/** A value whose evaluation has no effect. */
function isPlainValue(node: ts.Expression | undefined): boolean {
  if (!node) return false;
  const value = unwrap(node);
  if (ts.isBinaryExpression(value)) return /^(\|\||\?\?|\+)$/.test(value.operatorToken.getText()) && isPlainValue(value.left) && isPlainValue(value.right);
  return ts.isStringLiteralLike(value) || /^process\.env(\.\w+|\[["']\w+["']\])$/.test(value.getText());
}

function isTested(node: ts.Node): boolean {
  return ts.isBinaryExpression(node.parent) && node.parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword && node.parent.right === node;
}

function isAssigned(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPrefixUnaryExpression(parent) || ts.isPostfixUnaryExpression(parent)) return parent.operator === ts.SyntaxKind.PlusPlusToken || parent.operator === ts.SyntaxKind.MinusMinusToken;
  return ts.isBinaryExpression(parent) && parent.left === node && parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment && parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment;
}

/** What `this` belongs to at a node. */
function thisOf(node: ts.Node): ts.Node | undefined {
  return ts.findAncestor(node.parent, (ancestor) => (ts.isFunctionLike(ancestor) && !ts.isArrowFunction(ancestor)) || ts.isClassLike(ancestor));
}

function admitsUndefined(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const type = checker.getTypeAtLocation(node);
  return (type.flags & ts.TypeFlags.Undefined) !== 0 || (type.isUnion() && type.types.some((member) => (member.flags & ts.TypeFlags.Undefined) !== 0));
}

/** The mentions of Restate's API in an expression that goes away. */
function sdkNodesIn(expression: ts.Expression, work: Work): ts.Node[] {
  return work.references.flatMap(({ node }) => (node.getSourceFile() === expression.getSourceFile() && expression.pos <= node.pos && node.end <= expression.end ? [node] : []));
}
