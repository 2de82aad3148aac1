import type { Context } from "@resonatehq/sdk";
import { asTerminalError, CancelledError, TerminalError } from "./errors.js";

/** A function of Resonate that is written as a generator; `A` is what it takes after the context. */
// biome-ignore lint/suspicious/noExplicitAny: what a handler yields and is given back is the SDK's own
export type Handler<A extends unknown[], R> = (ctx: Context, ...args: A) => Generator<any, R, any>;

/** Anything a handler yields, and what it is given for it. */
// biome-ignore lint/suspicious/noExplicitAny: as above
export type Work<R> = Generator<any, R, any>;

/**
 * Runs the work so that what a step, a call or a promise failed with reaches it as a `TerminalError`: it is recorded, and
 * trying again would only give it again.
 */
export function* atBoundary<R>(work: Work<R>): Work<R> {
  let next = work.next();
  while (!next.done) {
    let given: unknown;
    try {
      given = yield next.value;
    } catch (error) {
      next = work.throw(failureOf(error));
      continue;
    }
    next = work.next(given);
  }
  return next.value;
}

/** A cancellation is thrown here and now, and keeps its class. */
function failureOf(error: unknown): TerminalError {
  if (error === undefined) return new TerminalError("Cancelled, or later than it may be");
  return error instanceof CancelledError ? error : asTerminalError(error);
}
