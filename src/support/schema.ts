import { TerminalError } from "./errors.js";

/** The part of the Standard Schema interface (standardschema.dev) that is needed to validate. */
export interface Schema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly validate: (value: unknown) => Result<Output> | Promise<Result<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

type Result<Output> = { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly Issue[] };

interface Issue {
  readonly message: string;
  readonly path?: readonly unknown[] | undefined;
}

/** What a caller may pass where a schema validates the input. */
export type InputOf<S extends Schema<never, unknown> | Schema> = NonNullable<S["~standard"]["types"]>["input"];
/** What the schema makes of it. */
export type OutputOf<S extends Schema<never, unknown> | Schema> = NonNullable<S["~standard"]["types"]>["output"];

/** Validates an input: fills defaults, strips unknown members. Throws a `TerminalError` that says what is wrong with it, which fails the call. */
export function parseInput<S extends Schema<never, unknown> | Schema>(schema: S, input: unknown): OutputOf<S> {
  const result = schema["~standard"].validate(input);
  if (result instanceof Promise) throw new TypeError("Failed to deserialize input: the schema validates asynchronously");
  if (result.issues) throw new TerminalError(`Failed to deserialize input: Standard schema validation failed:\n${result.issues.map(lineOf).join("\n")}`, { errorCode: 400 });
  return result.value as OutputOf<S>;
}

/** `* (at /guests/0/name) too short` */
function lineOf({ message, path = [] }: Issue): string {
  const names = path.map((part) => (typeof part === "object" && part !== null && "key" in part ? String(part.key) : String(part)));
  return `* ${names.length === 0 ? "" : `(at /${names.join("/")}) `}${message}`;
}
