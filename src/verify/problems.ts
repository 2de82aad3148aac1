import type { Place } from "./places.js";

/** What `verify` can find, with the way out of each. */
export const PROBLEMS = {
  diverged: "Let a replay ask for the same operations: take the time, random numbers and ids from `yield* ctx.date.now()`, `yield* ctx.math.random()` or a step; branch only on arguments and on what steps return; test an error by its name.",
  "not-json": "Return from the step what JSON can carry (text for a Date, an array for a Map, a number or text for a bigint), and make the rich value outside of the step.",
  undecodable: "Settle promises with what `new Codec().encode(value)` gives: `resonate.promises.resolve(id, new Codec().encode(value))`.",
  unexpected: "Without any fault the program does not do what the scenario says: correct one of the two.",
  "result-differs": "Let the result depend on arguments and on what steps return, not on variables that steps or other invocations write: a replay takes the recorded results and runs no step again.",
  "effects-differ": "Do what must happen once in a step, and let steps depend only on their arguments.",
  "effect-repeated": "Move it into a step: `yield* ctx.run(() => ...)`. What stands between steps runs again on each replay.",
  "step-repeated": "Give each step a place of its own in the sequence of calls, so that a replay finds its result.",
  "sleep-cut": "Start the function with a timeout that is longer than all its sleeps: `ctx.options({ timeout })` where it is called, `timeout` in a scenario.",
  "never-times-out": "Give the promise a timer: the tags `resonate:timer: \"true\"` and `resonate:target: ctx.options().target`.",
  "never-settled": "Settle the promise on every way through the program, add the step that does it to the scenario, or race it with a timer.",
  "held-up": "Await it before the function returns, or start it with `ctx.detached`, for which nobody waits.",
  "not-registered": "Register the function in a process of that group (`resonate.register(\"name\", f)`), or call it with the `target` of the group that has it.",
  refused: "See the rule that the answer quotes.",
  endless: "Give the loop an end, or let a long-running function start its successor with `ctx.detached` now and then.",
  spinning: "Make the cause go away, or let the function fail: a task that is given back is run again at once.",
  "policy-ignored": "Give the policy to the steps inside: a generator is not retried.",
  "no-result": "See what the function waits for.",
  exited: "Do not end the process from code that a worker runs.",
  unhandled: "Await or catch the promise: an unhandled rejection ends a Node process.",
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** Two histories side by side. */
export interface Histories {
  readonly left: History;
  readonly right: History;
  /** The index of the first line that differs. */
  readonly parting: number;
}

/** What a generator asked for, a line for each operation. */
export interface History {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Something that was found in a run. */
export interface Finding {
  readonly code: ProblemCode;
  readonly severity: "error" | "warning";
  /** The registered function that it belongs to; empty where it belongs to none. */
  readonly function: string;
  /** Tells it from other findings of the same code and function: a promise's id without its root, an effect. */
  readonly subject: string;
  readonly message: string;
  /** Where in the program: an error whose stack goes through it. */
  readonly at?: Error;
  /** The place itself, once it was looked up. */
  readonly place?: Place;
  readonly histories?: Histories;
  /** The context whose histories part. */
  readonly context?: string;
  /** What led to it, once that is known. */
  readonly reason?: string;
}

/** The same finding has the same key in every run. */
export function keyOf({ code, function: func, subject }: Finding): string {
  return `${code} ${func} ${subject}`;
}
