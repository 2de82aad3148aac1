import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { pause } from "../pause.js";
import { resonate } from "../resonate.js";

const suppliers = { acme: 30, bolt: 20, cargo: 10 };
type Supplier = keyof typeof suppliers;

async function ask(_: Context, supplier: Supplier): Promise<number> {
  await pause(suppliers[supplier]);
  return suppliers[supplier] * 2;
}

async function order(_: Context, supplier: Supplier, price: number): Promise<string> {
  effects.push(`order from ${supplier} at ${price}`);
  return supplier;
}

/** Asks all suppliers at once and orders from the cheapest. */
function* procure(ctx: Context) {
  const asked = [];
  for (const supplier of Object.keys(suppliers) as Supplier[]) asked.push({ supplier, answer: yield* ctx.beginRun(ask, supplier) });
  const offers: [Supplier, number][] = [];
  for (const { supplier, answer } of asked) offers.push([supplier, yield* answer]);
  const [first] = offers.sort(([, one], [, other]) => one - other);
  if (!first) return "no offer";
  return yield* ctx.run(order, ...first);
}
resonate.register("procure", procure);
