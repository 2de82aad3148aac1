import { type Baseline, outcomeAt, plainOutcome, stepName, stepsWithPaths } from "../baseline.js";
import { isSame } from "../compare.js";
import type { Finding, Histories } from "../problems.js";
import type { RunRecord, StepRecord } from "../run-record.js";
import type { ScenarioStep } from "../scenario.js";
import { capital, errorText, functionOf, historyLines, outcomeText, short } from "../words.js";

/** Finds calls that came to something else than the scenario expects, or, where it says nothing, than in the run without faults. */
export function unexpectedOutcomes(run: RunRecord, steps: readonly ScenarioStep[], baseline?: Baseline): Finding[] {
  return stepsWithPaths(steps).flatMap(({ path, step }) => {
    const record = run.outcomes.find((one) => one.path === path);
    const wrong = record === undefined ? undefined : wrongOutcome(record, step, baseline);
    if (record === undefined || wrong === undefined) return [];
    const root = record.id ?? "";
    return [
      {
        code: record.missing === true ? "no-result" : baseline === undefined ? "unexpected" : "result-differs",
        severity: "error",
        function: functionOf(run, root),
        subject: path,
        message: `${capital(stepName(path, step))}: ${wrong}.`,
        histories: baseline === undefined ? undefined : histories(baseline.run, run, root),
        context: root,
      } satisfies Finding,
    ];
  });
}

function wrongOutcome(record: StepRecord, step: ScenarioStep, baseline: Baseline | undefined): string | undefined {
  const { outcome, path } = record;
  if (record.missing === true || outcome === undefined) return "its result never came";
  const expected = expectedOutcome(step);
  if (expected !== undefined) return unexpected(expected, outcome);
  if (baseline === undefined) return outcome.kind === "error" ? `failed with ${errorText(outcome.error)}` : undefined;
  const before = outcomeAt(baseline.run, path);
  if (before?.kind === outcome.kind && isSame(plainOutcome(before), plainOutcome(outcome), baseline.volatileResults.get(path))) return undefined;
  return `came to ${outcomeText(outcome)}, and without a fault to ${outcomeText(before)}`;
}

type Expected = { readonly result: unknown } | { readonly error: string | RegExp };

function expectedOutcome(step: ScenarioStep): Expected | undefined {
  if (!("call" in step || "attach" in step)) return undefined;
  if (step.error !== undefined) return { error: step.error };
  return "result" in step ? { result: step.result } : undefined;
}

function unexpected(expected: Expected, outcome: NonNullable<StepRecord["outcome"]>): string | undefined {
  if ("error" in expected) {
    if (outcome.kind === "value") return `expected to fail with ${short(expected.error)}, and gave ${short(outcome.value)}`;
    const message = outcome.error instanceof Error ? outcome.error.message : String(outcome.error);
    const matches = typeof expected.error === "string" ? message === expected.error : expected.error.test(message);
    return matches ? undefined : `expected to fail with ${short(expected.error)}, and failed with ${errorText(outcome.error)}`;
  }
  if (outcome.kind === "error") return `expected ${short(expected.result)}, and failed with ${errorText(outcome.error)}`;
  if (typeof expected.result !== "function") return isSame(expected.result, outcome.value) ? undefined : `expected ${short(expected.result)}, and gave ${short(outcome.value)}`;
  return refusedBy(expected.result as (value: unknown) => void, outcome.value);
}

function refusedBy(check: (value: unknown) => void, value: unknown): string | undefined {
  try {
    check(value);
    return undefined;
  } catch (error) {
    return `gave ${short(value)}, which the scenario refuses: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** The histories of one invocation in two runs. */
export function histories(before: RunRecord, now: RunRecord, root: string): Histories | undefined {
  const [left, right] = [before, now].map((run) => run.passes.findLast((pass) => pass.root === root)?.journals[0]);
  if (left === undefined || right === undefined) return undefined;
  const [was, is] = [historyLines(left), historyLines(right)];
  const parting = was.findIndex((line, index) => line !== is[index]);
  if (parting === -1 && was.length === is.length) return undefined;
  return { left: { title: "without a fault", lines: was }, right: { title: "with it", lines: is }, parting: parting === -1 ? was.length : parting };
}
