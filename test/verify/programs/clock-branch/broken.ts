import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

const halfHour = 30 * 60 * 1_000;

async function quote(_: Context, nights: number): Promise<{ price: number; at: number }> {
  return { price: nights * 100, at: Date.now() };
}

async function applyDiscount(_: Context, guest: string, price: number): Promise<number> {
  effects.push(`discount for ${guest}`);
  return price * 0.8;
}

async function sendInvoice(_: Context, guest: string, price: number): Promise<void> {
  effects.push(`invoice ${guest} ${price}`);
}

function* bookRoom(ctx: Context, guest: string, nights: number) {
  const offer = yield* ctx.run(quote, nights);
  let { price } = offer;
  // True on the first pass, and no longer on the pass after the sleep.
  if (Date.now() < offer.at + halfHour) price = yield* ctx.run(applyDiscount, guest, price);
  yield* ctx.sleep(2 * halfHour);
  yield* ctx.run(sendInvoice, guest, price);
  return price;
}
resonate.register("bookRoom", bookRoom);
