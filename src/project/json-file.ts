import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";

/** What came of reading a JSON file: as much as could be understood, and what was wrong with it. */
export interface JsonFile {
  readonly value: Readonly<Record<string, unknown>>;
  /** A sentence with the file and the line, where the text is not what it should be. */
  readonly problem?: string;
}

/** True for a JSON object, as opposed to an array or a plain value. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Gives the strings among the items of an array; none where `value` is no array. */
export function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/**
 * Parses a JSON object from the text of `path`, with comments and trailing commas where `lenient`.
 * Never throws: what is wrong stands in `problem`, because a broken file only matters where it governs migrated code.
 */
export function parseJsonFile(path: string, text: string, lenient: boolean): JsonFile {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, {
    allowTrailingComma: lenient,
    disallowComments: !lenient,
    allowEmptyContent: lenient,
  });
  const [first] = errors;
  const record = isRecord(value) ? value : {};
  if (first !== undefined) {
    return { value: record, problem: `${path}:${positionOf(text, first.offset)}: ${describe(first)}` };
  }
  if (value !== undefined && !isRecord(value)) return { value: record, problem: `${path}:1:1: expected a JSON object` };
  return { value: record };
}

function describe(error: ParseError): string {
  const words = printParseErrorCode(error.error).replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
  return `not valid JSON (${words})`;
}

function positionOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}
