import type { Context } from "@resonatehq/sdk";
import fc from "fast-check";
import { expect, it } from "vitest";
import { awakeable, rejectAwakeableWith, resolveAwakeableWith } from "../../src/support/awakeables.js";
import { all, allSettled, any, type Durable, mapped, race } from "../../src/support/futures.js";
import { CrashingWorkers } from "./crashing-workers.js";

/** A combination of promises, each of which stands in one place: no two places settle at the same time. */
type Tree = { readonly leaf: number } | { readonly combinator: "all" | "allSettled" | "any" | "race" | "mapped"; readonly parts: readonly Tree[] };

interface Case {
  readonly tree: Tree;
  /** The promises in the order in which they settle, and whether they fail. */
  readonly order: readonly number[];
  readonly fails: readonly boolean[];
  /** With which request the first worker dies. */
  readonly death: number;
  readonly takesEffect: boolean;
}

const combinators = ["all", "allSettled", "any", "race", "mapped"] as const;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const cases: fc.Arbitrary<Case> = fc.integer({ min: 1, max: 5 }).chain((count) =>
  fc.record({
    tree: treeOf(Array.from({ length: count }, (_, leaf) => leaf)),
    order: fc.shuffledSubarray(Array.from({ length: count }, (_, leaf) => leaf), { minLength: count }),
    fails: fc.array(fc.boolean(), { minLength: count, maxLength: count }),
    death: fc.integer({ min: 1, max: 25 }),
    takesEffect: fc.boolean(),
  }),
);

function treeOf(leaves: readonly number[]): fc.Arbitrary<Tree> {
  const [leaf = 0] = leaves;
  const combinator = fc.constantFrom(...combinators);
  if (leaves.length === 1) return fc.oneof({ weight: 3, arbitrary: fc.constant({ leaf }) }, { weight: 1, arbitrary: combinator.map((one): Tree => ({ combinator: one, parts: [{ leaf }] })) });
  return fc.integer({ min: 1, max: leaves.length - 1 }).chain((at) => fc.record({ combinator: combinator.filter((one) => one !== "mapped"), parts: fc.tuple(treeOf(leaves.slice(0, at)), treeOf(leaves.slice(at))) }));
}

/** What the JavaScript promises of the same tree give. */
async function expected({ tree, order, fails }: Case): Promise<unknown> {
  const settles: (() => void)[] = [];
  const leaves = order.map((_, leaf) => new Promise<unknown>((resolve, reject) => (settles[leaf] = () => (fails[leaf] ? reject(new Error(`no ${leaf}`)) : resolve(leaf)))));
  const result = ended(promiseOf(tree, leaves));
  for (const leaf of leaves) leaf.catch(() => undefined);
  for (const leaf of order) {
    settles[leaf]?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return result;
}

function promiseOf(tree: Tree, leaves: readonly Promise<unknown>[]): Promise<unknown> {
  if ("leaf" in tree) return leaves[tree.leaf] ?? Promise.reject(new Error("no such leaf"));
  const parts = tree.parts.map((part) => promiseOf(part, leaves));
  switch (tree.combinator) {
    case "all":
      return Promise.all(parts);
    case "allSettled":
      return Promise.allSettled(parts).then((ends) => ends.map((end) => (end.status === "rejected" ? described(end.reason) : end.value)));
    case "any":
      return Promise.any(parts);
    case "race":
      return Promise.race(parts);
    case "mapped":
      return (parts[0] ?? Promise.resolve()).then((value) => ({ value }), (error: unknown) => ({ failed: described(error) }));
  }
}

function durableOf(ctx: Context, tree: Tree, leaves: readonly Durable<unknown>[]): Durable<unknown> {
  if ("leaf" in tree) return leaves[tree.leaf] as Durable<unknown>;
  const parts = tree.parts.map((part) => durableOf(ctx, part, leaves));
  switch (tree.combinator) {
    case "all":
      return all(ctx, parts);
    case "allSettled":
      return mapped(allSettled(ctx, parts), (ends = []) => ends.map((end) => (end.status === "rejected" ? described(end.reason) : end.value)));
    case "any":
      return any(ctx, parts);
    case "race":
      return race(ctx, parts);
    case "mapped":
      return mapped(parts[0] as Durable<unknown>, (value, failure) => (failure === undefined ? { value } : { failed: described(failure) }));
  }
}

function described(error: unknown): unknown {
  return error instanceof AggregateError ? error.errors.map(described) : error instanceof Error ? error.message : error;
}

async function ended(promise: Promise<unknown>): Promise<unknown> {
  return promise.then((value) => ({ value }), (error: unknown) => ({ error: described(error) }));
}

async function actual({ tree, order, fails, death, takesEffect }: Case): Promise<unknown> {
  const handler = function* (ctx: Context) {
    const leaves: Durable<unknown>[] = [];
    for (const _ of order) leaves.push((yield* awakeable<number>(ctx)).promise);
    const combined = durableOf(ctx, tree, leaves);
    const ends: unknown[] = [];
    // Twice, with a suspension in between: the second time all has settled.
    for (let time = 0; time < 2; time++) {
      try {
        ends.push({ value: yield* combined });
      } catch (error) {
        ends.push({ error: described(error) });
      }
      if (time === 0) yield* ctx.sleep(5 * order.length);
    }
    return ends;
  };
  const workers = new CrashingWorkers();
  try {
    workers.start("default", { request: death, takesEffect }).register("test", handler);
    const outside = workers.start("outside");
    const running = outside.rpc("r", "test");
    while (workers.server.snapshot().promises.filter(({ id }) => /^r:\d+$/.test(id)).length < order.length && workers.deaths === 0) await pause(1);
    workers.start().register("test", handler);
    while (workers.server.snapshot().promises.filter(({ id }) => /^r:\d+$/.test(id)).length < order.length) await pause(1);
    for (const leaf of order) {
      await (fails[leaf] ? rejectAwakeableWith(outside, `r:${leaf}`, `no ${leaf}`) : resolveAwakeableWith(outside, `r:${leaf}`, leaf));
      await pause(2);
    }
    return await running;
  } finally {
    await workers.stop();
  }
}

it("any combination gives what JavaScript's promises give, twice the same, whenever the worker dies", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const end = JSON.parse(JSON.stringify(await expected(one))) as unknown;
      expect(await actual(one)).toEqual([end, end]);
    }),
    { numRuns: 150 },
  );
});
