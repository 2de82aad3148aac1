import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { pause } from "../pause.js";
import { resonate } from "../resonate.js";

async function convert(file: string): Promise<string> {
  await pause(50);
  return `${file}.webp`;
}

function* publishPhoto(ctx: Context, file: string) {
  let session = "nobody";
  const login = yield* ctx.beginRun(async () => {
    session = "photographer";
  });
  const upload = yield* ctx.beginRun(async () => {
    const converted = await convert(file);
    effects.push(`upload ${converted} as ${session}`); // what the other step left, unless that one is only read back
    return session;
  });
  yield* login;
  return yield* upload;
}
resonate.register("publishPhoto", publishPhoto);
