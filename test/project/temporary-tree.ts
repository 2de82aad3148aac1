import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { toSlash } from "../../src/project/paths.js";
import { writeTree } from "../tools/fixture-tree.js";

/** Lays files (path relative to a new folder → text) for one test, and gives the folder with `/`; it goes with the test. */
export function layTree(files: Readonly<Record<string, string>>): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "restate-to-resonate-")));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  writeTree(dir, new Map(Object.entries(files)));
  return toSlash(dir);
}
