import type { Work } from "./work.js";

/*
 * Generator functions of Resonate yield what they ask of it. One that also gives items, as an async generator does, yields them marked,
 * and whoever takes them passes everything else on:
 *
 *   function* pages(ctx: Context): Items<Page> { ...; yield* give(yield* ctx.run(readPage, 1)); ... }
 *   for (const items = itemsOf(pages(ctx)); yield* items.next(); ) { const page = items.value; ... }
 */

class Item<T> {
  constructor(readonly value: T) {}
}

declare const itemType: unique symbol;

/** A generator that gives items of type `T`, and `R` in the end. */
// biome-ignore lint/suspicious/noExplicitAny: what it yields beside its items, and is given back, is the SDK's own; as in AsyncGenerator, `R` need not be said
export interface Items<out T, out R = any> extends Generator<any, R, any> {
  readonly [itemType]?: T;
}

/** The items of a generator, by its type where that is written, else by what it yields. */
// biome-ignore lint/suspicious/noExplicitAny: where the type of what it yields is lost
type ItemOf<G> = typeof itemType extends keyof G ? (G extends Items<infer T, unknown> ? T : never) : G extends Iterator<infer Y> ? (unknown extends Y ? any : Y extends Item<infer T> ? T : never) : never;

/** Gives an item to whoever takes them. */
export function* give<T>(value: T): Generator<Item<T>, void, unknown> {
  yield new Item(value);
}

/** Gives one item after the other. */
export function* giveAll<T>(values: Iterable<T>): Generator<Item<T>, void, unknown> {
  for (const value of values) yield* give(value);
}

/** Takes the items of a generator one by one. The generator runs until it gives one when it is asked for the next. */
export function itemsOf<G extends Iterator<unknown, unknown, unknown>>(source: G): Taken<ItemOf<G>> {
  return new Taken(source);
}

class Taken<T> {
  #item: { readonly value: T } | undefined;

  constructor(private readonly source: Iterator<unknown, unknown, unknown>) {}

  /** The item that `next` came to. */
  get value(): T {
    if (this.#item === undefined) throw new Error("There is no item");
    return this.#item.value;
  }

  /** Goes on to the next item; false where there is none. */
  *next(): Work<boolean> {
    return yield* this.#goOn(this.source.next());
  }

  /** Ends the generator before it has given all: its `finally` blocks run. */
  *close(): Work<void> {
    if (this.source.return) yield* this.#goOn(this.source.return());
  }

  /** The same where an error ends the loop that takes the items: gives that error, whatever the generator still fails with. */
  *endedBy(error: unknown): Work<unknown> {
    try {
      yield* this.close();
    } catch {
      // The first error counts.
    }
    return error;
  }

  *#goOn(step: IteratorResult<unknown, unknown>): Work<boolean> {
    let at = step;
    while (!at.done && !(at.value instanceof Item)) at = yield* this.#passOn(at.value);
    this.#item = at.done ? undefined : (at.value as Item<T>);
    return !at.done;
  }

  *#passOn(request: unknown): Work<IteratorResult<unknown, unknown>> {
    let answer: unknown;
    try {
      answer = yield request;
    } catch (error) {
      if (this.source.throw) return this.source.throw(error);
      throw error;
    }
    return this.source.next(answer);
  }
}
