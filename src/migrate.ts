import { dirname, extname } from "node:path/posix";
import { analyze } from "./analysis/analyze.js";
import { firstSyntaxError } from "./analysis/compiler.js";
import type { BindingFact } from "./analysis/file-model.js";
import type { LeftFact, RemarkFact } from "./analysis/said-model.js";
import type { Edit } from "./edits/edit.js";
import { importEdits } from "./edits/imports.js";
import { markerEdits } from "./edits/markers.js";
import { Output } from "./edits/output.js";
import { ConflictingEdits, splice } from "./edits/splice.js";
import { styleOf } from "./edits/style.js";
import type { FileChange, ManifestService, MigrateOptions, Migration, PackageMigration } from "./migration.js";
import { type ClientNeeds, resonateModuleText, supportModules, supportModuleText } from "./modules.js";
import { outsideCalls } from "./outside.js";
import { decide, type Plan } from "./plan.js";
import type { Package, Project } from "./project/project.js";
import { entryOf } from "./report/catalogue.js";
import { diagnosticOf, type Findings, findingsOf } from "./report/findings.js";
import { rewritesOf, sitesOf } from "./report/sites.js";
import { supportFolder } from "./support-folder.js";
import { callbacks } from "../transforms/callbacks.js";
import { calls } from "../transforms/calls.js";
import { clients } from "../transforms/clients.js";
import { endpoints } from "../transforms/endpoints.js";
import { errors } from "../transforms/errors.js";
import { helpers } from "../transforms/helpers.js";
import { items } from "../transforms/items.js";
import { logging } from "../transforms/logging.js";
import { loops } from "../transforms/loops.js";
import { objects } from "../transforms/objects.js";
import { packageJson, type PackageUse } from "../transforms/packages.js";
import { promises } from "../transforms/promises.js";
import { random } from "../transforms/random.js";
import { services } from "../transforms/services.js";
import { steps } from "../transforms/steps.js";
import { time } from "../transforms/time.js";
import { waiting } from "../transforms/waiting.js";

const transforms: Readonly<Record<string, (plan: Plan, out: Output) => void>> = { services, objects, helpers, loops, items, callbacks, errors, promises, waiting, steps, time, random, logging, calls, clients, endpoints };

/**
 * Plans the migration of a project: what every file would become, and what has to be said about it. Writes nothing.
 * A file whose output would not parse is taken out, with all that is connected to it, and said so.
 */
export function planMigration(project: Project, options: MigrateOptions): Migration {
  const facts = analyze(project, options.onProgress);
  const excluded = new Map<string, LeftFact>();
  for (const file of facts.files.values()) {
    if (file.syntaxError) excluded.set(file.path, { code: "R0901", file: file.path, range: { start: file.syntaxError.at, end: file.syntaxError.at }, subject: file.syntaxError.message });
  }
  for (;;) {
    options.onProgress?.("rewriting", `${facts.files.size} files`);
    const plan = decide(project, facts, options, excluded);
    const attempt = render(plan, options, [...excluded.values()]);
    if (attempt.failures.length === 0) return attempt.migration();
    const fresh = attempt.failures.filter((failure) => !excluded.has(failure.file));
    if (fresh.length === 0) throw new Error(attempt.failures.map((failure) => `${failure.file}: ${failure.subject}`).join("\n"));
    for (const failure of fresh) excluded.set(failure.file, failure);
  }
}

interface Attempt {
  /** Files whose edits conflict or whose output does not parse: bugs of the tool. */
  readonly failures: readonly LeftFact[];
  readonly migration: () => Migration;
}

function render(plan: Plan, options: MigrateOptions, skipped: readonly LeftFact[]): Attempt {
  const out = new Output();
  for (const [name, transform] of Object.entries(transforms)) if (!options.only || options.only.includes(name)) transform(plan, out);
  const rewritten = rewrite(plan, out);
  const uses = packageUses(plan, out, rewritten);
  const manifests = !options.only || options.only.includes("packages") ? uses.map((use) => ({ use, result: packageJson(use) })) : [];
  const findings = findingsOf(plan, skipped, [...manifests.flatMap(({ result }) => result?.remarks ?? []), ...outsideCalls(plan)]);
  const failures: LeftFact[] = [];
  const changes: FileChange[] = [];
  const leftIn = new Map<string, LeftFact[]>();
  for (const fact of findings.left) leftIn.set(fact.file, [...(leftIn.get(fact.file) ?? []), fact]);
  for (const path of [...new Set([...rewritten.keys(), ...leftIn.keys()])].sort()) {
    if (plan.file(path).syntaxError) continue;
    const rendered = renderFile(path, plan, out, rewritten.get(path) ?? [], leftIn.get(path) ?? [], failures, options.only !== undefined);
    if (rendered) changes.push(rendered);
  }
  for (const { use, result } of manifests) {
    const { manifestPath, manifestText } = use.owner;
    if (result && manifestPath !== null && manifestText !== null && result.text !== manifestText) changes.push({ path: manifestPath, change: "edited", before: withMark(manifestText, use.owner.manifestBom), after: withMark(result.text, use.owner.manifestBom) });
  }
  changes.push(...createdModules(plan, out));
  return { failures, migration: () => report(plan, findings, changes) };
}

/** All edits of each file but for markers: those of the transforms, and what follows from them for its imports. */
function rewrite(plan: Plan, out: Output): Map<string, Edit[]> {
  const result = new Map<string, Edit[]>();
  for (const facts of plan.facts.files.values()) {
    const { path } = facts;
    const edits = out.edits.get(path) ?? [];
    const requests = out.imports.get(path) ?? [];
    const stale = facts.bindings.some((binding) => isGone(binding, plan) || (isRestate(binding) && binding.references.length === 0 && binding.form !== "reexport"));
    if (facts.syntaxError || (edits.length === 0 && requests.length === 0 && !stale)) continue;
    const context = { facts, style: plan.style(path), gone: (binding: BindingFact) => isGone(binding, plan), extension: importExtension(plan.project, path) };
    result.set(path, [...edits, ...importEdits(context, edits, requests)]);
  }
  return result;
}

function isRestate(binding: BindingFact): boolean {
  return binding.module.startsWith("@restatedev/");
}

/** The definition that a binding stood for no longer exists. */
function isGone(binding: BindingFact, plan: Plan): boolean {
  return plan.dissolves && binding.form !== "reexport" && binding.definition !== undefined && plan.regions.migrated.has(binding.definition);
}

function renderFile(path: string, plan: Plan, out: Output, rewritten: readonly Edit[], left: readonly LeftFact[], failures: LeftFact[], partial: boolean): FileChange | undefined {
  const facts = plan.file(path);
  // A file that was taken back or skipped stays as it was.
  const markers = left.filter((fact) => !fact.code.startsWith("R09")).map((fact) => ({ at: fact.range.start, code: fact.code, message: entryOf(fact.code).message(fact.subject) }));
  const edits = [...rewritten, ...markerEdits(facts, markers, plan.style(path))];
  const file = plan.project.files.get(path);
  const fail = (subject: string): undefined => {
    failures.push({ code: "R0902", file: path, range: { start: 0, end: 0 }, subject });
    return undefined;
  };
  try {
    const after = splice(facts.text, edits, out.dedents.get(path), facts.verbatim);
    if (after === facts.text) return undefined;
    const error = firstSyntaxError(path, after, partial);
    if (error) return fail(`${error.message} (${after.slice(Math.max(0, error.start - 30), error.start + 30).replace(/\s+/g, " ")})`);
    const bom = file?.bom ?? false;
    return { path, change: "edited", before: withMark(facts.text, bom), after: withMark(after, bom) };
  } catch (error) {
    if (error instanceof ConflictingEdits) return fail(error.message);
    throw error;
  }
}

function withMark(text: string, bom: boolean): string {
  return bom ? `\uFEFF${text}` : text;
}

/** What imports of source files end in where the file itself imports none. */
function importExtension(project: Project, path: string): "" | ".js" {
  const { module, moduleResolution } = project.compilerOptions(path) as { module?: unknown; moduleResolution?: unknown };
  const resolution = String(moduleResolution ?? module ?? "").toLowerCase();
  if (/bundler|preserve/.test(resolution)) return "";
  if (path.endsWith(".cjs") || path.endsWith(".cts")) return "";
  if (path.endsWith(".mjs") || path.endsWith(".mts")) return ".js";
  return project.packageOf(path).moduleType === "module" ? ".js" : "";
}

type Writable<T> = { -readonly [Member in keyof T]: T[Member] };

/** Which of Restate's packages the code of each package still imports after the edits, and whether it uses Resonate. */
function packageUses(plan: Plan, out: Output, rewritten: ReadonlyMap<string, readonly Edit[]>): PackageUse[] {
  const uses = new Map(plan.project.packages.map((owner): [Package, Writable<PackageUse>] => [owner, { owner, restate: new Set<string>(), resonate: false, postgres: undefined }]));
  for (const file of plan.facts.files.values()) {
    const use = uses.get(plan.project.packageOf(file.path));
    if (!use) continue;
    for (const name of remainingPackages(file.text, rewritten.get(file.path) ?? [])) use.restate.add(name);
    use.resonate ||= (out.imports.get(file.path) ?? []).length > 0;
  }
  for (const path of supportFiles(plan, out).keys()) {
    const use = uses.get(plan.project.packageOf(path));
    if (use && /\/store-postgres\.\w+$/.test(path)) use.postgres = /\.[cm]?ts$/.test(path) ? "typed" : "untyped";
  }
  return [...uses.values()];
}

/** Restate's packages that a text names outside of what is replaced. */
function remainingPackages(text: string, edits: readonly Edit[]): string[] {
  const replaced = edits.filter((edit) => edit.end > edit.start);
  const named = [...text.matchAll(/["'](@restatedev\/[^"'/]+)[^"']*["']/g)];
  return named.flatMap((match) => (replaced.some((edit) => edit.start <= match.index && match.index < edit.end) ? [] : (match[1] ?? [])));
}

/** The client module of each package that registers handlers, and the support modules in use. */
function createdModules(plan: Plan, out: Output): FileChange[] {
  const created: FileChange[] = [];
  const add = (path: string, text: string): void => {
    const before = plan.project.read(path);
    if (before === undefined && !created.some((change) => change.path === path)) created.push({ path, change: "created", before: null, after: text });
  };
  for (const [path, requests] of out.imports) {
    for (const request of requests) {
      if (request.name === "resonate" && "file" in request.from) add(request.from.file, styled(resonateModuleText(request.from.file, plan.file(path).commonjs, clientNeeds(request.from.file, plan, out)), plan.file(path).text));
    }
  }
  const commonjs = [...plan.facts.files.values()].some((file) => file.commonjs);
  for (const [path, source] of supportFiles(plan, out)) add(path, supportModuleText(source, path, commonjs));
  return created;
}

/** What the module of a client needs, by the support modules beside it. */
function clientNeeds(path: string, plan: Plan, out: Output): ClientNeeds {
  const folder = `${dirname(path)}/${supportFolder}/`;
  const names = new Map([...supportFiles(plan, out).keys()].flatMap((file) => (file.startsWith(folder) ? [[file.slice(folder.length).replace(/\.\w+$/, ""), file] as const] : [])));
  const forward = names.get("forward");
  const extension = /\.[cm]?js$/.exec(path)?.[0] ?? importExtension(plan.project, path);
  return { dependency: names.has("client"), forward: forward === undefined ? undefined : `./${supportFolder}/forward${extension}` };
}

/** The support modules in use and those that they import, in the folder of each package: their source by path. */
function supportFiles(plan: Plan, out: Output): Map<string, string> {
  const byFolder = new Map<string, { readonly extension: string; readonly names: string[] }>();
  for (const [path, name] of out.support) {
    const folder = byFolder.get(dirname(path)) ?? { extension: extname(path), names: [] };
    byFolder.set(dirname(path), folder);
    folder.names.push(name);
  }
  return new Map([...byFolder].flatMap(([folder, { extension, names }]) => [...supportModules(names, plan.state)].map(([name, source]) => [`${folder}/${name}${extension}`, source] as const)));
}

/** New modules follow the quotes, semicolons and line endings of the code around them. */
function styled(text: string, model: string): string {
  const style = styleOf(model);
  const quoted = style.quote === "'" ? text.replaceAll('"', "'") : text;
  const ended = style.semicolon === "" ? quoted.replace(/;$/gm, "") : quoted;
  return style.eol === "\n" ? ended : ended.replaceAll("\n", style.eol);
}

function report(plan: Plan, findings: Findings, changes: readonly FileChange[]): Migration {
  const { project, facts } = plan;
  const text = (path: string): string => facts.files.get(path)?.text ?? project.packages.find((owner) => owner.manifestPath === path)?.manifestText ?? project.read(path) ?? "";
  const diagnostics = [...findings.left, ...findings.remarks].map((fact: LeftFact | RemarkFact) => diagnosticOf(fact, text(fact.file)));
  const edited = new Set(changes.map((change) => change.path));
  return {
    root: project.root,
    searched: project.searched,
    analysed: facts.files.size,
    unchanged: [...facts.files.keys()].filter((path) => !edited.has(path)),
    changes,
    packages: project.packages.map((owner) => packageMigration(owner, plan)),
    diagnostics,
    sites: sitesOf(plan, findings),
    typeLevel: facts.typeLevel,
    alreadyMigrated: facts.definitions.size === 0 && findings.left.length === 0 && changes.length === 0 && project.usesResonate,
    rewrites: rewritesOf(plan),
  };
}

function packageMigration(owner: Package, plan: Plan): PackageMigration {
  const definitions = plan.definitions.filter((definition) => plan.project.packageOf(definition.file) === owner);
  const entries = plan.endpoints.filter((endpoint) => endpoint.migrated.length > 0 && plan.project.packageOf(endpoint.fact.file) === owner).map((endpoint) => endpoint.fact.file);
  const served = new Set(plan.endpoints.flatMap((endpoint) => endpoint.migrated));
  const unserved = definitions.filter((definition) => !served.has(definition.id)).map((definition) => definition.file);
  const first = definitions[0] ?? undefined;
  const serves = plan.endpoints.find((endpoint) => endpoint.migrated.length > 0 && endpoint.group === undefined && plan.project.packageOf(endpoint.fact.file) === owner);
  const home = plan.registration === "beside" ? first?.file : serves?.fact.file;
  const module = home === undefined ? null : plan.resonateModule(home);
  return { dir: owner.dir, manager: owner.manager, resonateModule: module, entries: [...new Set([...entries, ...(plan.registration === "beside" ? unserved : [])])], services: definitions.map((definition) => manifestService(definition.id, plan)) };
}

function manifestService(id: string, plan: Plan): ManifestService {
  const definition = plan.facts.definitions.get(id);
  if (!definition) throw new Error(`no definition ${id}`);
  return {
    name: definition.name,
    kind: definition.kind,
    ...(definition.kind === "workflow" ? { workflowId: `${definition.name}/{key}` } : {}),
    file: definition.file,
    group: plan.groupOf(id),
    handlers: definition.handlers.map((handler) => ({
      name: handler.name,
      mode: handler.mode,
      file: plan.facts.functions.get(handler.function)?.file ?? definition.file,
      function: handler.place === "inline" ? plan.functionName(handler.function) : (handler.reference ?? ""),
      registeredAs: plan.registeredAs(definition, handler),
      takesKey: definition.kind !== "service",
      takesInput: handler.takesInput,
    })),
  };
}
