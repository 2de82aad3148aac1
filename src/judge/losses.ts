import { compareRuns, type Difference } from "./compare.js";
import type { RunRecord, Step } from "./scenario.js";
import type { CrashPoint } from "./worker-job.js";

/** Gives the moments of a run at which to lose its worker: before and after each effect, or `limit` of them, spread evenly. */
export function crashPoints(run: RunRecord, limit: number): CrashPoint[] {
  const count = effectsOf(run).length;
  const all = Array.from({ length: count }, (_, effect) => (["before", "after"] as const).map((when) => ({ effect, when }))).flat();
  if (all.length <= limit) return all;
  return Array.from({ length: limit }, (_, index) => all[Math.floor((index * all.length) / limit)]!);
}

/**
 * Compares two runs in which the worker was lost at the same effect. A step that was under way then may have run once more,
 * on either side; nothing else may be different. `clean` is the run without a loss.
 */
export function compareLosses(steps: readonly Step[], clean: RunRecord, restate: RunRecord, resonate: RunRecord): Difference[] {
  const [one, other] = [withoutRepeats(clean, restate), withoutRepeats(clean, resonate)];
  const found = compareRuns(steps, one.record, other.record);
  const repeated = [...new Set([...one.repeats.keys(), ...other.repeats.keys()])].flatMap((effect): Difference[] => {
    const [theirs, ours] = [one.repeats.get(effect) ?? 0, other.repeats.get(effect) ?? 0];
    if (Math.abs(theirs - ours) <= 1) return [];
    return [{ number: steps.length + 1, step: "all steps", what: "effects", restate: `${effect} ${theirs} times more`, resonate: `${effect} ${ours} times more` }];
  });
  return [...found, ...repeated];
}

function withoutRepeats(clean: RunRecord, run: RunRecord): { readonly record: RunRecord; readonly repeats: ReadonlyMap<string, number> } {
  const known = new Set(effectsOf(clean).map(textOf));
  const repeats = new Map<string, number>();
  const reduced = (expected: readonly unknown[], list: readonly unknown[]): unknown[] => {
    const left = expected.map(textOf);
    return list.filter((effect) => {
      const text = textOf(effect);
      const at = left.indexOf(text);
      if (at !== -1) left.splice(at, 1);
      // What the run without a loss never had is no repeat.
      else if (known.has(text)) repeats.set(text, (repeats.get(text) ?? 0) + 1);
      return at !== -1 || !known.has(text);
    });
  };
  // What no step speaks of, such as what loading does, comes when it comes: here perhaps while a step waits.
  const apart = new Set(clean.others.map(textOf));
  const strays = run.effects.flatMap((list, index) => (list ?? []).filter((effect) => apart.has(textOf(effect)) && !(clean.effects[index] ?? []).some((one) => textOf(one) === textOf(effect))));
  const effects = run.effects.map((list, index) => list && reduced(clean.effects[index] ?? [], list.filter((effect) => !strays.includes(effect))));
  const others = reduced(clean.others, [...run.others, ...strays]).sort((one, other) => (textOf(one) < textOf(other) ? -1 : 1));
  return { record: { ...run, effects, others }, repeats };
}

function textOf(effect: unknown): string {
  return JSON.stringify(effect);
}

function effectsOf({ effects, others }: RunRecord): unknown[] {
  return [...effects.flatMap((list) => list ?? []), ...others];
}
