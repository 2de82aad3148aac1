import { type Context, Never } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

class CardDeclined extends Error {
  override name = "CardDeclined";
}

async function charge(_: Context, card: string): Promise<string> {
  if (card === "expired") throw new CardDeclined("the card has expired");
  return "paid";
}

async function askForOtherCard(_: Context, customer: string): Promise<string> {
  effects.push(`ask ${customer} for another card`);
  return "waiting";
}

async function alertStaff(_: Context, customer: string): Promise<string> {
  effects.push(`alert staff about ${customer}`);
  return "alerted";
}

function* checkout(ctx: Context, customer: string, card: string) {
  try {
    return yield* ctx.run(charge, card, ctx.options({ retryPolicy: new Never() }));
  } catch (error) {
    if (error instanceof Error && error.name === "CardDeclined") return yield* ctx.run(askForOtherCard, customer);
    return yield* ctx.run(alertStaff, customer);
  }
}
resonate.register("checkout", checkout);
