import { Chalk } from "chalk";
import { relativePath } from "../project/paths.js";
import type { CheckReport } from "./check.js";
import { checkCatalogue } from "./catalogue.js";
import type { Finding } from "./finding.js";
import type { CheckEntry } from "./rule.js";

/** How a report is to be printed. */
export interface TextOptions {
  readonly colour: boolean;
  /** The folder that paths are shown relative to. */
  readonly base: string;
  /** How many findings a baseline covers. */
  readonly known: number;
}

/** The findings by code, every place on a line of its own with what its message adds, and a line of figures. */
export function checkText({ findings, searched, aboutResonate }: CheckReport, { colour, base, known }: TextOptions): string {
  const chalk = new Chalk({ level: colour ? 1 : 0 });
  const groups = checkCatalogue.map((entry) => ({ entry, places: findings.filter(({ code }) => code === entry.code) })).filter(({ places }) => places.length > 0);
  const parts = groups.map(({ entry, places }) =>
    [
      `${(places.some(isError) ? chalk.red : chalk.yellow)(entry.code)} ${titleOfCheck(entry)}`,
      ...places.map(({ file, line, column, message }) => `  ${relativePath(base, file)}:${line}:${column}  ${chalk.dim(subjectIn(message, entry))}`),
      chalk.dim(`  help: ${entry.help}`),
    ].join("\n"),
  );
  const covered = known > 0 ? `, ${known} more in the baseline` : "";
  const verdict = findings.length === 0 ? "Nothing found" : `${count(findings.length, "finding")}${warned(findings)}`;
  return `${[...parts, `${chalk.bold(`${verdict}${covered}`)} (${count(searched, "source file")} searched, ${aboutResonate} of them for what is unsafe on Resonate)`].join("\n\n")}\n`;
}

/** What a code says, without what it says it of. */
export function titleOfCheck({ message }: CheckEntry): string {
  return `${message("").replace(/: ?\.?$/, "")}.`;
}

/** How many findings do not fail a run. */
function warned(findings: readonly Finding[]): string {
  const warnings = findings.filter((finding) => !isError(finding)).length;
  return warnings === 0 ? "" : warnings === findings.length ? `, only ${warnings === 1 ? "a warning" : "warnings"}` : `, of which ${warnings === 1 ? "1 is a warning" : `${warnings} are warnings`}`;
}

function isError({ severity }: Finding): boolean {
  return severity === "error";
}

function subjectIn(message: string, { message: says }: CheckEntry): string {
  const [before = "", after = ""] = says("\0").split("\0");
  return message.slice(before.length, message.length - after.length);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
