import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { planMigration } from "../../src/migrate.js";
import type { Migration } from "../../src/migration.js";
import { discoverProject } from "../../src/project/discover.js";
import type { Scenario } from "./fixture.js";
import { type FileTree, readTree, relativePath, writeTree } from "./fixture-tree.js";

/** What the tool makes of a folder: the folder's files before and after, and the plan, whose paths lie in `root`. */
export interface Plan {
  readonly root: string;
  readonly before: FileTree;
  readonly after: FileTree;
  readonly migration: Migration;
}

/** Plans the migration of a folder where it lies; writes nothing. */
export function planInPlace(dir: string, options: Scenario["options"] = {}): Plan {
  const project = discoverProject([dir]);
  const migration = planMigration(project, { names: "short", ...options });
  const before = readTree(dir);
  return { root: dir, before, after: applyChanges(before, dir, migration), migration };
}

/** Plans the migration of a copy of a folder, away from any `node_modules`; the copy is removed again. */
export function planCopy(dir: string, options: Scenario["options"] = {}): Plan {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "restate-to-resonate-fixture-")));
  try {
    writeTree(root, readTree(dir));
    return planInPlace(root, options);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The exit code that a migration comes to. */
export function exitCodeOf(migration: Migration): 0 | 1 {
  return migration.sites.left > 0 || migration.diagnostics.some(({ severity }) => severity === "error") ? 1 : 0;
}

/** The codes of a migration's diagnostics, sorted, one entry for each diagnostic. */
export function codesOf(migration: Migration): string[] {
  return migration.diagnostics.map(({ code }) => code).sort();
}

function applyChanges(before: FileTree, root: string, migration: Migration): FileTree {
  const tree = new Map(before);
  for (const { path, before: expected, after } of migration.changes) {
    const name = relativePath(root, path);
    if ((before.get(name) ?? null) !== expected) throw new Error(`The plan's text of ${name} before the change is not the file's text.`);
    if (after === null) tree.delete(name);
    else tree.set(name, after);
  }
  return tree;
}
