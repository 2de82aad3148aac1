import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

test("operations that never reach a `yield*` are found", () => {
  const source = `${SDK}export function* order(ctx: Context, id: string) {
    ctx.run(() => id);
    const price = ctx.rpc<number>("price", id);
    if (price > 3) void ctx.sleep(1000);
    const { total } = ctx.run(() => ({ total: 1 }));
    const later = ctx.beginRun(() => id);
    ctx.date.now();
    return ctx.run(() => total);
  }
  export async function outside(context: Context) { await context.detached("mail"); }
  resonate.register("price", order); resonate.register("mail", order);`;
  expect(found(source)).toEqual([2 + 1, 4, 5, 6, 7, 8, 9, 11].map((line) => `C0101 app.ts:${line}`));
});

test("the untyped `ctx` of a generator function in JavaScript is a context", () => {
  expect(found({ "a.js": `export function* order(ctx) {\n  ctx.sleep(5);\n}` })).toEqual(["C0101 a.js:2"]);
});

test("operations that are yielded, now or later, and those of others are not", () => {
  const source = `${SDK}export function* order(ctx: Context, queue: { run(f: () => void): void }) {
    yield* ctx.run(() => 1);
    const begun = yield* ctx.beginRun(() => 1);
    const later = ctx.run(() => 1);
    const both = [ctx.run(() => 1), ctx.run(() => 2)];
    for (const one of both) yield* one;
    queue.run(() => undefined);
    return (yield* later) + (yield* begun) + (yield* helped(ctx.beginRun(() => 2)));
  }
  const helped = function* (request: Iterable<number>) { return 1; };
  export const lifted = (ctx: Context) => ctx.run(() => 1);`;
  expect(found(source)).toEqual([]);
});
