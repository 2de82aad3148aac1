import type { Context } from "@resonatehq/sdk";
import { clientOf } from "./client.js";
import { beginRemote } from "./begin.js";
import { type Durable, type Reading, resultFrom } from "./durable.js";
import { externalPromise, originOf, settle, startUnder } from "./external.js";
import type { Work } from "./work.js";

/**
 * Passes the result of one durable promise on to another. It runs beside the first: an invocation can only be suspended on promises of
 * its own origin. Register it on every worker: `resonate.register("forward", forward)`.
 */
export function* forward(ctx: Context, from: string, to: string): Work<void> {
  const result = yield* resultFrom(yield* beginRemote(ctx, externalPromise<unknown>(ctx, from)));
  yield* ctx.run(async () => void (await settle(clientOf(ctx), to, result)));
}

/**
 * Begins to wait for a durable promise that exists, wherever it belongs; the invocation is suspended meanwhile.
 * `read` is what becomes of its result.
 */
export function* beginAwait<T>(ctx: Context, id: string, read?: Reading): Work<Durable<T>> {
  if (originOf(id) === ctx.originId) return yield* beginRemote(ctx, externalPromise<T>(ctx, id), read);
  const copy = externalPromise<T>(ctx);
  const handle = yield* beginRemote(ctx, copy, read);
  const { target } = ctx.options();
  const relay = `${originOf(id)}:forward-${encodeURIComponent(copy.id)}`;
  yield* ctx.run(() => startUnder(clientOf(ctx), originOf(id), relay, target, "forward", [id, copy.id]));
  return handle;
}
