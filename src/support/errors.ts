import type { Duration } from "./duration.js";

export interface ErrorOptions {
  /** An HTTP status code; 500 unless given. */
  errorCode?: number | undefined;
  cause?: unknown;
}

export interface TerminalErrorOptions extends ErrorOptions {
  metadata?: Record<string, string> | undefined;
}

/** What the codec loses of an error. */
interface Details {
  code?: number;
  metadata?: Record<string, string>;
}

/** What of a terminal error is stored and passed on, besides its name and stack. */
const carried: readonly PropertyKey[] = ["name", "message", "stack", "code", "metadata"];

/**
 * An error that ends a step or an invocation: it is not tried again, and arrives at the caller with message, code and metadata.
 *
 * `instanceof TerminalError`, `code` and `metadata` give the same on the first pass and on a replay, where the SDK has read the
 * error from its store. A subclass lasts until the error leaves its step or handler: beyond, it is a plain `TerminalError`.
 */
export class TerminalError extends Error {
  override name = "TerminalError";
  readonly code: number;
  readonly metadata: Record<string, string>;

  constructor(message: string, { errorCode = 500, metadata = {}, cause }: TerminalErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = errorCode;
    this.metadata = metadata;
  }

  /** Gives an error that was read from the store its class back, and then decides as `instanceof` always does. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    revive(value);
    return Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /**
   * What is stored of the error. The SDK's codec keeps name, message and stack of an `Error`, all members of what is marked as an
   * `AggregateError`, and `errors` however often it is passed on: so it travels as one, with code and metadata in both places.
   * The SDK encodes an error before it hands it on; what is not stored goes here, so that the first pass sees what a replay will see.
   */
  toJSON(): object {
    stripToCarried(this);
    const { name, message, stack, code, metadata } = this;
    return { __type: "aggregate_error", name, message, stack, code, metadata, errors: [{ code, metadata }] };
  }
}

/** A wait that took longer than it may. */
export class TimeoutError extends TerminalError {
  override name = "TimeoutError";

  constructor() {
    super("Timeout occurred", { errorCode: 408 });
  }
}

/** The invocation was cancelled from outside. */
export class CancelledError extends TerminalError {
  override name = "CancelledError";

  constructor() {
    super("Cancelled", { errorCode: 409 });
  }
}

/** An error that is tried again, after a pause of its own choice if it has one: see `retried` in `./retries.js`. */
export class RetryableError extends Error {
  override name = "RetryableError";
  readonly code: number;
  readonly retryAfter: Duration | undefined;

  constructor(message: string, { errorCode = 500, cause, retryAfter }: ErrorOptions & { retryAfter?: Duration | undefined } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = errorCode;
    this.retryAfter = retryAfter;
  }

  /** The same failure, to be tried again after `retryAfter`. */
  static from(cause: unknown, options: { retryAfter?: Duration | undefined } = {}): RetryableError {
    return new RetryableError(messageOf(cause), { cause, ...options });
  }
}

/** Whether an error ends the invocation, also after it has been stored and read again. */
export function isTerminal(error: unknown): error is TerminalError {
  return error instanceof TerminalError;
}

/** A failure as it is for good: a terminal error loses its subclass, anything else becomes one of code 500 with the same message. */
export function asTerminalError(error: unknown): TerminalError {
  if (isTerminal(error)) {
    stripToCarried(error);
    return error;
  }
  const terminal = new TerminalError(messageOf(error));
  if (error instanceof Error && error.stack !== undefined) terminal.stack = error.stack;
  return terminal;
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && "message" in thrown) return String(thrown.message);
  try {
    return `Non-Error value: ${JSON.stringify(thrown)}`;
  } catch {
    return "Non-Error value: (no JSON representation)";
  }
}

/** The SDK reads an error as a plain `Error` or `AggregateError`; the name says what it was. */
function revive(value: unknown): void {
  if (!(value instanceof Error) || value.name !== "TerminalError" || Function.prototype[Symbol.hasInstance].call(TerminalError, value)) return;
  const stored: Error & Details & { errors?: readonly Details[] } = value;
  const { code = 500, metadata = {} } = stored.errors?.[0] ?? stored;
  Object.assign(value, { code, metadata });
  stripToCarried(value);
}

function stripToCarried(error: Error): void {
  Reflect.setPrototypeOf(error, TerminalError.prototype);
  Reflect.set(error, "name", "TerminalError");
  for (const key of Reflect.ownKeys(error)) if (!carried.includes(key)) Reflect.deleteProperty(error, key);
}
