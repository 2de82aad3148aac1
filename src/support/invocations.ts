import type { Context } from "@resonatehq/sdk";
import { cancel } from "./cancellation.js";
import { clientOf } from "./client.js";
import type { Durable } from "./durable.js";
import { beginAwait } from "./forward.js";
import type { Work } from "./work.js";

/**
 * Cancels an invocation by its id, of a message that was sent or of a call. One that is not due yet never begins; one that has begun is
 * interrupted at its next wait where its handler is registered as `cancellable`, and goes on otherwise.
 */
export function* cancelInvocation(ctx: Context, id: string): Work<void> {
  yield* ctx.run(cancelById, id);
}

/** Waits for the result of an invocation by its id. */
export function* attach<T>(ctx: Context, id: string): Work<T> {
  return yield* yield* beginAttach<T>(ctx, id);
}

/** A handle of the result of an invocation by its id. */
export function beginAttach<T>(ctx: Context, id: string): Work<Durable<T>> {
  return beginAwait<T>(ctx, id);
}

async function cancelById(ctx: Context, id: string): Promise<void> {
  const client = clientOf(ctx);
  const { tags } = await client.promises.get(id);
  if (Number(tags["resonate:delay"] ?? 0) > Date.now()) await client.promises.cancel(id);
  else await cancel(client, id);
}
