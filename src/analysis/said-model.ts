import type { TextRange } from "../edits/edit.js";

// What has to be said of the code, each at its place.

/** Something of Restate that no transform rewrites, or code that stands in the way of rewriting. */
export interface LeftFact {
  /** Code of the catalogue. */
  readonly code: string;
  readonly file: string;
  readonly range: TextRange;
  /** What it is, in the words of the code: `ctx.awakeable`, `restate.object`. */
  readonly subject: string;
}

/** A difference in behaviour that stays after rewriting and has to be said at its place. */
export interface RemarkFact {
  readonly code: string;
  readonly file: string;
  readonly range: TextRange;
  readonly subject: string;
}
