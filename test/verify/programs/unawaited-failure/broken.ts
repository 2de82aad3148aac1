import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function saveOrder(_: Context, order: string): Promise<string> {
  effects.push(`save ${order}`);
  return order;
}

async function pushToWarehouse(_: Context, order: string): Promise<void> {
  throw new Error(`the warehouse does not know ${order}`);
}

/** Tells the warehouse on the side: nobody looks at how that went, yet the order is not done before it is. */
function* acceptOrder(ctx: Context, order: string) {
  const saved = yield* ctx.run(saveOrder, order);
  yield* ctx.beginRun(pushToWarehouse, saved);
  return `accepted ${saved}`;
}
resonate.register("acceptOrder", acceptOrder);
