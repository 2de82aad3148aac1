import type { RunDifferences } from "../../src/judge/judge.js";
import type { PinnedDifference, Scenario } from "./fixture.js";

/** What a comparison comes to, in words, and whether all is well. */
export interface Verdict {
  readonly pinned: readonly string[];
  /** Empty where every difference is pinned and every pin is needed. */
  readonly wrong: readonly string[];
}

/** Holds differences against those that a fixture's scenario pins to a diagnostic. `all` is false where only some runs were compared. */
export function verdictOf({ differs = [], diagnostics = [] }: Scenario, runs: readonly RunDifferences[], all: boolean): Verdict {
  const pinned: string[] = [];
  const wrong: string[] = [];
  const used = new Set<PinnedDifference>();
  for (const { crash, differences } of runs) {
    const at = crash === undefined ? "" : `, worker lost ${crash.when} effect ${crash.effect + 1}`;
    for (const { number, step, what, restate, resonate } of differences) {
      const pin = differs.find((one) => one.call === number && (one.whenLost !== true || crash !== undefined));
      const text = `step ${number} (${step})${at}: ${what}\n    Restate  ${restate}\n    Resonate ${resonate}`;
      if (pin === undefined) wrong.push(text);
      else {
        used.add(pin);
        pinned.push(`${text}\n    ${pin.code}: ${pin.why}`);
      }
    }
  }
  for (const { code, call } of differs) if (!diagnostics.includes(code)) wrong.push(`call ${call} is pinned to ${code}, which is not among the fixture's diagnostics`);
  if (all) for (const pin of differs) if (!used.has(pin)) wrong.push(`call ${pin.call} is pinned to ${pin.code}, and there is no difference`);
  return { pinned, wrong };
}
