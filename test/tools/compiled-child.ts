import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { globSync } from "tinyglobby";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** A compiled copy of `src`, file by file, where packages are found: `verify` runs programs in a process of plain Node. */
export interface CompiledChild {
  /** The module that `verifyProgram` takes as `child`. */
  readonly path: string;
  remove(): void;
}

/** Compiles `src` as it stands, so that tests do not depend on when `dist` was built. */
export async function compileChild(): Promise<CompiledChild> {
  const cache = join(repository, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  const outdir = mkdtempSync(join(cache, "compiled-"));
  const entryPoints = globSync(["src/**/*.ts", "!src/**/*.d.ts", "!src/support/**"], { cwd: repository, absolute: true });
  await build({ entryPoints, outdir, outbase: repository, format: "esm", platform: "node", target: "node22", logLevel: "error" });
  return { path: join(outdir, "src/verify/child.js"), remove: () => rmSync(outdir, { recursive: true, force: true }) };
}
