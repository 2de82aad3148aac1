/** How much a diagnostic asks of a person: an `error` was left to do, a `warning` is a difference, a `note` is for information. */
export type Severity = "error" | "warning" | "note";

/** What became of one call site. */
export type Outcome = "migrated" | "migrated-with-note" | "left";

/** One thing said about one place in the user's code. */
export interface Diagnostic {
  /** A code of the catalogue, for example `R0042`. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** Absolute path of the file. */
  readonly file: string;
  /** 1-based position in the file as it was before the migration. */
  readonly line: number;
  readonly column: number;
  /** What the person can do about it. */
  readonly help: string;
}
