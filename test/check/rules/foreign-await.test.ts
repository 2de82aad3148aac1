import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

test("async generators, and a bare `yield` of a durable function, are found", () => {
  const source = `${SDK}export async function* order(ctx: Context) { await ctx.id; }
  export function* bill(ctx: Context) {
    yield help(ctx);
  }
  function* help(ctx: Context) { yield* ctx.sleep(1); }`;
  expect(found(source)).toEqual(["C0102 app.ts:2", "C0102 app.ts:4"]);
});

test("`await` in a generator function that is not async is found", () => {
  expect(found(`${SDK}export function* order(ctx: Context) {\n    const price = await ctx.run(() => 1);\n  }`)).toEqual(["C0101 app.ts:3", "C0102 app.ts:3"]);
});

test("steps may be async, and generators without a context may do as they like", () => {
  const source = `${SDK}export function* order(ctx: Context) {
    return yield* ctx.run(async () => await Promise.resolve(1));
  }
  export async function* lines(text: string) { yield await Promise.resolve(text); }
  export function* numbers() { yield 1; }
  export function* bare(ctx: Context) { yield ctx.assert(true, "fine"); return (yield ctx.run(() => 1)) as number; }
  export async function step(ctx: Context) { return await Promise.resolve(ctx.id); }`;
  expect(found(source)).toEqual([]);
});
