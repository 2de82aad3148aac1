import type { TextRange } from "../edits/edit.js";

// What is known of a file as a whole: its names and where text can stand in it.

/** A name that an import or `require` binds in a file. */
export interface BindingFact {
  readonly local: string;
  readonly imported: string | "*" | "default" | "=";
  readonly module: string;
  /** The module as a file of the project, if it is one. */
  readonly resolved?: string;
  readonly specifier: TextRange;
  readonly declaration: TextRange;
  readonly form: "named" | "default" | "namespace" | "equals" | "require" | "require-named" | "alias" | "reexport";
  readonly typeOnly: boolean;
  readonly references: readonly number[];
  /** The definition it stands for, if it does. */
  readonly definition?: string;
}

export interface FileFacts {
  readonly path: string;
  readonly text: string;
  readonly typescript: boolean;
  readonly commonjs: boolean;
  readonly bindings: readonly BindingFact[];
  readonly declarations: readonly TextRange[];
  /** How often each name is declared in the file, in any scope. */
  readonly declared: ReadonlyMap<string, number>;
  /** Files whose exports it exports on. */
  readonly reexports: readonly string[];
  /** Names declared anywhere in the file, and names that reach for something global. */
  readonly names: ReadonlySet<string>;
  /** Where a first import can go: after shebang, directives and header comment. */
  readonly importAnchor: number;
  /** Ranges of template literals and block comments, whose lines keep their indentation. */
  readonly verbatim: readonly TextRange[];
  /** Starts of the nodes above which a marker comment can stand: statements, members, properties. */
  readonly anchors: readonly number[];
  readonly syntaxError?: { readonly message: string; readonly at: number };
}
