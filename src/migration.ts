import type { StateChoice } from "./modules.js";
import type { Diagnostic, Outcome } from "./report/diagnostic.js";

export interface MigrateOptions {
  /** `short` registers a handler under its own name unless two collide; `qualified` always as `Service.handler`. */
  readonly names: "short" | "qualified";
  /** Where the state of objects is kept: `external` leaves the store to the user. `memory+postgres` when absent. */
  readonly state?: StateChoice;
  /** Apply only these transforms (names as in `transforms/`); all when absent. */
  readonly only?: readonly string[];
  /** Called with a phase and what it is busy with; for a progress line. */
  readonly onProgress?: (phase: string, detail: string) => void;
}

/** A file that the migration edits, creates or deletes. Texts include a byte order mark where the file has one. */
export interface FileChange {
  /** Absolute path. */
  readonly path: string;
  readonly change: "edited" | "created" | "deleted";
  /** `null` for a created file. */
  readonly before: string | null;
  /** `null` for a deleted file. */
  readonly after: string | null;
}

/** A handler of a migrated service, as the manifest lists it. */
export interface ManifestHandler {
  readonly name: string;
  readonly mode: "service" | "exclusive" | "shared" | "run";
  readonly file: string;
  readonly function: string;
  readonly registeredAs: string;
  readonly takesKey: boolean;
  readonly takesInput: boolean;
}

export interface ManifestService {
  readonly name: string;
  readonly kind: "service" | "object" | "workflow";
  readonly file: string;
  /** The worker group that serves it, when it is not `default`. */
  readonly group?: string;
  readonly workflowId?: string;
  readonly handlers: readonly ManifestHandler[];
}

/** What the migration of one package (one package.json) comes to. Paths are absolute here; the manifest makes them relative. */
export interface PackageMigration {
  readonly dir: string;
  /** The package manager whose install command the user should run: npm, yarn, pnpm or bun. */
  readonly manager: string;
  readonly resonateModule: string | null;
  readonly entries: readonly string[];
  readonly services: readonly ManifestService[];
}

/** The whole plan: nothing has been written yet. */
export interface Migration {
  /** The folder (or the folder of the file) that was asked for; the common ancestor of several. */
  readonly root: string;
  /** Number of source files searched, and of those that were analysed because they can matter. */
  readonly searched: number;
  readonly analysed: number;
  /** Every analysed file that has no change, absolute. */
  readonly unchanged: readonly string[];
  readonly changes: readonly FileChange[];
  readonly packages: readonly PackageMigration[];
  readonly diagnostics: readonly Diagnostic[];
  readonly sites: Readonly<Record<Outcome, number>>;
  /** How the types of things outside the project were known. */
  readonly typeLevel: "bundled" | "full";
  /** True when nothing of Restate is in the code any more but Resonate is: a second run. */
  readonly alreadyMigrated: boolean;
  /** What became what, in words, for the summary: e.g. `{ concept: "steps", from: "await ctx.run(...)", to: "yield* ctx.run(...)", count: 12 }`. */
  readonly rewrites: readonly { readonly concept: string; readonly from: string; readonly to: string; readonly count: number }[];
}
