import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

test("names that nobody registers are found, in contexts and at clients", () => {
  const source = `${SDK}function* order(ctx: Context) {
    yield* ctx.rpc("prize", 1);
    yield* ctx.detached("order");
  }
  resonate.register("order", order);
  export async function start(client: Resonate) {
    await client.beginRpc("id", "ordr");
    await resonate.schedule("daily", "0 0 * * *", "report");
  }`;
  expect(found(source)).toEqual(["C0105 app.ts:3", "C0105 app.ts:8", "C0105 app.ts:9"]);
});

test("names registered anywhere, by a function's own name, or of another group are not", () => {
  const app = `import { resonate } from "./client.js"; import { price } from "./price.js"; resonate.register("order", price); resonate.register(price);`;
  const price = `import type { Context } from "@resonatehq/sdk";
  export function* price(ctx: Context) {
    yield* ctx.rpc("order"); yield* ctx.rpc("price");
    yield* ctx.rpc("elsewhere", 1, ctx.options({ target: "poll://any@others" }));
  }`;
  expect(found({ "app.ts": app, "price.ts": price, "client.ts": `${SDK}export { resonate };` })).toEqual([]);
});

test("nothing is said where nobody registers anything, or under names that are not in the code", () => {
  const call = `${SDK}export const start = () => resonate.rpc("id", "order");`;
  expect(found(call)).toEqual([]);
  expect(found(`${call}\nfor (const f of [function* (ctx: Context) {}]) resonate.register(f.name, f);`)).toEqual([]);
});
