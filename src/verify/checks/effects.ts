import { type Baseline, stepName, stepsWithPaths } from "../baseline.js";
import { isSame, type Volatile } from "../compare.js";
import type { Finding } from "../problems.js";
import type { Effect, RunRecord } from "../run-record.js";
import type { ScenarioStep } from "../scenario.js";
import { capital, functionOf, operationName, place, short } from "../words.js";

/** Finds steps of the scenario that added other effects than it expects. For a run without faults. */
export function unexpectedEffects(run: RunRecord, steps: readonly ScenarioStep[]): Finding[] {
  return stepsWithPaths(steps).flatMap(({ path, step }) => {
    const record = run.outcomes.find((one) => one.path === path);
    if (step.effects === undefined || record === undefined) return [];
    const expected = sorted(step.effects, step.anyOrder);
    const actual = sorted(run.effects.slice(...record.effects).map(({ value }) => value), step.anyOrder);
    if (isSame(expected, actual)) return [];
    const message = `${capital(stepName(path, step))}: expected the effects ${short(expected, 200)}, and there are ${short(actual, 200)}.`;
    return [{ code: "unexpected", severity: "error", function: functionOf(run, record.id ?? ""), subject: `${path} effects`, message, context: record.id } satisfies Finding];
  });
}

/** Finds effects of handler code that came once more because the handler ran once more. */
export function repeatedEffects(run: RunRecord): Finding[] {
  const seen = new Map<string, Effect>();
  return run.effects.flatMap((effect) => {
    if (effect.step !== undefined || effect.pass === undefined || effect.context === undefined) return [];
    const text = JSON.stringify(effect.value);
    const key = `${effect.context} ${text}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, effect);
    if (first === undefined || first.pass === effect.pass) return [];
    const func = functionOf(run, effect.context);
    return [{ code: "effect-repeated", severity: "error", function: func, subject: text, at: effect.at, message: `${func} does ${short(effect.value)} outside of any step, and once more in each pass.` } satisfies Finding];
  });
}

/**
 * Finds effects that are missing or too many, compared with the run without faults. What a step did that was in flight
 * when its worker was lost does not count if it ran once more; how often it tried is then up to the outside world.
 */
export function differentEffects(run: RunRecord, { run: clean, volatileEffects }: Baseline): Finding[] {
  const again = stepsRunAgain(run);
  const missing: Expected[] = [];
  const added: Effect[] = [];
  const [before, now] = [byOwner(clean, volatileEffects), byOwner(run)];
  for (const owner of new Set([...before.keys(), ...now.keys()])) {
    const lists = unmatched(before.get(owner) ?? [], (now.get(owner) ?? []).map(({ effect }) => effect), again.has(owner));
    missing.push(...lists.missing);
    added.push(...lists.added);
  }
  // The same effect by another step, such as the one that came first this time.
  const left = unmatched(missing, added, false);
  return [...left.missing.map(({ effect }) => difference(clean, effect, "is missing")), ...left.added.map((effect) => difference(run, effect, "came once too often"))];
}

interface Expected {
  readonly effect: Effect;
  readonly volatile?: Volatile;
}

/** The effects of each step, and of each context's code outside of steps; none of what a process does by itself whenever it is started. */
function byOwner({ effects, selfStarted }: RunRecord, volatileEffects: readonly Volatile[] = []): Map<string, Expected[]> {
  const groups = new Map<string, Expected[]>();
  for (const [index, effect] of effects.entries()) {
    const owner = effect.step?.id ?? effect.context;
    if (owner === undefined || selfStarted.has(owner.split(":", 1)[0] ?? "")) continue;
    groups.set(owner, [...(groups.get(owner) ?? []), { effect, volatile: volatileEffects[index] }]);
  }
  return groups;
}

/** What is only in one of two lists; `asSets` where it does not matter how often each is there. */
function unmatched(expected: readonly Expected[], actual: readonly Effect[], asSets: boolean): { readonly missing: Expected[]; readonly added: Effect[] } {
  const matches = ({ effect, volatile }: Expected, { value }: Effect): boolean => isSame(effect.value, value, volatile);
  if (asSets) return { missing: expected.filter((one) => !actual.some((other) => matches(one, other))), added: actual.filter((one) => !expected.some((other) => matches(other, one))) };
  const added = [...actual];
  const missing = expected.filter((one) => {
    const at = added.findIndex((other) => matches(one, other));
    if (at !== -1) added.splice(at, 1);
    return at === -1;
  });
  return { missing, added };
}

/** Finds steps that ran though their result was recorded, or more often than a fault explains. */
export function repeatedSteps(run: RunRecord): Finding[] {
  const allowed = run.plan.fault.kind === "none" ? 1 : 2;
  return [...executions(run)].flatMap(([id, times]) => {
    if (times <= allowed) return [];
    const step = run.steps.find((one) => one.id === id);
    const name = step?.operation === undefined ? id : operationName(step.operation);
    return [{ code: "step-repeated", severity: "error", function: functionOf(run, id), subject: place(id, step?.pass.root ?? ""), at: step?.operation?.at, message: `${name} ran ${times} times.` } satisfies Finding];
  });
}

/**
 * How often each step ran. Where two nested generators wait for a step that has not begun, the SDK is given it twice, and the one
 * given it while it runs may only wait for the other: that it does something by itself shows in its effects.
 */
function executions({ steps, effects }: RunRecord): Map<string, number> {
  const times = new Map<string, number>();
  for (const step of steps) {
    const onlyWaits = step.joined === true && !effects.some((effect) => effect.step === step);
    if (!onlyWaits) times.set(step.id, (times.get(step.id) ?? 0) + 1);
  }
  return times;
}

function stepsRunAgain(run: RunRecord): Set<string> {
  return new Set([...executions(run)].filter(([, times]) => times > 1).map(([id]) => id));
}

function difference(run: RunRecord, effect: Effect, what: string): Finding {
  const { step, context, value, at } = effect;
  const owner = step?.id ?? context ?? "";
  const where = step?.operation === undefined ? "" : ` of ${operationName(step.operation)}`;
  return { code: "effects-differ", severity: "error", function: functionOf(run, owner), subject: `${JSON.stringify(value)} ${what}`, at, context: step?.pass.root ?? context, message: `The effect ${short(value)}${where} ${what}.` };
}

function sorted(values: readonly unknown[], anyOrder: boolean | undefined): readonly unknown[] {
  return anyOrder === true ? [...values].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : values;
}
