import type { TextRange } from "../edits/edit.js";
import { ts } from "./compiler.js";
import type { LeftFact, RemarkFact } from "./said-model.js";
import type { ContextAlias } from "./scope.js";
import type { Site } from "./site-model.js";
import type { Throwers } from "./throwers.js";

/** Everything found in the body of one function that takes a context. */
export interface FunctionFindings {
  readonly sites: Site[];
  /** Callbacks, as sites and as nodes: what can leave them is known only when all functions have been read. */
  readonly callbacks: { readonly site: { retries: boolean }; readonly node: ts.Node; /** Its failure is that of the function: nothing handles it in between. */ readonly certain: boolean; readonly begun: boolean }[];
  /** Names of `Promise` in annotations of constants that hold handles. */
  readonly types: TextRange[];
  /** Types of contexts in the signatures and members that the function has to do with. */
  readonly contextTypes: ContextAlias[];
  readonly left: LeftFact[];
  /** What a function without a context would have to record. */
  readonly unrecorded: LeftFact[];
  readonly remarks: RemarkFact[];
  /** Functions it calls with its context, and definitions it calls. */
  readonly calls: Set<string>;
  readonly definitions: Set<string>;
  /** Functions with findings of their own that may run where they are called here, or stand here. */
  readonly runs: { readonly at: ts.Node; readonly id: string }[];
  /** Functions that can be taken for it, or for one in it. */
  readonly together: Set<string>;
  /** Names of definitions that go away with the calls that used them. */
  readonly definitionNames: ts.Identifier[];
  /** Where the time or chance is read outside of steps. */
  readonly volatile: ts.Node[];
  /** Names of helpers where they are called. */
  readonly helperNames: ts.Node[];
}

/** Definitions by id, as far as calls need them. */
export interface KnownDefinition {
  readonly kind: "service" | "object" | "workflow";
  readonly handlers: readonly string[];
  /** Those of an object that run one at a time per key. */
  readonly exclusive: readonly string[];
  /** The handler of a workflow that runs once per key. */
  readonly runs?: string;
}

/** What is known of the project before its functions are read. */
export interface Known {
  readonly definitions: ReadonlyMap<string, KnownDefinition>;
  /** Code that can throw a terminal error, and code that can throw one that says when to try again. */
  readonly terminal: Throwers;
  readonly retryable: Throwers;
}
