import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

let rates: Record<string, number> | undefined;

async function loadRates(): Promise<Record<string, number>> {
  return { EUR: 1, USD: 2 };
}

async function saveQuote(_: Context, currency: string, price: number): Promise<number> {
  effects.push(`quote ${currency} ${price}`);
  return price;
}

function* quote(ctx: Context, currency: string, amount: number) {
  // Only the first call of a process records this step.
  rates ??= yield* ctx.run(loadRates);
  return yield* ctx.run(saveQuote, currency, amount * (rates[currency] ?? 0));
}
resonate.register("quote", quote);
