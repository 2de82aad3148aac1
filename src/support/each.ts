import type { Context } from "@resonatehq/sdk";
import { begin } from "./begin.js";
import type { Durable } from "./durable.js";
import { resolved } from "./futures.js";
import { mapInTurn, reduceInTurn, reduceRightInTurn } from "./in-turn.js";
import type { Work } from "./work.js";

/**
 * Begins work for each item, all of it at once, and gives its handles:
 * `yield* all(ctx, yield* beginEach(ctx, items, function* (ctx, item) { ... }))`.
 */
export function beginEach<L extends readonly unknown[], R>(ctx: Context, items: L, work: (ctx: Context, item: L[number], index: number, items: L) => Work<R>): Work<Durable<R>[]> {
  return mapInTurn(items, (item, index) => beginOne(ctx, (child) => work(child, item, index, items)));
}

/** The same for work of an object whose methods find their context in a field: the work for each item has the object with a context of its own. */
export function beginEachOf<O extends object, L extends readonly unknown[], R>(ctx: Context, object: O, field: string, items: L, work: (this: O, item: L[number], index: number, items: L) => Work<R>): Work<Durable<R>[]> {
  return mapInTurn(items, (item, index) => beginOne(ctx, (child) => work.call(Object.create(object, { [field]: { value: child } }), item, index, items)));
}

/**
 * Begins work for each item, all of it at once, and hands each the handle of the work before it; waits for the last:
 * `yield* reduceEach(ctx, items, function* (ctx, before, item) { ...; return (yield* before) + ... }, 0)`.
 */
export function* reduceEach<L extends readonly unknown[], A>(ctx: Context, items: L, work: (ctx: Context, before: Durable<A>, item: L[number], index: number, items: L) => Work<A>, initial: A): Work<A> {
  return yield* yield* reduceInTurn(items, (before, item, index) => beginOne<A>(ctx, (child) => work(child, before, item, index, items)), resolved(initial));
}

/** The same from the last item to the first. */
export function* reduceRightEach<L extends readonly unknown[], A>(ctx: Context, items: L, work: (ctx: Context, before: Durable<A>, item: L[number], index: number, items: L) => Work<A>, initial: A): Work<A> {
  return yield* yield* reduceRightInTurn(items, (before, item, index) => beginOne<A>(ctx, (child) => work(child, before, item, index, items)), resolved(initial));
}

function beginOne<R>(ctx: Context, work: (ctx: Context) => Work<R>): Work<Durable<R>> {
  const one = function* (child: Context): Work<R> {
    return yield* work(child);
  };
  return begin<R>(ctx, ctx.beginRun(one));
}
