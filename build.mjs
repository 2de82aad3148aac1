// Builds the package: dist/ from src/ and transforms/, dist/cli.js, the command line as one file, and transforms/*.cjs, one bundle per
// transform for jscodeshift.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { ts } from "@ts-morph/common";
import { build } from "esbuild";

const ROOT = dirname(fileURLToPath(import.meta.url));
const DIST = join(ROOT, "dist");
const TRANSFORMS = join(ROOT, "transforms");
const ERRORS = join(ROOT, "src/errors.ts");
const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

/** Copied as they stand: sources that go into migrated projects, and declarations that are data to the analysis. */
const ASSETS = ["src/support", "src/analysis/knowledge"];

/** Go into the bundles: `require` does not take them on every Node. */
const ES_MODULES_ONLY = ["magic-string"];

/** CommonJS in a bundle of ES modules still requires. */
const REQUIRE = `import { createRequire as __createRequire } from "node:module";
const require = __createRequire(import.meta.url);`;

const MODULE_URL = "const __moduleUrl = (path) => require('node:url').pathToFileURL(require('node:path').join(__dirname, '..', path)).href;";

/** jscodeshift compiles every module that is loaded with Babel, which fails on the TypeScript compiler: it is loaded as it is. */
const TAKE_OFF_HOOK = `const __extensions = require("node:module")._extensions, __hooked = __extensions[".js"];
__extensions[".js"] = (module, path) => module._compile(require("node:fs").readFileSync(path, "utf8"), path);`;
const PUT_BACK_HOOK = `__extensions[".js"] = __hooked;`;

function clean() {
  rmSync(DIST, { recursive: true, force: true });
  for (const name of filesIn(TRANSFORMS, /\.cjs$/)) rmSync(join(TRANSFORMS, name));
}

function compile() {
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { status, error } = spawnSync(process.execPath, [tsc, "-p", join(ROOT, "tsconfig.build.json")], { stdio: "inherit" });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function copyAssets() {
  for (const folder of ASSETS) {
    if (existsSync(join(ROOT, folder))) cpSync(join(ROOT, folder), join(DIST, folder), { recursive: true });
  }
}

/** The command line starts in half the time as one file: it is some 250 modules. */
async function bundleCli() {
  await build({
    entryPoints: [join(ROOT, "src/cli/main.ts")],
    outfile: join(DIST, "cli.js"),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // A package's ES modules first: jsonc-parser requires its own parts in a way that no bundler follows.
    mainFields: ["module", "main"],
    logLevel: "warning",
    banner: { js: REQUIRE },
    plugins: [requiredCompiler, modulesOfTheirOwn, sources((path, text) => withCompilerAsModule(text).replaceAll("import.meta.url", `new URL(${JSON.stringify(`../${path}`)}, import.meta.url).href`))],
  });
}

async function bundleTransforms() {
  const names = filesIn(TRANSFORMS, /^(?!_|index\.).*(?<!\.d)\.ts$/);
  if (names.length === 0) return;
  await build({
    entryPoints: names.map((name) => join(TRANSFORMS, name)),
    outdir: TRANSFORMS,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    external: Object.keys(dependencies).filter((name) => !ES_MODULES_ONLY.includes(name)),
    logLevel: "warning",
    banner: { js: `${MODULE_URL}\n${TAKE_OFF_HOOK}` },
    footer: { js: PUT_BACK_HOOK },
    plugins: [sources((path, text) => text.replaceAll("import.meta.url", `__moduleUrl(${JSON.stringify(path)})`))],
  });
}

/** Modules in a bundle look for their assets beside where dist/ has them. */
function sources(change) {
  return {
    name: "sources",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => ({ loader: "ts", contents: change(compiled(path), readFileSync(path, "utf8")) }));
    },
  };
}

/** ts-morph's compiler is required by itself: imported, all of its nine megabytes would be read in search of names that it exports. */
const requiredCompiler = {
  name: "required-compiler",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@ts-morph\/common(:ts)?$/ }, ({ path, kind }) => (kind === "require-call" ? { path, external: true } : { path, namespace: "required" }));
    onLoad({ filter: /:ts$/, namespace: "required" }, () => ({ resolveDir: ROOT, contents: constants(`require("@ts-morph/common").ts`, Object.keys(ts).filter((name) => name !== "default")) }));
    onLoad({ filter: /common$/, namespace: "required" }, () => ({ resolveDir: ROOT, contents: constants(`require("@ts-morph/common")`, ["getLibFiles"]) }));
  },
};

/**
 * What the compiler exports are two thousand getters of one object, and the analysis asks for some of them at every node of every file.
 * As the names of a module they are constants in the bundle.
 */
function withCompilerAsModule(source) {
  return source.replace(/^import \{ (?:(.*), )?ts \} from ("(?:[^"]*\/compiler\.js|ts-morph)");$/gm, (_, others = "", from) => `${others === "" ? "" : `import { ${others} } from ${from}; `}import * as ts from "@ts-morph/common:ts";`);
}

function constants(object, names) {
  return `const object = ${object}; ${names.map((name) => `export const ${name} = object.${name};`).join(" ")}`;
}

/** What is loaded only by some commands stays outside of the bundle, and so does the class of errors that it throws. */
const modulesOfTheirOwn = {
  name: "modules-of-their-own",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind, resolveDir }) => {
      const source = join(resolveDir, path.replace(/\.js$/, ".ts"));
      return kind === "dynamic-import" || source === ERRORS ? { path: `./${compiled(source).slice("dist/".length)}`, external: true } : undefined;
    });
  },
};

/** Where a source's compiled form stands, from the package's root. */
function compiled(path) {
  return join("dist", relative(ROOT, path)).replace(/\.ts$/, ".js").split(sep).join("/");
}

function filesIn(folder, pattern) {
  return existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : [];
}

clean();
compile();
copyAssets();
await bundleCli();
await bundleTransforms();
