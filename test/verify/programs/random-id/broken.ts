import { randomUUID } from "node:crypto";
import { type Context, Never } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

interface Hold {
  paymentId: string;
  cents: number;
}

async function reserve(_: Context, paymentId: string, cents: number): Promise<Hold> {
  effects.push(`reserve ${cents}`);
  return { paymentId, cents };
}

async function capture(_: Context, paymentId: string, hold: Hold): Promise<number> {
  if (hold.paymentId !== paymentId) throw new Error("no such payment");
  effects.push(`capture ${hold.cents}`);
  return hold.cents;
}

function* pay(ctx: Context, cents: number) {
  const paymentId = randomUUID();
  const hold = yield* ctx.run(reserve, paymentId, cents);
  return yield* ctx.run(capture, paymentId, hold, ctx.options({ retryPolicy: new Never() }));
}
resonate.register("pay", pay);
