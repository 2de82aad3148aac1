import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function charge(_: Context, order: string): Promise<string> {
  effects.push(`charge ${order}`);
  return `receipt for ${order}`;
}

function* payment(ctx: Context, order: string) {
  return yield* ctx.run(charge, order);
}

/** The order is placed once under its id, so its payment is made once too. */
function* placeOrder(ctx: Context, order: string) {
  const receipt = yield* ctx.rpc(payment, order);
  return `${order}: ${receipt}`;
}
resonate.register("payment", payment);
resonate.register("placeOrder", placeOrder);
