import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function askManager(_: Context, claim: string, promise: string): Promise<void> {
  effects.push(`ask the manager about ${claim}, answer to ${promise}`);
}

async function escalate(_: Context, claim: string): Promise<string> {
  effects.push(`escalate ${claim}`);
  return "escalated";
}

/** A claim that the manager does not decide within an hour goes to the board. */
function* decideClaim(ctx: Context, claim: string) {
  const decision = yield* ctx.promise<string>({ timeout: 60 * 60 * 1_000 });
  yield* ctx.run(askManager, claim, decision.id);
  try {
    return yield* decision;
  } catch {
    return yield* ctx.run(escalate, claim);
  }
}
resonate.register("decideClaim", decideClaim);
