// Builds the package: dist/ from src/ and transforms/, and transforms/*.cjs, one bundle per transform for jscodeshift.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = dirname(fileURLToPath(import.meta.url));
const DIST = join(ROOT, "dist");
const TRANSFORMS = join(ROOT, "transforms");

/** Copied as they stand: sources that go into migrated projects, and declarations that are data to the analysis. */
const ASSETS = ["src/support", "src/analysis/knowledge"];

/** Go into the bundles: `require` does not take them on every Node. */
const ES_MODULES_ONLY = ["magic-string"];

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

async function bundleTransforms() {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
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
    plugins: [moduleUrls],
  });
}

/** A bundle has no `import.meta.url`, and its modules look for their assets beside where dist/ has them. */
const moduleUrls = {
  name: "module-urls",
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const text = readFileSync(path, "utf8");
      const compiled = join("dist", relative(ROOT, path)).replace(/\.ts$/, ".js").split(sep).join("/");
      return { loader: "ts", contents: text.replaceAll("import.meta.url", `__moduleUrl(${JSON.stringify(compiled)})`) };
    });
  },
};

function filesIn(folder, pattern) {
  return existsSync(folder) ? readdirSync(folder).filter((name) => pattern.test(name)) : [];
}

clean();
compile();
copyAssets();
await bundleTransforms();
