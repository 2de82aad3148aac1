import type { FileChange, MigrateOptions, Migration } from "../migration.js";
import type { OnProgress } from "../project/discover.js";
import type { Project } from "../project/project.js";

/** What the commands are made of; handed in, so that a command can be run without a disk. */
export interface Tools {
  readonly version: string;
  /** Where bugs are reported. */
  readonly bugs: string;
  /** The names that `--only` knows. */
  readonly transforms: readonly string[];
  discover(paths: readonly string[], onProgress: OnProgress): Project;
  plan(project: Project, options: MigrateOptions): Migration;
  guard(root: string, files: readonly string[]): void;
  write(changes: readonly FileChange[]): void;
}
