import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

const day = 24 * 60 * 60 * 1_000;

async function ship(_: Context, order: string): Promise<void> {
  effects.push(`ship ${order}`);
}

async function askForReview(_: Context, order: string): Promise<void> {
  effects.push(`ask for a review of ${order}`);
}

function* reviewReminder(ctx: Context, order: string) {
  yield* ctx.sleep(3 * day);
  yield* ctx.run(askForReview, order);
}

/** Ships, and leaves a reminder behind for three days later. */
function* fulfil(ctx: Context, order: string) {
  yield* ctx.run(ship, order);
  yield* ctx.detached(reviewReminder, order, ctx.options({ timeout: 4 * day }));
  return "shipped";
}
resonate.register("reviewReminder", reviewReminder);
resonate.register("fulfil", fulfil);
