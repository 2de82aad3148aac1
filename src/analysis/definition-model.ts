import type { TextRange } from "../edits/edit.js";
import type { LeftFact, RemarkFact } from "./said-model.js";

// Services, objects and workflows as they are defined, named and served.

export interface SchemaFact {
  /** The schema expression and whether it can be named in a type. */
  readonly range: TextRange;
  readonly entity: boolean;
  /** How Restate validates with it: Standard Schema, or zod's own `parse`. */
  readonly how: "standard" | "zod";
}

export interface HandlerFact {
  readonly name: string;
  /** The property in the definition, with its leading comments outside. */
  readonly property: TextRange;
  /** The function, an id of `functions`. */
  readonly function: string;
  /** `inline`: written in the definition; `reference`: named there, declared elsewhere. */
  readonly place: "inline" | "reference";
  /** For a reference: the expression in the definition. */
  readonly reference?: string;
  readonly input?: SchemaFact;
  readonly takesInput: boolean;
  /** `exclusive`: one at a time per key; `shared`: beside it; `run`: a workflow's own. */
  readonly mode: "service" | "exclusive" | "shared" | "run";
  /** How it is run again after a failure, as its options or its definition's say: an object literal. */
  readonly retryPolicy?: string;
}

export interface DefinitionFact {
  readonly id: string;
  readonly file: string;
  readonly kind: "service" | "object" | "workflow";
  readonly name: string;
  readonly variable?: string;
  /** The statement that is replaced, and where the definition's expression begins. */
  readonly statement: TextRange;
  readonly expression: TextRange;
  /** `statement`: `const x = restate.service(...)`, `export default ...`; `inline`: inside an endpoint's list. */
  readonly place: "statement" | "inline";
  readonly exported: boolean;
  readonly handlers: readonly HandlerFact[];
  readonly left: readonly LeftFact[];
  readonly remarks: readonly RemarkFact[];
}

/** A reference to a definition that vanishes with it: a type alias, a stub constant, an export specifier. */
export interface DefinitionUseFact {
  readonly file: string;
  readonly definition: string;
  readonly range: TextRange;
  /**
   * The statement to remove when the definition migrates; `specifier` uses are the imports' business; `name`: its name is read, `named`: it
   * stands in a list of which only the names are read.
   */
  readonly kind: "statement" | "specifier" | "property" | "name" | "named";
  /** For an export list in the module of the definition itself: the list's statement, and how many names it has. */
  readonly list?: { readonly range: TextRange; readonly names: number };
  /** A barrel's specifier of the definition's type; `inline`: it says `type` itself. */
  readonly alias?: "inline" | "list";
}

export interface EndpointFact {
  readonly id: string;
  readonly file: string;
  /** The statements that make up the endpoint: removed when nothing is left in it. */
  readonly statements: readonly TextRange[];
  readonly services: readonly { readonly definition: string; readonly range: TextRange; readonly local?: string }[];
  /** It shares a list of services with other code: all of them migrate, or none. */
  readonly whole: boolean;
  readonly left: readonly LeftFact[];
  readonly remarks: readonly RemarkFact[];
  /** Starts of statements that are the whole body of an `if` or the like, or stand in a `case`: a block takes their place. */
  readonly bodies: readonly number[];
  /** Something waits for the endpoint: `serve(...).then(...)`. The call is replaced, its statement stays. */
  readonly chained?: { readonly call: TextRange; readonly port: string };
}
