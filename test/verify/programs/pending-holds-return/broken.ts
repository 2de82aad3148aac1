import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function print(_: Context, document: string): Promise<number> {
  effects.push(`print ${document}`);
  return document.length;
}

/** Opens a promise by which somebody may stop the job, and finishes without having been stopped. */
function* printJob(ctx: Context, document: string) {
  const stop = yield* ctx.promise<boolean>({ tags: { "resonate:external": "true" } });
  const pages = yield* ctx.run(print, document);
  return stop.state === "completed" ? "stopped" : `${pages} pages`;
}
resonate.register("printJob", printJob);
