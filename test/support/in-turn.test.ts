import { describe, expect, it } from "vitest";
import { flatMapInTurn, mapInTurn, reduceInTurn, reduceRightInTurn } from "../../src/support/in-turn.js";
import type { Work } from "../../src/support/work.js";

/** Runs work whose requests are answered with themselves, and notes them. */
function run<T>(work: Work<T>, asked: unknown[] = []): T {
  let step = work.next();
  while (!step.done) {
    asked.push(step.value);
    step = work.next(step.value);
  }
  return step.value;
}

function* ask<T>(value: T): Work<T> {
  return (yield value) as T;
}

/** `[1, <nothing>, 3]` */
function withHole(): number[] {
  const list = [1, 2, 3];
  delete list[1];
  return list;
}

describe("callbacks in turn", () => {
  it("run like those of map, flatMap, reduce and reduceRight", () => {
    const lists = [[], [1], [1, 2, 3], withHole(), new Array<number>(2)];
    for (const list of lists) {
      expect(run(mapInTurn(list, function* (item, index, all) { return yield* ask(`${item} ${index} ${all.length}`); }))).toStrictEqual(list.map((item, index, all) => `${item} ${index} ${all.length}`));
      expect(run(flatMapInTurn(list, function* (item, index) { return yield* ask(index === 0 ? [item, item] : item); }))).toStrictEqual(list.flatMap((item, index) => (index === 0 ? [item, item] : item)));
      expect(run(reduceInTurn(list, function* (before, item, index, all) { return yield* ask(`${before}${item}${index}${all.length}`); }, "-"))).toBe(list.reduce((before, item, index, all) => `${before}${item}${index}${all.length}`, "-"));
      expect(run(reduceRightInTurn(list, function* (before, item, index) { return yield* ask(`${before}${item}${index}`); }, "-"))).toBe(list.reduceRight((before, item, index) => `${before}${item}${index}`, "-"));
    }
  });

  it("wait for each other", () => {
    const asked: unknown[] = [];
    run(mapInTurn([1, 2], function* (item) { yield* ask(`${item}a`); yield* ask(`${item}b`); }), asked);
    expect(asked).toEqual(["1a", "1b", "2a", "2b"]);
  });

  it("of reduce have the items that the list had when it began", () => {
    const list = [1, 2];
    expect(run(reduceInTurn(list, function* (sum, item) { list[1] = 50; list.push(100); return yield* ask(sum + item); }, 0))).toBe(3);
  });
});
