import { notInBaseline, writeBaseline } from "../check/baseline.js";
import { checkCatalogue } from "../check/catalogue.js";
import { type CheckReport, checkProject } from "../check/check.js";
import { configured, findConfig, readConfig } from "../check/config.js";
import { checkText, titleOfCheck } from "../check/text.js";
import { UsageError } from "../errors.js";
import { relativePath, toSlash } from "../project/paths.js";
import { githubAnnotations } from "../report/github.js";
import { sarifLog } from "../report/sarif.js";
import type { Io } from "./io.js";
import { progressLine } from "./progress.js";
import type { Tools } from "./tools.js";

/** The options of `restate-to-resonate check`, as commander gives them. */
export interface CheckFlags {
  readonly format: "text" | "json" | "sarif" | "github";
  readonly config?: string;
  readonly baseline?: string;
  readonly updateBaseline?: boolean;
}

/**
 * Prints what is left of Restate at `paths` and what is unsafe in code for Resonate. Gives the exit code: 0 where there is no error that
 * the baseline does not list, or the baseline was updated; 1 otherwise. Throws UsageError for paths, configurations and baselines that
 * cannot be used.
 */
export function check(paths: readonly string[], flags: CheckFlags, io: Io, tools: Tools): number {
  const { baseline, updateBaseline = false } = flags;
  if (updateBaseline && baseline === undefined) throw new UsageError("--update-baseline needs to know which: --baseline <file>.");
  const report = found(paths, flags.config, io, tools);
  if (updateBaseline && baseline !== undefined) {
    writeBaseline(report.findings, baseline);
    io.err(`${baseline} lists ${report.findings.length} now.\n`);
    return 0;
  }
  const findings = baseline === undefined ? report.findings : notInBaseline(report.findings, baseline);
  io.out(printed({ ...report, findings }, report.findings.length - findings.length, flags, io, tools));
  return findings.some(({ severity }) => severity === "error") ? 1 : 0;
}

function found(paths: readonly string[], config: string | undefined, io: Io, tools: Tools): CheckReport {
  const progress = progressLine(io, true);
  try {
    const project = tools.discover(paths, (phase, detail) => progress.show(phase, detail));
    const path = config ?? findConfig(project.root);
    const settings = path === undefined ? undefined : readConfig(path);
    const report = checkProject(project, paths);
    return settings ? { ...report, findings: configured(report.findings, settings) } : report;
  } finally {
    progress.end();
  }
}

function printed(report: CheckReport, known: number, { format }: CheckFlags, io: Io, tools: Tools): string {
  const base = toSlash(process.cwd());
  const { findings, searched, aboutResonate } = report;
  if (format === "text") return checkText(report, { colour: io.colour, base, known });
  if (format === "github") return githubAnnotations(findings, base);
  if (format === "sarif") {
    const rules = checkCatalogue.map((entry) => ({ code: entry.code, severity: entry.severity ?? "error", title: titleOfCheck(entry), why: entry.why, help: entry.help }));
    return json(sarifLog(findings, { version: tools.version, rules }, base));
  }
  return json({ version: 1, searched, aboutResonate, inBaseline: known, findings: findings.map((finding) => ({ ...finding, file: relativePath(base, finding.file) })) });
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
