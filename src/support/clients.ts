import type { Resonate } from "@resonatehq/sdk";
import { TerminalError } from "./errors.js";
import { isUnknown, resultOf as settled } from "./external.js";
import { noDeadline } from "./ids.js";

// For code outside of any handler: gateways, scripts, tests. Their client belongs to a worker group of its own.

/** A call that was sent. It survives JSON: its result can be waited for in another process. */
export interface Sent<T = unknown> {
  readonly invocationId: string;
  /** Whether this call started it, or one before with the same id. */
  readonly status: "Accepted" | "PreviouslyAccepted";
  readonly attachable: boolean;
  /** Never there: it says what the result will be. */
  readonly resultType?: T;
}

/** The result of a workflow as far as there is one; `result` throws while it is not ready. */
export interface Output<T> {
  readonly ready: boolean;
  readonly result: T;
}

export interface SubmitOptions {
  /** The worker group that runs it; "default" unless given. */
  readonly target?: string | undefined;
  /** In ms: how long after now it starts. */
  readonly delay?: number | undefined;
}

/** Starts a registered function under an id, once, and does not wait for it: `await submit(resonate, workflowId("Order", key), "order", [key, input])`. */
export async function submit<T>(resonate: Resonate, id: string, func: string, args: readonly unknown[], { target = "default", delay = 0 }: SubmitOptions = {}): Promise<Sent<T>> {
  const mark = crypto.randomUUID();
  const tags = { "started-by": mark, ...(delay > 0 ? { "resonate:delay": String(Date.now() + delay) } : {}) };
  await resonate.beginRpc(id, func, ...args, resonate.options({ target, timeout: noDeadline, tags }));
  const { tags: first } = await resonate.promises.get(id);
  return { invocationId: id, status: first["started-by"] === mark ? "Accepted" : "PreviouslyAccepted", attachable: true };
}

/** Waits for the result of a call that was sent, here or elsewhere. */
export function resultOf<T>(resonate: Resonate, sent: Sent<T>): Promise<T> {
  return attachTo<T>(resonate, sent.invocationId);
}

/** Waits for the result of an invocation by its id. A `TerminalError` of code 404 when there is none of that id. */
export async function attachTo<T>(resonate: Resonate, id: string): Promise<T> {
  const handle = await orNotFound(id, resonate.get<T>(id));
  return handle.result();
}

/** The result of an invocation by its id, if it has ended. Throws what it failed with, and a `TerminalError` of code 404 when there is none of that id. */
export async function outputOf<T>(resonate: Resonate, id: string): Promise<Output<T>> {
  const result = settled(await orNotFound(id, resonate.promises.get(id)));
  if (result?.kind === "error") throw result.error;
  if (result) return { ready: true, result: result.value as T };
  return {
    ready: false,
    get result(): never {
      throw new Error(`${id} has no result yet`);
    },
  };
}

/**
 * The id of a call that is made once per idempotency key: of one handler, and of one key where it belongs to an object.
 * Without an idempotency key every call has an id of its own.
 */
export function callId(handler: string, idempotencyKey: string | undefined, key?: string): string {
  return idempotencyKey ? onceId(handler, idempotencyKey, key) : crypto.randomUUID();
}

/** The id that all calls with one idempotency key have. */
export function onceId(handler: string, idempotencyKey: string, key?: string): string {
  return [handler, ...(key === undefined ? [] : [encodeURIComponent(key)]), encodeURIComponent(idempotencyKey)].join("/");
}

async function orNotFound<T>(id: string, found: Promise<T>): Promise<T> {
  try {
    return await found;
  } catch (error) {
    throw isUnknown(error) ? new TerminalError(`No invocation has the id ${id}`, { errorCode: 404 }) : error;
  }
}
