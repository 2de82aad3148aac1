import { type Context, Exponential } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function saveOrder(_: Context, order: string): Promise<string> {
  effects.push(`save ${order}`);
  return order;
}

async function pushToWarehouse(_: Context, order: string): Promise<void> {
  throw new Error(`the warehouse does not know ${order}`);
}

async function reportFailure(_: Context, message: string): Promise<void> {
  effects.push(`report: ${message}`);
}

function* acceptOrder(ctx: Context, order: string) {
  const saved = yield* ctx.run(saveOrder, order);
  const pushed = yield* ctx.beginRun(pushToWarehouse, saved, ctx.options({ retryPolicy: new Exponential({ maxRetries: 3 }) }));
  try {
    yield* pushed;
  } catch (error) {
    yield* ctx.run(reportFailure, (error as Error).message);
  }
  return `accepted ${saved}`;
}
resonate.register("acceptOrder", acceptOrder);
