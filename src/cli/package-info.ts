import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { isRecord } from "../project/json-file.js";

/** What the tool knows of its own package. */
export interface PackageInfo {
  readonly version: string;
  readonly bugs: string;
  readonly transforms: readonly string[];
}

/** Reads the package this module belongs to, built or not. Throws where it has no package.json above it. */
export function packageInfo(): PackageInfo {
  const root = packageRoot(path.dirname(fileURLToPath(import.meta.url)));
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const fields = isRecord(manifest) ? manifest : {};
  const bugs = isRecord(fields.bugs) ? fields.bugs.url : fields.bugs;
  return {
    version: String(fields.version),
    bugs: typeof bugs === "string" ? bugs : "to its maintainers.",
    transforms: transformNames(path.join(root, "transforms")),
  };
}

function packageRoot(dir: string): string {
  if (existsSync(path.join(dir, "package.json"))) return dir;
  const parent = path.dirname(dir);
  if (parent === dir) throw new Error("restate-to-resonate does not find its own package.json");
  return packageRoot(parent);
}

/** The packed package holds them as `.cjs`, the repository as `.ts` too. */
function transformNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).flatMap((file) => /^(?!_|index\.)([^.]+)\.(?:ts|cjs)$/.exec(file)?.[1] ?? []);
  return [...new Set(names)].sort();
}
