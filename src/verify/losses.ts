import { inspect } from "node:util";
import type { Outcome } from "../runtime/recording.js";

/** Something that is not the same after it has been through the store (SEMANTICS A4, A14). */
export interface Loss {
  readonly kind: "value" | "error";
  /** Where in the value, as one would write it: `.items[0].at`; empty for the value itself. */
  readonly at: string;
  /** True for a member that is undefined and comes back absent: only `in` and `Object.keys` notice. */
  readonly minor?: boolean;
  /** A clause: "is a Date and comes back as text". */
  readonly text: string;
}

/** Finds the first thing of a step's value or error that does not survive the store; `replayed` gives what the store makes of it. */
export function lossOf(outcome: Outcome, replayed: (outcome: Outcome) => Outcome): Loss | undefined {
  let stored: Outcome;
  try {
    stored = replayed(outcome);
  } catch {
    return undefined; // what cannot be stored at all is another problem
  }
  if (outcome.kind === "error" || stored.kind === "error") return outcome.kind === "error" ? errorLoss(outcome.error) : undefined;
  return valueLoss(outcome.value, stored.value, "");
}

/** Of an error, its name, message and stack come back. */
function errorLoss(error: unknown): Loss | undefined {
  if (!(error instanceof Error) || error.constructor === Error) return undefined;
  return { kind: "error", at: "", text: `is a ${error.constructor.name} and comes back as a plain Error named ${error.name}` };
}

function valueLoss(live: unknown, stored: unknown, at: string): Loss | undefined {
  if (Object.is(live, stored) || (live === 0 && stored === 0)) return undefined;
  if (typeof live !== "object" || live === null || typeof stored !== "object" || stored === null) return loss(at, live, stored);
  if (Array.isArray(live) && Array.isArray(stored)) return firstOf(live.keys(), (index) => valueLoss(live[index], stored[index], `${at}[${index}]`));
  if (!isPlain(live)) return loss(at, live, stored);
  return firstOf(Object.keys(live), (name) => memberLoss(live, stored, name, at));
}

function memberLoss(live: object, stored: object, name: string, at: string): Loss | undefined {
  const place = `${at}.${name}`;
  if (Object.hasOwn(stored, name)) return valueLoss(Reflect.get(live, name), Reflect.get(stored, name), place);
  const member: unknown = Reflect.get(live, name);
  return { kind: "value", at: place, text: `is ${described(member)} and comes back absent`, ...(member === undefined ? { minor: true } : {}) };
}

function loss(at: string, live: unknown, stored: unknown): Loss {
  return { kind: "value", at, text: `is ${described(live)} and comes back as ${stored === undefined ? "nothing" : described(stored)}` };
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function described(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return "text";
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return Number.isNaN(value) ? "NaN" : `the ${typeof value} ${String(value)}`;
  if (Array.isArray(value)) return "an array";
  if (isPlain(value)) return Object.keys(value).length === 0 ? "{}" : "a plain object";
  const name = value.constructor.name;
  return /^[AEIOU](?!int)/.test(name) ? `an ${name}` : `a ${name || inspect(value)}`;
}

function firstOf<T>(items: Iterable<T>, find: (item: T) => Loss | undefined): Loss | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
