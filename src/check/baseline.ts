import { readFileSync, writeFileSync } from "node:fs";
import { UsageError } from "../errors.js";
import { isRecord } from "../project/json-file.js";
import { absolutePath, parentOf, relativePath } from "../project/paths.js";
import type { Finding } from "./finding.js";

/** A finding that is known: recognised by the text of its line, so that it stays known when lines move. */
interface Known {
  readonly code: string;
  /** Relative to the folder of the baseline. */
  readonly file: string;
  readonly hash: string;
}

/**
 * Leaves out findings that the baseline at `path` lists, each entry once. Throws UsageError where the file is missing or is no baseline.
 */
export function notInBaseline(findings: readonly Finding[], path: string): Finding[] {
  const known = new Map<string, number>();
  for (const entry of readBaseline(path)) known.set(keyOf(entry), (known.get(keyOf(entry)) ?? 0) + 1);
  return findings.filter((finding) => {
    const key = keyOf(entryOf(finding, path));
    const left = known.get(key) ?? 0;
    known.set(key, left - 1);
    return left <= 0;
  });
}

/** Writes the baseline that lists exactly these findings. Throws UsageError where it cannot be written. */
export function writeBaseline(findings: readonly Finding[], path: string): void {
  const entries = findings.map((finding) => `  ${JSON.stringify(entryOf(finding, path))}`).sort();
  try {
    writeFileSync(path, entries.length === 0 ? "[]\n" : `[\n${entries.join(",\n")}\n]\n`);
  } catch (error) {
    throw new UsageError(`The baseline ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readBaseline(path: string): Known[] {
  const unusable = (why: string): UsageError => new UsageError(`${path} is no baseline: ${why}. --update-baseline writes one.`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw unusable(error instanceof Error ? error.message : String(error));
  }
  if (!Array.isArray(value) || !value.every(isKnown)) throw unusable("it is not a list of { code, file, hash }");
  return value;
}

function isKnown(value: unknown): value is Known {
  return isRecord(value) && [value.code, value.file, value.hash].every((member) => typeof member === "string");
}

function entryOf({ code, file, hash }: Finding, path: string): Known {
  return { code, file: relativePath(parentOf(absolutePath(process.cwd(), path)), file), hash };
}

function keyOf({ code, file, hash }: Known): string {
  return JSON.stringify([code, file, hash]);
}
