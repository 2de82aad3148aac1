import type { Baseline } from "./baseline.js";
import { impossibleDeadlines, ignoredPolicies } from "./checks/deadlines.js";
import { differentEffects, repeatedEffects, repeatedSteps, unexpectedEffects } from "./checks/effects.js";
import { divergedHistories } from "./checks/histories.js";
import { unexpectedOutcomes } from "./checks/outcomes.js";
import { earlyStop, unhandledRejections } from "./checks/stops.js";
import { expiredFunctions, lateReturns } from "./checks/waiting.js";
import { type Finding, keyOf } from "./problems.js";
import type { RunRecord } from "./run-record.js";
import type { ScenarioStep } from "./scenario.js";

/**
 * Says what is wrong with a run. `baseline` is what it is held against; absent for the first run without faults, which is held
 * against the scenario's own words. Where a cause is found, what follows from it is left out.
 */
export function judge(run: RunRecord, steps: readonly ScenarioStep[], baseline?: Baseline): Finding[] {
  const causes = [...impossibleDeadlines(run), ...ignoredPolicies(run), ...divergedHistories(run), ...repeatedEffects(run), ...lateReturns(run)];
  const ends = causes.some(isError) ? [] : [...earlyStop(run), ...expiredFunctions(run).filter((one) => !isExpected(run, one, steps))];
  const found = [...causes, ...ends];
  const effects = baseline === undefined ? unexpectedEffects(run, steps) : differentEffects(run, baseline);
  const symptoms = found.some(isError) ? [] : [...unexpectedOutcomes(run, steps, baseline), ...effects, ...repeatedSteps(run), ...unhandledRejections(run)];
  return distinct([...found, ...symptoms]);
}

function isError({ severity }: Finding): boolean {
  return severity === "error";
}

/** A scenario may expect that a function expires. */
function isExpected(run: RunRecord, { function: func }: Finding, steps: readonly ScenarioStep[]): boolean {
  return steps.some((step) => ("call" in step || "attach" in step) && step.error !== undefined && ("attach" in step ? run.functions.get(step.attach) : step.call) === func);
}

function distinct(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [keyOf(finding), finding])).values()];
}
