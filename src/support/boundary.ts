import { asTerminalError, CancelledError, TerminalError } from "./errors.js";
import type { Work } from "./work.js";

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
