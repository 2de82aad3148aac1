import { applyEdits, type Edit as JsonEdit, findNodeAtLocation, modify, parseTree } from "jsonc-parser";
import semver from "semver";
import type { RemarkFact } from "../src/analysis/said-model.js";
import type { Package } from "../src/project/project.js";

/** What a package uses after the migration. */
export interface PackageUse {
  readonly owner: Package;
  /** Names of Restate's packages that its code still imports. */
  readonly restate: Set<string>;
  readonly resonate: boolean;
  /** The state of its objects can be kept in Postgres. */
  readonly postgres: "typed" | "untyped" | undefined;
}

const sdkRange = "^0.11.5";
const postgresRange = "^8.16.0";
const postgresTypesRange = "^8.15.0";
const sections = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"] as const;

/** Rewrites the dependencies of a package.json; gives its new text and what has to be said about it. */
export function packageJson(use: PackageUse): { readonly text: string; readonly remarks: readonly RemarkFact[] } | undefined {
  const { manifestPath, manifestText } = use.owner;
  if (manifestPath === null || manifestText === null) return undefined;
  let text = manifestText;
  const manifest = JSON.parse(text) as { scripts?: Record<string, string>; engines?: { node?: string }; type?: string } & Record<string, Record<string, string> | undefined>;
  const home = sections.find((section) => Object.keys(manifest[section] ?? {}).some((name) => name.startsWith("@restatedev/restate-sdk"))) ?? "dependencies";
  if (use.resonate && !sections.some((section) => manifest[section]?.["@resonatehq/sdk"] !== undefined)) text = insertSorted(text, home, "@resonatehq/sdk", sdkRange);
  const has = (name: string): boolean => sections.some((section) => manifest[section]?.[name] !== undefined);
  if (use.postgres && !has("pg")) text = insertSorted(text, "dependencies", "pg", postgresRange);
  if (use.postgres === "typed" && !has("@types/pg")) text = insertSorted(text, "devDependencies", "@types/pg", postgresTypesRange);
  for (const section of sections) {
    for (const name of Object.keys(manifest[section] ?? {})) {
      if (isSdkPackage(name) && !use.restate.has(name) && use.resonate) text = change(text, [section, name], undefined);
    }
  }
  return { text, remarks: use.resonate ? packageRemarks(use, manifest) : [] };
}

/** The packages whose imports the tool rewrites; a server or a command-line tool of Restate is reported, not removed. */
function isSdkPackage(name: string): boolean {
  return /^@restatedev\/restate-sdk(-core|-zod|-clients|-cloudflare-workers)?$/.test(name);
}

function packageRemarks(use: PackageUse, manifest: { scripts?: Record<string, string>; engines?: { node?: string }; type?: string }): RemarkFact[] {
  const file = use.owner.manifestPath ?? "";
  const at = (path: string[], code: string, subject: string): RemarkFact => {
    const root = parseTree(use.owner.manifestText ?? "");
    const node = root && findNodeAtLocation(root, path);
    return { code, file, range: { start: node?.parent?.offset ?? 0, end: (node?.offset ?? 0) + (node?.length ?? 0) }, subject };
  };
  const remarks = Object.entries(manifest.scripts ?? {}).flatMap(([name, script]) => (/(^|[\s/])(@restatedev\/|restate(-server)?\b)/.test(script) ? [at(["scripts", name], "R0209", `"${name}": ${script}`)] : []));
  const node = manifest.engines?.node;
  if (node !== undefined && semver.validRange(node) && !semver.subset(node, ">=22")) remarks.push(at(["engines", "node"], "R0211", node));
  if (use.owner.moduleType === "commonjs") remarks.push(at(["type"], "R0215", "its modules load the SDK with `require`"));
  return remarks;
}

/** Adds a dependency where the alphabet puts it, as npm does. */
function insertSorted(text: string, section: string, name: string, version: string): string {
  const root = parseTree(text);
  const names = (root && findNodeAtLocation(root, [section]))?.children?.map((property) => String(property.children?.[0]?.value)) ?? [];
  const index = names.filter((other) => other < name).length;
  return apply(text, modify(text, [section, name], version, { ...formatting(text), getInsertionIndex: () => index }));
}

function change(text: string, path: (string | number)[], value: unknown): string {
  return apply(text, modify(text, path, value, formatting(text)));
}

function apply(text: string, edits: JsonEdit[]): string {
  return applyEdits(text, edits);
}

function formatting(text: string): { formattingOptions: { insertSpaces: boolean; tabSize: number; eol: string } } {
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? "  ";
  return { formattingOptions: { insertSpaces: !indent.includes("\t"), tabSize: indent.length, eol: text.includes("\r\n") ? "\r\n" : "\n" } };
}
