import { basename, dirname, relative } from "node:path/posix";
import { findRegions, type Regions } from "./analysis/regions.js";
import type { DefinitionFact, EndpointFact, HandlerFact } from "./analysis/definition-model.js";
import type { FileFacts } from "./analysis/file-model.js";
import type { ContextAliasFact, Facts, FunctionFact } from "./analysis/model.js";
import type { LeftFact } from "./analysis/said-model.js";
import type { Site, StepSite } from "./analysis/site-model.js";
import type { TextRange } from "./edits/edit.js";
import { type TextStyle, styleOf } from "./edits/style.js";
import type { ImportRequest } from "./edits/imports.js";
import type { StateChoice } from "./modules.js";
import type { MigrateOptions } from "./migration.js";
import { type PlannedClients, planClients } from "./plan-clients.js";
import type { Package, Project } from "./project/project.js";
import { supportFolder } from "./support-folder.js";

/** What the facts come to: which code moves, and what its functions are called afterwards. Transforms read it and decide nothing of the kind. */
export interface Plan {
  readonly facts: Facts;
  readonly project: Project;
  readonly regions: Regions;
  readonly functions: readonly FunctionFact[];
  readonly definitions: readonly DefinitionFact[];
  /** Step functions that take the context first from now on. */
  readonly contextFirst: ReadonlySet<string>;
  /** `beside`: each handler is registered after its function; `entry`: several processes register what they serve. */
  readonly registration: "beside" | "entry";
  /** What endpoints serve of what migrates, with the worker group of their process. */
  readonly endpoints: readonly PlannedEndpoint[];
  /** False where only some transforms apply and the definitions themselves stay as they are. */
  readonly dissolves: boolean;
  readonly state: StateChoice;
  /** What becomes of Restate's ingress clients. */
  readonly clients: PlannedClients;
  file(path: string): FileFacts;
  style(path: string): TextStyle;
  /** The name of a function in the output. */
  functionName(id: string): string;
  /** How a file refers to a handler's function of another module: under which name, and from where it imports it. */
  reference(path: string, definition: DefinitionFact, handler: HandlerFact): FunctionReference;
  /** Under which name a file gets something that the output needs: its own, unless the file has declared that name for something else. */
  localName(path: string, name: string): string;
  registeredAs(definition: DefinitionFact, handler: HandlerFact): string;
  /** How Resonate's `Context` is called in a file. */
  contextType(path: string): string;
  /** The key that a function runs under, as it is written there. */
  keyText(fn: FunctionFact): string;
  /** The workflow whose promises a function names: that of a handler beside `run`; none in `run`, which is the workflow itself. */
  workflowOf(fn: FunctionFact): string | undefined;
  /** Whether a handler's calls take turns: exclusive handlers, and the run of a workflow that writes state. */
  takesTurns(handler: HandlerFact): boolean;
  /** Whether a handler may return while something that it has begun goes on. */
  letsGo(handler: HandlerFact): boolean;
  /** Whether a handler may wait for longer than a day. */
  waitsLong(handler: HandlerFact): boolean;
  /** Whether an error that is not terminal can leave a handler: it is registered such that it runs again then. */
  retries(handler: HandlerFact): boolean;
  /** Whether a handler can be interrupted where it waits: the project cancels invocations, or asks for a `CancelledError`. */
  isCancellable(handler: HandlerFact): boolean;
  /** Whether a handler is called by its function: one that is registered behind a wrapper has only its name. */
  isCalledByFunction(handler: HandlerFact): boolean;
  /** The worker group that serves a definition; `undefined` for the default group. */
  groupOf(definition: string): string | undefined;
  /** Whether text belongs to something that stays on Restate. */
  stays(path: string, range: TextRange): boolean;
  /** Whether a file has something that stays on Restate. */
  isDivided(path: string): boolean;
  /** The module with the client for a file's package, and the folder of support modules beside it. */
  resonateModule(path: string): string;
  supportModule(path: string, name: string): string;
}

export interface FunctionReference {
  readonly name: string;
  /** The name under which the other module exports it. */
  readonly exported: string;
  readonly from: ImportRequest["from"];
}

export interface PlannedEndpoint {
  readonly fact: EndpointFact;
  /** Definitions that migrate, in the endpoint's order. */
  readonly migrated: readonly string[];
  /** Nothing stays on Restate: the endpoint goes away. */
  readonly complete: boolean;
  readonly group: string | undefined;
}

/** Decides what the migration will be. `excluded`: files that take no part, with the reason. */
export function decide(project: Project, facts: Facts, options: MigrateOptions, excluded: ReadonlyMap<string, LeftFact>): Plan {
  const regions = findRegions(facts, excluded);
  const functions = [...facts.functions.values()].filter((fn) => regions.migrated.has(fn.id));
  const definitions = [...facts.definitions.values()].filter((definition) => regions.migrated.has(definition.id));
  const endpoints = planEndpoints(facts, regions);
  const names = functionNames(facts, definitions, functions);
  const registered = registeredNames(facts, options);
  const references = new References(facts, project, (id) => names.get(id) ?? known(facts.functions.get(id), id).name, names);
  const groups = new Map(endpoints.flatMap((endpoint) => endpoint.migrated.map((id) => [id, endpoint.group] as const)));
  const styles = new Map<string, TextStyle>();
  const reaching = (found: (fn: FunctionFact) => boolean): ReadonlySet<string> => handlersReaching(facts, found);
  const retrying = reaching((fn) => fn.retries);
  const lettingGo = reaching(leavesBehind);
  const waiting = handlersWaiting(facts);
  const cancelling = cancels(facts, regions);
  const interrupted = reaching(waitsAtAll);
  const takesTurns = (handler: HandlerFact): boolean => handler.mode === "exclusive" || (handler.mode === "run" && facts.functions.get(handler.function)?.keyed?.usesState === true);
  const isCancellable = (handler: HandlerFact): boolean => cancelling && (takesTurns(handler) || interrupted.has(handler.function));
  const contextTypes = new Map<string, string>();
  const clients = planClients(facts, regions, endpoints, project);
  const kept = keptErrorClasses(facts, regions);
  const divided = new Set([...facts.functions.values(), ...facts.definitions.values()].flatMap((item) => (regions.migrated.has(item.id) ? [] : [item.file])));
  const modules = resonateModules(project, facts, [...functions, ...definitions, ...facts.types], clients.sites);
  return {
    facts, project, regions, functions, definitions,
    contextFirst: contextFirst(facts, functions, excluded),
    registration: endpoints.some((endpoint) => endpoint.group !== undefined || spansPackages(endpoint, facts, project)) ? "entry" : "beside",
    endpoints,
    state: options.state ?? "memory+postgres",
    clients,
    dissolves: !options.only || options.only.includes("services"),
    file: (path) => known(facts.files.get(path), path),
    style: (path) => styles.get(path) ?? known(styles.set(path, styleOf(facts.files.get(path)?.text ?? "")).get(path), path),
    functionName: (id) => names.get(id) ?? known(facts.functions.get(id), id).name,
    localName: (path, name) => localName(known(facts.files.get(path), path), name, kept.has(`${path} ${name}`)),
    reference: (path, definition, handler) => references.to(path, definition, handler),
    registeredAs: (definition, handler) => known(registered.get(`${definition.id}/${handler.name}`), handler.name),
    contextType: (path) => contextTypes.get(path) ?? known(contextTypes.set(path, contextType(facts, path, functions)).get(path), path),
    keyText: ({ keyed }) => (keyed === undefined ? "" : keyed.role === "handler" ? keyed.keyName : `${keyed.stateName}.key`),
    workflowOf: (fn) => fn.keyed?.workflow ?? definitions.find((definition) => definition.kind === "workflow" && definition.handlers.some((handler) => handler.function === fn.id && handler.mode !== "run"))?.name,
    retries: (handler) => handler.retryPolicy !== undefined || retrying.has(handler.function),
    takesTurns,
    letsGo: (handler) => lettingGo.has(handler.function),
    waitsLong: (handler) => waiting.has(handler.function),
    isCancellable,
    isCalledByFunction: (handler) => !isCancellable(handler) && handler.mode !== "run" && !takesTurns(handler) && handler.retryPolicy === undefined && !retrying.has(handler.function) && !lettingGo.has(handler.function),
    groupOf: (definition) => groups.get(definition),
    stays: (path, range) => [...facts.functions.values(), ...facts.definitions.values()].some((item) => item.file === path && !regions.migrated.has(item.id) && contains("shape" in item ? item.shape.range : item.expression, range)),
    isDivided: (path) => divided.has(path),
    resonateModule: (path) => known(modules.get(project.packageOf(path).dir), path),
    supportModule: (path, name) => {
      const module = known(modules.get(project.packageOf(path).dir), path);
      return `${dirname(module)}/${supportFolder}/${name}${/\.[cm]?[jt]s$/.exec(module)?.[0] ?? ".ts"}`;
    },
  };
}

/** Names that generated code brings into a file: no handler's function may take one of them. */
const brought = new Set(["resonate", "Resonate", "Context", "Exponential", "Never", "Generator", "Date", "Promise", "console", "crypto", "millis", "delayed", "randomOf", "parseInput", "InputOf", "stepRetries", "StepRetries", "ResultOf", "Duration", "stateOf", "exclusive", "inOrder", "ObjectState", "TypedObjectState", "TerminalError", "retried", "retrying", "begin", "beginSleep", "Durable", "all", "allSettled", "any", "race", "resolved", "rejected", "orTimeout", "beginOrTimeout", "mapped", "awakeable", "resolveAwakeable", "rejectAwakeable", "workflowPromise", "workflowId", "WorkflowPromise", "lettingGo", "submit", "resultOf", "attachTo", "outputOf", "callId", "sharedClient", "noDeadline", "resolveAwakeableWith", "rejectAwakeableWith", "Sent", "Output", "cancellable", "cancelInvocation"]);

/** Restate's error classes that code which stays there still names, each with its file. */
function keptErrorClasses(facts: Facts, regions: Regions): ReadonlySet<string> {
  const staying = facts.errors.filter(({ owner }) => !regions.errors.has(owner)).map(({ file, name }) => `${file} ${name}`);
  const left = facts.left.filter(({ code }) => code === "R0131").map(({ file, range }) => `${file} ${facts.files.get(file)?.text.slice(range.start, range.end)}`);
  return new Set([...staying, ...left]);
}

/** `isKept` where code that stays on Restate needs the name as it is. */
function localName(file: FileFacts, name: string, isKept: boolean): string {
  if (!file.declared.has(name)) return name;
  if (!isKept && isFreed(file, name)) return name;
  const ours = file.bindings.some((binding) => binding.local === name && (binding.module === "@resonatehq/sdk" || /(^|\/)(durable\/[\w-]+|resonate(-client|-sdk)?)(\.[cm]?[jt]s)?$/.test(binding.module)));
  return ours || (name === "Duration" && file.bindings.some((binding) => binding.local === name && binding.module.startsWith("@restatedev/"))) ? name : `durable${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

/** A name that only an import of Restate's SDK has, all of whose uses go to what a support module has under that name. */
function isFreed(file: FileFacts, name: string): boolean {
  const binding = file.bindings.find((candidate) => candidate.local === name && candidate.imported === name && candidate.module.startsWith("@restatedev/"));
  return binding !== undefined && takenOver.has(name) && file.declared.get(name) === 1;
}

const takenOver: ReadonlySet<string> = new Set(["TerminalError", "RetryableError", "TimeoutError", "CancelledError", "Output"]);

function contains(outer: TextRange, inner: TextRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the plan knows nothing of ${what}`);
  return value;
}

/** Endpoints that serve different sets are different processes; each is then a worker group of its own. */
function planEndpoints(facts: Facts, regions: Regions): PlannedEndpoint[] {
  const drafts = facts.endpoints.map((fact) => {
    const migrated = fact.left.length > 0 ? [] : fact.services.map((service) => service.definition).filter((id) => regions.migrated.has(id));
    return { fact, migrated, complete: fact.left.length === 0 && migrated.length === fact.services.length };
  });
  const sets = new Map<string, string>();
  for (const { fact, migrated } of drafts) {
    const key = [...migrated].sort().join("|");
    if (migrated.length > 0 && !sets.has(key)) sets.set(key, unused(groupName(fact.file), new Set(sets.values())));
  }
  return drafts.map((draft) => ({ ...draft, group: sets.size > 1 ? sets.get([...draft.migrated].sort().join("|")) : undefined }));
}

/** A process that serves handlers of several packages registers them itself: there must be one client, and each package has its own. */
function spansPackages(endpoint: PlannedEndpoint, facts: Facts, project: Project): boolean {
  const home = project.packageOf(endpoint.fact.file).dir;
  return endpoint.migrated.some((id) => project.packageOf(known(facts.definitions.get(id), id).file).dir !== home);
}

/** Gives each function one name in each file that refers to it, different from all others there. */
class References {
  readonly #names = new Map<string, Map<string, string>>();

  constructor(
    readonly facts: Facts,
    readonly project: Project,
    readonly functionName: (id: string) => string,
    names: ReadonlyMap<string, string>,
  ) {
    // Functions that come to stand in a file have their names there.
    for (const [id, name] of names) {
      const fn = facts.functions.get(id);
      if (!fn) continue;
      const taken = this.#names.get(fn.file) ?? new Map<string, string>();
      this.#names.set(fn.file, taken.set(name, id));
    }
  }

  to(path: string, definition: DefinitionFact, handler: HandlerFact): FunctionReference {
    const callee = known(this.facts.functions.get(handler.function), handler.function);
    const exported = handler.place === "inline" || callee.file === path ? this.functionName(handler.function) : (callee.exportName ?? this.functionName(handler.function));
    return { name: this.#nameIn(path, callee, exported, definition), exported, from: this.#from(path, callee, definition) };
  }

  #nameIn(path: string, callee: FunctionFact, exported: string, definition: DefinitionFact): string {
    const taken = this.#names.get(path) ?? new Map<string, string>();
    this.#names.set(path, taken);
    const facts = this.facts.files.get(path);
    const imported = facts?.bindings.some((binding) => binding.local === exported && binding.resolved === callee.file);
    const isFree = (name: string): boolean => {
      const owner = taken.get(name);
      return owner === undefined ? !facts?.names.has(name) || (name === exported && (imported || callee.file === path)) : owner === callee.id;
    };
    const base = qualified(definition.name, exported);
    const name = [exported, base, `${base}Function`].find(isFree) ?? unused(base, new Set([...taken.keys(), ...(facts?.names ?? [])]));
    taken.set(name, callee.id);
    return name;
  }

  /** A function of another package is imported as its definition was; within a package, from its own module. */
  #from(path: string, callee: FunctionFact, definition: DefinitionFact): ImportRequest["from"] {
    const other = this.project.packageOf(callee.file).dir;
    if (this.project.packageOf(path).dir === other) return { file: callee.file };
    const bindings = this.facts.files.get(path)?.bindings ?? [];
    const binding = bindings.find((candidate) => candidate.definition === definition.id) ?? bindings.find((candidate) => candidate.resolved !== undefined && this.project.packageOf(candidate.resolved).dir === other);
    return binding ? { package: binding.module } : { file: callee.file };
  }
}

/** The name of a process: that of its entry file, or of its folder where the file's name says nothing. */
function groupName(path: string): string {
  const stem = basename(path).replace(/\.[^.]+$/, "");
  const telling = /^(app|index|main|server|serve|service|services|endpoint|worker|start)$/i.test(stem) ? basename(dirname(path)) : stem;
  return telling.replace(/[^\w-]+/g, "-").toLowerCase();
}

function unused(name: string, taken: ReadonlySet<string>): string {
  let candidate = name;
  for (let n = 2; taken.has(candidate); n++) candidate = `${name}${n}`;
  return candidate;
}

/** A step whose failures come to an end, or say when to try again: a support function runs it, in a closure. */
export function isLimited(site: StepSite): boolean {
  return site.throws === "retryable" || site.options?.kind === "dynamic" || site.options?.limited === true;
}

/** Functions for which something holds, or for a helper that they call. */
function handlersReaching(facts: Facts, found: (fn: FunctionFact) => boolean): Set<string> {
  const callers = new Map<string, string[]>();
  for (const fn of facts.functions.values()) {
    for (const target of fn.runs) (callers.get(target) ?? known(callers.set(target, []).get(target), target)).push(fn.id);
  }
  return upwards([...facts.functions.values()].filter(found).map((fn) => fn.id), callers);
}

/** Functions that may wait for longer than a day, themselves or for what they call. */
function handlersWaiting(facts: Facts): Set<string> {
  const callers = new Map<string, string[]>();
  // A workflow may take as long as it likes, and so may whoever waits for it.
  const direct = new Set<string>();
  const link = (target: string, caller: string): void => void (callers.get(target) ?? known(callers.set(target, []).get(target), target)).push(caller);
  for (const fn of facts.functions.values()) {
    for (const target of fn.runs) link(target, fn.id);
    for (const site of fn.sites) {
      if (site.concept !== "call") continue;
      const handler = facts.definitions.get(site.definition)?.handlers.find((candidate) => candidate.name === site.handler);
      if (handler?.mode === "run") direct.add(fn.id);
      else if (handler) link(handler.function, fn.id);
    }
  }
  for (const fn of facts.functions.values()) if (waitsForLong(fn)) direct.add(fn.id);
  return upwards([...direct], callers);
}

/** Whether code that migrates cancels invocations, or tells a cancellation from another failure. */
function cancels(facts: Facts, regions: Regions): boolean {
  const asks = facts.errors.some(({ name, owner, tested }) => name === "CancelledError" && tested && regions.errors.has(owner));
  return asks || [...facts.functions.values()].some((fn) => regions.migrated.has(fn.id) && fn.sites.some((site) => site.concept === "invocation" && site.member === "cancel"));
}

/** Operations that the server ends: a cancelled invocation is interrupted there. */
const waits: ReadonlySet<Site["concept"]> = new Set<Site["concept"]>(["sleep", "call", "handle", "combine", "chain", "awakeable", "workflow-promise", "promise-method", "callback"]);

function waitsAtAll({ sites }: FunctionFact): boolean {
  return sites.some((site) => waits.has(site.concept) || (site.concept === "invocation" && site.member === "attach"));
}

const dayInMilliseconds = 86_400_000;

function waitsForLong({ sites }: FunctionFact): boolean {
  const awaitsHandle = sites.some((site) => site.concept === "handle");
  return sites.some((site) => site.concept === "awakeable" || (site.concept === "workflow-promise" && (site.awaited || awaitsHandle)) || (site.concept === "promise-method" && site.member === "get") || (site.concept === "invocation" && site.member === "attach") || isLongSleep(site));
}

function isLongSleep(site: Site): boolean {
  if (site.concept !== "sleep") return false;
  return site.duration.kind === "literal" ? site.duration.milliseconds >= dayInMilliseconds : site.duration.kind !== "number" || !site.duration.short;
}

/** All that leads to some ids. */
function upwards(ids: readonly string[], callers: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set<string>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    open.push(...(callers.get(id) ?? []));
  }
  return reached;
}

/** What loses a race, is overtaken by a timeout, or nobody looks at may go on in this process when the handler returns. */
function leavesBehind(fn: FunctionFact): boolean {
  if (fn.sites.some((site) => site.concept === "chain" && site.unobserved)) return true;
  const runsHere = fn.sites.some((site) => site.begins && /^(step|helper-call|callback|handle|chain)$/.test(site.concept));
  return runsHere && fn.sites.some((site) => site.concept === "combine" && /^(any|race|orTimeout)$/.test(site.member));
}

/** Step functions all of whose uses are steps that migrate. */
function contextFirst(facts: Facts, functions: readonly FunctionFact[], excluded: ReadonlyMap<string, LeftFact>): Set<string> {
  const steps = new Map<string, number>();
  // Options follow the arguments: one that is left out would be taken for them.
  const short = new Set<string>();
  for (const fn of functions) {
    for (const site of fn.sites) if (site.concept === "step" && site.action.kind === "call") {
      steps.set(site.action.target, (steps.get(site.action.target) ?? 0) + 1);
      if (isLimited(site)) short.add(site.action.target);
      if (site.options && site.action.args.length < (facts.stepFunctions.get(site.action.target)?.parameterCount ?? 0)) short.add(site.action.target);
    }
  }
  return new Set([...facts.stepFunctions.values()].filter((fn) => !short.has(fn.id) && steps.get(fn.id) === fn.uses && !excluded.has(fn.file)).map((fn) => fn.id));
}

const reserved = new Set(
  "await break case catch class const continue debugger default delete do else enum eval arguments export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield undefined".split(" "),
);

/** Names of the functions that handlers written in a definition become. */
function functionNames(facts: Facts, definitions: readonly DefinitionFact[], functions: readonly FunctionFact[]): Map<string, string> {
  const names = new Map<string, string>();
  const wanted = new Map<string, number>();
  const inline = definitions.flatMap((definition) => definition.handlers.filter((handler) => handler.place === "inline").map((handler) => ({ definition, handler, short: identifier(handler.mode === "run" ? (definition.variable ?? lowered(definition.name)) : handler.name) })));
  for (const { definition, short } of inline) wanted.set(`${definition.file} ${short}`, (wanted.get(`${definition.file} ${short}`) ?? 0) + 1);
  const siblingsOf = barrelSiblings(facts);
  const taken = new Set(functions.map((fn) => `${fn.file} ${fn.name}`));
  for (const { definition, handler, short } of inline) {
    const file = facts.files.get(definition.file);
    // The workflow's own constant gives its name away.
    const freed = handler.mode === "run" && short === definition.variable && file?.declared.get(short) === 1;
    const bound = (!freed && file?.names.has(short)) || file?.bindings.some((binding) => binding.form === "reexport" && binding.local === short && binding.definition === undefined) || siblingsOf(definition.file).some((sibling) => facts.files.get(sibling)?.names.has(short) || wanted.has(`${sibling} ${short}`));
    const clash = bound || (wanted.get(`${definition.file} ${short}`) ?? 0) > 1 || short === "ctx" || brought.has(short);
    let name = clash ? qualified(definition.name, handler.name) : short;
    while (clash && (taken.has(`${definition.file} ${name}`) || facts.files.get(definition.file)?.names.has(name))) name += "Handler";
    taken.add(`${definition.file} ${name}`);
    names.set(handler.function, name);
  }
  return names;
}

/** The files that a barrel exports on beside a file, and the barrel itself: of two equal names one would hide the other. */
function barrelSiblings(facts: Facts): (path: string) => readonly string[] {
  const barrels = new Map<string, string[]>();
  for (const file of facts.files.values()) {
    for (const path of file.reexports) barrels.set(path, [...(barrels.get(path) ?? []), file.path, ...file.reexports.filter((other) => other !== path)]);
  }
  return (path) => barrels.get(path) ?? [];
}

/** A handler's name as an identifier: `get-user` becomes getUser, `delete` deleteHandler. */
function identifier(name: string): string {
  const camel = name.replace(/[^\w$]+(\w?)/g, (_, next: string) => next.toUpperCase()).replace(/^(\d)/, "_$1");
  return reserved.has(camel) || camel === "" ? `${camel}Handler` : camel;
}

function lowered(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function qualified(definition: string, handler: string): string {
  const [service, method] = [identifier(definition), identifier(handler)];
  return lowered(service) + method.charAt(0).toUpperCase() + method.slice(1);
}

/** The names handlers are registered under: their own, or `Service.handler` where two would collide. */
function registeredNames(facts: Facts, options: MigrateOptions): Map<string, string> {
  // `forward` is what passes results on between invocations.
  const counts = new Map<string, number>([["forward", 1]]);
  const all = [...facts.definitions.values()].flatMap((definition) => definition.handlers.map((handler) => ({ definition, handler })));
  const shortName = (definition: DefinitionFact, handler: HandlerFact): string => (definition.kind === "workflow" && handler.mode === "run" ? (definition.variable ?? definition.name) : handler.name);
  for (const { definition, handler } of all) counts.set(shortName(definition, handler), (counts.get(shortName(definition, handler)) ?? 0) + 1);
  return new Map(
    all.map(({ definition, handler }) => {
      const short = shortName(definition, handler);
      return [`${definition.id}/${handler.name}`, options.names === "qualified" || (counts.get(short) ?? 0) > 1 ? `${definition.name}.${handler.name}` : short];
    }),
  );
}

/** `Context`, unless the file means something else by it that stays. */
function contextType(facts: Facts, path: string, functions: readonly FunctionFact[]): string {
  const file = facts.files.get(path);
  if (!file?.names.has("Context")) return "Context";
  const binding = file.bindings.find((candidate) => candidate.local === "Context");
  if (!binding || !/^@(restatedev|resonatehq)\//.test(binding.module)) return "ResonateContext";
  const isReplaced = (alias: ContextAliasFact): boolean => alias.file === path && functions.some((fn) => fn.aliases.includes(alias.id));
  const replaced = [...functions.flatMap((fn) => (fn.file === path && fn.context?.type) || []), ...[...facts.aliases.values()].flatMap((alias) => (isReplaced(alias) ? alias.type : []))];
  const stays = binding.module.startsWith("@restatedev/") && binding.references.some((offset) => !replaced.some((range) => range.start <= offset && offset < range.end));
  return stays ? "ResonateContext" : "Context";
}

/** One client module per package, in the folder that all migrated files of the package share, `src` for choice. */
function resonateModules(project: Project, facts: Facts, migrated: readonly { readonly file: string }[], clients: readonly { readonly file: string }[]): Map<string, string> {
  const byPackage = new Map<string, { owner: Package; files: string[] }>();
  for (const file of [...migrated.map((item) => item.file), ...facts.endpoints.map((endpoint) => endpoint.file)]) {
    const owner = project.packageOf(file);
    const entry = byPackage.get(owner.dir) ?? { owner, files: [] };
    entry.files.push(file);
    byPackage.set(owner.dir, entry);
  }
  // A package with clients only has a folder of support modules beside them.
  const workers = new Set(byPackage.keys());
  for (const { file } of clients) {
    const owner = project.packageOf(file);
    if (workers.has(owner.dir)) continue;
    const entry = byPackage.get(owner.dir) ?? { owner, files: [] };
    entry.files.push(file);
    byPackage.set(owner.dir, entry);
  }
  return new Map([...byPackage].map(([dir, { files }]) => [dir, moduleIn(sourceFolder(dir, files), files, project)]));
}

function sourceFolder(dir: string, files: readonly string[]): string {
  if (files.every((file) => file.startsWith(`${dir}/src/`))) return `${dir}/src`;
  let common = dirname(files[0] ?? dir);
  while (!files.every((file) => file.startsWith(`${common}/`)) && common !== dir) common = dirname(common);
  return relative(dir, common).startsWith("..") ? dir : common;
}

function moduleIn(folder: string, files: readonly string[], project: Project): string {
  const typescript = files.some((file) => /\.[cm]?tsx?$/.test(file));
  const extension = typescript ? ".ts" : (files.map((file) => /\.[cm]?js$/.exec(file)?.[0]).find((found) => found !== undefined) ?? ".js");
  const own = (path: string): boolean => {
    const text = project.read(path);
    return text === undefined || /export const resonate = new Resonate\(|exports\.resonate = /.test(text) || text.includes("{ resonate }");
  };
  return [`${folder}/resonate${extension}`, `${folder}/resonate-client${extension}`].find(own) ?? `${folder}/resonate-sdk${extension}`;
}
