import type { Work } from "./work.js";

/** `items.map(...)` with a callback that is a generator function: it runs for one item after the other. */
export function* mapInTurn<L extends readonly unknown[], R>(items: L, work: (item: L[number], index: number, items: L) => Work<R>): Work<R[]> {
  const { length } = items;
  const results = new Array<R>(length);
  // As in `map`, an empty place of a list stays empty.
  for (let index = 0; index < length; index++) if (index in items) results[index] = yield* work(items[index], index, items);
  return results;
}

/** `items.flatMap(...)` with such a callback. */
export function* flatMapInTurn<L extends readonly unknown[], R>(items: L, work: (item: L[number], index: number, items: L) => Work<R | readonly R[]>): Work<R[]> {
  return (yield* mapInTurn(items, work)).flatMap((given) => given);
}
