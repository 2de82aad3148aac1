import type { Context } from "@resonatehq/sdk";
import { beginRemote } from "./begin.js";
import { type Begun, Durable, lastNote, type Outcome, resultFrom, unwrap } from "./durable.js";
import { noteEnds } from "./ends.js";
import { asTerminalError, type TerminalError, TimeoutError } from "./errors.js";
import { progressOf } from "./progress.js";
import type { Work } from "./work.js";

export { begin, lettingGo } from "./begin.js";
export { Durable } from "./durable.js";

/*
 * Handles combined are a handle again. Combining begins nothing and ends nothing: what lost goes on, and may be waited for or raced
 * again. Which of several ended first is a matter of the server's time; it is decided once, and recorded.
 */

/** Handles; what is none of them counts as one that has this value, as in `Promise.all`. */
type Handles = readonly unknown[];
type ValueOf<H> = H extends Durable<infer T> ? T : H;
type ValuesOf<H extends Handles> = { -readonly [K in keyof H]: ValueOf<H[K]> };
type EndsOf<H extends Handles> = { -readonly [K in keyof H]: PromiseSettledResult<ValueOf<H[K]>> };

/** The values of all; the first failure is its failure. */
export function all<const H extends Handles>(ctx: Context, handles: H): Durable<ValuesOf<H>> {
  return new Combination(ctx, handles, (ends, open) => earliest(ends.filter(hasFailed)) ?? (open ? undefined : last(ends, () => ends.map(valueOf)))) as Durable<ValuesOf<H>>;
}

/** How each of them ended. */
export function allSettled<const H extends Handles>(ctx: Context, handles: H): Durable<EndsOf<H>> {
  return new Combination(ctx, handles, (ends, open) => (open ? undefined : last(ends, () => ends.map(settledResult)))) as Durable<EndsOf<H>>;
}

/** The first value; an `AggregateError` when all fail. */
export function any<const H extends Handles>(ctx: Context, handles: H): Durable<ValueOf<H[number]>> {
  const allFailed = (ends: readonly Outcome<unknown>[]): never => {
    throw new AggregateError(ends.map(errorOf), "All promises were rejected");
  };
  return new Combination(ctx, handles, (ends, open) => earliest(ends.filter((end) => !hasFailed(end))) ?? (open ? undefined : last(ends, () => allFailed(ends))), true) as Durable<ValueOf<H[number]>>;
}

/** What ends first, in whichever way. */
export function race<const H extends Handles>(ctx: Context, handles: H): Durable<ValueOf<H[number]>> {
  return new Combination(ctx, handles, earliest, true) as Durable<ValueOf<H[number]>>;
}

/** A timer that has begun. */
export function beginSleep(ctx: Context, milliseconds: number): Work<Durable<void>> {
  return beginRemote(ctx, ctx.promise<void>({ timeout: milliseconds, tags: { "resonate:timer": "true", "resonate:target": ctx.options().target } }));
}

/** Waits for a handle, at most so long: then fails with a `TimeoutError`. It ends nothing. */
export function* orTimeout<T>(ctx: Context, handle: Durable<T>, milliseconds: number): Work<T> {
  return yield* yield* beginOrTimeout(ctx, handle, milliseconds);
}

/** The same as a handle; the time runs from now on. */
export function* beginOrTimeout<T>(ctx: Context, handle: Durable<T>, milliseconds: number): Work<Durable<T>> {
  const timer = yield* beginSleep(ctx, milliseconds);
  const late = mapped(timer, (): T => {
    throw new TimeoutError();
  });
  return new Combination(ctx, [handle, late], earliest) as Durable<T>;
}

/** What the function makes of the value or the failure. It runs when the result is asked for, once in each replay. */
export function mapped<T, U>(handle: Durable<T>, map: (value: T | undefined, failure: TerminalError | undefined) => U): Durable<U> {
  return new Mapped(handle, map);
}

/** A handle that has this value. */
export function resolved<T>(value: T): Durable<T> {
  return new Constant<T>({ at: 0, result: { kind: "value", value } });
}

/** A handle that has failed. */
export function rejected<T = never>(error: unknown): Durable<T> {
  return new Constant<T>({ at: 0, result: { kind: "error", error } });
}

class Constant<T> extends Durable<T> {
  constructor(private readonly end: Outcome<T>) {
    super();
  }

  outcome(): Outcome<T> {
    return this.end;
  }

  pending(): readonly Begun[] {
    return [];
  }

  // biome-ignore lint/correctness/useYield: there is nothing to wait for
  *[Symbol.iterator](): Work<T> {
    return unwrap(this);
  }
}

class Mapped<T, U> extends Durable<U> {
  #outcome: Outcome<U> | undefined;

  constructor(
    private readonly handle: Durable<T>,
    private readonly map: (value: T | undefined, failure: TerminalError | undefined) => U,
  ) {
    super();
  }

  outcome(): Outcome<U> | undefined {
    const end = this.handle.outcome();
    if (end === undefined) return undefined;
    const { at, result } = end;
    return (this.#outcome ??= endOf(at, () => (result.kind === "value" ? this.map(result.value, undefined) : this.map(undefined, asTerminalError(result.error)))));
  }

  pending(): readonly Begun[] {
    return this.handle.pending();
  }

  *[Symbol.iterator](): Work<U> {
    yield* resultFrom(this.handle);
    return unwrap(this);
  }
}

/** Decided by those that have ended, in the order of the handles; `open` says whether others have not. */
type Decide = (ends: readonly Outcome<unknown>[], open: boolean) => Outcome<unknown> | undefined;

class Combination extends Durable<unknown> {
  #outcome: Outcome<unknown> | undefined;
  #turn = 0;
  /** Of what had ended before, and was waited for, the first in the list comes first. */
  readonly #since = lastNote();
  /** Takes a place in the call sequence here, where the order is fixed; the records are made by whoever waits first. */
  readonly #record;
  readonly #handles: readonly Durable<unknown>[];

  constructor(
    private readonly ctx: Context,
    handles: Handles,
    private readonly decide: Decide,
    private readonly inTurn = false,
  ) {
    super();
    this.#record = ctx.beginRun(() => undefined);
    progressOf(ctx).begun.add(this.#record.id);
    // Empty places of the list count as well.
    this.#handles = Array.from(handles, (handle) => (handle instanceof Durable ? handle : resolved(handle)));
  }

  outcome(): Outcome<unknown> | undefined {
    if (this.#outcome !== undefined) return this.#outcome;
    const ends = this.#handles.flatMap((handle) => handle.outcome() ?? []).map(({ at, result }) => ({ at: Math.max(at, this.#since), result }));
    return (this.#outcome = this.decide(ends, ends.length < this.#handles.length));
  }

  pending(): readonly Begun[] {
    return this.outcome() === undefined ? this.#handles.flatMap((handle) => handle.pending()) : [];
  }

  *[Symbol.iterator](): Work<unknown> {
    while (this.outcome() === undefined) {
      const pending = this.pending();
      if (pending.length === 0) throw new TypeError("A race of nothing never ends");
      yield* noteEnds(this.ctx, this.#record, this.#turn++, pending, this.inTurn);
    }
    return unwrap(this);
  }
}

function earliest(ends: readonly Outcome<unknown>[]): Outcome<unknown> | undefined {
  return ends.reduce<Outcome<unknown> | undefined>((first, end) => (first === undefined || end.at < first.at ? end : first), undefined);
}

/** An outcome that is there when the last of them has ended. */
function last(ends: readonly Outcome<unknown>[], read: () => unknown): Outcome<unknown> {
  return endOf(Math.max(0, ...ends.map(({ at }) => at)), read);
}

function endOf<T>(at: number, read: () => T): Outcome<T> {
  try {
    return { at, result: { kind: "value", value: read() } };
  } catch (error) {
    return { at, result: { kind: "error", error } };
  }
}

function hasFailed({ result }: Outcome<unknown>): boolean {
  return result.kind === "error";
}

function valueOf({ result }: Outcome<unknown>): unknown {
  return result.kind === "value" ? result.value : undefined;
}

function errorOf({ result }: Outcome<unknown>): unknown {
  return result.kind === "error" ? result.error : undefined;
}

function settledResult({ result }: Outcome<unknown>): PromiseSettledResult<unknown> {
  return result.kind === "value" ? { status: "fulfilled", value: result.value } : { status: "rejected", reason: result.error };
}
