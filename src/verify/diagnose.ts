import type { Baseline } from "./baseline.js";
import { type Finding, keyOf, type ProblemCode } from "./problems.js";
import type { Experiment, RunPlan, RunRecord } from "./run-record.js";
import { errorText, operationAt, operationName, shortened } from "./words.js";

/** Runs a plan and gives what is wrong with it. */
export type Perform = (plan: RunPlan) => Promise<{ readonly run: RunRecord; readonly findings: readonly Finding[] }>;

/** Finds that may have causes which an experiment shows. */
const SYMPTOMS: readonly ProblemCode[] = ["diverged", "unexpected", "result-differs", "effects-differ", "no-result", "step-repeated", "spinning", "never-settled"];

/** What is changed to see whether a finding goes away, and what it says if it does. */
const EXPERIMENTS: readonly { readonly change: Experiment; explain(finding: Finding, run: RunRecord, losses: Baseline["run"]["losses"]): Partial<Finding> | undefined }[] = [
  { change: { sameReads: true }, explain: (finding, run) => readReason(finding, run) },
  { change: { live: "values" }, explain: (finding, run, losses) => lossReason(finding, run, losses, "value") },
  { change: { live: "errors" }, explain: (finding, run, losses) => lossReason(finding, run, losses, "error") },
  {
    change: { freshPasses: true },
    explain: () => ({ reason: "It goes away when each pass runs in a fresh process: it depends on a variable of the module or the process, which outlives a pass and not a worker." }),
  },
];

/**
 * Finds out what a finding comes from: repeats its run with one thing changed at a time, and sees whether it goes away.
 * Gives the finding with its reason, as it was where no experiment tells.
 */
export async function diagnose(finding: Finding, record: RunRecord, losses: RunRecord["losses"], perform: Perform): Promise<Finding> {
  if (!SYMPTOMS.includes(finding.code)) return finding;
  for (const { change, explain } of EXPERIMENTS) {
    const explained = explain(finding, record, losses);
    if (explained === undefined) continue;
    const { findings } = await perform({ ...record.plan, experiment: change });
    if (findings.every((one) => !isAboutTheSame(one, finding))) return { ...finding, ...explained };
  }
  if (finding.code !== "diverged" && record.plan.fault.kind === "none") return finding;
  return { ...finding, reason: classReason(finding, record, losses) ?? memoryReason(finding, record) };
}

function isAboutTheSame(one: Finding, other: Finding): boolean {
  return keyOf(one) === keyOf(other) || (SYMPTOMS.includes(one.code) && one.function === other.function);
}

/** Time or chance that a handler read outside of steps. */
function readReason({ context, function: func }: Finding, run: RunRecord): Partial<Finding> | undefined {
  const journals = run.passes.flatMap((pass) => pass.journals);
  const related = journals.filter((journal) => journal.context === context || journal.pass.root === context);
  const reads = (related.some((journal) => journal.reads.length > 0) ? related : journals).flatMap((journal) => journal.reads);
  const read = reads.at(-1);
  if (read === undefined) return undefined;
  return { reason: `${func || "It"} reads ${read.source} outside of a step: that differs in each pass.`, at: read.at };
}

/** What steps gave that is not the same when it is read back. */
function lossReason(finding: Finding, run: RunRecord, losses: RunRecord["losses"], kind: "value" | "error"): Partial<Finding> | undefined {
  const found = [...losses].filter(([, loss]) => loss.kind === kind);
  const [id, loss] = found.find(([step]) => finding.context !== undefined && step.startsWith(finding.context)) ?? found[0] ?? [];
  if (id === undefined || loss === undefined) return undefined;
  const operation = operationAt(run, id);
  const name = operation === undefined ? id : operationName(operation);
  if (kind === "error") return { reason: `The error of ${name} ${loss.text}: a test of its class holds only until the replay.`, at: operation?.at ?? finding.at };
  return {
    code: "not-json",
    subject: id,
    at: operation?.at ?? finding.at,
    message: `The value of ${name}${loss.at === "" ? "" : `, at ${loss.at},`} ${loss.text}.`,
    reason: `The program notices: ${shortened(finding.message, 300)}`,
  };
}

/**
 * An error of a class of the project's, shortly before the histories part. No experiment can show it: the class of a fresh
 * worker is another one than that of the error.
 */
function classReason({ context, histories }: Finding, run: RunRecord, losses: RunRecord["losses"]): string | undefined {
  const journal = run.passes.flatMap((pass) => pass.journals).findLast((one) => one.context === context);
  const before = journal?.operations.slice(0, histories?.parting) ?? [];
  const failed = before.findLast(({ id }) => losses.get(id)?.kind === "error");
  return failed === undefined ? undefined : `The error of ${operationName(failed)} ${losses.get(failed.id)?.text}: a test of its class holds only until the replay.`;
}

function memoryReason({ context }: Finding, run: RunRecord): string {
  const failed = run.passes.find((pass) => pass.root === context && pass.end === "failed" && run.plan.fault.kind === "none");
  if (failed !== undefined) return `A pass failed: ${errorText(failed.error)}.`;
  return "Steps that are recorded do not run again: what they write into variables is not there after a replay, and neither is the order in which they ended.";
}
