import { Codec, type Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function activate(_: Context, user: string): Promise<void> {
  effects.push(`activate ${user}`);
}

function* signUp(ctx: Context, user: string) {
  const clicked = yield* ctx.promise<string>({ tags: { "resonate:external": "true" } });
  const code = yield* clicked;
  yield* ctx.run(activate, user);
  return `activated with ${code}`;
}

/** What the link in the mail calls. */
function* click(ctx: Context, workflow: string, code: string) {
  yield* ctx.run(async () => {
    await resonate.promises.resolve(`${workflow}:0`, new Codec().encode(code));
  });
}
resonate.register("signUp", signUp);
resonate.register("click", click);
