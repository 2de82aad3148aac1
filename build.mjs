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
    packages: "external",
    logLevel: "warning",
    banner: { js: "const __moduleUrl = (path) => require('node:url').pathToFileURL(require('node:path').join(__dirname, '..', path)).href;" },
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
