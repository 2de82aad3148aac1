import type { Project } from "../project/project.js";
import { indexMentions, type Mentions } from "./accounting.js";
import { workAfterFailures } from "./after-failures.js";
import { bindingsOf, withDefinition } from "./bindings.js";
import { compile, type Compiled, hasInstalledTypes, ts, type TypeLevel } from "./compiler.js";
import { Colours } from "./colours.js";
import { collectTypedContexts } from "./contexts.js";
import { definitionsIn } from "./definitions.js";
import { endpointsIn } from "./endpoints.js";
import { errorMentions, errorUses, isTerminalClass, isTerminalError } from "./errors.js";
import { fileFacts } from "./files.js";
import { ingressClients } from "./ingress.js";
import { FlowReader } from "./function-flows.js";
import { handleTypes } from "./handles.js";
import { functionFact, recursiveFunctions } from "./function-facts.js";
import { handContexts } from "./handed-contexts.js";
import { keyedFunctions } from "./keyed.js";
import type { ContextAliasFact, Facts, FunctionFact, KeyedFact } from "./model.js";
import { remarkRereads } from "./rereads.js";
import { type SdkReference, sdkReferences } from "./references.js";
import { leavingErrors, parsingIn } from "./leaving.js";
import { plainFunctions } from "./plain-functions.js";
import { leaveTheRest } from "./remainder.js";
import { type FileScan, scanFile } from "./scan.js";
import { collectNestedContexts } from "./nested-contexts.js";
import { type ContextParameter, type Scope, idOf, leftAt, remarkAt, subjectOf } from "./scope.js";
import { contextTypes, createSdk } from "./sdk.js";
import type { FunctionFindings, Known } from "./findings.js";
import { findSites } from "./sites.js";
import { account, leaveDividedServices, leaveSharedHandlers } from "./soundness.js";
import { isKnownOutside, stepFunctions } from "./step-functions.js";
import { type FunctionNode, enclosingFunction, isFunctionNode, isWithin } from "./syntax.js";
import { Suspects } from "./suspects.js";
import { createThrowers } from "./throwers.js";
import { type Work, leave } from "./work.js";

/**
 * Reads a codebase and ends in plain facts about ranges of its text. Files with syntax errors take no part beyond saying so.
 * Where the bundled types cannot tell what an awaited value is, and packages are installed, theirs are asked.
 */
export function analyze(project: Project, onProgress: (phase: string, detail: string) => void = () => {}): Facts {
  const facts = analyzeAt("bundled", project, onProgress);
  const open = [...facts.functions.values()].some((fn) => fn.left.some((left) => left.code === "R0148") || fn.remarks.some((remark) => remark.code === "R0214"));
  return open && hasInstalledTypes(project) ? analyzeAt("full", project, onProgress) : facts;
}

function analyzeAt(level: TypeLevel, project: Project, onProgress: (phase: string, detail: string) => void): Facts {
  onProgress("parsing", `${project.files.size} files`);
  const work = prepare(project, level);
  onProgress("analysing", "definitions");
  readDefinitions(work);
  readColours(work);
  readFunctions(work, onProgress);
  const taking = handContexts(work);
  readEndpoints(work);
  onProgress("analysing", "references");
  const mentions = indexMentions(work.scans, work.bindings, work.scope);
  const ingress = ingressClients(work, mentions);
  const uses = account(work, mentions, ingress);
  // Stubs and type aliases of definitions go as well: only now can a binding say that it stands for one.
  nameDefinitions(work);
  const keyed = keyedFunctions(work);
  const errors = errorUses(work, mentions);
  leaveTheRest(work);
  remarkRereads(work);
  return { ...toFacts(work, mentions, uses, keyed, taking), errors: errors.uses, errorLinks: errors.links, ingress: ingress.facts };
}

function prepare(project: Project, level: TypeLevel): Work {
  const compiled = compile(project, level);
  const scans = new Map(compiled.files.flatMap((file) => (compiled.syntaxErrors(file).length === 0 ? [[file.fileName, scanFile(file)] as const] : [])));
  const sources = sourcesOf(scans, compiled);
  const scope: Scope = {
    project, compiled, checker: compiled.checker, sdk: createSdk(compiled), contexts: new Map(), contextNames: new Set(), contextFunctions: new Map(), nestedContexts: new Map(), contextHolders: new Set(), strayContexts: new Map(), promiseParameters: new Set(), colours: undefined, gives: sources.gives, handlers: new Map(), consumed: new Set(),
    definitionsBySymbol: new Map(), definitionsByName: new Map(),
  };
  return { level, scope, scans, throws: sources.throws, bindings: new Map(), references: [], definitions: [], endpoints: [], findings: new Map(), extraLeft: new Map(), left: [], types: [] };
}

/**
 * What all code of the program gives names to and where it throws, also that which knows nothing of Restate. By a name alone it tells
 * what no code of the project can have declared: a default export and a computed member may have any name.
 */
function sourcesOf(scans: ReadonlyMap<string, FileScan>, compiled: Compiled): { readonly gives: (name: string) => boolean; readonly throws: readonly ts.Node[] } {
  const names = new Set(["default"]);
  const throws: ts.Node[] = [];
  for (const file of compiled.sources()) {
    const scan = scans.get(file.fileName) ?? scanFile(file);
    for (const name of scan.given) names.add(name);
    throws.push(...scan.throws, ...parsingIn(scan));
  }
  return { gives: (name) => names.has(name) || names.has("[]"), throws };
}

function readDefinitions(work: Work): void {
  const { scope } = work;
  // Handlers may be declared in a later file: what their parameters say must be known first.
  for (const scan of work.scans.values()) collectTypedContexts(scan.functions, scope);
  for (const [path, scan] of work.scans) {
    const bindings = bindingsOf(scan, scope);
    work.bindings.set(path, bindings);
    const references = sdkReferences(bindings, scope);
    work.references.push(...references);
    for (const definition of definitionsIn(references, scope)) {
      work.definitions.push(definition);
      if (definition.symbol) scope.definitionsBySymbol.set(definition.symbol, definition.fact.id);
      const { name, id } = definition.fact;
      scope.definitionsByName.set(name, [...(scope.definitionsByName.get(name) ?? []), id]);
    }
  }
  // Only now can a binding say which definition it stands for.
  nameDefinitions(work);
}

function nameDefinitions(work: Work): void {
  for (const [path, bindings] of work.bindings) work.bindings.set(path, bindings.map((binding) => withDefinition(binding, work.scope)));
}

/** Says which functions become generator functions, besides those that take a context as a parameter of their own. */
function readColours(work: Work): void {
  const { scans, scope } = work;
  collectNestedContexts(scans.values(), scope);
  const isDefinition = new Set<ts.Node>(work.definitions.map(({ call }) => call));
  const suspects = (): Suspects => new Suspects({ contexts: [...contextTypes, ...namesOfContexts(scope)], promises: handleTypes }, (node) => isDefinition.has(node));
  const flows = new FlowReader(scope, suspects());
  const added = new Set<string>();
  let contexts = namesOfContexts(scope).length;
  flows.read([...scans.values()].map(({ file }) => file));
  let colours = new Colours(scope, flows);
  for (;;) {
    // A helper for any promise or any function stands in a file that knows nothing of Restate.
    const unread = colours.unreadFiles();
    const isNews = colours.suspectDurable();
    const found = namesOfContexts(scope).length;
    if (unread.size === 0 && !isNews && found === contexts) break;
    if (found !== contexts) flows.suspects = suspects();
    contexts = found;
    for (const file of unread) {
      added.add(file.fileName);
      if (!scans.has(file.fileName)) scans.set(file.fileName, scanFile(file));
      work.bindings.set(file.fileName, bindingsOf(scanFile(file), scope));
    }
    flows.read(unread);
    colours = new Colours(scope, flows);
  }
  colours.leaveKnown((member) => added.has(member.getSourceFile().fileName) && isKnownOutside(member.getSourceFile().fileName, nameOnTop(member), work));
  scope.colours = colours;
  flows.end();
  for (const fn of colours.functions()) {
    // What stands in a function that changes as well is part of it, unless it has a context of its own.
    const around = durableAround(fn, colours, scope);
    if (scope.contextFunctions.has(fn) || (around && !scope.nestedContexts.has(fn))) continue;
    scope.contextFunctions.set(fn, contextAround(fn, scope));
  }
}

/** What contexts are called, also as members of what holds them, and what those holders are called. */
function namesOfContexts({ contextNames, nestedContexts, contextHolders }: Scope): string[] {
  const nested = [...nestedContexts.values()].map(({ text }) => text.slice(text.lastIndexOf(".") + 1));
  return [...new Set([...contextNames, ...nested, ...[...contextHolders].map(({ name }) => name)])];
}

/** The name under which other modules know what a node is part of. */
function nameOnTop(node: ts.Node): string {
  const statement = ts.findAncestor(node, (ancestor) => ts.isSourceFile(ancestor.parent));
  const declaration = statement && ts.isVariableStatement(statement) ? statement.declarationList.declarations[0] : statement;
  const name = declaration && ts.getNameOfDeclaration(declaration as ts.Declaration);
  return name?.getText() ?? "default";
}

function durableAround(fn: FunctionNode, colours: Colours, scope: Scope): boolean {
  for (let outer = enclosingFunction(fn); outer; outer = enclosingFunction(outer)) if (scope.contextFunctions.has(outer) || colours.isDurable(outer)) return true;
  return false;
}

/** The context that a function was given, or that it captures. */
function contextAround(fn: FunctionNode, scope: Scope): ContextParameter | undefined {
  for (let node: ts.SignatureDeclaration | undefined = fn; node; node = enclosingFunction(node)) {
    const context = scope.nestedContexts.get(node);
    if (context) return context;
  }
  return undefined;
}

/** Finds the sites of every function that takes a context; a helper whose parameter has no type becomes one when a context reaches it. */
function readFunctions(work: Work, onProgress: (phase: string, detail: string) => void): void {
  const known: Known = {
    definitions: new Map(work.definitions.map(({ fact }) => [fact.id, { kind: fact.kind, handlers: fact.handlers.map((handler) => handler.name), exclusive: fact.handlers.flatMap((handler) => (handler.mode === "exclusive" ? [handler.name] : [])), runs: fact.handlers.find((handler) => handler.mode === "run")?.name }])),
    terminal: createThrowers(errorMentions(work, isTerminalClass), work.scope, { makes: (node) => isTerminalError(node, work.scope) }),
    retryable: createThrowers(errorMentions(work, (name) => name === "RetryableError"), work.scope, {}),
  };
  for (let grew = true; grew; ) {
    grew = false;
    for (const [node, context] of work.scope.contextFunctions) {
      if (!isFunctionNode(node) || work.findings.has(node)) continue;
      onProgress("analysing", node.getSourceFile().fileName);
      work.findings.set(node, findSites(node, context, work.scope, known));
      grew = true;
    }
  }
}

function readEndpoints(work: Work): void {
  const byFile = new Map<string, SdkReference[]>();
  for (const reference of work.references) {
    const path = reference.node.getSourceFile().fileName;
    (byFile.get(path) ?? byFile.set(path, []).get(path))?.push(reference);
  }
  for (const references of byFile.values()) work.endpoints.push(...endpointsIn(references, work.definitions, work.scope));
  const served = new Set(work.endpoints.flatMap(({ fact }) => fact.services.map((service) => service.definition)));
  for (const { fact, call } of work.definitions) {
    if (fact.place === "inline" && !served.has(fact.id)) leave(work, fact.id, leftAt("R0104", call, "it is handed to code that is not an endpoint"));
  }
  leaveSharedHandlers(work);
  leaveDividedServices(work);
}

/** Work that is begun runs again by itself where its failure is that of the function; elsewhere a plain error in it is final. */
function settleRetries({ callbacks, sites, remarks }: FunctionFindings, leaving: (node: ts.Node) => boolean, byId: ReadonlyMap<string, FunctionNode>): void {
  for (const { site, node, certain, begun } of callbacks) {
    if (!begun || !leaving(node)) continue;
    if (certain) site.retries = true;
    else remarks.push(remarkAt("R0222", node, subjectOf(node)));
  }
  for (const site of sites) {
    if (site.concept !== "helper-call" || !site.begins) continue;
    const target = byId.get(site.target);
    if (target && leaving(target)) remarks.push({ code: "R0222", file: site.file, range: site.range, subject: subjectOf(target.name ?? target) });
  }
}

/** Whether an error that is not terminal can leave a function or a part of one, also out of another durable function that it calls. */
function leavingThroughCalls(work: Work, leaving: (node: ts.Node) => boolean): (node: ts.Node) => boolean {
  const byId = new Map([...work.findings.keys()].map((fn) => [idOf(fn), fn]));
  const leavers = new Set([...byId].flatMap(([id, fn]) => (leaving(fn) ? [id] : [])));
  for (let known = -1; known < leavers.size; ) {
    known = leavers.size;
    for (const [fn, { runs }] of work.findings) if (runs.some(({ id }) => leavers.has(id))) leavers.add(idOf(fn));
  }
  const runs = [...work.findings.values()].flatMap((findings) => findings.runs.filter(({ id }) => leavers.has(id)));
  return (node) => leaving(node) || runs.some(({ at }) => isWithin(at, node) && !isHandled(at, node));
}

/** Whether a `catch` stands between a node and the code around it. */
function isHandled(node: ts.Node, around: ts.Node): boolean {
  return ts.findAncestor(node, (ancestor) => (ancestor === around ? "quit" : ts.isTryStatement(ancestor) && ancestor.catchClause !== undefined && isWithin(node, ancestor.tryBlock))) !== undefined;
}

function toFacts(work: Work, mentions: Mentions, uses: Facts["uses"], keyed: ReadonlyMap<FunctionNode, KeyedFact>, taking: ReadonlySet<FunctionNode>): Omit<Facts, "errors" | "errorLinks" | "ingress"> {
  const { scope } = work;
  const functions = new Map<string, FunctionFact>();
  const aliases = new Map<string, ContextAliasFact>();
  const recursive = recursiveFunctions(work);
  const plain = plainFunctions(work);
  const leaving = leavingErrors(work);
  const leavingThrough = leavingThroughCalls(work, leaving);
  const byId = new Map([...work.findings.keys()].map((fn) => [idOf(fn), fn]));
  for (const [fn, findings] of work.findings) {
    settleRetries(findings, leavingThrough, byId);
    findings.remarks.push(...workAfterFailures(fn, findings, leaving));
  }
  for (const [fn, findings] of work.findings) functions.set(idOf(fn), functionFact(fn, findings, work, aliases, recursive, { keyed: keyed.get(fn), retries: leaving(fn), plain: plain.has(fn), takesContext: taking.has(fn) || (scope.handlers.has(fn) && scope.contextFunctions.get(fn) === undefined) }));
  const definitions = new Map(work.definitions.map(({ fact }) => [fact.id, { ...fact, left: [...fact.left, ...(work.extraLeft.get(fact.id) ?? [])] }]));
  const steps = stepFunctions(functions, mentions, work);
  const sources = new Set([...scope.compiled.files, ...[...work.scans.values()].map(({ file }) => file)]);
  const files = new Map(
    [...sources].map((file) => {
      const scan = work.scans.get(file.fileName);
      const bindings = work.bindings.get(file.fileName) ?? (scan ? bindingsOf(scan, scope) : []);
      return [file.fileName, fileFacts(file, scan, bindings, scope)];
    }),
  );
  return { typeLevel: work.level, files, functions, definitions, aliases, uses, types: work.types, left: work.left, endpoints: work.endpoints.map(({ fact }) => fact), stepFunctions: steps };
}
