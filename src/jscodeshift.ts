import { dirname } from "node:path";
import { planMigration } from "./migrate.js";
import type { Migration } from "./migration.js";
import { discoverProject } from "./project/discover.js";

/** What jscodeshift hands to a transform: a file and its text. */
export interface JscodeshiftFile {
  readonly path: string;
  readonly source: string;
}

const migrations = new Map<string, Migration>();

/**
 * A transform as jscodeshift runs it: takes a file and gives its new text, spliced and not reprinted, or `undefined` for no change.
 * The analysis covers the folder jscodeshift was started in and is made once per process.
 * @param name the transform to apply, by its file's name
 */
export function asJscodeshift(name: string): (file: JscodeshiftFile) => string | undefined {
  return (file) => {
    const root = process.cwd();
    const key = `${name} ${root}`;
    const path = file.path.startsWith("/") || /^[A-Za-z]:/.test(file.path) ? file.path : `${root}/${file.path}`;
    const base = path.replaceAll("\\", "/").startsWith(root.replaceAll("\\", "/")) ? root : dirname(path);
    const migration = migrations.get(key) ?? planMigration(discoverProject([base]), { names: "short", only: [name] });
    migrations.set(key, migration);
    const change = migration.changes.find((candidate) => candidate.path === path.replaceAll("\\", "/").replace(/\/\.\//g, "/"));
    return change?.after ?? undefined;
  };
}
