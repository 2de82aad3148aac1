import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { createTwoFilesPatch } from "diff";

/** The files of a folder: path with `/` relative to the folder → text, a byte order mark included. */
export type FileTree = ReadonlyMap<string, string>;

/** Reads a folder; a missing folder is an empty tree. Throws where a file is not UTF-8, since its text would not be its bytes. */
export function readTree(dir: string): FileTree {
  if (!existsSync(dir)) return new Map();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const files = readdirSync(dir, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const tree = files.map((entry): [string, string] => {
    const path = join(entry.parentPath, entry.name);
    return [relativePath(dir, path), decoder.decode(readFileSync(path))];
  });
  return new Map(tree.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Makes a folder hold exactly the files of a tree. */
export function writeTree(dir: string, tree: FileTree): void {
  rmSync(dir, { recursive: true, force: true });
  for (const [path, text] of tree) {
    const target = join(dir, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
  }
}

/** Path of a file relative to a folder, with `/`. */
export function relativePath(dir: string, path: string): string {
  return relative(dir, path).split(sep).join("/");
}

/** Gives a unified diff of two trees for a person to read (carriage returns and byte order marks made visible), empty where they are equal. */
export function diffTrees(expected: FileTree, actual: FileTree): string {
  const paths = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return paths
    .filter((path) => expected.get(path) !== actual.get(path))
    .map((path) => diffFile(path, expected.get(path), actual.get(path)))
    .join("\n");
}

function diffFile(path: string, expected: string | undefined, actual: string | undefined): string {
  if (expected !== undefined && actual !== undefined) {
    return createTwoFilesPatch(path, path, visible(expected), visible(actual), "expected", "actual");
  }
  const what = actual === undefined ? "expected, and not there" : "there, and not expected";
  return createTwoFilesPatch(path, path, visible(expected ?? ""), visible(actual ?? ""), "expected", `actual: ${what}`);
}

function visible(text: string): string {
  return text.replaceAll("\r", "␍").replaceAll("\uFEFF", "<BOM>");
}
