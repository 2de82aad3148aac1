import { Codec, type Context, type Resonate } from "@resonatehq/sdk";
import { asTerminalError, messageOf, TerminalError } from "./errors.js";

/** How a promise ended. */
export type Result<T> = { kind: "value"; value: T } | { kind: "error"; error: unknown };

/** A promise that someone else settles, as the server keeps it. */
type Settled = Awaited<ReturnType<Resonate["promises"]["get"]>>;

/** As far away as the protocol can say. */
const never = Number.MAX_SAFE_INTEGER;

const codec = new Codec();

/** The request for a promise that is settled from outside, under an id of the invocation's own origin. It holds up no return, and never times out. */
export function externalPromise<T>(ctx: Context, id?: string): ReturnType<typeof ctx.promise<T>> {
  const request = ctx.promise<T>();
  const created = request.createReq.data;
  request.mode = "detached";
  created.timeoutAt = never;
  if (id !== undefined) {
    request.id = id;
    created.id = id;
    Object.assign(created.tags, lineageBelow(ctx.originId));
  }
  created.tags["resonate:external"] = "true";
  return request;
}

/** Creates such a promise from outside of its origin; gives the one that is there, if there is one. */
export function createExternal(client: Resonate, id: string): Promise<Settled> {
  return client.promises.create(id, never, { tags: { "resonate:scope": "global", "resonate:external": "true", ...lineageBelow(originOf(id)) } });
}

/** The tags of a promise right below a root; being of its branch, it is sent along with the root's task. */
function lineageBelow(origin: string): Record<string, string> {
  return { "resonate:origin": origin, "resonate:parent": origin, "resonate:branch": origin };
}

/** Settles a promise with the result, unless it is settled already. `by` is kept with it. Gives the promise as it is then. */
export function settle(client: Resonate, id: string, result: Result<unknown>, by = ""): Promise<Settled> {
  const { data = "" } = codec.encode(result.kind === "value" ? result.value : result.error);
  const headers: Record<string, string> = by === "" ? {} : { [settledBy]: by };
  const value = { data, headers };
  return result.kind === "value" ? client.promises.resolve(id, value) : client.promises.reject(id, value);
}

/** Whether it was `by` who settled the promise. */
export function isSettledBy(promise: Settled, by: string): boolean {
  return promise.value.headers?.[settledBy] === by;
}

/** How a promise ended, `undefined` while it is open. */
export function resultOf(promise: Settled): Result<unknown> | undefined {
  if (promise.state === "pending") return undefined;
  const value: unknown = codec.decode(promise.value);
  return promise.state === "resolved" ? { kind: "value", value } : { kind: "error", error: value };
}

/** Starts a registered function under another origin, once; nobody waits for it there. */
export async function startUnder(client: Resonate, origin: string, id: string, target: string, func: string, args: readonly string[]): Promise<void> {
  const tags = { "resonate:scope": "global", "resonate:target": target, "resonate:origin": origin, "resonate:parent": origin, "resonate:branch": id };
  await client.promises.create(id, never, { data: codec.encode({ func, args, version: 1 }).data ?? "", tags });
}

/** A result as it is after it has been stored and read. */
export function asStored(result: Result<unknown>): Result<unknown> {
  const stored: unknown = codec.decode(codec.encode(result.kind === "value" ? result.value : result.error));
  return result.kind === "value" ? { kind: "value", value: stored } : { kind: "error", error: stored };
}

/** A rejection of a promise that is settled from outside as a terminal error: from a shell, the reason may be a mere text. */
export function rejection(error: unknown): TerminalError {
  if (error === undefined) return new TerminalError("The promise was cancelled");
  return typeof error === "string" ? new TerminalError(error) : error instanceof Error ? asTerminalError(error) : new TerminalError(messageOf(error));
}

/** The part of an id before the first ':', which an invocation shares with all that it may wait for. */
export function originOf(id: string): string {
  return id.split(":", 1)[0] ?? id;
}

/** Whether a request failed since there is no promise of that id. */
export function isUnknown(error: unknown): boolean {
  return error instanceof Error && "serverError" in error && (error as { serverError?: { code?: unknown } }).serverError?.code === 404;
}

const settledBy = "settled-by";
