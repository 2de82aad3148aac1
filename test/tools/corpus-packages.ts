import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { spawnSync } from "node:child_process";
import { globSync } from "tinyglobby";

/** Something that is installed and migrated as one: a package, or a workspace with all its packages. */
export interface CorpusPackage {
  readonly dir: string;
  /** The path below the searched folder, for the table. */
  readonly label: string;
}

const SOURCES = "**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}";
const NEVER_COPIED = new Set(["node_modules", ".git", "dist", ".next", "cdk.out"]);
const IGNORED = [...NEVER_COPIED].map((name) => `**/${name}/**`);

/**
 * Finds every package (package.json, or deno.json where there is none) below a folder whose manifest or sources name
 * `@restatedev/`. Packages of one workspace come as one: the workspace's root.
 */
export function findCorpusPackages(folder: string): CorpusPackage[] {
  const manifests = globSync("**/{package,deno}.json", { cwd: folder, absolute: true, ignore: IGNORED, dot: true });
  const dirs = new Set(manifests.map((manifest) => dirname(manifest)));
  const naming = globSync([SOURCES, "**/{package,deno}.json"], { cwd: folder, absolute: true, ignore: IGNORED }).filter((file) =>
    readFileSync(file, "utf8").includes("@restatedev/"),
  );
  const units = new Set<string>();
  for (const file of naming) {
    const owner = ancestors(dirname(file), folder).find((dir) => dirs.has(dir));
    if (owner !== undefined) units.add(workspaceRootOf(owner, folder) ?? owner);
  }
  return [...units].sort().map((dir) => ({ dir, label: relative(folder, dir).split(sep).join("/") || basename(dir) }));
}

/** The folder and those above it, nearest first, up to and including `top`. */
function ancestors(dir: string, top: string): string[] {
  const found = [dir];
  for (let at = dir; at !== top && dirname(at) !== at; at = dirname(at)) found.push(dirname(at));
  return found;
}

function workspaceRootOf(dir: string, top: string): string | undefined {
  return ancestors(dir, top).find((at) => {
    if (existsSync(join(at, "pnpm-workspace.yaml"))) return true;
    const manifest = join(at, "package.json");
    return existsSync(manifest) && "workspaces" in (JSON.parse(readFileSync(manifest, "utf8")) as object);
  });
}

/**
 * Lays a fresh copy of the package's files into `target`, which keeps what is installed there already.
 * Nothing else of an earlier copy survives.
 */
export function layCopy(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  removeAllButInstalled(target);
  cpSync(source, target, { recursive: true, filter: (path) => path === source || !NEVER_COPIED.has(basename(path)) });
}

function removeAllButInstalled(dir: string): void {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.name === "node_modules" || entry.name === STAMP) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory() && existsSync(join(path, "package.json"))) removeAllButInstalled(path);
    else rmSync(path, { recursive: true, force: true });
  }
}

const STAMP = ".corpus-installed";
/** What migrated code may need beside what its package declares. */
const ADDED = ["@resonatehq/sdk", "pg", "@types/pg"];

/** The folder of the cache that holds the installed copy of a package. */
export function cachedCopyOf(source: string, cache: string): string {
  return join(cache, `${basename(source)}-${sha(source).slice(0, 8)}`);
}

/**
 * Installs the dependencies of a copy and what the migrated code needs beside them, with npm, without running install scripts.
 * An install whose manifests have not changed since is kept. Gives the reason where it failed, else `null`.
 */
export function install(copy: string): string | null {
  if (!existsSync(join(copy, "package.json"))) return "no package.json";
  const manifests = globSync("**/{package,package-lock}.json", { cwd: copy, absolute: true, ignore: IGNORED }).sort();
  const wanted = sha(`${ADDED.join(" ")}\0` + manifests.map((file) => readFileSync(file, "utf8")).join("\0"));
  const stamp = join(copy, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return null;
  const attempt = (...mode: string[]): string | null => npm(copy, ["install", ...mode]) ?? npm(copy, ["install", "--no-save", ...ADDED, ...mode]);
  // Peer dependencies that contradict one another stop npm, not the program.
  const failure = attempt() === null ? null : attempt("--legacy-peer-deps");
  if (failure === null) writeFileSync(stamp, wanted);
  return failure;
}

function npm(cwd: string, args: readonly string[]): string | null {
  const lock = existsSync(join(cwd, "package-lock.json")) ? "--package-lock" : "--no-package-lock";
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", lock, "--loglevel=error"];
  const { status, stderr, error } = spawnSync("npm", [...args, ...quiet], { cwd, encoding: "utf8" });
  if (error !== undefined) return error.message;
  return status === 0 ? null : stderr.trim().split("\n")[0] ?? "npm install failed";
}

function sha(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
