/** What a durable function returns, for calls by name: `ctx.rpc<ResultOf<typeof charge>>("charge", order)`. */
// biome-ignore lint/suspicious/noExplicitAny: any function may be asked for, and only what it returns matters
export type ResultOf<F> = F extends (...args: any[]) => Generator<any, infer R, any> ? R : F extends (...args: any[]) => infer R ? Awaited<R> : never;
