import { Chalk, type ChalkInstance } from "chalk";
import type { Diagnostic, Severity } from "./diagnostic.js";
import type { Migration, PackageMigration } from "../migration.js";
import { relativePath } from "../project/paths.js";

/** How a summary is to be printed. */
export interface SummaryOptions {
  /** True after `--write`: the changes are on disk. */
  readonly written: boolean;
  readonly colour: boolean;
  /** Every place, the help of each diagnostic, and the notes. */
  readonly verbose: boolean;
  /** Only the first line and what needs a person. */
  readonly quiet: boolean;
  /** The folder that paths are shown relative to. */
  readonly base: string;
}

const PLACES_SHOWN = 5;
const MARKER = /restate-to-resonate\[R\d+\]/g;

/** Gives what a person wants to know of a migration in ten seconds: what became what, what needs them, what next. */
export function summarise(migration: Migration, options: SummaryOptions): string {
  const chalk = new Chalk({ level: options.colour ? 1 : 0 });
  const parts = [headline(migration, options, chalk)];
  if (!options.quiet) parts.push(whatBecameWhat(migration, chalk));
  parts.push(...whatNeedsYou(migration, options, chalk));
  if (!options.quiet) parts.push(whatNext(migration, options, chalk));
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function headline(migration: Migration, { written }: SummaryOptions, chalk: ChalkInstance): string {
  const services = migration.packages.reduce((sum, pkg) => sum + pkg.services.length, 0);
  const where = migration.packages.length > 1 ? ` in ${migration.packages.length} packages` : "";
  const { changes } = migration;
  const searched = `${count(migration.searched, "file")} searched, ${migration.analysed} of them analysed`;
  if (changes.length === 0) return `${chalk.bold("Nothing to change.")} ${chalk.dim(searched)}`;
  const kinds = (["edited", "created", "deleted"] as const)
    .map((kind) => [kind, changes.filter(({ change }) => change === kind).length] as const)
    .filter(([, number]) => number > 0)
    .map(([kind, number]) => `${number} ${kind}`);
  const state = written ? "written" : "dry run, nothing written";
  return `${chalk.bold(`Restate to Resonate: ${count(services, "service")}, ${count(changes.length, "file")}${where}`)} (${kinds.join(", ")}; ${state})\n${chalk.dim(searched)}`;
}

function whatBecameWhat({ rewrites }: Migration, chalk: ChalkInstance): string {
  const rows = rewrites.filter((rewrite) => rewrite.count > 0).map(({ concept, from, to, count: n }) => [String(n), concept, from, to] as const);
  if (rows.length === 0) return "";
  const width = (column: 0 | 1 | 2): number => Math.max(...rows.map((row) => row[column].length));
  const [numbers, concepts, froms] = [width(0), width(1), width(2)];
  const lines = rows.map(([n, concept, from, to]) => `  ${n.padStart(numbers)}  ${concept.padEnd(concepts)}  ${chalk.dim(from.padEnd(froms))}  -> ${to}`);
  return [chalk.bold("What became what"), ...lines].join("\n");
}

function whatNeedsYou(migration: Migration, options: SummaryOptions, chalk: ChalkInstance): string[] {
  const of = (severity: Severity): Diagnostic[] => migration.diagnostics.filter((diagnostic) => diagnostic.severity === severity);
  const [errors, warnings, notes] = [of("error"), of("warning"), of("note")];
  const parts: string[] = [];
  if (errors.length > 0) parts.push(section(`What needs you (${errors.length})`, errors, chalk.red, options, chalk));
  else if (migration.sites.left > 0) parts.push(chalk.bold(`What needs you: ${count(migration.sites.left, "place")} left as they were`));
  if (options.quiet) return parts;
  if (warnings.length > 0) parts.push(section(`What behaves differently (${warnings.length})`, warnings, chalk.yellow, options, chalk));
  if (notes.length > 0 && options.verbose) parts.push(section(`Notes (${notes.length})`, notes, chalk.cyan, options, chalk));
  else if (notes.length > 0) parts.push(chalk.dim(`${count(notes.length, "note")} (shown with --verbose)`));
  return parts;
}

function section(title: string, diagnostics: readonly Diagnostic[], paint: ChalkInstance, options: SummaryOptions, chalk: ChalkInstance): string {
  const lines = grouped(diagnostics).flatMap((group) => groupLines(group, paint, options, chalk));
  return [chalk.bold(title), ...lines].join("\n");
}

/** Those of one code that say the same, together; by code. */
function grouped(diagnostics: readonly Diagnostic[]): Diagnostic[][] {
  const groups = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const key = `${diagnostic.code} ${diagnostic.message}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [diagnostic]);
    else group.push(diagnostic);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function groupLines(group: readonly Diagnostic[], paint: ChalkInstance, { base, verbose }: SummaryOptions, chalk: ChalkInstance): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const places = group.map(({ file, line }) => `${relativePath(base, file)}:${line}`);
  const shown = verbose ? places : places.slice(0, PLACES_SHOWN);
  const more = places.length > shown.length ? [`    ... and ${places.length - shown.length} more (--verbose)`] : [];
  return [
    `  ${paint(first.code)} ${first.message}`,
    ...shown.map((place) => `    ${place}`),
    ...more,
    ...(first.help === "" ? [] : [chalk.dim(`    help: ${first.help}`)]),
  ];
}

function whatNext(migration: Migration, { written, base }: SummaryOptions, chalk: ChalkInstance): string {
  if (migration.changes.length === 0) return "";
  const marked = migration.changes.reduce((sum, { after }) => sum + (after?.match(MARKER)?.length ?? 0), 0);
  const steps = [
    ...(written ? [] : ["Read the diff, then run again with --write."]),
    ...installSteps(migration.packages, base),
    ...(written ? ["Review the changes: git diff"] : []),
    "Run the type checker and your tests.",
    ...(marked > 0 ? [`Settle the ${count(marked, "marked place")}: search for "restate-to-resonate[".`] : []),
  ];
  return [chalk.bold("What next"), ...steps.map((step, index) => `  ${index + 1}. ${step}`)].join("\n");
}

/** One command, and where to give it when there are several packages. */
function installSteps(packages: readonly PackageMigration[], base: string): string[] {
  return [...new Set(packages.map(({ manager }) => manager))].map((manager) => {
    const dirs = packages.filter((pkg) => pkg.manager === manager).map(({ dir }) => relativePath(base, dir));
    const more = dirs.length > PLACES_SHOWN ? `, and ${dirs.length - PLACES_SHOWN} more` : "";
    const where = packages.length > 1 ? ` (for ${dirs.slice(0, PLACES_SHOWN).join(", ")}${more})` : "";
    return `Install the new dependencies: ${manager} install${where}`;
  });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
