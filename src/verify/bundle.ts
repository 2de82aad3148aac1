import { existsSync, readFileSync, realpathSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type BuildFailure, formatMessages, type Loader, type OnLoadResult, type OnResolveArgs, type OnResolveResult, type Plugin, type PluginBuild, transform } from "esbuild";
import { getTsconfig } from "get-tsconfig";
import { UsageError } from "../errors.js";

/** What is put into a bundle. Paths are absolute. */
export interface BundleRequest {
  /** The folder that messages are relative to. */
  readonly root: string;
  /** The modules that the bundle gives, each loaded when it is asked for. */
  readonly modules: readonly string[];
  /** Files that are taken in place of others. */
  readonly replace: ReadonlyMap<string, string>;
}

/** A program in one file. */
export interface Bundle {
  /** Where it is. Each `import` of this URL with another query is a copy of the program with fresh modules. */
  readonly url: string;
  readonly file: string;
  readonly sdk: SdkPlace;
  /** The project's files in it, absolute, each with the project's files it imports. */
  readonly graph: ReadonlyMap<string, readonly string[]>;
}

/** What a bundle exports. */
export interface BundleExports {
  /** Loads a module by its absolute path. */
  readonly modules: Readonly<Record<string, () => Promise<Readonly<Record<string, unknown>>>>>;
}

/** The SDK that the program runs on. */
export interface SdkPlace {
  readonly url: string;
  readonly version: string;
  /** False where the project has none and this tool's own is taken. */
  readonly ofProject: boolean;
}

export const SDK = "@resonatehq/sdk";
const SCENARIO = "restate-to-resonate/scenario";
const scenarioModule = fileURLToPath(new URL("./scenario.js", import.meta.url));
const RESOLVED = Symbol("resolved");
const ASSETS: Record<string, Loader> = { ".js": "jsx", ".css": "empty", ".svg": "text", ".txt": "text", ".md": "text", ".sql": "text", ".graphql": "text", ".html": "text" };

/** What means something else in a bundle than in the file it stands in. */
const OF_THE_FILE = /\bimport\.meta\b|\b__(?:dir|file)name\b|\brequire\.main\b/;

/**
 * Puts a program into one file: the project's own files, packages of its workspace included, as the tsconfig of each says; other
 * packages stay where they are, unless they are built on Resonate's SDK. The SDK's `Resonate` becomes the one that
 * the host of this process gives (host.ts). Throws UsageError where something cannot be read, resolved or compiled.
 */
export async function bundleProgram(request: BundleRequest): Promise<Bundle> {
  const sdk = findSdk(request.modules[0] ?? request.root);
  const folder = realpathSync(await mkdtemp(join(tmpdir(), "restate-to-resonate-")));
  const file = join(folder, "program.mjs");
  const url = pathToFileURL(file).href;
  try {
    const { metafile } = await build({
      stdin: { contents: rootModule(request.modules), resolveDir: request.root, sourcefile: "restate-to-resonate.js", loader: "js" },
      absWorkingDir: request.root,
      outfile: file,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node22",
      // Node's own way of resolving: `module` and its like are for bundlers.
      conditions: [],
      mainFields: ["main"],
      loader: ASSETS,
      keepNames: true,
      sourcemap: "linked",
      metafile: true,
      logLevel: "silent",
      banner: { js: `import { createRequire as __createRequire } from "node:module"; const require = __createRequire(${JSON.stringify(url)});` },
      plugins: [programPlugin(request, sdk)],
    });
    return { url, file, sdk, graph: graphOf(metafile.inputs, request.root) };
  } catch (error) {
    throw await readable(error, request.root);
  }
}

function rootModule(modules: readonly string[]): string {
  const members = modules.map((file) => `${JSON.stringify(file)}: () => import(${JSON.stringify(file)})`);
  return `export const modules = { ${members.join(", ")} };`;
}

async function readable(error: unknown, root: string): Promise<unknown> {
  const { errors } = error as Partial<BuildFailure>;
  if (errors === undefined) return error;
  const texts = await formatMessages(errors, { kind: "error", color: false });
  return new UsageError(`The program in ${root} cannot be put together:\n${texts.join("\n").trim()}`);
}

function graphOf(inputs: Readonly<Record<string, { readonly imports: readonly { readonly path: string; readonly external?: boolean }[] }>>, root: string): Map<string, string[]> {
  const isFile = (path: string): boolean => !/^[a-z-]{2,}:/.test(path) && path !== "restate-to-resonate.js";
  const graph = new Map<string, string[]>();
  for (const [path, { imports }] of Object.entries(inputs)) {
    if (!isFile(path)) continue;
    const imported = imports.filter((one) => one.external !== true && isFile(one.path));
    graph.set(resolve(root, path), imported.map((one) => resolve(root, one.path)));
  }
  return graph;
}

/** Finds the SDK that a file of the project would load, or this tool's own. */
function findSdk(from: string): SdkPlace {
  for (const [base, ofProject] of [[from, true], [fileURLToPath(import.meta.url), false]] as const) {
    const found = packageJsonOf(SDK, base);
    if (found !== undefined) return { ...found, ofProject };
  }
  throw new UsageError(`${SDK} is not installed, neither for ${from} nor for restate-to-resonate itself. Run npm install ${SDK}.`);
}

function packageJsonOf(name: string, from: string): Omit<SdkPlace, "ofProject"> | undefined {
  for (let dir = dirname(from); ; dir = dirname(dir)) {
    const manifest = join(dir, "node_modules", name, "package.json");
    if (existsSync(manifest)) {
      const { version, main } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string; main?: string };
      return { version, url: pathToFileURL(realpathSync(join(dirname(manifest), main ?? "index.js"))).href };
    }
    if (dirname(dir) === dir) return undefined;
  }
}

function programPlugin(request: BundleRequest, sdk: SdkPlace): Plugin {
  return {
    name: "restate-to-resonate",
    setup(esbuild) {
      esbuild.onResolve({ filter: /.*/ }, (args) => resolveImport(args, esbuild, request));
      esbuild.onLoad({ filter: /.*/, namespace: "resonate-sdk" }, () => ({ contents: sdkModule(sdk.url), loader: "js", resolveDir: request.root }));
      esbuild.onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({ contents: `module.exports = require(${JSON.stringify(path)});`, loader: "js" }));
      esbuild.onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: "file" }, ({ path }) => loadOfTheFile(path, request.modules.includes(path)));
    },
  };
}

/** The SDK as it is, with a `Resonate` of the worker that loads this copy of the program; a scenario is loaded by no worker. */
function sdkModule(url: string): string {
  return `export * from ${JSON.stringify(url)};
import * as sdk from ${JSON.stringify(url)};
export const Resonate = globalThis[Symbol.for("restate-to-resonate.verify")]?.clientClass(import.meta.url) ?? sdk.Resonate;`;
}

async function resolveImport(args: OnResolveArgs, esbuild: PluginBuild, { modules, replace }: BundleRequest): Promise<OnResolveResult | undefined> {
  if (args.pluginData === RESOLVED || args.kind === "entry-point") return undefined;
  if (args.namespace === "resonate-sdk" || args.namespace === "required" || isBuiltin(args.path)) return { path: args.path, external: true };
  if (args.path === SDK) return { path: SDK, namespace: "resonate-sdk" };
  const isRequired = args.kind.startsWith("require") || isCommonJs(args.importer);
  const kind = isRequired && args.kind === "import-statement" ? "require-call" : args.kind;
  const path = args.path === SCENARIO ? scenarioModule : args.path;
  const found = await esbuild.resolve(path, { importer: args.importer, namespace: args.namespace, resolveDir: args.resolveDir, kind, pluginData: RESOLVED, with: args.with });
  if (found.errors.length > 0) return unresolved(args, found.errors);
  if (found.external || found.namespace !== "file") return found;
  const standIn = replace.get(found.path);
  if (standIn !== undefined && standIn !== args.importer) return { path: standIn };
  // Left to esbuild, which then takes the tsconfig of the file too; a path that a plugin gives has none.
  if (modules.includes(found.path) || !isOfPackage(found.path) || extname(found.path) === ".json") return args.path === SCENARIO ? found : undefined;
  return isRequired ? { path: found.path, namespace: "required" } : { path: pathToFileURL(found.path).href, external: true };
}

/** What is required or imported as the program runs may be missing: the program may be ready for that. */
function unresolved(args: OnResolveArgs, errors: OnResolveResult["errors"]): OnResolveResult {
  return args.kind === "import-statement" ? { errors } : { path: args.path, external: true };
}

/** True for a file of a package that has nothing to do with Resonate: it can be loaded where it is, once for all. */
function isOfPackage(file: string): boolean {
  return file.split(sep).includes("node_modules") && !isBuiltOnSdk(file);
}

const builtOnSdk = new Map<string, boolean>();

function isBuiltOnSdk(file: string): boolean {
  const manifest = nearestManifest(file);
  let known = builtOnSdk.get(manifest.path);
  if (known === undefined) {
    known = [manifest.fields.dependencies, manifest.fields.peerDependencies].some((names) => names !== undefined && SDK in names);
    builtOnSdk.set(manifest.path, known);
  }
  return known;
}

/** As Node decides it: by the extension, else by the nearest package.json. */
function isCommonJs(file: string): boolean {
  const extension = extname(file);
  if (/^\.m[jt]s$/.test(extension)) return false;
  return /^\.c[jt]s$/.test(extension) || nearestManifest(file).fields.type !== "module";
}

interface Manifest {
  readonly path: string;
  readonly fields: { readonly type?: string; readonly dependencies?: Record<string, string>; readonly peerDependencies?: Record<string, string> };
}

const manifests = new Map<string, Manifest>();

function nearestManifest(file: string): Manifest {
  const dir = dirname(file);
  let known = manifests.get(dir);
  if (known === undefined) {
    const path = join(dir, "package.json");
    if (existsSync(path)) known = { path, fields: JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, "")) as Manifest["fields"] };
    else known = dirname(dir) === dir ? { path: "", fields: {} } : nearestManifest(dir);
    manifests.set(dir, known);
  }
  return known;
}

async function loadOfTheFile(path: string, isEntry: boolean): Promise<OnLoadResult | undefined> {
  const text = readFileSync(path, "utf8");
  if (!OF_THE_FILE.test(text)) return undefined;
  const loader = basename(path).replace(/^.*\.[cm]?([jt]sx?)$/, "$1") as Loader;
  const { code } = await transform(text, {
    loader: loader === "js" ? "jsx" : loader,
    sourcefile: path,
    sourcemap: "inline",
    target: "node22",
    tsconfigRaw: { compilerOptions: (getTsconfig(path)?.config.compilerOptions ?? {}) as Record<string, never> },
    define: {
      "import.meta.url": JSON.stringify(pathToFileURL(path).href),
      "import.meta.filename": JSON.stringify(path),
      "import.meta.dirname": JSON.stringify(dirname(path)),
      "import.meta.main": String(isEntry),
      __filename: JSON.stringify(path),
      __dirname: JSON.stringify(dirname(path)),
      "require.main": isEntry ? "module" : "undefined",
    },
  });
  return { contents: code, loader: "jsx", resolveDir: dirname(path) };
}

/** Loads a bundle that is data and is loaded once: a scenario. */
export async function loadModule(bundle: Bundle, module: string): Promise<Readonly<Record<string, unknown>>> {
  const { modules } = (await import(bundle.url)) as BundleExports;
  const load = modules[module];
  if (load === undefined) throw new Error(`${module} is not in ${bundle.url}`);
  return load();
}

