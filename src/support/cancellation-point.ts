import type { Context } from "@resonatehq/sdk";

/** What a handler yields before a wait of several parts. */
export class CancellationPoint {
  constructor(
    readonly id: string,
    readonly pending: boolean,
  ) {}
}

const watched = new WeakSet<Context>();

/** Notes that someone takes the cancellation points of this context. */
export function watch(ctx: Context): void {
  watched.add(ctx);
}

/**
 * A place where a `cancellable` invocation that is cancelled throws its `CancelledError`, before it begins a wait that each pass
 * may begin differently, such as a race. `id` extends the invocation's own and is the same in every pass; `pending` says whether
 * the invocation will have to wait. What was decided under this id stays decided. Elsewhere it is nothing.
 */
export function* cancellationPoint(ctx: Context, id: string, pending: boolean): Generator<CancellationPoint, void> {
  if (watched.has(ctx)) yield new CancellationPoint(id, pending);
}
