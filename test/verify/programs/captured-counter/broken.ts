import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

interface Item {
  sku: string;
  price: number;
}

function* checkOut(ctx: Context, items: Item[]) {
  let total = 0;
  for (const item of items) {
    yield* ctx.run(async () => {
      effects.push(`reserve ${item.sku}`);
      total += item.price; // not added again when the step is only read back
    });
  }
  return total;
}
resonate.register("checkOut", checkOut);
