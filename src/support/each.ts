import type { Context } from "@resonatehq/sdk";
import { begin } from "./begin.js";
import type { Durable } from "./durable.js";
import type { Work } from "./work.js";

/**
 * Begins work for each item, all of it at once, and gives its handles:
 * `yield* all(ctx, yield* beginEach(ctx, items, function* (ctx, item) { ... }))`.
 */
export function* beginEach<T, R>(ctx: Context, items: readonly T[], work: (ctx: Context, item: T, index: number) => Work<R>): Work<Durable<R>[]> {
  const handles: Durable<R>[] = [];
  for (const [index, item] of items.entries()) {
    const one = function* (child: Context): Work<R> {
      return yield* work(child, item, index);
    };
    handles.push(yield* begin<R>(ctx, ctx.beginRun(one)));
  }
  return handles;
}
