import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse as parseJson, type ParseError } from "jsonc-parser";
import ts from "typescript";
import { planMigration } from "../../src/migrate.js";
import type { FileChange, Migration } from "../../src/migration.js";
import { discoverProject } from "../../src/project/discover.js";
import type { Outcome } from "../../src/report/diagnostic.js";
import { missesModules, newErrors, type TypeChecker, type TypeError } from "./type-errors.js";

/** What a migration did to the types of a package; `null` in a row where that cannot be told. */
export interface TypeFigures {
  readonly before: number;
  readonly after: number;
  readonly fresh: readonly TypeError[];
}

/** One package's line of the table. */
export interface CorpusRow {
  readonly label: string;
  /** Why the tool failed on this package; `null` where it did not. */
  readonly crash: string | null;
  readonly analysed: number;
  readonly edited: number;
  readonly sites: Readonly<Record<Outcome, number>>;
  /** Errors by code, with the first message of each. */
  readonly errors: readonly { readonly code: string; readonly message: string; readonly count: number }[];
  /** `file: first complaint` for each changed file that does not parse. */
  readonly parseErrors: readonly string[];
  readonly types: TypeFigures | null;
  readonly milliseconds: number;
}

const NOTHING: Omit<CorpusRow, "label" | "crash"> = {
  analysed: 0,
  edited: 0,
  sites: { migrated: 0, "migrated-with-note": 0, left: 0 },
  errors: [],
  parseErrors: [],
  types: null,
  milliseconds: 0,
};

/** Migrates the copy of a package in place and measures what came of it. Never throws: a crash of the tool is a row too. */
export function migrateCopy(label: string, copy: string, checker: TypeChecker): CorpusRow {
  const before = checker.check(copy);
  const start = performance.now();
  let migration: Migration;
  try {
    migration = planMigration(discoverProject([copy]), { names: "short" });
  } catch (error) {
    return { ...NOTHING, label, crash: error instanceof Error ? (error.stack ?? error.message) : String(error), milliseconds: performance.now() - start };
  }
  const milliseconds = performance.now() - start;
  apply(migration.changes);
  return {
    label,
    crash: null,
    analysed: migration.analysed,
    edited: migration.changes.filter(({ change }) => change === "edited").length,
    sites: migration.sites,
    errors: errorsByCode(migration),
    parseErrors: migration.changes.flatMap(parseErrorsOf),
    types: before === null || missesModules(before) ? null : typeFigures(before, checker.check(copy) ?? []),
    milliseconds,
  };
}

function apply(changes: readonly FileChange[]): void {
  for (const { path, after } of changes) {
    if (after === null) {
      rmSync(path);
    } else {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, after);
    }
  }
}

function typeFigures(before: readonly TypeError[], after: readonly TypeError[]): TypeFigures {
  return { before: before.length, after: after.length, fresh: newErrors(before, after) };
}

function errorsByCode(migration: Migration): CorpusRow["errors"] {
  const found = new Map<string, { code: string; message: string; count: number }>();
  for (const { code, message, severity } of migration.diagnostics) {
    if (severity !== "error") continue;
    const known = found.get(code);
    if (known === undefined) found.set(code, { code, message, count: 1 });
    else known.count += 1;
  }
  return [...found.values()];
}

function parseErrorsOf({ path, after }: FileChange): string[] {
  if (after === null) return [];
  if (path.endsWith(".json")) {
    const errors: ParseError[] = [];
    parseJson(after, errors, { allowTrailingComma: true });
    return errors.map(({ offset }) => `${path}: not JSON at offset ${offset}`);
  }
  const { diagnostics } = ts.transpileModule(after, { fileName: path, reportDiagnostics: true, compilerOptions: { target: ts.ScriptTarget.ESNext, jsx: ts.JsxEmit.Preserve } });
  // What follows the first is mostly its echo.
  return (diagnostics ?? []).slice(0, 1).map(({ messageText }) => `${path}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
}

/** True where the tool broke its promise: it crashed, wrote what does not parse, or what does not type-check though nothing was left. */
export function isBroken(row: CorpusRow): boolean {
  const nothingLeft = row.sites.left === 0 && row.errors.length === 0;
  return row.crash !== null || row.parseErrors.length > 0 || (nothingLeft && (row.types?.fresh.length ?? 0) > 0);
}
