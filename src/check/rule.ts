import type { ts } from "../analysis/compiler.js";
import type { Severity } from "../report/diagnostic.js";
import type { ResonateCode } from "./resonate-code.js";

/** One place a rule objects to. */
export interface RuleFinding {
  readonly node: ts.Node;
  /** The code in question, for the message. */
  readonly subject: string;
}

/** What a code of `check` says, always: its message around the subject in the code, and the way out. */
export interface CheckEntry {
  /** `C` and four digits. The number of a code never changes its meaning. */
  readonly code: string;
  /** Unless the configuration says otherwise: an error, if nothing is said here. */
  readonly severity?: Severity;
  readonly message: (subject: string) => string;
  /** What happens otherwise, in a sentence or two. */
  readonly why: string;
  readonly help: string;
}

/** Something that is unsafe in code for Resonate, and how to find it in one file. */
export interface Rule extends CheckEntry {
  /** Looks at one file; `code` knows the others. */
  find(file: ts.SourceFile, code: ResonateCode): RuleFinding[];
}
