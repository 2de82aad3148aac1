import { firstSyntaxError } from "../analysis/compiler.js";
import { UsageError } from "../errors.js";
import { absolutePath } from "../project/paths.js";
import type { Project } from "../project/project.js";
import { isSourceName } from "../project/source-files.js";
import { remains, rules } from "./catalogue.js";
import { type Finding, findingAt, inOrder } from "./finding.js";
import { type KnownHandlers, leftInConfiguration, leftInManifest, leftInSource, registeredNames } from "./left.js";
import { ResonateCode, type Surroundings } from "./resonate-code.js";
import { olderSdk } from "./sdk-version.js";
import { unsilenced } from "./silence.js";

/** What `check` found. */
export interface CheckReport {
  /** By file and place; what is silenced is left out. */
  readonly findings: readonly Finding[];
  /** How many source files were looked at, and how many of them may be about Resonate. */
  readonly searched: number;
  readonly aboutResonate: number;
}

/** A file that says none of this has nothing to do with Resonate: the SDK, the module that makes the client, contexts. */
const ABOUT_RESONATE = /resonate|\bContext\b|\bctx\b/;

/**
 * Looks for what is left of Restate and for what is unsafe in code for Resonate. `paths` are those the project was made of: files or
 * folders. Needs neither installed packages nor a network. Throws UsageError where there is no source file to look at.
 */
export function checkProject(project: Project, paths: readonly string[]): CheckReport {
  const texts = textsOf(project, paths);
  const sources = new Map([...texts].filter(([path]) => isSourceName(path)));
  if (sources.size === 0) throw new UsageError(`There is no source file to check in ${paths.join(", ")}.`);
  const older = new Map(project.usesResonate ? [...sources.keys()].flatMap((path) => olderSdk(project.packageOf(path)) ?? []).map((finding) => [finding.file, finding]) : []);
  const isAbout = (path: string, text: string): boolean => project.usesResonate && ABOUT_RESONATE.test(text) && !older.has(project.packageOf(path).manifestPath ?? "");
  const about = new Map([...sources].filter(([path, text]) => isAbout(path, text)));
  const handlers = registeredNames(about.values());
  const findings = [...[...texts].flatMap(([path, text]) => leftIn(path, text, handlers)), ...older.values(), ...unsafe(about, project)];
  const byFile = new Map<string, Finding[]>();
  for (const finding of findings) byFile.set(finding.file, [...(byFile.get(finding.file) ?? []), finding]);
  return {
    findings: inOrder([...texts].flatMap(([path, text]) => unsilenced(byFile.get(path) ?? [], path, text))),
    searched: sources.size,
    aboutResonate: about.size,
  };
}

/** Path → text of the sources, scripts and configuration files below `paths`, and of the package.json files that govern them. */
function textsOf(project: Project, paths: readonly string[]): Map<string, string> {
  const texts = new Map(project.documents().filter(({ path }) => !/\.mdx?$/i.test(path)).map(({ path, text }) => [path, text]));
  for (const path of paths.map((given) => absolutePath(process.cwd(), given)).filter(isSourceName)) {
    const text = project.read(path);
    if (text !== undefined) texts.set(path, text);
  }
  const manifests = [...texts.keys()].map((path) => project.packageOf(path));
  for (const { manifestPath, manifestText } of manifests) {
    if (manifestPath !== null && manifestText !== null) texts.set(manifestPath, manifestText);
  }
  return texts;
}

function leftIn(path: string, text: string, handlers: KnownHandlers): Finding[] {
  if (isSourceName(path)) return leftInSource(path, text, handlers);
  return path.endsWith("/package.json") ? leftInManifest(path, text, handlers) : leftInConfiguration(path, text, handlers);
}

function unsafe(texts: ReadonlyMap<string, string>, project: Project): Finding[] {
  const broken: Finding[] = [];
  const sound = new Map<string, string>();
  for (const [path, text] of texts) {
    const error = firstSyntaxError(path, text);
    if (error) broken.push(findingAt(remains.unparsed, path, text, error.start, error.message.replace(/\.$/, "")));
    else sound.set(path, text);
  }
  return [...broken, ...findUnsafe(sound, project)];
}

/** Applies every rule to files that parse (path → text). */
export function findUnsafe(texts: ReadonlyMap<string, string>, around: Surroundings): Finding[] {
  const code = new ResonateCode(texts, around);
  return code.files.flatMap((file) =>
    rules.flatMap((rule) => rule.find(file, code).map(({ node, subject }) => findingAt(rule, file.fileName, file.text, node.getStart(file), subject))),
  );
}
