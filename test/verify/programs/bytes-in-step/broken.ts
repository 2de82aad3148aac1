import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function render(_: Context, invoice: string): Promise<Uint8Array> {
  return new TextEncoder().encode(`invoice ${invoice}`);
}

async function upload(_: Context, invoice: string, bytes: number): Promise<void> {
  effects.push(`upload ${invoice}, ${bytes} bytes`);
}

function* archiveInvoice(ctx: Context, invoice: string) {
  const pdf = yield* ctx.run(render, invoice);
  yield* ctx.run(upload, invoice, pdf.byteLength);
  return "archived";
}
resonate.register("archiveInvoice", archiveInvoice);
