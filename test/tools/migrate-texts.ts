import { relative } from "node:path/posix";
import { planMigration } from "../../src/migrate.js";
import type { Migration } from "../../src/migration.js";
import type { Project } from "../../src/project/project.js";
import { type MemoryOptions, memoryProject } from "./memory-project.js";

/** What the tool makes of texts by their paths relative to the root. */
export interface Migrated {
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  readonly migration: Migration;
  readonly project: Project;
}

/** Runs the whole tool on texts in memory. */
export function migrateTexts(before: Readonly<Record<string, string>>, options: MemoryOptions = {}): Migrated {
  const project = memoryProject(before, options);
  const migration = planMigration(project, { names: "short" });
  const after = { ...before };
  for (const change of migration.changes) {
    const path = relative(project.root, change.path);
    if ((before[path] ?? null) !== change.before) throw new Error(`the plan's text of ${path} before the change is not the file's text`);
    if (change.after === null) delete after[path];
    else after[path] = change.after;
  }
  return { before, after, migration, project };
}

/** The output of the tool for one module named `app.ts` (or `path`). Throws where it left anything. */
export function migrateModule(text: string, options: MemoryOptions & { readonly path?: string; readonly others?: Readonly<Record<string, string>> } = {}): string {
  const { path = "app.ts", others = {} } = options;
  const { after, migration } = migrateTexts({ [path]: text, ...others }, options);
  const errors = migration.diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(`the tool left something:\n${errors.map(({ code, message }) => `${code} ${message}`).join("\n")}`);
  return after[path] ?? "";
}
