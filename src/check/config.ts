import { existsSync, readFileSync } from "node:fs";
import { type Node, parseTree } from "jsonc-parser";
import { UsageError } from "../errors.js";
import { parseJsonFile } from "../project/json-file.js";
import { ancestors } from "../project/paths.js";
import type { Severity } from "../report/diagnostic.js";
import { checkCatalogue } from "./catalogue.js";
import type { Finding } from "./finding.js";

/** The name of the file, at or above the folder that is checked. */
const CONFIG_NAME = "restate-to-resonate.config.json";

/** What becomes of the findings of a code; those of other codes stay as they are. */
export type CheckConfig = ReadonlyMap<string, Severity | "off">;

const SEVERITIES: Readonly<Record<string, Severity | "off">> = { off: "off", warn: "warning", error: "error" };

/** The configuration that governs a folder: in it, or in a folder above it that belongs to the same git repository. */
export function findConfig(dir: string): string | undefined {
  for (const folder of ancestors(dir)) {
    const path = `${folder === "/" ? "" : folder}/${CONFIG_NAME}`;
    if (existsSync(path)) return path;
    if (existsSync(`${folder}/.git`)) return undefined;
  }
  return undefined;
}

/**
 * Reads `{ "rules": { "C0104": { "severity": "off" | "warn" | "error", "reason": "..." } } }`, with comments if need be. What weakens a
 * rule or switches it off needs a reason. Throws UsageError with file and line for whatever else stands there.
 */
export function readConfig(path: string): CheckConfig {
  const text = textOf(path);
  const { problem } = parseJsonFile(path, text, true);
  if (problem !== undefined) throw new UsageError(problem);
  const fail = (node: Node, what: string): never => {
    const before = text.slice(0, node.offset).split("\n");
    throw new UsageError(`${path}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}: ${what}`);
  };
  const config = new Map<string, Severity | "off">();
  for (const [name, value, key] of membersOf(parseTree(text), fail, "the configuration")) {
    if (name === "$schema") continue;
    if (name !== "rules") fail(key, `there is no option "${name}"; there is "rules"`);
    for (const [code, setting, codeKey] of membersOf(value, fail, '"rules"')) {
      if (!checkCatalogue.some((entry) => entry.code === code)) fail(codeKey, `check has no rule ${code}`);
      if (config.has(code)) fail(codeKey, `${code} is set twice`);
      config.set(code, severityIn(setting, code, fail));
    }
  }
  return config;
}

/** Findings with the severity that the configuration gives them, without those that it switches off. */
export function configured(findings: readonly Finding[], config: CheckConfig): Finding[] {
  return findings.flatMap((finding) => {
    const severity = config.get(finding.code) ?? finding.severity;
    return severity === "off" ? [] : [{ ...finding, severity }];
  });
}

type Fail = (node: Node, what: string) => never;

function severityIn(setting: Node, code: string, fail: Fail): Severity | "off" {
  const members = membersOf(setting, fail, code);
  for (const [name, , key] of members) if (name !== "severity" && name !== "reason") fail(key, `${code} has no option "${name}"; there are "severity" and "reason"`);
  const [, given = undefined] = members.find(([name]) => name === "severity") ?? [];
  const severity = typeof given?.value === "string" && Object.hasOwn(SEVERITIES, given.value) ? SEVERITIES[given.value] : undefined;
  if (severity === undefined) return fail(given ?? setting, `"severity" of ${code} is one of ${Object.keys(SEVERITIES).map((name) => `"${name}"`).join(", ")}`);
  const [, reason = undefined] = members.find(([name]) => name === "reason") ?? [];
  const isGiven = typeof reason?.value === "string" && reason.value.trim() !== "";
  if (!isGiven && severity !== "error") fail(reason ?? setting, `${code} needs a "reason" to be weakened`);
  return severity;
}

/** The members of an object, with the nodes of their values and of their names. */
function membersOf(node: Node | undefined, fail: Fail, what: string): [name: string, value: Node, key: Node][] {
  if (!node) return [];
  if (node.type !== "object") fail(node, `${what} is an object`);
  return (node.children ?? []).flatMap(({ children: [key, value] = [] }): [string, Node, Node][] => (key && value ? [[String(key.value), value, key]] : []));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw new UsageError(`The configuration ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
