import {
  createFilesMatcher,
  createPathsMatcher,
  type PathsMatcher,
  parseTsconfig,
  type TsConfigResult,
} from "get-tsconfig";
import path from "node:path";
import type { Disk } from "./disk.js";
import { isRecord, parseJsonFile, stringsOf } from "./json-file.js";
import { absolutePath, ancestors, parentOf } from "./paths.js";

type JsonObject = Readonly<Record<string, unknown>>;

/** A tsconfig.json (or jsconfig.json), as it governs files. */
export interface TsConfig {
  readonly path: string;
  /** After `extends`; `baseUrl` and the targets of `paths` are absolute. */
  readonly compilerOptions: JsonObject;
  /** Where `paths` and `baseUrl` send a specifier: absolute candidates, best first. */
  readonly candidates: PathsMatcher;
  /** What is wrong with the file, for a person. */
  readonly problem?: string;
}

interface LoadedConfig extends TsConfig {
  /** What the file says itself, with the options above. */
  readonly config: TsConfigResult["config"];
}

/** Finds and reads the tsconfigs of a codebase, each at most once. Never throws for a broken one: see `problem`. */
export class TsConfigs {
  readonly #disk: Disk;
  readonly #nearest = new Map<string, string | undefined>();
  readonly #loaded = new Map<string, LoadedConfig>();
  readonly #parseCache = new Map<string, string>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Gives the tsconfig that governs a file: the nearest above it, or the one of its `references` that includes it. */
  governing(file: string): TsConfig | undefined {
    const nearest = this.#nearestTo(parentOf(file));
    if (nearest === undefined) return undefined;
    const config = this.#load(nearest);
    return this.#referenced(config).find((reference) => includes(reference, file)) ?? config;
  }

  #nearestTo(dir: string): string | undefined {
    if (this.#nearest.has(dir)) return this.#nearest.get(dir);
    let found: string | undefined;
    for (const folder of ancestors(dir)) {
      found = ["tsconfig.json", "jsconfig.json"].map((name) => absolutePath(folder, name)).find((file) => this.#disk.hasFile(file));
      if (found !== undefined) break;
    }
    this.#nearest.set(dir, found);
    return found;
  }

  /** A tsconfig that has no files of its own and only points to others ("solution style"). */
  #referenced(config: LoadedConfig): LoadedConfig[] {
    const { files, include, references } = config.config;
    if (!Array.isArray(references) || files?.length !== 0 || include !== undefined) return [];
    return references
      .map((reference) => absolutePath(parentOf(config.path), reference.path))
      .map((target) => (target.endsWith(".json") ? target : `${target}/tsconfig.json`))
      .filter((target) => this.#disk.hasFile(target))
      .map((target) => this.#load(target));
  }

  #load(file: string): LoadedConfig {
    let config = this.#loaded.get(file);
    if (config === undefined) {
      config = this.#parse(file);
      this.#loaded.set(file, config);
    }
    return config;
  }

  #parse(file: string): LoadedConfig {
    const { value, problem } = parseJsonFile(file, this.#disk.read(file)?.text ?? "", true);
    const raw = this.#withExtends(file) ?? { ...value, compilerOptions: this.#ownOptions(file, value, new Set()) };
    const located = withRelativeTargets({ path: file, config: raw });
    const match = createPathsMatcher(located);
    const compilerOptions = absoluteOptions(located, match);
    const config = { ...located.config, compilerOptions };
    return { path: file, config, compilerOptions, candidates: match ?? (() => []), problem };
  }

  #withExtends(file: string): TsConfigResult["config"] | undefined {
    try {
      return parseTsconfig(file, this.#parseCache);
    } catch {
      // An `extends` that leads into absent node_modules: the caller goes on with what can be read without it.
      return undefined;
    }
  }

  /** The options of a file and of the files it extends by path; those it extends by package name are unknown here. */
  #ownOptions(file: string, config: JsonObject, seen: Set<string>): JsonObject {
    seen.add(file);
    const bases = typeof config.extends === "string" ? [config.extends] : stringsOf(config.extends);
    const inherited = bases
      .filter((base) => /^\.{0,2}\//.test(base) || path.isAbsolute(base))
      .map((base) => absolutePath(parentOf(file), base))
      .map((base) => [base, `${base}.json`].find((candidate) => this.#disk.hasFile(candidate)))
      .filter((base): base is string => base !== undefined && !seen.has(base))
      .map((base) => this.#ownOptions(base, parseJsonFile(base, this.#disk.read(base)?.text ?? "", true).value, seen));
    const own = isRecord(config.compilerOptions) ? config.compilerOptions : {};
    const located = withRelativeTargets({ path: file, config: { compilerOptions: own } });
    return Object.assign({}, ...inherited, absoluteOptions(located, createPathsMatcher(located)));
  }
}

/** Bundlers accept `"@/*": ["src/*"]` without `baseUrl`, the paths matcher only `["./src/*"]`. */
function withRelativeTargets(located: TsConfigResult): TsConfigResult {
  const options = located.config.compilerOptions;
  if (options?.paths === undefined || options.baseUrl !== undefined) return located;
  const paths = Object.fromEntries(
    Object.entries(options.paths).map(([pattern, targets]) => [
      pattern,
      stringsOf(targets).map((target) => (/^\.{0,2}\//.test(target) || path.isAbsolute(target) ? target : `./${target}`)),
    ]),
  );
  return { ...located, config: { ...located.config, compilerOptions: { ...options, paths } } };
}

function absoluteOptions(located: TsConfigResult, match: PathsMatcher | null): JsonObject {
  const options = located.config.compilerOptions ?? {};
  if (match === null) return options;
  const absolute: Record<string, unknown> = { ...options };
  if (options.baseUrl !== undefined) absolute.baseUrl = absolutePath(parentOf(located.path), options.baseUrl);
  if (options.paths !== undefined) {
    // Asked for the pattern itself, the matcher answers with its targets, made absolute.
    absolute.paths = Object.fromEntries(Object.keys(options.paths).map((pattern) => [pattern, match(pattern)]));
  }
  return absolute;
}

function includes(config: LoadedConfig, file: string): boolean {
  return createFilesMatcher(config)(file) !== undefined;
}
