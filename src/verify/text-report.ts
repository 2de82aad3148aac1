import { relative } from "node:path";
import { Chalk, type ChalkInstance } from "chalk";
import { toSlash } from "../project/paths.js";
import type { Histories } from "./problems.js";
import type { FunctionReport, Problem, ScenarioReport, VerifyReport } from "./verify-report.js";

/** How a report is written. */
export interface TextOptions {
  readonly colour: boolean;
  /** The folder that paths are shown relative to. */
  readonly base: string;
  /** Only problems. */
  readonly quiet: boolean;
}

/** The widest column of a history, in characters. */
const COLUMN = 52;
const LINES_BEFORE = 3;
const LINES_AFTER = 2;

/** Writes a report for a person: a line for each function, each problem with its place, its reason and the way out, and a summary. */
export function reportText(report: VerifyReport, options: TextOptions): string {
  const writer = new Writer(new Chalk({ level: options.colour ? 1 : 0 }), options);
  return `${[...report.scenarios.map((scenario) => writer.scenario(scenario)), writer.summary(report)].filter((part) => part !== "").join("\n\n")}\n`;
}

class Writer {
  constructor(
    private readonly chalk: ChalkInstance,
    private readonly options: TextOptions,
  ) {}

  scenario(report: ScenarioReport): string {
    const { chalk } = this;
    const title = report.file === undefined ? "without a scenario" : this.path(report.file);
    const about = report.about === undefined ? "" : chalk.dim(` ${report.about}`);
    const problems = report.problems.map((problem) => this.problem(problem));
    if (this.options.quiet) return problems.join("\n\n");
    const notes = [...report.notes, ...samplingNote(report)].map((note) => chalk.yellow(`  note: ${note}`));
    return [[`${chalk.bold(title)}${about}`, ...notes, ...this.functions(report)].join("\n"), ...problems].join("\n\n");
  }

  summary({ scenarios, sdk, sdkOfProject }: VerifyReport): string {
    const problems = scenarios.flatMap((scenario) => scenario.problems);
    const errors = problems.filter(({ severity }) => severity === "error").length;
    const warnings = problems.length - errors;
    const points = sum(scenarios, ({ tried }) => tried);
    const runs = sum(scenarios, (scenario) => scenario.runs);
    const time = sum(scenarios, ({ milliseconds }) => milliseconds);
    const verdict = errors === 0 ? this.chalk.green("No problems") : this.chalk.red(count(errors, "problem"));
    const found = warnings === 0 ? verdict : `${verdict}, ${this.chalk.yellow(count(warnings, "warning"))}`;
    const own = sdkOfProject ? "" : " (restate-to-resonate's own: the project has none installed)";
    return `${found} in ${count(scenarios.length, "scenario")}: ${count(points, "crash point")}, ${count(runs, "run")}, ${seconds(time)}, on @resonatehq/sdk ${sdk}${own}.`;
  }

  private functions({ functions, problems }: ScenarioReport): string[] {
    const called = functions.filter((one) => one.called);
    const width = Math.max(0, ...called.map(({ name }) => name.length));
    const failing = new Set(problems.filter(({ severity }) => severity === "error").map((problem) => problem.function));
    const idle = functions.filter((one) => !one.called).map(({ name }) => name);
    const rest = idle.length === 0 ? [] : [this.chalk.dim(`  not called: ${idle.join(", ")}`)];
    return [...called.map((one) => this.functionLine(one, width, failing.has(one.name))), ...rest];
  }

  private functionLine({ name, steps, crashPoints, runs, milliseconds }: FunctionReport, width: number, fails: boolean): string {
    const mark = fails ? this.chalk.red("✗") : this.chalk.green("✓");
    return `  ${mark} ${name.padEnd(width)}  ${this.chalk.dim(`${count(steps, "step")}, ${count(crashPoints, "crash point")}, ${count(runs, "run")}, ${seconds(milliseconds)}`)}`;
  }

  private problem(problem: Problem): string {
    const { code, severity, message, reason, help, fault } = problem;
    const { chalk } = this;
    const head = severity === "error" ? chalk.red.bold(`✗ ${code}`) : chalk.yellow.bold(`! ${code}`);
    const place = problem.file === undefined ? "" : chalk.cyan(`  ${this.path(problem.file)}:${problem.line}:${problem.column}`);
    const func = problem.function === "" ? "" : ` in ${chalk.bold(problem.function)}`;
    const lines = [`${head}${func}${place}`, `  ${message}`];
    if (reason !== undefined) lines.push(`  why:  ${reason}`);
    if (fault !== "no fault") lines.push(`  when: ${fault}`);
    if (problem.histories !== undefined) lines.push(...this.histories(problem.histories));
    lines.push(`  help: ${help}`);
    return lines.join("\n");
  }

  /** The two histories side by side, around the first line that differs. */
  private histories({ left, right, parting }: Histories): string[] {
    const [from, to] = [Math.max(0, parting - LINES_BEFORE), parting + 1 + LINES_AFTER];
    const width = Math.min(COLUMN, Math.max(left.title.length, ...left.lines.slice(from, to).map((line) => line.length)));
    const rows = Array.from({ length: Math.min(to, Math.max(left.lines.length, right.lines.length)) - from }, (_, row) => from + row);
    const earlier = from === 0 ? [] : [this.chalk.dim(`      … ${count(from, "line")} that are the same`)];
    return [this.chalk.dim(`      ${fitted(left.title, width)} │ ${right.title}`), ...earlier, ...rows.map((row) => this.row(left.lines[row], right.lines[row], width, row === parting))];
  }

  private row(left = "", right = "", width: number, parts: boolean): string {
    const text = `${fitted(left, width)} │ ${fitted(right, COLUMN).trimEnd()}`;
    return parts ? this.chalk.red(`    ▶ ${text}`) : `      ${text}`;
  }

  private path(file: string): string {
    return toSlash(relative(this.options.base, file));
  }
}

function samplingNote({ crashPoints, tried, seed, problems }: ScenarioReport): string[] {
  if (tried === crashPoints || problems.some(({ severity }) => severity === "error")) return [];
  return [`${tried} of ${crashPoints} crash points were tried; --seed ${seed} takes the same ones again, --limit ${crashPoints} takes all.`];
}

function fitted(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, width - 1)}…` : text.padEnd(width);
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

function seconds(milliseconds: number): string {
  return milliseconds < 1_000 ? `${milliseconds} ms` : `${(milliseconds / 1_000).toFixed(1)} s`;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
