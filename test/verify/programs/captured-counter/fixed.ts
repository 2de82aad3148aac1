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
    total += yield* ctx.run(async () => {
      effects.push(`reserve ${item.sku}`);
      return item.price;
    });
  }
  return total;
}
resonate.register("checkOut", checkOut);
