import { Chalk, type ChalkInstance } from "chalk";
import type { Diagnostic, Severity } from "./diagnostic.js";
import type { FileChange, Migration, PackageMigration } from "../migration.js";
import { relativePath } from "../project/paths.js";
import { groupsOf, type DiagnosticGroup } from "./groups.js";

/** How a summary is to be printed. */
export interface SummaryOptions {
  /** True after `--write`: the changes are on disk. */
  readonly written: boolean;
  readonly colour: boolean;
  /** Every place, and the notes. */
  readonly verbose: boolean;
  /** Only the first lines and what needs a person. */
  readonly quiet: boolean;
  /** The transforms that were applied, where `--only` left others out. */
  readonly only?: readonly string[] | undefined;
  /** The folder that paths are shown relative to. */
  readonly base: string;
}

/** So many lines of places a section may have; every code shows at least one. */
const PLACES_IN_SECTION = 30;
const MOST_PLACES = 3;
const DIRS_SHOWN = 5;
const MARKER = /restate-to-resonate\[R\d+\]/g;
const MARKER_LINE = /^[ \t]*\/\/ restate-to-resonate\[R\d+\]:.*\r?\n/gm;

/** Gives what a person wants to know of a migration in ten seconds: what became what, what needs them, what next. */
export function summarise(migration: Migration, options: SummaryOptions): string {
  const chalk = new Chalk({ level: options.colour ? 1 : 0 });
  const parts = [[headline(migration, options, chalk), chalk.dim(figures(migration, options))].join("\n")];
  if (options.only !== undefined) parts.push(onlyText(options.only, chalk));
  else if (!options.quiet) parts.push(whatBecameWhat(migration, chalk));
  parts.push(...whatNeedsYou(migration, options, chalk));
  if (!options.quiet) parts.push(whatNext(migration, options, chalk));
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function headline({ changes, packages, sites }: Migration, { written }: SummaryOptions, chalk: ChalkInstance): string {
  if (changes.length === 0) return chalk.bold(sites.left > 0 ? "Nothing to change: what is on Restate still needs you first." : "Nothing to change.");
  const services = packages.reduce((sum, pkg) => sum + pkg.services.length, 0);
  const where = packages.length > 1 ? ` in ${packages.length} packages` : "";
  const state = written ? "written" : "dry run, nothing written";
  const title = `Restate to Resonate: ${services === 0 ? "no service yet" : count(services, "service")}, ${count(changes.length, "file")}${where}`;
  return `${chalk.bold(title)} (${kindsOf(changes)}; ${state})`;
}

function kindsOf(changes: readonly FileChange[]): string {
  const marked = changes.filter(isOnlyMarked).length;
  const of = (change: FileChange["change"]): number => changes.filter((candidate) => candidate.change === change).length;
  const kinds = [[of("edited") - marked, "edited"], [marked, "only marked"], [of("created"), "created"], [of("deleted"), "deleted"]] as const;
  return kinds.filter(([number]) => number > 0).map(([number, kind]) => `${number} ${kind}`).join(", ");
}

/** Nothing but comments was added, at places where a person must act. */
function isOnlyMarked({ before, after }: FileChange): boolean {
  return before !== null && after !== null && before.replace(MARKER_LINE, "") === after.replace(MARKER_LINE, "");
}

function figures({ sites, searched, analysed, typeLevel }: Migration, { only }: SummaryOptions): string {
  const noted = sites["migrated-with-note"];
  const migrated = `${count(sites.migrated + noted, "place")} migrated${noted > 0 ? ` (${noted} with a note)` : ""}, ${sites.left} left; `;
  const types = typeLevel === "full" ? "node_modules" : "the declarations that come with the tool";
  // The places are counted over the whole plan.
  return `${only === undefined ? migrated : ""}${count(searched, "file")} searched, ${analysed} of them analysed; types from ${types}`;
}

function onlyText(only: readonly string[], chalk: ChalkInstance): string {
  return chalk.yellow(`Only ${only.join(", ")}: the other edits of the plan are left out, so the code does not run as it stands.`);
}

function whatBecameWhat({ rewrites }: Migration, chalk: ChalkInstance): string {
  const rows = rewrites.filter((rewrite) => rewrite.count > 0).map(({ from, to, count: n }) => [String(n), from, to] as const);
  if (rows.length === 0) return "";
  const width = (column: 0 | 1): number => Math.max(...rows.map((row) => row[column].length));
  const [numbers, froms] = [width(0), width(1)];
  const lines = rows.map(([n, from, to]) => `  ${n.padStart(numbers)}  ${chalk.dim(from.padEnd(froms))}  -> ${to}`);
  return [chalk.bold("What became what"), ...lines].join("\n");
}

function whatNeedsYou(migration: Migration, options: SummaryOptions, chalk: ChalkInstance): string[] {
  const of = (severity: Severity): Diagnostic[] => migration.diagnostics.filter((diagnostic) => diagnostic.severity === severity);
  const [errors, warnings, notes] = [of("error"), of("warning"), of("note")];
  const parts: string[] = [];
  if (errors.length > 0) parts.push(section(`What needs you (${count(errors.length, "place")})`, errors, chalk.red, options, chalk));
  else if (migration.sites.left > 0) parts.push(chalk.bold(`What needs you: ${count(migration.sites.left, "place")} left as they were`));
  if (options.quiet) return parts;
  if (warnings.length > 0) parts.push(section(`What behaves differently (${count(warnings.length, "place")})`, warnings, chalk.yellow, options, chalk));
  if (notes.length > 0 && options.verbose) parts.push(section(`Notes (${count(notes.length, "place")})`, notes, chalk.cyan, options, chalk));
  else if (notes.length > 0) parts.push(chalk.dim(`${count(notes.length, "note")} (shown with --verbose)`));
  return parts;
}

function section(title: string, diagnostics: readonly Diagnostic[], paint: ChalkInstance, { base, verbose }: SummaryOptions, chalk: ChalkInstance): string {
  const groups = groupsOf(diagnostics);
  const shared = sharedHelp(groups);
  const most = verbose ? Infinity : Math.min(MOST_PLACES, Math.max(1, Math.floor(PLACES_IN_SECTION / groups.length)));
  const lines = groups.flatMap(({ code, title: says, help, places }) => [
    `  ${paint(code)} ${says}`,
    ...placeLines(places, most, base, chalk),
    ...(help === "" || shared.has(help) ? [] : [chalk.dim(`    help: ${help}`)]),
  ]);
  const helps = [...shared].map(([help, codes]) => chalk.dim(`  help for ${codes.join(", ")}: ${help}`));
  const hint = groups.some(({ places }) => places.length > most) ? [chalk.dim("  --verbose shows every place")] : [];
  return [chalk.bold(title), ...lines, ...helps, ...hint].join("\n");
}

function placeLines(places: DiagnosticGroup["places"], most: number, base: string, chalk: ChalkInstance): string[] {
  const shown = places.slice(0, most).map(({ file, line, subject }) => ({ at: `${relativePath(base, file)}:${line}`, subject }));
  const width = Math.max(...shown.map(({ at }) => at.length));
  return shown.map(({ at, subject }, index) => {
    const more = index === most - 1 && places.length > most ? `  ... and ${places.length - most} more` : "";
    return subject === "" ? `    ${at}${more}` : `    ${at.padEnd(width)}  ${chalk.dim(subject)}${more}`;
  });
}

/** What is to be said of more than one code is said once, below all of them. */
function sharedHelp(groups: readonly DiagnosticGroup[]): Map<string, string[]> {
  const codes = new Map<string, string[]>();
  for (const { help, code } of groups) {
    const known = codes.get(help) ?? [];
    if (help !== "" && !known.includes(code)) codes.set(help, [...known, code]);
  }
  return new Map([...codes].filter(([, of]) => of.length > 1));
}

function whatNext(migration: Migration, { written, only, base }: SummaryOptions, chalk: ChalkInstance): string {
  const steps = stepsAfter(migration, written, base, only !== undefined);
  return steps.length === 0 ? "" : [chalk.bold("What next"), ...steps.map((step, index) => `  ${index + 1}. ${step}`)].join("\n");
}

function stepsAfter({ changes, packages, sites }: Migration, written: boolean, base: string, partial: boolean): string[] {
  const search = `search for "restate-to-resonate[", and run the tool again.`;
  if (changes.length === 0) return sites.left > 0 ? [`Settle the marked places: ${search}`] : [];
  const marked = changes.reduce((sum, { after }) => sum + (after?.match(MARKER)?.length ?? 0), 0);
  const migrates = !changes.every(isOnlyMarked);
  return [
    ...(written ? ["Review the changes: git status, git diff"] : [`Read the diff, then run again with --write${migrates ? "" : ", which only adds the markers"}.`]),
    ...(partial ? ["Apply the other edits: undo this, and run the tool without --only."] : installSteps(packages, changes, base)),
    ...(migrates && !partial ? ["Run the type checker and your tests."] : []),
    ...(marked > 0 ? [`Settle the ${count(marked, "marked place")}: ${search}`] : []),
  ];
}

/** One command for each package manager, and where to give it when there are several packages. */
function installSteps(packages: readonly PackageMigration[], changes: readonly FileChange[], base: string): string[] {
  const concerned = packages.filter(({ dir, services }) => services.length > 0 || changes.some(({ path }) => path === `${dir}/package.json`));
  return [...new Set(concerned.map(({ manager }) => manager))].map((manager) => {
    const dirs = concerned.filter((pkg) => pkg.manager === manager).map(({ dir }) => relativePath(base, dir));
    const more = dirs.length > DIRS_SHOWN ? `, and ${dirs.length - DIRS_SHOWN} more` : "";
    const where = packages.length > 1 ? ` (for ${dirs.slice(0, DIRS_SHOWN).join(", ")}${more})` : "";
    return `Install the new dependencies: ${manager} install${where}`;
  });
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
