import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

function mail(to: string, text: string): void {
  effects.push(`mail ${to}: ${text}`);
}

async function createAccount(_: Context, email: string): Promise<string> {
  effects.push(`create ${email}`);
  return `account of ${email}`;
}

function* onboard(ctx: Context, email: string) {
  const account = yield* ctx.run(createAccount, email);
  mail(email, "welcome");
  yield* ctx.sleep(60_000);
  return account;
}
resonate.register("onboard", onboard);
