import type { Outcome } from "../runtime/recording.js";
import { type Volatile, volatilePlaces } from "./compare.js";
import type { RunRecord } from "./run-record.js";
import type { ScenarioStep } from "./scenario.js";

/** What a run without faults did: other runs are held against it. */
export interface Baseline {
  readonly run: RunRecord;
  /** What differs without any fault, by the step's place in the scenario. */
  readonly volatileResults: ReadonlyMap<string, Volatile>;
  /** The same for effects, in the order in which they came. */
  readonly volatileEffects: readonly Volatile[];
}

/** Learns from two runs without faults, at different times and with other random numbers, what is the same in all. */
export function baselineOf(run: RunRecord, other: RunRecord): Baseline {
  const results = new Map(run.outcomes.map(({ path, outcome }) => [path, volatilePlaces(plainOutcome(outcome), plainOutcome(outcomeAt(other, path)))]));
  return {
    run,
    volatileResults: results,
    volatileEffects: run.effects.map((effect, index) => volatilePlaces(effect.value, other.effects[index]?.value)),
  };
}

/** What came of the step at a place of the scenario. */
export function outcomeAt(run: RunRecord, path: string): Outcome | undefined {
  return run.outcomes.find((one) => one.path === path)?.outcome;
}

/** Gives what an outcome holds: its value or its error. */
export function plainOutcome(outcome: Outcome | undefined): unknown {
  return outcome?.kind === "error" ? asError(outcome.error) : outcome?.value;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** All steps of a scenario with their places: `2`, inside of `parallel` `2.1`. */
export function stepsWithPaths(steps: readonly ScenarioStep[], prefix = ""): { readonly path: string; readonly step: ScenarioStep }[] {
  return steps.flatMap((step, index) => {
    const path = `${prefix}${index + 1}`;
    return [{ path, step }, ...("parallel" in step ? stepsWithPaths(step.parallel, `${path}.`) : [])];
  });
}

/** Names a step of a scenario: `step 2, call deposit`. */
export function stepName(path: string, step: ScenarioStep): string {
  const [kind, what] = Object.entries(step)[0] as [string, unknown];
  return `step ${path}, ${kind}${typeof what === "string" || typeof what === "number" ? ` ${what}` : ""}`;
}
