import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { pause } from "../pause.js";
import { resonate } from "../resonate.js";

const suppliers = { acme: 30, bolt: 20, cargo: 10 };
type Supplier = keyof typeof suppliers;

async function order(_: Context, supplier: Supplier, price: number): Promise<string> {
  effects.push(`order from ${supplier} at ${price}`);
  return supplier;
}

/** Asks all suppliers at once and orders from whoever answered first. */
function* procure(ctx: Context) {
  const offers = new Map<Supplier, number>();
  const asked = [];
  for (const supplier of Object.keys(suppliers) as Supplier[]) {
    asked.push(
      yield* ctx.beginRun(async () => {
        await pause(suppliers[supplier]);
        offers.set(supplier, suppliers[supplier] * 2);
      }),
    );
  }
  for (const answer of asked) yield* answer;
  const [first] = offers;
  if (!first) return "no offer";
  return yield* ctx.run(order, ...first);
}
resonate.register("procure", procure);
