import type { Context, Resonate } from "@resonatehq/sdk";
import { clientOf } from "./client.js";
import { beginRemote } from "./begin.js";
import type { Durable } from "./durable.js";
import { TerminalError } from "./errors.js";
import { externalPromise, isUnknown, rejection, type Result, settle } from "./external.js";
import type { Work } from "./work.js";

/** A promise that is completed from anywhere, by its id. */
export interface Awakeable<T> {
  /** To be handed to whoever completes it; from a shell: `resonate promises resolve <id> --value '{"data": <JSON value>}'`. */
  readonly id: string;
  readonly promise: Durable<T>;
}

/** A new awakeable: `const approval = yield* awakeable<boolean>(ctx)`, and later `yield* approval.promise`. */
export function* awakeable<T>(ctx: Context): Work<Awakeable<T>> {
  const request = externalPromise<T>(ctx);
  return { id: request.id, promise: yield* beginRemote(ctx, request, read) };
}

/** Resolves an awakeable, without a payload with `null`. One that is completed stays as it is. */
export function* resolveAwakeable<T>(ctx: Context, id: string, payload?: T): Work<void> {
  yield* complete(ctx, id, { kind: "value", value: payload ?? null });
}

/** Rejects an awakeable: who waits for it gets the reason as a `TerminalError`. One that is completed stays as it is. */
export function* rejectAwakeable(ctx: Context, id: string, reason: string | TerminalError): Work<void> {
  yield* complete(ctx, id, { kind: "error", error: rejection(reason) });
}

/** The same for a client outside of any handler. Throws when no awakeable has that id. */
export async function resolveAwakeableWith<T>(resonate: Resonate, id: string, payload?: T): Promise<void> {
  await settle(resonate, id, { kind: "value", value: payload ?? null });
}

/** The same for a client outside of any handler. Throws when no awakeable has that id. */
export async function rejectAwakeableWith(resonate: Resonate, id: string, reason: string | TerminalError): Promise<void> {
  await settle(resonate, id, { kind: "error", error: rejection(reason) });
}

function* complete(ctx: Context, id: string, result: Result<unknown>): Work<void> {
  const known = yield* ctx.run(async () => {
    try {
      await settle(clientOf(ctx), id, result);
      return true;
    } catch (error) {
      if (isUnknown(error)) return false;
      throw error;
    }
  });
  if (!known) throw new TerminalError(`No awakeable has the id ${id}`, { errorCode: 404 });
}

function read(result: Result<unknown>): Result<unknown> {
  return result.kind === "value" ? { kind: "value", value: result.value ?? null } : { kind: "error", error: rejection(result.error) };
}
