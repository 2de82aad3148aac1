import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

const HELPER = `import type { Context } from "@resonatehq/sdk"; export function* price(ctx: Context, id: string) { return (yield* ctx.run(() => ({ net: id.length }))).net; }`;

test("calls whose generator goes nowhere are found, across files", () => {
  const app = `import type { Context } from "@resonatehq/sdk"; import { price as cost } from "./price.js";
  export function* order(ctx: Context) {
    cost(ctx, "a");
    const total = cost(ctx, "b");
    if (total > 3) return cost(ctx, "c");
    return \`\${cost(ctx, "d")}\`;
  }
  export async function outside(ctx: Context) { return await cost(ctx, "e"); }`;
  expect(found({ "app.ts": app, "price.ts": HELPER })).toEqual([3, 4, 5, 6, 8].map((line) => `C0103 app.ts:${line}`));
});

test("calls with `yield*`, generators that are handed on, and functions that are registered are not", () => {
  const app = `${SDK}import { price } from "./price.js";
  resonate.register("price", price);
  export function* order(ctx: Context) {
    const later = price(ctx, "a");
    const all = [price(ctx, "b")];
    const first = price(ctx, "c").next();
    yield* ctx.run(price, "d");
    return [yield* later, yield* all[0], yield* price(ctx, "e"), yield* collect(price(ctx, "f")), first];
  }
  function* collect(work: Generator) { return yield* work; }
  function price2(id: string) { return id; }
  export function* local(ctx: Context) { price2("a"); }`;
  expect(found({ "app.ts": app, "price.ts": HELPER })).toEqual([]);
});
