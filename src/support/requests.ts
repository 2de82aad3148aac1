import { type Context, Exponential, type RetryPolicy } from "@resonatehq/sdk";
import type { Result } from "./external.js";
import type { Work } from "./work.js";

/** A request of the SDK: what `ctx.beginRun`, `ctx.beginRpc` and `ctx.promise` give. */
export interface Request<T> {
  readonly id: string;
  [Symbol.iterator](): Work<Future<T>>;
}

/** For what others settle: a call, a timer, a promise. */
export interface RemoteRequest<T> extends Request<T> {
  mode: "attached" | "detached";
  readonly createReq: { readonly data: { readonly tags: Readonly<Record<string, string>> } };
}

/** For what runs in this process: a step or a nested generator. */
export interface LocalRequest<T> extends Request<T> {
  func: Func;
  readonly args: readonly unknown[];
  retryPolicy: Pick<RetryPolicy, "next">;
  readonly nonRetryableErrors: readonly (abstract new (...args: never[]) => unknown)[];
  readonly createReq: { readonly data: { timeoutAt: number } };
}

/** What a step or a nested generator runs. */
// biome-ignore lint/suspicious/noExplicitAny: any function can be a step
export type Func = (ctx: Context, ...args: any[]) => any;

/** The SDK's own handle. */
export interface Future<T> {
  readonly state: "pending" | "completed";
  readonly value?: Result<T> | undefined;
  [Symbol.iterator](): Work<T>;
}

/** Whether others settle what is asked for. */
export function isRemote<T>(request: Request<T>): request is RemoteRequest<T> {
  return "mode" in request;
}

/** Whether what is asked for runs in this process. */
export function isLocal<T>(request: Request<T>): request is LocalRequest<T> {
  return "func" in request && typeof request.func === "function";
}

/** Whether a function is written as a generator. */
export function isGenerator(func: unknown): boolean {
  return Object.prototype.toString.call(func) === "[object GeneratorFunction]";
}

/**
 * A request as a given one, but for another function and under another id: so it does not disturb the call sequence, whenever it is made.
 * Throws a TypeError where the given one is not of a step.
 */
export function like<T>(request: Request<unknown>, id: string, func: Func): Request<T> {
  if (!isLocal(request)) throw new TypeError(`${request.id} is not a step`);
  const { createReq } = request;
  const data = { ...createReq.data, id, timeoutAt: Number.MAX_SAFE_INTEGER, param: { headers: {}, data: { func: func.name, version: 1 } } };
  const changes = { id, func, createReq: { ...createReq, data } };
  return Object.assign(Object.create(Object.getPrototypeOf(request)), request, changes, { args: [], retryPolicy: new Exponential(), nonRetryableErrors: [] }) as Request<T>;
}
