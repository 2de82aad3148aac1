import { isRecord } from "./json-file.js";
import type { KnownPackage } from "./packages.js";

const OUTPUT_SEGMENT = new Set(["dist", "build", "lib", "out", "esm", "cjs", "types"]);
/** Some packages write their sources in `lib`; nobody writes them here. */
const ALWAYS_BUILT = new Set(["dist", "build", "out"]);

/**
 * Gives the places, below the package, where the source behind an import of the package may stand, best first and
 * without a promise that it exists. `subpath` is what follows the package's name (`""` for the package itself), or a
 * whole specifier that begins with `#`. What the manifest names is mapped from the build output back to the sources.
 */
export function sourceCandidates(pkg: KnownPackage, subpath: string): string[] {
  const { manifest } = pkg;
  if (subpath.startsWith("#")) return mapped(targetsOf(manifest.imports, subpath));
  const key = subpath === "" ? "." : `./${subpath}`;
  const exported = targetsOf(exportsMap(manifest.exports), key);
  const main = subpath === "" ? [manifest.source, manifest.types, manifest.typings, manifest.module, manifest.main] : [];
  const named = [...exported, ...main.filter((target): target is string => typeof target === "string")];
  const conventional = subpath === "" ? ["src/index", "index", "src/main"] : [`src/${subpath}`, subpath];
  return [...mapped(named), ...conventional];
}

/** `exports` may be the target of `.` itself, or conditions for it. */
function exportsMap(exports: unknown): unknown {
  if (isRecord(exports) && Object.keys(exports).some((key) => key.startsWith("."))) return exports;
  return exports === undefined ? undefined : { ".": exports };
}

function targetsOf(map: unknown, key: string): string[] {
  if (!isRecord(map)) return [];
  if (key in map) return leaves(map[key]);
  const patterns = Object.keys(map).filter((pattern) => pattern.includes("*"));
  const fits = patterns.map((pattern) => ({ pattern, star: starOf(pattern, key) })).filter((fit) => fit.star !== undefined);
  const best = fits.sort((a, b) => b.pattern.indexOf("*") - a.pattern.indexOf("*"))[0];
  if (best?.star === undefined) return [];
  const { star } = best;
  return leaves(map[best.pattern]).map((target) => target.replaceAll("*", star));
}

function starOf(pattern: string, key: string): string | undefined {
  const [prefix = "", suffix = ""] = pattern.split("*");
  if (key.length < prefix.length + suffix.length || !key.startsWith(prefix) || !key.endsWith(suffix)) return undefined;
  return key.slice(prefix.length, key.length - suffix.length);
}

/** All targets under all conditions: any of them leads back to the same source. */
function leaves(target: unknown): string[] {
  if (typeof target === "string") return [target];
  if (Array.isArray(target)) return target.flatMap(leaves);
  return isRecord(target) ? Object.values(target).flatMap(leaves) : [];
}

function mapped(targets: readonly string[]): string[] {
  return [...new Set(targets.flatMap(backToSource))];
}

function backToSource(target: string): string[] {
  const path = target.replace(/^\.\//, "").replace(/\.d\.([cm]?)ts$/, ".$1js");
  const segments = path.split("/");
  const candidates: string[] = [];
  for (let skipped = 1; OUTPUT_SEGMENT.has(segments[skipped - 1] ?? ""); skipped++) {
    const rest = segments.slice(skipped).join("/");
    candidates.push(`src/${rest}`, rest);
  }
  return ALWAYS_BUILT.has(segments[0] ?? "") ? candidates : [...candidates, path];
}
