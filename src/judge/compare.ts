import { inspect, isDeepStrictEqual } from "node:util";
import type { Outcome, RunRecord, Step } from "./scenario.js";

/** Where two runs are not the same. */
export interface Difference {
  /** The step in words: `3. Counter.add north`. */
  readonly step: string;
  readonly what: "result" | "error" | "code" | "effects";
  readonly restate: string;
  readonly resonate: string;
}

/** Compares what two runs of the same steps showed. */
export function compareRuns(steps: readonly Step[], restate: RunRecord, resonate: RunRecord): Difference[] {
  const outcomes = steps.flatMap((_, index) => {
    const found = outcomeDifference(restate.outcomes[index], resonate.outcomes[index]);
    return found === undefined ? [] : [{ step: nameOf(steps, index), ...found }];
  });
  const parts = restate.parts.flatMap((part, index) => {
    const other = resonate.parts[index]?.effects ?? [];
    const ordered = (list: readonly unknown[]): readonly unknown[] => (part.anyOrder ? list.map((one) => JSON.stringify(one)).sort() : list);
    if (isDeepStrictEqual(ordered(part.effects), ordered(other))) return [];
    return [{ step: nameOf(steps, part.upTo), what: "effects" as const, restate: show(part.effects), resonate: show(other) }];
  });
  return [...outcomes, ...parts];
}

function outcomeDifference(restate: Outcome | undefined, resonate: Outcome | undefined): Omit<Difference, "step"> | undefined {
  if (restate === undefined && resonate === undefined) return undefined;
  const [one, other] = [restate ?? {}, resonate ?? {}].map(plain) as [Outcome, Outcome];
  if ("error" in one && "error" in other) {
    if (one.error !== other.error) return { what: "error", restate: one.error, resonate: other.error };
    const differ = one.code !== undefined && other.code !== undefined && one.code !== other.code;
    return differ ? { what: "code", restate: String(one.code), resonate: String(other.code) } : undefined;
  }
  return isDeepStrictEqual(one, other) ? undefined : { what: "result", restate: outcomeText(one), resonate: outcomeText(other) };
}

/** As JSON has it: members that are undefined are absent. */
function plain(outcome: Outcome): unknown {
  return JSON.parse(JSON.stringify(outcome));
}

function outcomeText(outcome: Outcome): string {
  if ("silent" in outcome) return "no answer";
  return "error" in outcome ? `error ${show(outcome.error)} (${outcome.code ?? "no code"})` : show(outcome.value);
}

function nameOf(steps: readonly Step[], index: number): string {
  return steps[index]?.label ?? "after the last step";
}

function show(value: unknown): string {
  return inspect(value, { depth: null, breakLength: Infinity, maxArrayLength: null, maxStringLength: 2_000 });
}
