import type { RunDifferences } from "../../src/judge/judge.js";
import type { PinnedDifference, Scenario } from "./fixture.js";

/** What a comparison comes to, in words. */
export interface Verdict {
  /** Differences that a diagnostic of the fixture tells. */
  readonly pinned: readonly string[];
  /** All other differences, and what is pinned in vain. */
  readonly wrong: readonly string[];
}

/** Holds differences against those that a fixture's scenario knows of. `all` is false where only some runs were compared. */
export function verdictOf({ differs = [], diagnostics = [] }: Scenario, runs: readonly RunDifferences[], all: boolean): Verdict {
  const verdict = { pinned: [] as string[], wrong: [] as string[] };
  const used = new Set<PinnedDifference>();
  for (const { crash, differences } of runs) {
    const at = crash === undefined ? "" : `, worker lost ${crash.when} effect ${crash.effect + 1}`;
    for (const { number, step, what, restate, resonate } of differences) {
      const pin = differs.find((one) => one.call === number && (one.whenLost !== true || crash !== undefined));
      const text = `step ${number} (${step})${at}: ${what}\n    Restate  ${restate}\n    Resonate ${resonate}`;
      if (pin === undefined) verdict.wrong.push(text);
      else {
        used.add(pin);
        verdict.pinned.push(`${text}\n    ${pin.code}: ${pin.why}`);
      }
    }
  }
  for (const pin of differs) {
    if (!diagnostics.includes(pin.code)) verdict.wrong.push(`call ${pin.call} is pinned to ${pin.code}, which is not among the fixture's diagnostics`);
    // A loss shows a difference only where it hits.
    if (all && !pin.whenLost && !used.has(pin)) verdict.wrong.push(`call ${pin.call} is said to differ, and does not: ${pin.why}`);
  }
  return verdict;
}
