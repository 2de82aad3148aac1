import type { TextRange } from "../edits/edit.js";

/** The pieces of a function that change when it becomes a generator function. */
export interface FunctionShape {
  readonly kind: "declaration" | "expression" | "arrow" | "method";
  readonly range: TextRange;
  /** `async` up to the next token. */
  readonly async?: TextRange;
  /** It is an async generator: it has its asterisk. */
  readonly starred: boolean;
  /** End of the `function` keyword; start of a method's name. */
  readonly asterisk?: number;
  readonly name?: TextRange;
  /** Where type parameters or else parameters begin. */
  readonly signature: number;
  readonly parameters: TextRange;
  /** An arrow function's only parameter without parentheses. */
  readonly bareParameter: boolean;
  /** End of the parameters or of the return type. */
  readonly headEnd: number;
  readonly returnType?: { readonly range: TextRange; /** Of an async generator: the types of its items and of what it returns. */ readonly items?: readonly TextRange[]; /** An alias of a promise. */ readonly thenable: boolean; readonly promise?: { readonly name: TextRange; readonly argument: TextRange }; /** What it gives in the end, where its own text cannot say so: an alias of one of Restate's promises. */ readonly value?: string };
  readonly body: TextRange;
  readonly bodyKind: "block" | "expression";
  /** For a concise body: the value without needless parentheses around an object literal. */
  readonly bodyValue: TextRange;
  /** A `const f = ...` statement of which this function is the only declarator. */
  readonly variable?: { readonly statement: TextRange; readonly keyword: TextRange; readonly name: TextRange; readonly exported: boolean };
  /** A property of an object literal whose value this function is: `name: async () => {}`. */
  readonly property?: { readonly range: TextRange };
}
