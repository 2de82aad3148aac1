import { UsageError } from "../errors.js";
import type { MigrateOptions, Migration } from "../migration.js";
import type { Project } from "../project/project.js";
import { SOURCE_EXTENSIONS } from "../project/source-files.js";
import { displayBase } from "../report/base.js";
import { toManifest } from "../report/manifest.js";
import { summarise } from "../report/summary.js";
import { unifiedDiff } from "../report/unified-diff.js";
import type { Io } from "./io.js";
import { progressLine } from "./progress.js";
import type { Tools } from "./tools.js";

/** The options of `restate-to-resonate migrate`, as commander gives them. */
export interface MigrateFlags {
  readonly write?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
  readonly names: MigrateOptions["names"];
  readonly state: NonNullable<MigrateOptions["state"]>;
  readonly only?: readonly string[];
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/**
 * Plans the migration of `paths`, prints it, and applies it with `--write`.
 * Gives the exit code: 0, or 1 where something needs a person, be it only the edits that `--only` left out.
 * Throws UsageError for bad input, and where there is nothing of Restate to be found.
 */
export function migrate(paths: readonly string[], flags: MigrateFlags, io: Io, tools: Tools): number {
  const progress = progressLine(io, flags.quiet !== true && flags.json !== true);
  const { project, migration } = planned(paths, flags, tools, progress);
  if (isEmpty(migration)) return nothingToMigrate(paths, project, migration, flags, io);
  const partial = isPartial(flags, tools) && migration.changes.length > 0;
  const writes = flags.write === true && migration.changes.length > 0;
  if (writes) apply(migration, flags, tools);
  io.out(flags.json === true ? manifestText(migration) : reportText(migration, flags, writes, io, partial));
  return needsPerson(migration) || partial ? 1 : 0;
}

/** `--only` leaves out edits that the others need. */
function isPartial({ only }: MigrateFlags, { transforms }: Tools): boolean {
  return only !== undefined && transforms.some((name) => !only.includes(name));
}

function planned(
  paths: readonly string[],
  flags: MigrateFlags,
  tools: Tools,
  progress: ReturnType<typeof progressLine>,
): { project: Project; migration: Migration } {
  try {
    const project = tools.discover(paths, progress.show);
    const options = { names: flags.names, state: flags.state, only: flags.only, onProgress: progress.show };
    return { project, migration: project.files.size === 0 ? emptyMigration(project) : tools.plan(project, options) };
  } finally {
    progress.end();
  }
}

function apply(migration: Migration, flags: MigrateFlags, tools: Tools): void {
  const files = migration.changes.map(({ path }) => path);
  if (flags.force !== true) tools.guard(migration.root, files);
  tools.write(migration.changes);
}

function reportText(migration: Migration, flags: MigrateFlags, written: boolean, { colour }: Io, partial: boolean): string {
  const base = displayBase(migration);
  const [quiet, verbose] = [flags.quiet === true, flags.verbose === true];
  const diff = written || quiet ? "" : unifiedDiff(migration.changes, base, colour);
  const summary = summarise(migration, { written, colour, verbose, quiet, base, only: partial ? flags.only : undefined });
  return diff === "" ? summary : `${diff}\n${summary}`;
}

function manifestText(migration: Migration): string {
  return `${JSON.stringify(toManifest(migration), null, 2)}\n`;
}

function needsPerson({ diagnostics, sites }: Migration): boolean {
  return sites.left > 0 || diagnostics.some(({ severity }) => severity === "error");
}

/** True where the plan says nothing at all about the code. */
function isEmpty({ changes, diagnostics, sites }: Migration): boolean {
  return changes.length === 0 && diagnostics.length === 0 && Object.values(sites).every((number) => number === 0);
}

function nothingToMigrate(paths: readonly string[], project: Project, migration: Migration, flags: MigrateFlags, io: Io): number {
  if (!migration.alreadyMigrated && !project.usesResonate) throw new UsageError(nothingFound(paths, project));
  if (flags.json === true) io.out(manifestText(migration));
  else io.out(`Nothing to migrate: ${paths.join(", ")} is already on Resonate (${filesText(project.searched)} searched).\n`);
  return 0;
}

function nothingFound(paths: readonly string[], { files, searched }: Project): string {
  const mentions = files.size > 0 ? `, though it is mentioned: ${filesText(files.size)} looked into` : "";
  return (
    `No Restate code found: nothing in ${paths.join(", ")} uses a package of @restatedev${mentions}.\n` +
    `${filesText(searched)} searched, with the extensions ${SOURCE_EXTENSIONS.join(" ")}. ` +
    `Not searched: what .gitignore names, node_modules, hidden folders, a package's dist and build, and declarations (.d.ts).`
  );
}

function filesText(number: number): string {
  return number === 1 ? "1 file" : `${number} files`;
}

function emptyMigration({ root, searched, usesResonate }: Project): Migration {
  return {
    root,
    searched,
    analysed: 0,
    unchanged: [],
    changes: [],
    packages: [],
    diagnostics: [],
    sites: { migrated: 0, "migrated-with-note": 0, left: 0 },
    typeLevel: "bundled",
    alreadyMigrated: usesResonate,
    rewrites: [],
  };
}
