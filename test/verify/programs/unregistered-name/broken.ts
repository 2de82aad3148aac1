import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function post(_: Context, customer: string, cents: number): Promise<void> {
  effects.push(`invoice ${customer} over ${cents}`);
}

function* sendInvoice(ctx: Context, customer: string, cents: number) {
  yield* ctx.run(post, customer, cents);
  return `${customer}/${cents}`;
}

function* closeMonth(ctx: Context, customer: string) {
  return yield* ctx.rpc<string>("billing.sendInvoice", customer, 1_200);
}
resonate.register("sendInvoice", sendInvoice);
resonate.register("closeMonth", closeMonth);
