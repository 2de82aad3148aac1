import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function countStock(_: Context, skus: string[]): Promise<Record<string, number>> {
  return Object.fromEntries(skus.map((sku, index) => [sku, index * 10]));
}

async function reorder(_: Context, sku: string): Promise<void> {
  effects.push(`reorder ${sku}`);
}

/** Reorders what is out of stock and tells how much was looked at. */
function* restock(ctx: Context, skus: string[]) {
  const stock = yield* ctx.run(countStock, skus);
  for (const sku of skus) if (stock[sku] === 0) yield* ctx.run(reorder, sku);
  return Object.keys(stock).length;
}
resonate.register("restock", restock);
