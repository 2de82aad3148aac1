import { inspect, isDeepStrictEqual } from "node:util";
import { volatilePlaces, type Volatile } from "../verify/compare.js";
import type { Outcome, RunRecord, Step } from "./scenario.js";

/** Where two runs are not the same. */
export interface Difference {
  /** The number of the step, from 1; beyond the last for what no step speaks of. */
  readonly number: number;
  /** The step in words: `Counter.add north`. */
  readonly step: string;
  readonly what: "result" | "error" | "code" | "effects";
  readonly restate: string;
  readonly resonate: string;
}

/** What stands in place of a value that is another in each run: a time, a random number. */
export const VARIES = "(varies)";

/** Finds what is not the same in two runs on the same engine: times and random numbers. */
export function whatVaries(one: RunRecord, other: RunRecord): Volatile {
  return volatilePlaces(one, other);
}

/** Gives a record with a mark in place of all that varies. */
export function masked(record: RunRecord, varies: Volatile): RunRecord {
  const mask = (value: unknown, place: string): unknown => {
    if (varies.has(place)) return VARIES;
    if (typeof value !== "object" || value === null) return value;
    const members = Object.entries(value).map(([name, member]) => [name, mask(member, `${place}.${name}`)] as const);
    return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
  };
  return mask(record, "") as RunRecord;
}

/** Compares what two runs of the same steps showed. What is marked as varying in Restate's record is not compared. */
export function compareRuns(steps: readonly Step[], restate: RunRecord, resonate: RunRecord): Difference[] {
  const theirs = masked(resonate, markedPlaces(restate));
  const found = steps.flatMap((step, index): Difference[] => {
    const name = { number: index + 1, step: step.label };
    const outcome = outcomeDifference(restate.outcomes[index] ?? null, theirs.outcomes[index] ?? null);
    return [...(outcome === undefined ? [] : [{ ...name, ...outcome }]), ...effectsDifference(restate.effects[index], theirs.effects[index]).map((one) => ({ ...name, ...one }))];
  });
  const others = effectsDifference(restate.others, theirs.others).map((one) => ({ number: steps.length + 1, step: "effects that no step speaks of", ...one }));
  return [...found, ...others];
}

function markedPlaces(record: RunRecord): Volatile {
  const places = new Set<string>();
  const look = (value: unknown, place: string): void => {
    if (value === VARIES) places.add(place);
    else if (typeof value === "object" && value !== null) for (const [name, member] of Object.entries(value)) look(member, `${place}.${name}`);
  };
  look(record, "");
  return places;
}

type Found = Pick<Difference, "what" | "restate" | "resonate">;

function effectsDifference(restate: readonly unknown[] | null | undefined, resonate: readonly unknown[] | null | undefined): Found[] {
  return isDeepStrictEqual(restate, resonate) ? [] : [{ what: "effects", restate: show(restate), resonate: show(resonate) }];
}

function outcomeDifference(restate: Outcome | null, resonate: Outcome | null): Found | undefined {
  if (restate !== null && resonate !== null && "error" in restate && "error" in resonate) {
    if (restate.error !== resonate.error) return { what: "error", restate: restate.error, resonate: resonate.error };
    const differ = restate.code !== undefined && resonate.code !== undefined && restate.code !== resonate.code;
    return differ ? { what: "code", restate: String(restate.code), resonate: String(resonate.code) } : undefined;
  }
  // No answer is never right, also where both give none.
  const isSame = isDeepStrictEqual(restate, resonate) && !(restate !== null && "silent" in restate);
  return isSame ? undefined : { what: "result", restate: outcomeText(restate), resonate: outcomeText(resonate) };
}

function outcomeText(outcome: Outcome | null): string {
  if (outcome === null || "silent" in outcome) return "no answer";
  return "error" in outcome ? `error ${show(outcome.error)} (${outcome.code ?? "no code"})` : show(outcome.value);
}

function show(value: unknown): string {
  return inspect(value, { depth: null, compact: true, breakLength: Infinity, maxArrayLength: null, maxStringLength: 2_000 });
}
