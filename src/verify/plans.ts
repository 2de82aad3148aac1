import { chanceOf } from "../runtime/chance.js";
import type { Fate } from "../runtime/worker.js";
import type { Fault, MadeRequest, RunRecord } from "./run-record.js";

const FATES: readonly Fate[] = ["dies-after", "dies-before", "loses-answer", "loses-lease"];

/** The points at which a worker is lost, and what happens to it at each. */
export interface Exploration {
  /** Requests of the run without faults: at each a worker can die. */
  readonly points: number;
  /** How many of them are tried: all, or as many as `limit` lets. */
  readonly tried: number;
  readonly faults: readonly Fault[];
}

/**
 * Plans the runs with faults: at every request of the run without faults each fate; one where every message arrives twice, one
 * where workers compete. Beyond `limit` points, as many of them as that are taken by `seed`: the same seed takes the same ones.
 */
export function planFaults(clean: RunRecord, limit: number, seed: string): Exploration {
  const points = clean.requests.length;
  const tried = points <= limit ? [...clean.requests.keys()] : sampled(points, limit, seed);
  const atRequests = FATES.flatMap((fate) => tried.filter((at) => isPossible(fate, clean.requests[at])).map((at): Fault => ({ kind: "request", at, fate })));
  return { points, tried: tried.length, faults: [...atRequests, { kind: "twice" }, { kind: "competing" }] };
}

/** A request of the program's own that fails makes a step wait and try again: time passes, and what depends on it may change. */
function isPossible(fate: Fate, request: MadeRequest | undefined): boolean {
  return fate !== "loses-answer" || request?.kind.startsWith("task.") === true;
}

/** Takes `count` of the numbers below `total`, in order. */
function sampled(total: number, count: number, seed: string): number[] {
  const chance = chanceOf(seed);
  const numbers = [...Array(total).keys()];
  for (let index = 0; index < count; index++) {
    const other = index + Math.floor(chance() * (total - index));
    [numbers[index], numbers[other]] = [numbers[other] as number, numbers[index] as number];
  }
  return numbers.slice(0, count).sort((a, b) => a - b);
}

/** Says what goes wrong in a run: "worker dies after request 3 of 9 (task.fence promise.create of order:0)". */
export function faultText(fault: Fault, clean: RunRecord): string {
  switch (fault.kind) {
    case "none":
      return "no fault";
    case "twice":
      return "every message arrives twice";
    case "competing":
      return "two workers compete";
    case "request": {
      const request = clean.requests[fault.at];
      const what = request === undefined ? "" : ` (${request.action ?? request.kind} of ${request.id})`;
      return `${FATE_TEXT[fault.fate]} request ${fault.at + 1} of ${clean.requests.length}${what}`;
    }
  }
}

const FATE_TEXT: Readonly<Record<Fate, string>> = {
  "dies-after": "a worker dies after",
  "dies-before": "a worker dies before",
  "loses-answer": "the answer is lost of",
  "loses-lease": "the lease ends before",
};
