import type { Context } from "@resonatehq/sdk";
import { atBoundary } from "./boundary.js";
import { type Duration, millis } from "./duration.js";
import { asTerminalError, isTerminal, messageOf, TerminalError } from "./errors.js";
import type { Handler, Work } from "./work.js";

/** How a handler is tried again. */
export interface HandlerRetries {
  /** The pause after the first failure; 50 ms unless given. */
  initialInterval?: Duration | undefined;
  /** The longest pause; 60 s unless given. */
  maxInterval?: Duration | undefined;
  /** How much longer each pause is than the one before; 2 unless given. */
  exponentiationFactor?: number | undefined;
  /** How often the handler is tried, the first time included; for ever unless given. */
  maxAttempts?: number | undefined;
  /**
   * After the last attempt: "kill" fails the invocation; "pause", unless given, waits until someone resolves the promise that
   * the warning names, and then counts from the start.
   */
  onMaxAttempts?: "kill" | "pause" | undefined;
  /** Failures that are final though they are not terminal errors: what it gives for them fails the invocation. */
  asTerminalError?: ((error: unknown) => TerminalError | undefined) | undefined;
}

/**
 * A handler that runs again, from its recorded steps and after a durable, growing pause, when it throws anything but a
 * `TerminalError`: `resonate.register("charge", retrying(charge))`. Callers use the registered name.
 *
 * What a step, a call or a promise failed with is recorded, and so final: it reaches the handler as a `TerminalError`.
 * Within a turn, `exclusive(object, retrying(handler))`, the key stays taken during the pauses.
 */
export function retrying<A extends unknown[], R>(handler: Handler<A, R>, policy: HandlerRetries = {}): Handler<A, R> {
  return function* (ctx, ...args) {
    try {
      return yield* atBoundary(handler(ctx, ...args));
    } catch (error) {
      const failure = policy.asTerminalError?.(error) ?? error;
      if (isTerminal(failure)) throw asTerminalError(failure);
      return yield* pauseAfter(failure, ctx, policy);
    }
  };
}

/**
 * Waits until the next attempt is due, and does not come back: when a wait ends, the SDK starts over with the handler.
 * The failures are counted by the pauses that are over, so a crash loses none. The pauses' ids are outside of the call sequence,
 * so no step meets a pause where its own record should be.
 */
function* pauseAfter(failure: unknown, ctx: Context, policy: HandlerRetries): Work<never> {
  const { initialInterval = 50, maxInterval = 60_000, exponentiationFactor = 2, maxAttempts = Number.POSITIVE_INFINITY, onMaxAttempts = "pause" } = policy;
  const round = Math.max(1, maxAttempts);
  for (let failures = 1; ; failures++) {
    const exhausted = failures % round === 0;
    if (exhausted && onMaxAttempts === "kill") throw new TerminalError(messageOf(failure));
    const pause = exhausted ? undefined : Math.min(millis(maxInterval), millis(initialInterval) * exponentiationFactor ** ((failures - 1) % round));
    const promise = pausePromise(failures, pause, ctx);
    const future = yield* promise;
    if (future.state === "completed") continue;
    const resume = pause === undefined ? `when the promise ${promise.id} is resolved` : `in ${pause} ms`;
    console.warn(`${ctx.id}: attempt ${failures} failed, the next one is ${resume}: ${failure instanceof Error ? failure.stack : messageOf(failure)}`);
    yield* future;
  }
}

/** The promise of the pause after a failure: it resolves after `pause` milliseconds; without them, when someone resolves it. */
function pausePromise(failures: number, pause: number | undefined, ctx: Context): ReturnType<typeof ctx.promise<void>> {
  const promise = ctx.promise<void>(
    pause === undefined
      ? { timeout: ctx.info.timeout, tags: { "resonate:external": "true" } }
      : { timeout: pause, tags: { "resonate:timer": "true", "resonate:target": ctx.options().target } },
  );
  promise.id = `${ctx.id}${ctx.id.includes(":") ? "." : ":"}%retry-${failures}`; // No promise of a workflow has such a name.
  promise.createReq.data.id = promise.id;
  // The server sends what is in the invocation's own branch along with the task.
  promise.createReq.data.tags["resonate:branch"] = ctx.branchId;
  return promise;
}
