import type { Disk } from "./disk.js";
import { sourceCandidates } from "./package-entry.js";
import type { Packages } from "./packages.js";
import { absolutePath, parentOf } from "./paths.js";
import { isSourceName, SOURCE_EXTENSIONS } from "./source-files.js";
import type { TsConfigs } from "./tsconfigs.js";
import type { Workspaces } from "./workspaces.js";

/** What an import of a compiled extension may mean, in TypeScript's order. */
const COMPILED: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx", ".js", ".jsx"],
  ".jsx": [".tsx", ".jsx"],
  ".mjs": [".mts", ".mjs"],
  ".cjs": [".cts", ".cjs"],
};

/** Resolves imports to source files of the codebase; packages outside of it do not count. */
export class Resolver {
  readonly #disk: Disk;
  readonly #tsconfigs: TsConfigs;
  readonly #packages: Packages;
  readonly #workspaces: Workspaces;
  readonly #relative = new Map<string, string | undefined>();
  readonly #named = new Map<string, string | undefined>();

  constructor(disk: Disk, tsconfigs: TsConfigs, packages: Packages, workspaces: Workspaces) {
    this.#disk = disk;
    this.#tsconfigs = tsconfigs;
    this.#packages = packages;
    this.#workspaces = workspaces;
  }

  /** Gives the absolute path of the source file that `specifier` means in `fromFile`, if the codebase has one. */
  resolve(specifier: string, fromFile: string): string | undefined {
    const dir = parentOf(fromFile);
    if (isRelative(specifier)) {
      const base = specifier.startsWith("/") ? specifier : absolutePath(dir, specifier);
      return cached(this.#relative, base, () => this.#sourceAt(base));
    }
    if (specifier.startsWith("node:")) return undefined;
    const config = this.#tsconfigs.governing(fromFile);
    return cached(this.#named, `${config?.path}\0${dir}\0${specifier}`, () => {
      const candidates = config?.candidates(specifier) ?? [];
      return this.#firstSource(candidates) ?? this.#packageSource(specifier, dir);
    });
  }

  #packageSource(specifier: string, dir: string): string | undefined {
    const owner = this.#packages.owning(dir);
    if (specifier.startsWith("#")) return this.#firstSource(within(owner.dir, sourceCandidates(owner, specifier)));
    const [name, subpath] = splitPackageName(specifier);
    const target = this.#workspaces.find(name, owner);
    if (target === undefined) return undefined;
    return this.#firstSource(within(target.dir, sourceCandidates(target, subpath)));
  }

  #firstSource(candidates: readonly string[]): string | undefined {
    for (const candidate of candidates) {
      const found = this.#sourceAt(candidate);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #sourceAt(base: string): string | undefined {
    if (base.includes("/node_modules/")) return undefined;
    for (const candidate of candidateNames(base)) {
      if (isSourceName(candidate) && this.#disk.hasFile(candidate)) return candidate;
    }
    return undefined;
  }
}

function* candidateNames(base: string): Generator<string> {
  const extension = /\.[cm]?jsx?$/.exec(base)?.[0] ?? "";
  const stem = base.slice(0, base.length - extension.length);
  for (const source of COMPILED[extension] ?? []) yield stem + source;
  yield base;
  for (const source of SOURCE_EXTENSIONS) yield base + source;
  for (const source of SOURCE_EXTENSIONS) yield `${base}/index${source}`;
}

function isRelative(specifier: string): boolean {
  return /^(?:\.{1,2}(?:\/|$)|\/)/.test(specifier);
}

function splitPackageName(specifier: string): [name: string, subpath: string] {
  const segments = specifier.split("/");
  const length = specifier.startsWith("@") ? 2 : 1;
  return [segments.slice(0, length).join("/"), segments.slice(length).join("/")];
}

function within(dir: string, paths: readonly string[]): string[] {
  return paths.map((path) => absolutePath(dir, path));
}

function cached<K, V>(cache: Map<K, V | undefined>, key: K, compute: () => V | undefined): V | undefined {
  if (!cache.has(key)) cache.set(key, compute());
  return cache.get(key);
}
