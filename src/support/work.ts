import type { Context } from "@resonatehq/sdk";

/** A function of Resonate that is written as a generator; `A` is what it takes after the context. */
export type Handler<A extends unknown[], R> = (ctx: Context, ...args: A) => Work<R>;

/** What a generator of Resonate yields and is given back is the SDK's own. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Work<T> = Generator<any, T, any>;
