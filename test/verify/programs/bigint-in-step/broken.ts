import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function balanceOf(_: Context, wallet: string): Promise<bigint> {
  return BigInt(wallet.length) * 10n ** 18n;
}

async function transfer(_: Context, from: string, to: string, wei: string): Promise<void> {
  effects.push(`transfer ${wei} from ${from} to ${to}`);
}

function* sweep(ctx: Context, wallet: string, treasury: string) {
  const balance = yield* ctx.run(balanceOf, wallet);
  yield* ctx.run(transfer, wallet, treasury, balance.toString());
  return "swept";
}
resonate.register("sweep", sweep);
