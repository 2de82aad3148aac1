import { Codec, type Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

const codec = new Codec();

async function pay(_: Context, invoice: string): Promise<void> {
  effects.push(`pay ${invoice}`);
}

function* payInvoice(ctx: Context, invoice: string) {
  const approval = yield* ctx.promise<boolean>({ tags: { "resonate:external": "true" } });
  if (!(yield* approval)) return "refused";
  yield* ctx.run(pay, invoice);
  return "paid";
}

/** The accountant's answer. */
function* answer(ctx: Context, workflow: string, approved: boolean) {
  yield* ctx.run(async () => {
    await resonate.promises.resolve(`${workflow}:0`, codec.encode(approved));
  });
}
resonate.register("payInvoice", payInvoice);
resonate.register("answer", answer);
