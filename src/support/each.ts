import type { Context } from "@resonatehq/sdk";
import { begin } from "./begin.js";
import type { Durable } from "./durable.js";
import { mapInTurn } from "./in-turn.js";
import type { Work } from "./work.js";

/**
 * Begins work for each item, all of it at once, and gives its handles:
 * `yield* all(ctx, yield* beginEach(ctx, items, function* (ctx, item) { ... }))`.
 */
export function beginEach<L extends readonly unknown[], R>(ctx: Context, items: L, work: (ctx: Context, item: L[number], index: number, items: L) => Work<R>): Work<Durable<R>[]> {
  return mapInTurn(items, function* (item, index) {
    const one = function* (child: Context): Work<R> {
      return yield* work(child, item, index, items);
    };
    return yield* begin<R>(ctx, ctx.beginRun(one));
  });
}
