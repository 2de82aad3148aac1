import type { Context } from "@resonatehq/sdk";
import { resonate } from "../resonate.js";

async function fetchStatus(_: Context, parcel: string): Promise<string> {
  return parcel.startsWith("lost") ? "unknown" : "delivered";
}

/** Looks every minute until the parcel has arrived, five times at most. */
function* trackParcel(ctx: Context, parcel: string) {
  for (let looks = 0; looks < 5; looks++) {
    const status = yield* ctx.run(fetchStatus, parcel);
    if (status === "delivered") return status;
    yield* ctx.sleep(60_000);
  }
  return "lost";
}
resonate.register("trackParcel", trackParcel);
