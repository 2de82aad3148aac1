import type { Context } from "@resonatehq/sdk";
import { clientOf } from "./client.js";
import type { Durable } from "./durable.js";
import { TerminalError } from "./errors.js";
import { beginAwait } from "./forward.js";
import { rejected } from "./futures.js";
import { noDeadline } from "./ids.js";
import type { Work } from "./work.js";

/** The name that a workflow's `run` is registered under, with the worker group that runs it where that is not the default one. */
export type Run = string | { readonly name: string; readonly target: string };

/** A workflow that was to be started. */
export interface Started {
  /** Under which it runs. */
  readonly id: string;
  /** `false` where it had been started before: then nothing has changed. */
  readonly isFirst: boolean;
}

/** Starts a workflow under its id: `yield* startWorkflow(ctx, workflowId("Order", key), "order", key, input)`. */
export function startWorkflow(ctx: Context, id: string, run: Run, ...input: unknown[]): Work<Started> {
  return startWorkflowLater(ctx, id, run, input, 0);
}

/** The same after so many milliseconds: `yield* startWorkflowLater(ctx, workflowId("Order", key), "order", [key, input], 60_000)`. */
export function* startWorkflowLater(ctx: Context, id: string, run: Run, input: readonly unknown[], milliseconds: number): Work<Started> {
  return { id, isFirst: yield* ctx.run(start, id, run, input, milliseconds) };
}

/** Starts a workflow and waits for its result; the caller is suspended meanwhile. A workflow runs once: a second call is a `TerminalError` of code 409. */
export function* callWorkflow<T>(ctx: Context, id: string, run: Run, ...input: unknown[]): Work<T> {
  return yield* yield* beginWorkflow<T>(ctx, id, run, ...input);
}

/** The same, and gives a handle of the result. */
export function* beginWorkflow<T>(ctx: Context, id: string, run: Run, ...input: unknown[]): Work<Durable<T>> {
  const { isFirst } = yield* startWorkflow(ctx, id, run, ...input);
  return isFirst ? yield* attachWorkflow<T>(ctx, id) : rejected<T>(new TerminalError("the workflow method was already invoked", { errorCode: 409 }));
}

/** A handle of the result of a workflow that has been started. */
export function attachWorkflow<T>(ctx: Context, id: string): Work<Durable<T>> {
  return beginAwait<T>(ctx, id);
}

/** Whether it is this step that started the workflow; it may have done so in an attempt before a crash. */
async function start(ctx: Context, id: string, run: Run, input: readonly unknown[], milliseconds: number): Promise<boolean> {
  const client = clientOf(ctx);
  const { name, ...target } = typeof run === "string" ? { name: run } : run;
  const delay: Record<string, string> = milliseconds > 0 ? { "resonate:delay": String(Date.now() + milliseconds) } : {};
  await client.beginRpc(id, name, ...input, client.options({ timeout: noDeadline, tags: { "started-by": ctx.id, ...delay }, ...target }));
  return (await client.promises.get(id)).tags["started-by"] === ctx.id;
}
