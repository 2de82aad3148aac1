import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { pause } from "../pause.js";
import { resonate } from "../resonate.js";

async function convert(file: string): Promise<string> {
  await pause(50);
  return `${file}.webp`;
}

function* publishPhoto(ctx: Context, file: string) {
  const login = yield* ctx.beginRun(async () => "photographer");
  const conversion = yield* ctx.beginRun(() => convert(file));
  const session = yield* login;
  const converted = yield* conversion;
  return yield* ctx.run(async () => {
    effects.push(`upload ${converted} as ${session}`);
    return session;
  });
}
resonate.register("publishPhoto", publishPhoto);
