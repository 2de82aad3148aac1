import type { Context } from "@resonatehq/sdk";
import { clientOf } from "./client.js";
import type { Durable } from "./durable.js";
import { TerminalError } from "./errors.js";
import { createExternal, isSettledBy, rejection, type Result, resultOf, settle } from "./external.js";
import { beginAwait } from "./forward.js";
import { workflowPromiseId } from "./ids.js";
import type { Work } from "./work.js";

/** A promise of a workflow by its name: settled once, from anywhere, also before the workflow starts; read as often as one likes. */
export interface WorkflowPromise<T> {
  /** Its id, for who settles it from outside. */
  readonly id: string;
  /** Waits for it: `const approved = yield* workflowPromise<boolean>(ctx, "approval")`. */
  [Symbol.iterator](): Work<T>;
  /** A handle of it, for `race` and its like: `yield* race(ctx, [yield* approval.get(), timer])`. */
  get(): Work<Durable<T>>;
  /** Its value, `undefined` while it is open. Throws what it was rejected with. */
  peek(): Work<T | undefined>;
  /** Throws a `TerminalError` of code 409 when it is settled already; so does `reject`. */
  resolve(value?: T): Work<void>;
  /** Who waits for it gets a `TerminalError` with that message. */
  reject(message: string): Work<void>;
  /** Resolves it unless it is settled already. */
  offer(value?: T): Work<void>;
  /** Rejects it unless it is settled already. */
  offerRejection(message: string): Work<void>;
}

/**
 * The workflow's promise of that name. In `run`, and in what it calls, the workflow is the invocation itself; its other handlers
 * name it: `yield* workflowPromise<boolean>(ctx, "approval", workflowId("OrderWorkflow", key)).resolve(true)`.
 */
export function workflowPromise<T>(ctx: Context, name: string, workflow: string = ctx.originId): WorkflowPromise<T> {
  const id = workflowPromiseId(workflow, name);
  return {
    id,
    *[Symbol.iterator]() {
      return yield* yield* this.get();
    },
    *get() {
      if (workflow !== ctx.originId) yield* ctx.run(create, id);
      return yield* beginAwait<T>(ctx, id, read);
    },
    *peek() {
      const result = yield* ctx.run(look, id);
      if (result?.kind === "error") throw rejection(result.error);
      return result?.value as T | undefined;
    },
    *resolve(value) {
      demandFirst(yield* ctx.run(complete, id, { kind: "value", value }));
    },
    *reject(message) {
      demandFirst(yield* ctx.run(refuse, id, message));
    },
    *offer(value) {
      yield* ctx.run(complete, id, { kind: "value", value });
    },
    *offerRejection(message) {
      yield* ctx.run(refuse, id, message);
    },
  };
}

async function create(ctx: Context, id: string): Promise<void> {
  await createExternal(clientOf(ctx), id);
}

async function look(ctx: Context, id: string): Promise<Result<unknown> | undefined> {
  return resultOf(await createExternal(clientOf(ctx), id));
}

async function refuse(ctx: Context, id: string, message: string): Promise<boolean> {
  return complete(ctx, id, { kind: "error", error: new TerminalError(message) });
}

/** Whether it is this step that settled the promise; it may have done so in an attempt before a crash. */
async function complete(ctx: Context, id: string, result: Result<unknown>): Promise<boolean> {
  const client = clientOf(ctx);
  await createExternal(client, id);
  return isSettledBy(await settle(client, id, result, ctx.id), ctx.id);
}

function demandFirst(isFirst: boolean): void {
  if (!isFirst) throw new TerminalError("promise was already completed", { errorCode: 409 });
}

function read(result: Result<unknown>): Result<unknown> {
  return result.kind === "value" ? result : { kind: "error", error: rejection(result.error) };
}
