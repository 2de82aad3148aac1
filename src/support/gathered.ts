import type { Work } from "./work.js";

/**
 * What the work gives for each item, one after the other, such as handles of what it begins:
 * `const sizes = yield* gathered(loaves, function* (loaf) { return yield* begin(ctx, ctx.beginRun(bake, loaf)); })`.
 */
export function* gathered<T, R>(items: readonly T[], work: (item: T, index: number) => Work<R>): Work<R[]> {
  const results: R[] = [];
  for (const [index, item] of items.entries()) results.push(yield* work(item, index));
  return results;
}
