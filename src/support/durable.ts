import type { Context, Resonate } from "@resonatehq/sdk";
import { asTerminalError, TerminalError } from "./errors.js";
import type { Result } from "./external.js";
import type { Future } from "./requests.js";
import type { Work } from "./work.js";

/** How something ended, and at which place in the order of what this invocation has noticed. The same on every replay. */
export interface Outcome<T> {
  readonly at: number;
  readonly result: Result<T>;
}

/** How and when (ms since epoch) something ended. */
export interface End {
  readonly at: number;
  readonly result: Result<unknown>;
}

/**
 * A durable promise that has begun. `yield* handle` waits for it, as often as one likes. It goes into variables, lists, fields and
 * parameters, into `all`, `race` and their like; nobody need wait for it.
 */
export abstract class Durable<out T> {
  /** The id of its promise on the server; what is combined of others has none. */
  get id(): string | undefined {
    return undefined;
  }

  /** How it ended, as far as this invocation has noticed. */
  abstract outcome(): Outcome<T> | undefined;
  /** What has to settle before there is an outcome. */
  abstract pending(): readonly Begun[];
  abstract [Symbol.iterator](): Work<T>;
}

/** What becomes of a result that was read from the store. */
export type Reading = (result: Result<unknown>) => Result<unknown>;

/** Something begun that settles by itself, and has a promise of the server under its id. */
export abstract class Begun<out T = unknown> extends Durable<T> {
  abstract override get id(): string;
  /** Whether it has ended, as far as this pass knows without asking. */
  abstract readonly ended: boolean;
  /** Whether it runs in this process, so that the invocation must not suspend to wait for it. */
  abstract readonly runsHere: boolean;
  #outcome: Outcome<T> | undefined;

  /** Sees to it that it runs, or has run. */
  *start(): Work<void> {}
  /** Puts it among what the invocation is suspended on. */
  abstract enlist(): Work<readonly Future<unknown>[]>;
  /** Its end, `undefined` while it is open. */
  abstract look(client: Resonate): Promise<End | undefined>;
  /** Resolves when it ends; `ctx` is of the step that waits. */
  abstract end(client: Resonate, ctx: Context): Promise<void>;
  /** Told that the invocation goes on without it. */
  leave(): void {}
  readonly isTimer: boolean = false;

  outcome(): Outcome<T> | undefined {
    return this.#outcome;
  }

  pending(): readonly Begun[] {
    return this.#outcome === undefined ? [this] : [];
  }

  /** Takes note of its end. In every pass the notes are taken in the same order. */
  note(result: Result<unknown>): void {
    this.#outcome ??= { at: ++notes, result: this.read(result) };
  }

  protected read(result: Result<unknown>): Result<T> {
    if (result.kind === "value") return result as Result<T>;
    return { kind: "error", error: result.error === undefined ? new TerminalError(`${this.id} was cancelled, or took longer than it may`) : asTerminalError(result.error) };
  }
}

let notes = 0;

/** The place in that order which the last note has. */
export function lastNote(): number {
  return notes;
}

/** What a handle is worth once it has an outcome. */
export function unwrap<T>(handle: Durable<T>): T {
  const result = handle.outcome()?.result;
  if (result === undefined) throw new Error("A durable promise was read before it was settled");
  if (result.kind === "error") throw result.error;
  return result.value;
}

/** Waits for something and gives how it ended. */
export function* resultFrom<T>(work: { [Symbol.iterator](): Work<T> }): Work<Result<T>> {
  try {
    return { kind: "value", value: yield* work };
  } catch (error) {
    return { kind: "error", error };
  }
}
