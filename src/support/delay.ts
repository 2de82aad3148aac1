import type { Context } from "@resonatehq/sdk";

const day = 86_400_000;

/**
 * Options that defer the start of a detached call: `yield* ctx.detached(f, x, yield* delayed(ctx, 5_000))`.
 * The call's own deadline, a day unless given, counts from its start.
 */
export function* delayed(ctx: Context, milliseconds: number, { timeout = day, ...options }: { target?: string; timeout?: number } = {}): Generator<unknown, ReturnType<Context["options"]>> {
  const now = yield* ctx.date.now();
  return ctx.options({ ...options, timeout: milliseconds + timeout, tags: { "resonate:delay": String(now + milliseconds) } });
}
