import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function openAudit(_: Context, parcel: string): Promise<string> {
  return `audit of ${parcel}`;
}

async function ship(_: Context, parcel: string): Promise<string> {
  effects.push(`ship ${parcel}`);
  return parcel;
}

/** Ships all parcels, and opens an audit for about every second one. */
function* shipAll(ctx: Context, parcels: string[]) {
  const shipped: string[] = [];
  for (const parcel of parcels) {
    if ((yield* ctx.math.random()) < 0.5) yield* ctx.run(openAudit, parcel);
    shipped.push(yield* ctx.run(ship, parcel));
  }
  return shipped;
}
resonate.register("shipAll", shipAll);
