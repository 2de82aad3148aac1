import { type Context, Exponential, Never } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

let refusals = 0;

/** A gateway that refuses the first request of every process. */
async function callGateway(_: Context, cents: number): Promise<string> {
  if (refusals++ === 0) throw new Error("the gateway is busy");
  effects.push(`charge ${cents}`);
  return `charged ${cents}`;
}

function* charge(ctx: Context, cents: number) {
  return yield* ctx.run(callGateway, cents, ctx.options({ retryPolicy: new Never() }));
}

function* buy(ctx: Context, cents: number) {
  return yield* ctx.run(charge, cents, ctx.options({ retryPolicy: new Exponential({ maxRetries: 5 }) }));
}
resonate.register("buy", buy);
