import type { Project } from "../project/project.js";
import { accountForDefinitions, countMentions, declaredName, indexMentions, strayMentions, type Mentions } from "./accounting.js";
import { type Binding, bindingsOf, withDefinition } from "./bindings.js";
import { byName } from "./clients.js";
import { compile, hasInstalledTypes, ts, type TypeLevel } from "./compiler.js";
import { collectTypedContexts, consumeTypeName, contextAt } from "./contexts.js";
import { onCycles } from "./cycles.js";
import { type Definition, definitionsIn } from "./definitions.js";
import { type Endpoint, endpointsIn } from "./endpoints.js";
import { fileFacts } from "./files.js";
import { exportCode, isErrorClass } from "./left.js";
import type { ContextAliasFact, Facts, FunctionFact, LeftFact, SdkTypeFact, StepFunctionFact } from "./model.js";
import { isRestate, type SdkReference, sdkReferences } from "./references.js";
import { type FileScan, scanFile } from "./scan.js";
import { createSdk } from "./sdk.js";
import { type Scope, idOf, isConst, leftAt, subjectOf } from "./scope.js";
import { freeContextName } from "./moving.js";
import { parametersOf, shapeOf } from "./shapes.js";
import { type FunctionFindings, type KnownDefinition, findSites } from "./sites.js";
import { type FunctionNode, isFunctionNode, modifier, rangeOf, walk } from "./syntax.js";
import { createThrowers } from "./throwers.js";

/** What the analysis knows while the compiler is alive. */
interface Work {
  readonly level: TypeLevel;
  readonly scope: Scope;
  readonly scans: Map<string, FileScan>;
  readonly bindings: Map<string, Binding[]>;
  readonly references: SdkReference[];
  readonly definitions: Definition[];
  readonly endpoints: Endpoint[];
  readonly findings: Map<FunctionNode, FunctionFindings>;
  /** Extra reasons why a function or a definition is left, by id. */
  readonly extraLeft: Map<string, LeftFact[]>;
  readonly left: LeftFact[];
  readonly types: SdkTypeFact[];
}

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
  readFunctions(work, onProgress);
  readEndpoints(work);
  onProgress("analysing", "references");
  const mentions = indexMentions(work.scans, work.bindings, work.scope);
  const uses = account(work, mentions);
  leaveTheRest(work);
  leaveThrowers(work);
  return toFacts(work, mentions, uses);
}

function prepare(project: Project, level: TypeLevel): Work {
  const compiled = compile(project, level);
  const scope: Scope = {
    project, compiled, checker: compiled.checker, sdk: createSdk(compiled), contexts: new Map(), contextNames: new Set(), contextFunctions: new Map(), handlers: new Set(), consumed: new Set(),
    definitionsBySymbol: new Map(), definitionsByName: new Map(),
  };
  const work: Work = { level, scope, scans: new Map(), bindings: new Map(), references: [], definitions: [], endpoints: [], findings: new Map(), extraLeft: new Map(), left: [], types: [] };
  for (const file of compiled.files) if (compiled.syntaxErrors(file).length === 0) work.scans.set(file.fileName, scanFile(file));
  return work;
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
  for (const [path, bindings] of work.bindings) work.bindings.set(path, bindings.map((binding) => withDefinition(binding, scope)));
}

/** Finds the sites of every function that takes a context; a helper whose parameter has no type becomes one when a context reaches it. */
function readFunctions(work: Work, onProgress: (phase: string, detail: string) => void): void {
  const known = new Map<string, KnownDefinition>(
    work.definitions.map(({ fact }) => [fact.id, { kind: fact.kind, handlers: fact.handlers.map((handler) => handler.name) }]),
  );
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
}

/** One function behind two handlers would have to be registered twice, which Resonate refuses. */
function leaveSharedHandlers(work: Work): void {
  const seen = new Set<FunctionNode>();
  for (const { fact, functions, call } of work.definitions) {
    for (const fn of functions) {
      if (seen.has(fn)) leave(work, fact.id, leftAt("R0104", call, `${fn.name?.getText() ?? "a function"} is the handler of two services`));
      seen.add(fn);
    }
  }
}

/** Accounts for every mention of definitions and durable functions. */
function account(work: Work, mentions: Mentions): Facts["uses"] {
  const findings = [...work.findings.values()];
  const rewritten = new Set<ts.Node>([
    ...findings.flatMap((finding) => finding.definitionNames),
    ...findings.flatMap((finding) => finding.helperNames),
    ...work.endpoints.flatMap((endpoint) => endpoint.names),
    ...work.definitions.flatMap((definition) => definition.names),
  ]);
  const { uses, left } = accountForDefinitions(work.definitions, work.bindings, rewritten, mentions, work.scope);
  for (const { definition, fact } of left) leave(work, definition, fact);
  for (const fn of work.findings.keys()) {
    if (!standsWell(fn, work)) leave(work, idOf(fn), leftAt("R0120", fn, subjectOf(fn.name ?? fn)));
    for (const stray of strayMentions(fn, rewritten, mentions, work.scope)) leave(work, idOf(fn), leftAt("R0118", stray, subjectOf(stray.parent)));
    for (const stray of strayObject(fn, rewritten, mentions, work.scope)) leave(work, idOf(fn), leftAt("R0118", stray, subjectOf(stray.parent)));
  }
  blockByName(work);
  return uses;
}

function leave(work: Work, id: string, fact: LeftFact): void {
  work.extraLeft.set(id, [...(work.extraLeft.get(id) ?? []), fact]);
}

/** Whether a function stands where it can become a generator function: declared, constant, a member of a constant object, or a handler in place. */
function standsWell(fn: FunctionNode, work: Work): boolean {
  if (fn.asteriskToken || (ts.isFunctionDeclaration(fn) && !fn.name)) return false;
  if (ts.isFunctionDeclaration(fn)) return fn.body !== undefined && !isOverloaded(fn, work.scope);
  if (work.definitions.some((definition) => definition.functions.includes(fn) && definition.fact.handlers.some((handler) => handler.function === idOf(fn) && handler.place === "inline"))) return true;
  if (ts.isVariableDeclaration(fn.parent)) return isConst(fn.parent) && !fn.parent.type;
  return objectOf(fn) !== undefined;
}

function isOverloaded(fn: ts.FunctionDeclaration, scope: Scope): boolean {
  return ((fn.name && scope.checker.getSymbolAtLocation(fn.name)?.declarations?.length) ?? 1) > 1;
}

/** The constant object literal that a function is a member of. */
function objectOf(fn: FunctionNode): ts.Identifier | undefined {
  const member = ts.isMethodDeclaration(fn) ? fn : ts.isPropertyAssignment(fn.parent) ? fn.parent : undefined;
  if (!member || !ts.isObjectLiteralExpression(member.parent)) return undefined;
  let value: ts.Node = member.parent;
  while (ts.isAsExpression(value.parent) || ts.isParenthesizedExpression(value.parent)) value = value.parent;
  const holder = value.parent;
  return ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name) && isConst(holder) && !holder.type ? holder.name : undefined;
}

/** Mentions of an object of helpers other than calling them: someone else may call what became a generator function. */
function strayObject(fn: FunctionNode, rewritten: ReadonlySet<ts.Node>, mentions: Mentions, scope: Scope): readonly ts.Identifier[] {
  const name = objectOf(fn);
  if (!name) return [];
  return mentions.of(name, scope.checker.getSymbolAtLocation(name)).filter((node) => {
    const object = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent : node;
    const access = object.parent;
    const isAccess = ts.isPropertyAccessExpression(access) && access.expression === object;
    const isMember = isAccess && (rewritten.has(access.name) || (ts.isCallExpression(access.parent) && access.parent.expression === access));
    return !isMember && !rewritten.has(node) && !ts.isExportSpecifier(node.parent);
  });
}

/** Clients that reach a definition by its name alone: ingress clients and calls by name that stay on Restate. */
function blockByName(work: Work): void {
  const clientMethod = /^(service|object|workflow)(Send)?Client$/;
  for (const scan of work.scans.values()) {
    const text = scan.file.text;
    if (!/(Client|genericCall|genericSend)\s*[(<]/.test(text)) continue;
    walk(scan.file, (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
      const method = node.expression.name.text;
      const [argument] = node.arguments;
      if (clientMethod.test(method) && argument && ts.isObjectLiteralExpression(argument) && !isContextCall(node, work)) {
        const id = byName(argument, work.scope);
        if (id !== undefined) leave(work, id, leftAt("R0106", node, subjectOf(node.expression)));
      }
      if (method === "genericCall" || method === "genericSend") blockGeneric(node, work);
    });
  }
}

function isContextCall(call: ts.CallExpression, work: Work): boolean {
  if (ts.isPropertyAccessExpression(call.expression) && contextAt(call.expression.expression, work.scope)) return true;
  return /^Context\./.test(work.scope.sdk.nameOf(call.expression) ?? "");
}

/** A call by name that is computed may reach any service. */
function blockGeneric(call: ts.CallExpression, work: Work): void {
  const [argument] = call.arguments;
  const property = argument && ts.isObjectLiteralExpression(argument) ? argument.properties.find((candidate) => candidate.name?.getText() === "service") : undefined;
  const value = property && ts.isPropertyAssignment(property) ? property.initializer : undefined;
  const name = value && ts.isStringLiteralLike(value) ? value.text : undefined;
  const reached = name === undefined ? work.definitions.map(({ fact }) => fact.id) : (work.scope.definitionsByName.get(name) ?? []);
  for (const id of reached) leave(work, id, leftAt("R0106", call, subjectOf(call)));
}

/** Whatever of Restate's API no fact accounts for is left, and belongs to the function or definition around it. */
function leaveTheRest(work: Work): void {
  const { scope } = work;
  consumeDataTypes(work);
  consumePromiseTypes(work);
  consumeAliases(work);
  for (const { node, name } of work.references) {
    if (scope.consumed.has(node) || isInType(node, scope) || isPartOfLeftCall(node, name, work)) continue;
    attach(work, node, leftAt(name === undefined ? "R0141" : exportCode(name), node, subjectOf(ts.isNewExpression(node.parent) ? node.parent : node)));
  }
  for (const [path, bindings] of work.bindings) {
    for (const { fact, name } of bindings) if (isRestate(fact.module) && !isKnown(fact.module)) work.left.push(leftAt("R0139", name, fact.module));
    leaveForeignRequires(path, work);
    for (const statement of work.scans.get(path)?.file.statements ?? []) {
      const isEffect = ts.isImportDeclaration(statement) && !statement.importClause && ts.isStringLiteral(statement.moduleSpecifier) && isRestate(statement.moduleSpecifier.text);
      if (isEffect) work.left.push(leftAt("R0141", statement, subjectOf(statement)));
    }
  }
}

function isKnown(module: string): boolean {
  return /^@restatedev\/(restate-sdk(-core|-zod|-clients)?(\/(node|fetch|lambda))?|restate-sdk-cloudflare-workers\/fetch)$/.test(module);
}

/** In TypeScript a plain `require` of the SDK has no types to follow. */
function leaveForeignRequires(path: string, work: Work): void {
  const file = work.scans.get(path)?.file;
  if (!file || /\.[cm]?jsx?$/.test(path)) return;
  for (const { fact, name } of work.bindings.get(path) ?? []) {
    if ((fact.form === "require" || fact.form === "require-named") && isRestate(fact.module)) work.left.push(leftAt("R0141", name, subjectOf(name.parent)));
  }
}

/** `Duration` and `RunOptions` describe plain data: the support modules have the same types. */
function consumeDataTypes(work: Work): void {
  for (const { node, name } of work.references) {
    const { parent } = node;
    if ((name !== "Duration" && name !== "RunOptions") || !ts.isTypeReferenceNode(parent)) continue;
    work.scope.consumed.add(node);
    work.types.push({ file: node.getSourceFile().fileName, range: rangeOf(parent), name });
  }
}

/** `RestatePromise<T>` as the return type of a durable function follows the function. */
function consumePromiseTypes(work: Work): void {
  for (const fn of work.findings.keys()) {
    if (fn.type && ts.isTypeReferenceNode(fn.type) && /Promise$/.test(work.scope.sdk.nameOf(fn.type.typeName) ?? "")) work.scope.consumed.add(fn.type.typeName);
  }
}

function consumeAliases(work: Work): void {
  for (const context of work.scope.contexts.values()) if (context.alias) consumeTypeName(context.alias.type, work.scope);
}

/** Part of a type node that is accounted for as a whole. */
function isInType(node: ts.Node, scope: Scope): boolean {
  return ts.findAncestor(node, (ancestor) => (ts.isStatement(ancestor) ? "quit" : ts.isTypeNode(ancestor) && scope.consumed.has(ancestor))) !== undefined;
}

/** Options and serialisers of a call that is left as a whole need no word of their own. */
function isPartOfLeftCall(node: ts.Node, name: string | undefined, work: Work): boolean {
  if (!/^(rpc|Opts|SendOpts|serde)\b/.test(name ?? "")) return false;
  const statement = ts.findAncestor(node, ts.isStatement);
  const fn = ts.findAncestor(node, (ancestor): ancestor is FunctionNode => isFunctionNode(ancestor) && work.findings.has(ancestor));
  const left = (fn && work.findings.get(fn)?.left) || [];
  return statement !== undefined && left.some((fact) => /^R012/.test(fact.code) && statement.getStart() <= fact.range.start && fact.range.end <= statement.end);
}

/** Gives a left fact to the function or definition it stands in, else to the file. */
function attach(work: Work, node: ts.Node, fact: LeftFact): void {
  const fn = ts.findAncestor(node, (ancestor): ancestor is FunctionNode => isFunctionNode(ancestor) && work.findings.has(ancestor));
  const definition = work.definitions.find(({ call }) => call.getSourceFile() === node.getSourceFile() && call.pos <= node.pos && node.end <= call.end);
  if (fn) leave(work, idOf(fn), fact);
  else if (definition) leave(work, definition.fact.id, fact);
  else work.left.push(fact);
}

/** Durable functions from which one of Restate's errors can come. */
function leaveThrowers(work: Work): void {
  const mentions = work.references.filter(({ name }) => name !== undefined && isErrorClass(name)).map(({ node }) => node);
  const throwers = createThrowers(mentions, work.scope);
  for (const fn of work.findings.keys()) {
    const call = throwers.callIn(fn);
    if (call) leave(work, idOf(fn), leftAt("R0132", call, subjectOf(call.expression)));
  }
}

function toFacts(work: Work, mentions: Mentions, uses: Facts["uses"]): Facts {
  const { scope } = work;
  const functions = new Map<string, FunctionFact>();
  const aliases = new Map<string, ContextAliasFact>();
  const recursive = recursiveFunctions(work);
  for (const [fn, findings] of work.findings) functions.set(idOf(fn), functionFact(fn, findings, work, aliases, recursive));
  const definitions = new Map(work.definitions.map(({ fact }) => [fact.id, { ...fact, left: [...fact.left, ...(work.extraLeft.get(fact.id) ?? [])] }]));
  const steps = stepFunctions(functions, mentions, work);
  const sources = new Set([...scope.compiled.files, ...[...steps.values()].flatMap((step) => scope.compiled.sourceFile(step.file) ?? [])]);
  const files = new Map(
    [...sources].map((file) => {
      const scan = work.scans.get(file.fileName);
      const bindings = work.bindings.get(file.fileName) ?? (scan ? bindingsOf(scan, scope) : []);
      return [file.fileName, fileFacts(file, scan, bindings, scope)];
    }),
  );
  return { typeLevel: work.level, files, functions, definitions, aliases, uses, types: work.types, left: work.left, endpoints: work.endpoints.map(({ fact }) => fact), stepFunctions: steps };
}

function functionFact(fn: FunctionNode, findings: FunctionFindings, work: Work, aliases: Map<string, ContextAliasFact>, recursive: ReadonlySet<FunctionNode>): FunctionFact {
  const context = work.scope.contextFunctions.get(fn);
  const file = fn.getSourceFile().fileName;
  const alias = context?.alias;
  if (alias) aliases.set(idOf(alias), { id: idOf(alias), file: alias.getSourceFile().fileName, type: rangeOf(alias.type) });
  const jsDoc = context?.type && !context.parameter.type ? context.type : undefined;
  return {
    id: idOf(fn),
    file,
    name: ts.isVariableDeclaration(fn.parent) ? fn.parent.name.getText() : (fn.name?.getText() ?? ""),
    shape: shapeOf(fn, work.scope.checker),
    context: context && {
      name: context.parameter.name.getText(),
      parameter: rangeOf(context.parameter),
      type: context.parameter.type && rangeOf(context.parameter.type),
      jsDocType: jsDoc && rangeOf(jsDoc),
    },
    contextName: context ? context.parameter.name.getText() : freeContextName(fn),
    parameters: parametersOf(fn, context?.parameter),
    alias: alias && idOf(alias),
    sites: findings.sites,
    calls: [...findings.calls, ...findings.definitions],
    left: [...findings.left, ...(work.extraLeft.get(idOf(fn)) ?? [])],
    remarks: findings.remarks,
    typescript: !/\.[cm]?jsx?$/.test(file),
    exportName: exportNameOf(fn, work),
    resultType: recursive.has(fn) || (!fn.type && isDeclared(fn, work)) ? resultTypeOf(fn, work) : undefined,
    exported: modifier(ts.isVariableDeclaration(fn.parent) ? fn.parent.parent.parent : fn, ts.SyntaxKind.ExportKeyword) !== undefined || isListed(fn, work),
  };
}

/** Named in an export list of its own module. */
function isListed(fn: FunctionNode, work: Work): boolean {
  return listedName(fn, work) !== undefined;
}

function listedName(fn: FunctionNode, work: Work): string | undefined {
  const name = declaredName(fn)?.text;
  return (work.bindings.get(fn.getSourceFile().fileName) ?? []).find(({ fact }) => fact.form === "reexport" && fact.module === "" && fact.imported === name)?.fact.local;
}

/** The name under which other modules can import a function; none for a default export or a member of an object. */
function exportNameOf(fn: FunctionNode, work: Work): string | undefined {
  const listed = listedName(fn, work);
  if (listed !== undefined) return listed;
  if (modifier(fn, ts.SyntaxKind.DefaultKeyword)) return undefined;
  const list = ts.isVariableDeclaration(fn.parent) ? fn.parent.parent : undefined;
  const isDeclared = ts.isFunctionDeclaration(fn) || (list !== undefined && ts.isVariableDeclarationList(list) && list.declarations.length === 1);
  return isDeclared ? declaredName(fn)?.text : undefined;
}

/** Functions that lead back to themselves by calls: a generator's type cannot be inferred through itself. */
function recursiveFunctions(work: Work): ReadonlySet<FunctionNode> {
  const byId = new Map([...work.findings.keys()].map((fn) => [idOf(fn), fn]));
  const handlers = new Map(work.definitions.map(({ fact }) => [fact.id, fact.handlers.map((handler) => handler.function)]));
  const targets = (id: string): readonly string[] => {
    const findings = byId.has(id) ? work.findings.get(byId.get(id) as FunctionNode) : undefined;
    return [...(findings?.calls ?? []), ...[...(findings?.definitions ?? [])].flatMap((definition) => handlers.get(definition) ?? [])];
  };
  const cyclic = onCycles(byId.keys(), targets);
  return new Set([...byId].filter(([id, fn]) => !fn.type && cyclic.has(id)).map(([, fn]) => fn));
}

/** Where declarations are written, what a module exports needs types that can be named, and the SDK's own cannot. */
function isDeclared(fn: FunctionNode, work: Work): boolean {
  const { declaration, composite } = work.scope.project.compilerOptions(fn.getSourceFile().fileName);
  return declaration === true || composite === true;
}

/** What a function without an annotation gives when it is awaited, as source text. */
function resultTypeOf(fn: FunctionNode, work: Work): string | undefined {
  const { checker } = work.scope;
  const signature = checker.getSignatureFromDeclaration(fn);
  const type = signature && checker.getReturnTypeOfSignature(signature);
  const awaited = type && (checker.getAwaitedType(type) ?? type);
  return awaited && checker.typeToString(awaited, fn, ts.TypeFormatFlags.NoTruncation);
}

/** Functions that steps call directly, as far as they could take the context as their first parameter. */
function stepFunctions(functions: ReadonlyMap<string, FunctionFact>, mentions: Mentions, work: Work): Map<string, StepFunctionFact> {
  const targets = new Set([...functions.values()].flatMap((fn) => fn.sites.flatMap((site) => (site.concept === "step" && site.action.kind === "call" ? [site.action.target] : []))));
  const facts = new Map<string, StepFunctionFact>();
  for (const id of targets) {
    const fn = nodeOf(id, work);
    const simple = fn && ts.isFunctionDeclaration(fn) && fn.name && !fn.typeParameters && !fn.asteriskToken && fn.parameters.every((parameter) => !parameter.dotDotDotToken && parameter.name.getText() !== "this");
    if (!simple || mentions.whole(fn.getSourceFile().fileName) || usesArguments(fn) || work.scope.contextFunctions.has(fn) || isKnownOutside(fn, work)) continue;
    const shape = shapeOf(fn, work.scope.checker);
    facts.set(id, {
      id, file: fn.getSourceFile().fileName, name: fn.name?.text ?? "", context: contextParameterName(fn), parameters: shape.parameters.start + 1, parameterCount: fn.parameters.length,
      typescript: !/\.[cm]?jsx?$/.test(fn.getSourceFile().fileName), uses: countMentions(fn, mentions, work.scope),
    });
  }
  return facts;
}

function contextParameterName(fn: FunctionNode): string {
  const used = new Set<string>();
  walk(fn, (node) => {
    if (ts.isIdentifier(node)) used.add(node.text);
  });
  return ["_ctx", "_context"].find((name) => !used.has(name)) ?? "_resonateContext";
}

/** Whether code that was not analysed may call a function: importers of its file, or of a file that exports it on. */
function isKnownOutside(fn: FunctionNode, work: Work): boolean {
  const { project } = work.scope;
  const name = new RegExp(`\\b${fn.name?.getText().replaceAll("$", "\\$") ?? ""}\\b`);
  const pending = [fn.getSourceFile().fileName];
  const seen = new Set(pending);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for (const importer of project.importersOf(path)) {
      if (seen.has(importer)) continue;
      seen.add(importer);
      const text = project.read(importer) ?? "";
      // Who takes the module as a whole may call whatever is in it.
      if (!work.scans.has(importer) && (name.test(text) || /\*\s*as\s|\b(import|require)\s*\(/.test(text))) return true;
      if (/export\s*(\*|\{[^}]*\})[^;]*?from/.test(text)) pending.push(importer);
    }
  }
  return false;
}

/** The function declaration that an id names; ids are path and offset. */
function nodeOf(id: string, work: Work): FunctionNode | undefined {
  const split = id.lastIndexOf("#");
  const path = id.slice(0, split);
  const file = work.scope.compiled.sourceFile(path);
  // A file that does not name Restate itself has not been scanned yet, and its own mentions count too.
  if (file && !work.scans.has(path) && work.scope.compiled.syntaxErrors(file).length === 0) work.scans.set(path, scanFile(file));
  const start = Number(id.slice(split + 1));
  return file?.statements.find((statement): statement is ts.FunctionDeclaration => ts.isFunctionDeclaration(statement) && statement.getStart() === start);
}

function usesArguments(fn: ts.Node): boolean {
  let found = false;
  walk(fn, (node) => {
    if (ts.isIdentifier(node) && node.text === "arguments") found = true;
  });
  return found;
}

