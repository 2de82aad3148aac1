import type { Work } from "./work.js";

/**
 * `items.map(...)` with a callback that is a generator function: it runs for one item after the other.
 * @param object the callback's `this`
 */
export function* mapInTurn<L extends readonly unknown[], R, O>(items: L, work: (this: O, item: L[number], index: number, items: L) => Work<R>, object?: O): Work<R[]> {
  const { length } = items;
  const results = new Array<R>(length);
  // As in `map`, an empty place of a list stays empty.
  for (let index = 0; index < length; index++) if (index in items) results[index] = yield* work.call(object as O, items[index], index, items);
  return results;
}

/** `items.flatMap(...)` with such a callback. */
export function* flatMapInTurn<L extends readonly unknown[], R, O>(items: L, work: (this: O, item: L[number], index: number, items: L) => Work<R | readonly R[]>, object?: O): Work<R[]> {
  return (yield* mapInTurn(items, work, object)).flatMap((given) => given);
}

/** `items.reduce(...)` with such a callback: it is given what it gave for the item before. */
export function* reduceInTurn<L extends readonly unknown[], A, O>(items: L, work: (this: O, before: A, item: L[number], index: number, items: L) => Work<A>, initial: A, object?: O): Work<A> {
  let result = initial;
  // What becomes of the list meanwhile is nothing to it: its callbacks would all have begun at once.
  yield* mapInTurn(items.slice(), function* (item, index) {
    result = yield* work.call(object as O, result, item, index, items);
  });
  return result;
}

/** The same from the last item to the first. */
export function reduceRightInTurn<L extends readonly unknown[], A, O>(items: L, work: (this: O, before: A, item: L[number], index: number, items: L) => Work<A>, initial: A, object?: O): Work<A> {
  const last = items.length - 1;
  return reduceInTurn(items.slice().reverse(), (before, item, index) => work.call(object as O, before, item, last - index, items), initial);
}
