import type { Context, RetryPolicy } from "@resonatehq/sdk";
import { type Duration, millis } from "./duration.js";
import { asTerminalError, isTerminal, RetryableError, TerminalError } from "./errors.js";
import { type StepRetries, stepRetries } from "./retries.js";

/** How a step is tried again, and when it is given up. A worker that takes the step over after a crash counts from the start. */
export interface RetriedOptions extends StepRetries {
  /** No attempt begins later than this after the first one began. */
  maxRetryDuration?: Duration | undefined;
  /** Failures that are final though they are not terminal errors: what it gives for them is thrown. */
  asTerminalError?: ((error: unknown) => TerminalError | undefined) | undefined;
}

/**
 * A step with a limit to its attempts: `yield* ctx.run(...retried(ctx, () => charge(order), { maxRetryAttempts: 3 }))`.
 * Its last failure arrives as a `TerminalError` with the message of what was thrown. A terminal error is not tried again, a
 * `RetryableError` after the pause it asks for.
 */
export function retried<T>(ctx: Context, action: (ctx: Context) => T, options: RetriedOptions = {}): [(ctx: Context) => Promise<Awaited<T>>, ReturnType<Context["options"]>] {
  const policy = stepRetries(options);
  const longest = options.maxRetryDuration === undefined ? Number.POSITIVE_INFINITY : millis(options.maxRetryDuration);
  let begun: number | undefined;
  let pause = 0;
  const attempt = async (step: Context): Promise<Awaited<T>> => {
    begun ??= Date.now();
    try {
      return await action(step);
    } catch (error) {
      const failure = options.asTerminalError?.(error) ?? error;
      const next = policy.next(step.info.attempt);
      if (isTerminal(failure) || next === null || Date.now() - begun >= longest) throw asTerminalError(failure);
      pause = failure instanceof RetryableError && failure.retryAfter !== undefined ? millis(failure.retryAfter) : next;
      throw failure;
    }
  };
  // What the failure said decides about the pause, so the policy only passes it on.
  const retryPolicy: RetryPolicy = { next: () => pause, encode: () => policy.encode() };
  return [attempt, ctx.options({ retryPolicy, nonRetryableErrors: [TerminalError] })];
}
