import type { Context } from "@resonatehq/sdk";
import { clientOf } from "./client.js";
import type { Durable, Work } from "./durable.js";
import { TerminalError } from "./errors.js";
import { beginAwait } from "./forward.js";
import { noDeadline } from "./ids.js";

/** The name that a workflow's `run` is registered under, with the worker group that runs it where that is not the default one. */
export type Run = string | { readonly name: string; readonly target: string };

/** Starts a workflow under its id: `yield* startWorkflow(ctx, workflowId("Order", key), "order", key, input)`. Gives `false`, and changes nothing, where it has been started before. */
export function* startWorkflow(ctx: Context, id: string, run: Run, ...input: unknown[]): Work<boolean> {
  return yield* ctx.run(start, id, run, input);
}

/** Starts a workflow and waits for its result; the caller is suspended meanwhile. A workflow runs once: a second call is a `TerminalError` of code 409. */
export function* callWorkflow<T>(ctx: Context, id: string, run: Run, ...input: unknown[]): Work<T> {
  if (!(yield* startWorkflow(ctx, id, run, ...input))) throw new TerminalError("the workflow method was already invoked", { errorCode: 409 });
  return yield* yield* attachWorkflow<T>(ctx, id);
}

/** A handle of the result of a workflow that has been started. */
export function attachWorkflow<T>(ctx: Context, id: string): Work<Durable<T>> {
  return beginAwait<T>(ctx, id);
}

/** Whether it is this step that started the workflow; it may have done so in an attempt before a crash. */
async function start(ctx: Context, id: string, run: Run, input: readonly unknown[]): Promise<boolean> {
  const client = clientOf(ctx);
  const { name, ...target } = typeof run === "string" ? { name: run } : run;
  await client.beginRpc(id, name, ...input, client.options({ timeout: noDeadline, tags: { "started-by": ctx.id }, ...target }));
  return (await client.promises.get(id)).tags["started-by"] === ctx.id;
}
