import { readFileSync } from "node:fs";
import { basename, relative } from "node:path";
import { UsageError } from "../errors.js";
import { Disk } from "../project/disk.js";
import { toSlash } from "../project/paths.js";
import { findSourceFiles } from "../project/source-files.js";
import { bundleProgram, SDK } from "./bundle.js";

const NOT_THE_PROGRAM = /\.(?:test|spec|scenario|config|stories)\.[cm]?[jt]sx?$|(?:^|\/)(?:__tests__|__mocks__|tests?)\//;
const NAMES_CLIENT = /\bResonate\b/;
const REGISTERS = /\.register\s*[(<]/;

/**
 * Finds the modules below `root` that start the program: those that nobody imports, and that lead to a client of Resonate
 * and to a registration. Throws UsageError where there is none, and says what was searched.
 */
export async function findEntries(root: string): Promise<string[]> {
  const files = findSourceFiles(toSlash(root), new Disk()).filter((file) => !NOT_THE_PROGRAM.test(relative(root, file)));
  const texts = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
  if (![...texts.values()].some((text) => text.includes(SDK))) throw nothingFound(root, files.length);
  const { graph } = await bundleProgram({ root, modules: files, replace: new Map() });
  const reaches = (file: string, holds: (text: string) => boolean): boolean => [...reachable(file, graph)].some((one) => holds(texts.get(one) ?? ""));
  const imported = new Set([...graph].flatMap(([file, targets]) => targets.filter((target) => target !== file)));
  const entries = files.filter(
    (file) => !imported.has(file) && reaches(file, (text) => text.includes(SDK) && NAMES_CLIENT.test(text)) && reaches(file, (text) => REGISTERS.test(text)),
  );
  if (entries.length === 0) throw nothingFound(root, files.length);
  return entries;
}

/**
 * Divides entries into processes: those that share a module that makes a client run in one, since a program that imports both
 * would share that client too.
 */
export function processesOf(entries: readonly string[], graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const processes: { entries: string[]; clients: Set<string> }[] = [];
  for (const entry of entries) {
    const clients = new Set([...reachable(entry, graph)].filter((file) => /\bnew\s+(?:\w+\.)?Resonate\b/.test(readFileSync(file, "utf8"))));
    const shared = processes.filter((process) => [...clients].some((client) => process.clients.has(client)));
    const merged = { entries: [...shared.flatMap((process) => process.entries), entry], clients: new Set([...shared.flatMap((process) => [...process.clients]), ...clients]) };
    for (const process of shared) processes.splice(processes.indexOf(process), 1);
    processes.push(merged);
  }
  return processes.map((process) => process.entries);
}

function reachable(file: string, graph: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set([file]);
  for (const one of found) for (const target of graph.get(one) ?? []) found.add(target);
  return found;
}

function nothingFound(root: string, searched: number): UsageError {
  return new UsageError(
    `No program on Resonate found in ${root}: of ${searched} source files none starts one (nobody imports it, and it leads to a Resonate client and a \`register\` call).\n` +
      `Name the modules to load in a scenario: entries: ["./src/${basename(root)}.ts"].`,
  );
}
