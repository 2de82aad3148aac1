import type { Context, Resonate } from "@resonatehq/sdk";
import { clientOf } from "./client.js";
import { store } from "./store.js";
import type { Turn } from "./store-interface.js";

/** A handler of an object: its key comes before its input. */
// biome-ignore lint/suspicious/noExplicitAny: what is sent into a generator is Resonate's business
export type ObjectHandler<Input extends unknown[], Result> = (ctx: Context, key: string, ...input: Input) => Generator<unknown, Result, any>;

const second = 1_000;
const longestLook = 300 * second;

/**
 * An exclusive handler of an object: per key one call at a time, in the order in which the calls were made, across processes.
 *
 *     resonate.register("deposit", exclusive(resonate, "UserAccount", deposit));
 *
 * A call that ends gives its turn to the next. One that is cancelled or times out runs no more code, so who waits behind it looks
 * whether it still runs: at its deadline, and after 1, 2, 4 ... seconds, at last every five minutes; every new call looks too.
 * A handler that calls an exclusive handler of its own key waits for itself.
 */
export function exclusive<Input extends unknown[], Result>(resonate: Resonate, object: string, handler: ObjectHandler<Input, Result>): ObjectHandler<Input, Result> {
  return function* (ctx, key, ...input) {
    const turn: Turn = { object, key, id: ctx.id, task: ctx.branchId };
    try {
      for (let looks = 0; ; looks++) {
        const waiting = yield* ctx.run(askForTurn, resonate, turn, looks);
        if (waiting === 0) break;
        // A timer that may be resolved before it is due: whichever comes first.
        const wake = yield* ctx.promise<void>({ timeout: waiting, tags: { "resonate:timer": "true", "resonate:target": ctx.options().target } });
        yield* ctx.run(waitForTurn, resonate, turn, wake.id);
        yield* wake;
      }
      return yield* handler(ctx, key, ...input);
    } finally {
      yield* ctx.run(leaveTurn, resonate, turn);
    }
  };
}

/**
 * Makes a call of an exclusive handler and goes on when it is queued, so that later calls from here to that key come after it,
 * whichever worker takes them: `yield* inOrder(ctx, "Log", key, ctx.detached("append", key, line))` for a message, and for a call that is
 * waited for later `const call = yield* inOrder(ctx, "Log", key, begin(ctx, ctx.beginRpc("append", key, line)))`.
 */
export function* inOrder<Call extends { readonly id: string | undefined }>(
  ctx: Context,
  object: string,
  key: string,
  call: { [Symbol.iterator](): Generator<unknown, Call> },
): Generator<unknown, Call> {
  const called = yield* call;
  const { id } = called;
  if (id === undefined) throw new TypeError("Only a call of its own can be queued");
  yield* ctx.run(queueCall, { object, key, id, task: id });
  return called;
}

async function queueCall(ctx: Context, turn: Turn): Promise<void> {
  const [turns, resonate] = [await store(), clientOf(ctx)];
  await turns.enter(turn, await arrivalOf(resonate, turn.id));
  // It may have come and gone before this step.
  if ((await deadlineOf(resonate, turn.task)) === undefined) await turns.leave(turn);
}

/** Queues the call. Gives 0 when it has the turn, else the time in ms after which to look again. */
async function askForTurn(_: Context, resonate: Resonate, turn: Turn, looks: number): Promise<number> {
  const [turns, arrived] = [await store(), await arrivalOf(resonate, turn.id)];
  await oneByOne(turn, () => turns.enter(turn, arrived));
  const holder = await passTurn(resonate, turn);
  if (holder?.id === turn.id) return 0;
  const untilDeadline = (holder?.deadline ?? 0) - Date.now();
  return Math.max(second, Math.min(untilDeadline, second * 2 ** looks, longestLook));
}

const lastOf = new Map<string, Promise<void>>();

/** Calls that come to this process for one key queue in the order in which they came, though the database may be quicker with a later one. */
async function oneByOne({ object, key }: Turn, enter: () => Promise<void>): Promise<void> {
  const place = JSON.stringify([object, key]);
  const entering = (lastOf.get(place) ?? Promise.resolve()).then(enter, enter);
  lastOf.set(place, entering);
  try {
    await entering;
  } finally {
    if (lastOf.get(place) === entering) lastOf.delete(place);
  }
}

/** Makes it known what the call waits on; the turn may have come in between, and resolves it at once. */
async function waitForTurn(_: Context, resonate: Resonate, turn: Turn, wake: string): Promise<void> {
  await (await store()).wait(turn, wake);
  await passTurn(resonate, turn);
}

async function leaveTurn(_: Context, resonate: Resonate, turn: Turn): Promise<void> {
  await (await store()).leave(turn);
  await passTurn(resonate, turn);
}

/** Gives the turn of a key to the first call that still runs, if nobody has it, and wakes who has it. */
async function passTurn(resonate: Resonate, turn: Turn): Promise<{ id: string; deadline: number } | null> {
  const turns = await store();
  for (;;) {
    const holder = await turns.grant(turn.object, turn.key);
    if (holder === null) return null;
    const deadline = holder.id === turn.id ? 0 : await deadlineOf(resonate, holder.task);
    if (deadline !== undefined) {
      // Without a value: nothing to decode, whatever the client encrypts with.
      if (holder.wake !== null) await resonate.promises.resolve(holder.wake);
      return { id: holder.id, deadline };
    }
    await turns.leave(holder);
  }
}

/** Until when a task may run (ms since epoch), `undefined` when it runs no more. */
async function deadlineOf(resonate: Resonate, task: string): Promise<number | undefined> {
  const promise = await promiseOf(resonate, task);
  return promise?.state === "pending" ? promise.timeoutAt : undefined;
}

/** When the call was made: by the clock of the server, whichever worker comes to it first; a delayed call when it was due. */
async function arrivalOf(resonate: Resonate, call: string): Promise<number> {
  const promise = await promiseOf(resonate, call);
  return Math.max(promise?.createdAt ?? Date.now(), Number(promise?.tags["resonate:delay"] ?? 0));
}

type PromiseRecord = Awaited<ReturnType<Resonate["promises"]["get"]>>;

/** A promise of the server, `undefined` when it knows none of that id: it was started anew on older state. */
async function promiseOf(resonate: Resonate, id: string): Promise<PromiseRecord | undefined> {
  try {
    return await resonate.promises.get(id);
  } catch (error) {
    if ((error as { serverError?: { code?: number } }).serverError?.code === 404) return undefined;
    throw error;
  }
}
