import type { Context } from "@resonatehq/sdk";
import { effects } from "../effects.js";
import { resonate } from "../resonate.js";

async function publish(_: Context, article: string): Promise<void> {
  effects.push(`publish ${article}`);
}

function* publishArticle(ctx: Context, article: string) {
  const approval = yield* ctx.promise<{ by: string }>({ tags: { "resonate:external": "true" } });
  const { by } = yield* approval;
  yield* ctx.run(publish, article);
  return `approved by ${by}`;
}

/** What the editor's button calls. */
function* approve(ctx: Context, workflow: string, by: string) {
  yield* ctx.run(async () => {
    await resonate.promises.resolve(`${workflow}:0`, { data: JSON.stringify({ by }) });
  });
}
resonate.register("publishArticle", publishArticle);
resonate.register("approve", approve);
