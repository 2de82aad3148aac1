import { describe, expect, it } from "vitest";
import { give, giveAll, type Items, itemsOf } from "../../src/support/items.js";
import type { Work } from "../../src/support/work.js";

/** Runs work whose requests are answered in capitals, or fail; and notes them. */
function run<T>(work: Work<T>, asked: string[] = []): T {
  let step = work.next();
  while (!step.done) {
    const request = String(step.value);
    asked.push(request);
    step = request.startsWith("fail") ? work.throw(new Error(request)) : work.next(request.toUpperCase());
  }
  return step.value;
}

function* ask(request: string): Work<string> {
  return (yield request) as string;
}

function* pages(count: number): Items<string, number> {
  try {
    for (let page = 1; page <= count; page++) yield* give(yield* ask(`page ${page}`));
  } finally {
    yield* ask("closed");
  }
  return count;
}

function* book(): Items<string> {
  yield* giveAll(["cover", "title"]);
  const count = yield* pages(2);
  yield* give(`${count} pages`);
}

function* all<T>(source: Items<T, unknown>): Work<T[]> {
  const taken: T[] = [];
  for (const items = itemsOf(source); yield* items.next(); ) taken.push(items.value);
  return taken;
}

describe("items of a generator", () => {
  it("come one by one, among what it asks for, also from a generator within", () => {
    const asked: string[] = [];
    expect(run(all(book()), asked)).toEqual(["cover", "title", "PAGE 1", "PAGE 2", "2 pages"]);
    expect(asked).toEqual(["page 1", "page 2", "closed"]);
  });

  it("are made when they are asked for", () => {
    const asked: string[] = [];
    run((function* (): Work<void> {
      const items = itemsOf(book());
      for (let i = 0; i < 3; i++) yield* items.next();
      expect(items.value).toBe("PAGE 1");
    })(), asked);
    expect(asked).toEqual(["page 1"]);
  });

  it("end where they are closed: what a `finally` asks for is asked for", () => {
    const asked: string[] = [];
    run((function* (): Work<void> {
      const items = itemsOf(pages(9));
      yield* items.next();
      yield* items.close();
      expect(yield* items.next()).toBe(false);
      expect(() => items.value).toThrow("no item");
    })(), asked);
    expect(asked).toEqual(["page 1", "closed"]);
  });

  it("fail as the generator fails, which may catch what it asked for", () => {
    function* failing(caught: boolean): Items<string> {
      try {
        yield* ask("fail 1");
      } catch (error) {
        if (!caught) throw error;
        yield* give((error as Error).message);
      }
    }
    expect(run(all(failing(true)))).toEqual(["fail 1"]);
    expect(() => run(all(failing(false)))).toThrow("fail 1");
  });

  it("closed by an error keep that error, whatever closing fails with", () => {
    function* stubborn(): Items<number> {
      try {
        yield* give(1);
      } finally {
        yield* ask("fail to close");
      }
    }
    const asked: string[] = [];
    const first = new Error("first");
    const ended = run((function* (): Work<unknown> {
      const items = itemsOf(stubborn());
      yield* items.next();
      return yield* items.endedBy(first);
    })(), asked);
    expect(ended).toBe(first);
    expect(asked).toEqual(["fail to close"]);
  });
});
