import type { Context } from "@resonatehq/sdk";

const day = 86_400_000;

/**
 * Options that defer the start of a detached call: `yield* ctx.detached(f, x, yield* delayed(ctx, 5_000))`.
 * The call's own deadline of a day counts from its start.
 */
export function* delayed(ctx: Context, milliseconds: number, options: { target?: string } = {}): Generator<unknown, ReturnType<Context["options"]>> {
  const now = yield* ctx.date.now();
  return ctx.options({ ...options, timeout: milliseconds + day, tags: { "resonate:delay": String(now + milliseconds) } });
}
