import { isUtf8 } from "node:buffer";
import { readFileSync, type Stats, statSync } from "node:fs";
import { UsageError } from "../errors.js";
import { Disk } from "./disk.js";
import { findDocuments } from "./documents.js";
import { scanImports } from "./import-scan.js";
import { Packages } from "./packages.js";
import { absolutePath, commonAncestor, parentOf } from "./paths.js";
import type { Package, Project, ProjectFile } from "./project.js";
import { Resolver } from "./resolver.js";
import { findSourceFiles, isSourceName, SOURCE_EXTENSIONS } from "./source-files.js";
import { TsConfigs } from "./tsconfigs.js";
import { Workspaces } from "./workspaces.js";

const RESTATE = "@restatedev/";
const RESONATE = "@resonatehq/sdk";

/** Called with a phase and what it is busy with. */
export type OnProgress = (phase: string, detail: string) => void;

/**
 * Finds out what of the codebase below `paths` (files or folders) matters: the files that name Restate's SDK, those that
 * lead to them by imports, their packages and tsconfigs. Imports are followed through the whole monorepo; only files below
 * `paths` are given as the project's files.
 *
 * Throws UsageError, with the path, for a path that is missing or neither file nor folder, a file that is no source,
 * what may not be read, and a broken package.json or tsconfig that governs a file of the project.
 */
export function discoverProject(paths: readonly string[], onProgress?: OnProgress): Project {
  const disk = new Disk();
  const inputs = paths.map((path) => inputAt(path));
  const root = commonAncestor(inputs.map((input) => (input.isFolder ? input.path : parentOf(input.path))));
  const packages = new Packages(disk, root);
  const tsconfigs = new TsConfigs(disk);
  const resolver = new Resolver(disk, tsconfigs, packages, new Workspaces(disk, packages));

  const searched = [...new Set(inputs.flatMap((input) => sourcesOf(input, disk, onProgress)))];
  const graph = followImports(searched, disk, resolver, onProgress);
  const leading = reachable(graph.namingRestate, graph.importers);
  const relevant = searched.filter((path) => leading.has(path));
  const files = new Map(relevant.map((path) => [path, projectFile(path, disk)]));
  const owners = packagesOf(relevant, packages);
  throwOnProblems([...owners, ...relevant.flatMap((path) => tsconfigs.governing(path) ?? [])]);

  return {
    root,
    files,
    packages: owners,
    documents: () => findDocuments(inputs.flatMap((input) => (input.isFolder ? [input.path] : [])), disk),
    searched: searched.length,
    usesResonate: namesResonate(searched, disk, packages),
    packageOf: (path) => packages.owning(parentOf(path)),
    resolve: (specifier, fromFile) => resolver.resolve(specifier, fromFile),
    read: (path) => disk.read(path)?.text,
    importersOf: (path) => graph.importers.get(path) ?? [],
    compilerOptions: (path) => tsconfigs.governing(path)?.compilerOptions ?? {},
  };
}

interface Input {
  readonly path: string;
  readonly isFolder: boolean;
}

function inputAt(given: string): Input {
  const path = absolutePath(process.cwd(), given);
  const stats = statsOf(path);
  if (stats === undefined) throw new UsageError(`${given} does not exist.`);
  if (stats.isDirectory()) return { path, isFolder: true };
  if (!stats.isFile()) throw new UsageError(`${given} is neither a file nor a folder.`);
  if (!isSourceName(path)) throw new UsageError(`${given} is not a source file (${SOURCE_EXTENSIONS.join(" ")}, no declarations).`);
  return { path, isFolder: false };
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // A path below a file: no entry either, though Node throws all the same.
    if (error instanceof Error && "code" in error && error.code === "ENOTDIR") return undefined;
    throw new UsageError(`${path} cannot be read (${error instanceof Error ? error.message : String(error)}).`, { cause: error });
  }
}

function sourcesOf(input: Input, disk: Disk, onProgress?: OnProgress): string[] {
  if (!input.isFolder) return [input.path];
  return findSourceFiles(input.path, disk, (dir) => onProgress?.("searching", dir));
}

interface ImportGraph {
  readonly namingRestate: readonly string[];
  readonly importers: ReadonlyMap<string, readonly string[]>;
}

/** Reads the searched files, and those outside of the searched folders that they lead to and that may lead back. */
function followImports(searched: readonly string[], disk: Disk, resolver: Resolver, onProgress?: OnProgress): ImportGraph {
  const importers = new Map<string, string[]>();
  const namingRestate: string[] = [];
  const queue = new Set(searched);
  for (const path of queue) {
    onProgress?.("reading", path);
    const text = disk.read(path)?.text ?? "";
    if (text.includes(RESTATE)) namingRestate.push(path);
    for (const target of new Set(scanImports(text).map((specifier) => resolver.resolve(specifier, path)))) {
      if (target === undefined) continue;
      queue.add(target);
      const known = importers.get(target);
      if (known === undefined) importers.set(target, [path]);
      else known.push(path);
    }
  }
  return { namingRestate, importers };
}

function reachable(sources: readonly string[], next: ReadonlyMap<string, readonly string[]>): Set<string> {
  const seen = new Set(sources);
  for (const path of seen) {
    for (const neighbour of next.get(path) ?? []) seen.add(neighbour);
  }
  return seen;
}

function projectFile(path: string, disk: Disk): ProjectFile {
  const { text, bom } = disk.read(path) ?? { text: "", bom: false };
  // Written back, text that was decoded wrongly would differ outside of every edit.
  if (text.includes("\uFFFD") && !isUtf8(readFileSync(path))) {
    throw new UsageError(`${path} is not UTF-8 text. Convert it first, or leave it out of the paths.`);
  }
  return { path, text, bom };
}

function packagesOf(files: readonly string[], packages: Packages): (Package & { readonly problem?: string })[] {
  const owners = new Set(files.map((path) => packages.owning(parentOf(path))));
  return [...owners].sort((a, b) => depth(a.dir) - depth(b.dir) || (a.dir < b.dir ? -1 : 1));
}

function depth(dir: string): number {
  return dir.split("/").length;
}

function throwOnProblems(governing: readonly { readonly problem?: string }[]): void {
  const problems = [...new Set(governing.flatMap(({ problem }) => problem ?? []))];
  if (problems.length > 0) throw new UsageError(problems.join("\n"));
}

function namesResonate(searched: readonly string[], disk: Disk, packages: Packages): boolean {
  if (searched.some((path) => disk.read(path)?.text.includes(RESONATE))) return true;
  const manifests = new Set(searched.map((path) => packages.owning(parentOf(path)).manifestText));
  return [...manifests].some((text) => text?.includes(RESONATE));
}
