import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

interface Basket {
  total: number;
  coupon?: string;
}

async function readBasket(_: Context, id: string): Promise<Basket> {
  return { total: id.length * 10 };
}

async function redeem(_: Context, basket: Basket): Promise<void> {
  effects.push(`redeem ${String(basket.coupon)}`);
}

async function charge(_: Context, total: number): Promise<void> {
  effects.push(`charge ${total}`);
}

function* payBasket(ctx: Context, id: string) {
  const basket = yield* ctx.run(readBasket, id);
  if (basket.coupon !== undefined) yield* ctx.run(redeem, basket);
  yield* ctx.run(charge, basket.total);
  return basket.total;
}
resonate.register("payBasket", payBasket);
