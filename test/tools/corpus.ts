// Runs the migration on every package below a folder and prints what came of it: npm run corpus -- <folder> [--install] [--json] [--cache <dir>]
import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cachedCopyOf, findCorpusPackages, install, layCopy, type CorpusPackage } from "./corpus-packages.js";
import { isBroken, migrateCopy, type CorpusRow } from "./corpus-run.js";
import { table } from "./table.js";
import { TypeChecker } from "./type-errors.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    install: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    cache: { type: "string", default: join(tmpdir(), "restate-to-resonate-corpus") },
  },
});

/** New type errors printed for a package. */
const SHOWN = 20;

main();

function main(): void {
  const folder = positionals[0];
  if (positionals.length !== 1 || folder === undefined || !existsSync(folder)) {
    console.error("usage: npm run corpus -- <folder> [--install] [--json] [--cache <dir>]");
    process.exitCode = 2;
    return;
  }
  const packages = findCorpusPackages(resolve(folder));
  if (packages.length === 0) {
    console.error(`No package below ${resolve(folder)} names @restatedev/.`);
    process.exitCode = 2;
    return;
  }
  const checker = new TypeChecker();
  const rows = packages.map((found) => {
    process.stderr.write(`${found.label}\n`);
    return runOn(found, checker);
  });
  console.log(values.json ? JSON.stringify({ rows, total: totalOf(rows), left: leftOf(rows) }, null, 2) : report(rows));
  if (rows.some(isBroken)) process.exitCode = 1;
}

function runOn(found: CorpusPackage, checker: TypeChecker): CorpusRow {
  const copy = values.install ? cachedCopyOf(found.dir, resolve(values.cache)) : realpathSync(mkdtempSync(join(tmpdir(), "corpus-")));
  try {
    layCopy(found.dir, copy);
    const failure = values.install ? install(copy) : null;
    if (failure !== null) process.stderr.write(`  not installed: ${failure}\n`);
    return migrateCopy(found.label, copy, checker);
  } finally {
    checker.forget();
    if (!values.install) rmSync(copy, { recursive: true, force: true });
  }
}

type Figures = Omit<CorpusRow, "label" | "crash" | "errors">;

function totalOf(rows: readonly CorpusRow[]): Figures {
  const sum = (pick: (row: CorpusRow) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  return {
    analysed: sum((row) => row.analysed),
    edited: sum((row) => row.edited),
    sites: {
      migrated: sum((row) => row.sites.migrated),
      "migrated-with-note": sum((row) => row.sites["migrated-with-note"]),
      left: sum((row) => row.sites.left),
    },
    parseErrors: rows.flatMap((row) => row.parseErrors),
    types: rows.every((row) => row.types === null)
      ? null
      : {
          before: sum((row) => row.types?.before ?? 0),
          after: sum((row) => row.types?.after ?? 0),
          fresh: rows.flatMap((row) => row.types?.fresh ?? []),
        },
    milliseconds: sum((row) => row.milliseconds),
  };
}

/** What was left, by diagnostic code, most frequent first. */
function leftOf(rows: readonly CorpusRow[]): { code: string; message: string; count: number }[] {
  const found = new Map<string, { code: string; message: string; count: number }>();
  for (const { code, message, count } of rows.flatMap((row) => row.errors)) {
    const known = found.get(code);
    if (known === undefined) found.set(code, { code, message, count });
    else known.count += count;
  }
  return [...found.values()].sort((a, b) => b.count - a.count || a.code.localeCompare(b.code));
}

function report(rows: readonly CorpusRow[]): string {
  const head = ["package", "analysed", "edited", "migrated", "with note", "left", "errors", "parse errors", "type errors", "new", "ms"];
  const total = totalOf(rows);
  const errors = leftOf(rows).reduce((sum, { count }) => sum + count, 0);
  const lines = rows.map((row) => cells(row.crash === null ? row.label : `${row.label} CRASHED`, row, row.errors.reduce((sum, { count }) => sum + count, 0)));
  const left = leftOf(rows).map(({ code, message, count }) => [`${code}  ${message.length > 110 ? `${message.slice(0, 109)}…` : message}`, String(count)]);
  return [
    table([head, ...lines, cells(`${rows.length} packages`, total, errors)]),
    left.length === 0 ? "Nothing was left." : table([["left, by code (message of the first)", "count"], ...left]),
    ...rows.flatMap(complaints),
  ].join("\n\n");
}

function cells(label: string, figures: Figures, errors: number): string[] {
  const { sites, types } = figures;
  return [
    label,
    ...[figures.analysed, figures.edited, sites.migrated, sites["migrated-with-note"], sites.left, errors, figures.parseErrors.length].map(String),
    types === null ? "n/a" : `${types.before} → ${types.after}`,
    types === null ? "n/a" : String(types.fresh.length),
    figures.milliseconds.toFixed(0),
  ];
}

/** New type errors of one package that the text report names; the JSON has all. */

function complaints(row: CorpusRow): string[] {
  const fresh = row.types?.fresh ?? [];
  const lines = [
    ...(row.crash === null ? [] : [`crash: ${row.crash}`]),
    ...row.parseErrors.map((error) => `does not parse: ${error}`),
    ...fresh.slice(0, SHOWN).map(({ file, code, message }) => `new type error: ${file}: TS${code}: ${message}`),
    ...(fresh.length > SHOWN ? [`and ${fresh.length - SHOWN} more new type errors`] : []),
  ];
  return lines.length === 0 ? [] : [`${row.label}\n${lines.map((line) => `  ${line}`).join("\n")}`];
}
