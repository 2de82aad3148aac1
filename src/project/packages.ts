import type { Disk } from "./disk.js";
import { isRecord, parseJsonFile } from "./json-file.js";
import { ancestors } from "./paths.js";
import type { Package } from "./project.js";

/** A package with its parsed package.json. */
export interface KnownPackage extends Package {
  readonly manifest: Readonly<Record<string, unknown>>;
  /** What is wrong with package.json, for a person. */
  readonly problem?: string;
}

const MANAGER_FILES: readonly (readonly [string, Package["manager"]])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["pnpm-workspace.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
];

/** Knows which package.json owns which folder; reads each at most once. */
export class Packages {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #owners = new Map<string, KnownPackage>();
  readonly #known = new Map<string, KnownPackage>();

  /** `root` stands in for a package where no package.json is found. */
  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  /** Gives the package that owns what lies in `dir`: the nearest package.json, or the searched root. */
  owning(dir: string): KnownPackage {
    let owner = this.#owners.get(dir);
    if (owner === undefined) {
      owner = this.#nearest(dir) ?? this.at(this.#root);
      this.#owners.set(dir, owner);
    }
    return owner;
  }

  /** Gives the package of the package.json in `dir`; a package without manifest where there is none. */
  at(dir: string): KnownPackage {
    let known = this.#known.get(dir);
    if (known === undefined) {
      known = this.#read(dir);
      this.#known.set(dir, known);
    }
    return known;
  }

  #nearest(dir: string): KnownPackage | undefined {
    for (const folder of ancestors(dir)) {
      const candidate = this.at(folder);
      if (candidate.manifestPath !== null) return candidate;
    }
    return undefined;
  }

  #read(dir: string): KnownPackage {
    const path = fileIn(dir, "package.json");
    const file = this.#disk.hasFile(path) ? this.#disk.read(path) : undefined;
    const text = file?.text;
    const { value, problem } = text === undefined ? { value: {} } : parseJsonFile(path, text, false);
    return {
      dir,
      manifestPath: text === undefined ? null : path,
      manifestText: text ?? null,
      manifestBom: file?.bom ?? false,
      name: typeof value.name === "string" ? value.name : null,
      moduleType: value.type === "module" ? "module" : "commonjs",
      manager: this.#manager(dir, value),
      manifest: value,
      problem,
    };
  }

  /** The nearest word on it, in the `packageManager` field or by a lockfile; npm where nobody says. */
  #manager(dir: string, manifest: Readonly<Record<string, unknown>>): Package["manager"] {
    const stated = statedManager(manifest);
    if (stated !== undefined) return stated;
    const locked = MANAGER_FILES.find(([name]) => this.#disk.hasFile(fileIn(dir, name)));
    if (locked !== undefined) return locked[1];
    const [, parent] = ancestors(dir);
    return parent === undefined ? "npm" : this.at(parent).manager;
  }
}

function statedManager(manifest: Readonly<Record<string, unknown>>): Package["manager"] | undefined {
  const engines = isRecord(manifest.devEngines) ? manifest.devEngines.packageManager : undefined;
  const stated = manifest.packageManager ?? (isRecord(engines) ? engines.name : undefined);
  const name = typeof stated === "string" ? stated.split("@")[0] : undefined;
  return name === "npm" || name === "yarn" || name === "pnpm" || name === "bun" ? name : undefined;
}

function fileIn(dir: string, name: string): string {
  return dir.endsWith("/") ? `${dir}${name}` : `${dir}/${name}`;
}
