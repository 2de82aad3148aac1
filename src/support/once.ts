import type { Context } from "@resonatehq/sdk";
import { callId } from "./clients.js";
import type { Durable } from "./durable.js";
import { attachWorkflow, type Run, type Started, startWorkflowLater } from "./workflows.js";
import type { Work } from "./work.js";

/** How often a call is made, and when. */
export interface OnceOptions {
  /** Calls of one handler with one key are one call: the later ones get the result of the first. Without a key each is a call of its own. */
  readonly idempotencyKey: string | undefined;
  /** In ms: how long after now it starts. */
  readonly delay?: number;
  /** The handler belongs to an object, and the first of what it is given is the object's key. */
  readonly keyed?: boolean;
}

/** Sends a call once: `yield* sendOnce(ctx, "ship", [order], { idempotencyKey: order.id })`. */
export function* sendOnce(ctx: Context, run: Run, input: readonly unknown[], { idempotencyKey, delay = 0, keyed = false }: OnceOptions): Work<Started> {
  const name = typeof run === "string" ? run : run.name;
  // An id of its own must be the same in every pass.
  const id = idempotencyKey ? callId(name, idempotencyKey, keyed ? String(input[0]) : undefined) : yield* ctx.run(freshId);
  return yield* startWorkflowLater(ctx, id, run, input, delay);
}

/** Makes a call once and waits for its result; the caller is suspended meanwhile. */
export function* callOnce<T>(ctx: Context, run: Run, input: readonly unknown[], options: OnceOptions): Work<T> {
  return yield* yield* beginOnce<T>(ctx, run, input, options);
}

/** The same, and gives a handle of the result. */
export function* beginOnce<T>(ctx: Context, run: Run, input: readonly unknown[], options: OnceOptions): Work<Durable<T>> {
  return yield* attachOnce<T>(ctx, yield* sendOnce(ctx, run, input, options));
}

/** A handle of the result of a call that was sent. */
export function attachOnce<T>(ctx: Context, { id }: Started): Work<Durable<T>> {
  return attachWorkflow<T>(ctx, id);
}

async function freshId(): Promise<string> {
  return crypto.randomUUID();
}
