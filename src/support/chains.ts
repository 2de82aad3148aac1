import type { Context } from "@resonatehq/sdk";
import { begin } from "./begin.js";
import { type Durable, resultFrom } from "./durable.js";
import type { Result } from "./external.js";
import { isGenerator } from "./requests.js";
import type { Work } from "./work.js";

/** What can be waited for with `yield*`. */
interface Waitable<T> {
  [Symbol.iterator](): Work<T>;
}

/** A callback that does durable work itself is a generator function; where the chain has begun, it is given the context to do it with. */
type Callback<T, U> = (value: T, ctx: Context) => U | Work<U>;

/** A reason can be anything, as in `Promise.catch`. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Reason = any;

/**
 * What `then`, `catch` and `finally` do on promises, for durable work:
 * `yield* chained(ctx.run(load, id)).andThen((user) => user.name).orElse(() => undefined)`.
 */
export function chained<T>(work: Waitable<T>): Chain<T> {
  return new Chain<T>(() => work[Symbol.iterator]());
}

/** Durable work and what goes on with its result. Waited for, it runs; nothing runs before. */
export class Chain<T> {
  /** @param run does the work, with the context of the chain where it has begun */
  constructor(private readonly run: (ctx: Context | undefined) => Work<T>) {}

  /** Goes on with the value, or with the failure. */
  andThen<U = T, E = never>(onValue: Callback<T, U> | null | undefined, onFailure?: Callback<Reason, E> | null): Chain<U | E> {
    const { run } = this;
    return new Chain(function* (ctx): Work<U | E> {
      const result = yield* resultFrom({ [Symbol.iterator]: () => run(ctx) });
      if (result.kind === "error") return onFailure ? yield* done(called(onFailure, result.error, ctx)) : valueOf(result);
      // Without a callback the value is the result, whose type is `U` then.
      return onValue ? yield* done(called(onValue, result.value, ctx)) : (result.value as T & U);
    });
  }

  /** Goes on with the failure. */
  orElse<E>(onFailure: Callback<Reason, E> | null | undefined): Chain<T | E> {
    return this.andThen(undefined, onFailure);
  }

  /** Does something when it has ended, in whichever way. */
  andFinally(onEnd: ((ctx: Context) => unknown) | null | undefined): Chain<T> {
    const { run } = this;
    return new Chain(function* (ctx): Work<T> {
      const result = yield* resultFrom({ [Symbol.iterator]: () => run(ctx) });
      if (onEnd) yield* done(ctx !== undefined && isGenerator(onEnd) ? onEnd(ctx) : (onEnd as () => unknown)());
      return valueOf(result);
    });
  }

  /** Begins it beside what follows, and gives its handle. Its result is recorded. */
  begin(ctx: Context): Work<Durable<T>> {
    const { run } = this;
    const work = function* (child: Context): Work<T> {
      return yield* run(child);
    };
    return begin<T>(ctx, ctx.beginRun(work));
  }

  [Symbol.iterator](): Work<T> {
    return this.run(undefined);
  }
}

/** A plain function is given the value only: what else it takes has a default of its own. */
function called<T, U>(callback: Callback<T, U>, value: T, ctx: Context | undefined): U | Work<U> {
  return ctx !== undefined && isGenerator(callback) ? callback(value, ctx) : (callback as (value: T) => U | Work<U>)(value);
}

/** What a callback gives; the work of a generator function is done first. */
function* done<U>(given: U | Work<U>): Work<U> {
  return isWork(given) ? yield* given : given;
}

function isWork<U>(given: U | Work<U>): given is Work<U> {
  return Object.prototype.toString.call(given) === "[object Generator]";
}

function valueOf<T>(result: Result<T>): T {
  if (result.kind === "error") throw result.error;
  return result.value;
}
