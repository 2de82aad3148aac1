import { globSync } from "tinyglobby";
import type { Disk } from "./disk.js";
import { isRecord, stringsOf } from "./json-file.js";
import type { KnownPackage, Packages } from "./packages.js";
import { absolutePath, ancestors, parentOf } from "./paths.js";

const LOCAL_DEPENDENCY = /^(?:file|link|portal):(.+)$/;

/** Knows the packages of a monorepo by name, also those outside of the searched folder. */
export class Workspaces {
  readonly #disk: Disk;
  readonly #packages: Packages;
  readonly #members = new Map<string, ReadonlyMap<string, KnownPackage>>();
  readonly #roots = new Map<string, ReadonlyMap<string, KnownPackage>>();

  constructor(disk: Disk, packages: Packages) {
    this.#disk = disk;
    this.#packages = packages;
  }

  /** Gives the package that `name` means within `from`: itself, a workspace member, or a `file:` dependency. */
  find(name: string, from: KnownPackage): KnownPackage | undefined {
    if (from.name === name) return from;
    return this.#membersAround(from.dir).get(name) ?? this.#linked(name, from);
  }

  #membersAround(dir: string): ReadonlyMap<string, KnownPackage> {
    let members = this.#roots.get(dir);
    if (members === undefined) {
      members = new Map();
      for (const folder of ancestors(dir)) {
        const patterns = this.#patterns(folder);
        if (patterns === undefined) continue;
        members = this.#load(folder, patterns);
        break;
      }
      this.#roots.set(dir, members);
    }
    return members;
  }

  #patterns(dir: string): string[] | undefined {
    const pnpm = absolutePath(dir, "pnpm-workspace.yaml");
    const yaml = this.#disk.hasFile(pnpm) ? this.#disk.read(pnpm)?.text : undefined;
    if (yaml !== undefined) return pnpmPatterns(yaml);
    const { workspaces } = this.#packages.at(dir).manifest;
    if (Array.isArray(workspaces)) return stringsOf(workspaces);
    return isRecord(workspaces) ? stringsOf(workspaces.packages) : undefined;
  }

  #load(root: string, patterns: readonly string[]): ReadonlyMap<string, KnownPackage> {
    let members = this.#members.get(root);
    if (members === undefined) {
      const [excluded, included] = [patterns.filter((p) => p.startsWith("!")), patterns.filter((p) => !p.startsWith("!"))];
      const manifests = globSync(included.map(manifestPattern), {
        cwd: root,
        ignore: ["**/node_modules/**", ...excluded.map((pattern) => manifestPattern(pattern.slice(1)))],
        followSymbolicLinks: false,
        expandDirectories: false,
      });
      const found = [root, ...manifests.sort().map((file) => parentOf(absolutePath(root, file)))];
      members = new Map(
        found.map((dir) => this.#packages.at(dir)).flatMap((member) => (member.name === null ? [] : [[member.name, member]])),
      );
      this.#members.set(root, members);
    }
    return members;
  }

  #linked(name: string, from: KnownPackage): KnownPackage | undefined {
    for (const field of ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"]) {
      const dependencies = from.manifest[field];
      const range = isRecord(dependencies) ? dependencies[name] : undefined;
      const target = typeof range === "string" ? LOCAL_DEPENDENCY.exec(range)?.[1] : undefined;
      if (target !== undefined) return this.#packages.at(absolutePath(from.dir, target));
    }
    return undefined;
  }
}

function manifestPattern(pattern: string): string {
  return `${pattern.replace(/^\.\//, "").replace(/\/+$/, "")}/package.json`;
}

/** The list under `packages:` in a pnpm-workspace.yaml, written as a block or in brackets. */
function pnpmPatterns(yaml: string): string[] {
  const lines = yaml.split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, ""));
  const start = lines.findIndex((line) => /^packages\s*:/.test(line));
  if (start === -1) return [];
  const inline = /^packages\s*:\s*\[(.*)\]/.exec(lines[start] ?? "")?.[1];
  if (inline !== undefined) return inline.split(",").map(unquoted).filter(Boolean);
  const patterns: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const item = /^\s*-\s+(.+)$/.exec(line)?.[1];
    if (item !== undefined) patterns.push(unquoted(item));
    else if (line.trim() !== "") break;
  }
  return patterns;
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, "$2");
}
