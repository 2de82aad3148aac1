import type { Context, Resonate } from "@resonatehq/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { awakeable, rejectAwakeable, rejectAwakeableWith, resolveAwakeable, resolveAwakeableWith } from "../../src/support/awakeables.js";
import { CrashingWorkers, type Death, dieAtEveryRequest } from "./crashing-workers.js";

// biome-ignore lint/suspicious/noExplicitAny: handlers of any kind
type Handler = (ctx: Context, ...args: any[]) => unknown;

const sent: string[] = [];
function* ask(ctx: Context) {
  const answer = yield* awakeable<string>(ctx);
  yield* ctx.run(() => void sent.push(answer.id));
  return [yield* answer.promise, yield* answer.promise];
}
function* leave(ctx: Context) {
  const { id } = yield* awakeable(ctx);
  return id;
}
function* answer(ctx: Context, id: string, payload?: unknown) {
  yield* resolveAwakeable(ctx, id, payload);
}
function* refuse(ctx: Context, id: string, reason: string) {
  yield* rejectAwakeable(ctx, id, reason);
}

let workers: CrashingWorkers | undefined;
afterEach(() => workers?.stop());

function worker(from: CrashingWorkers, death?: Death): Resonate {
  const resonate = from.start("default", death);
  for (const handler of [ask, leave, answer, refuse]) resonate.register(handler.name, handler as Handler);
  return resonate;
}

function begun(): Resonate {
  sent.length = 0;
  workers = new CrashingWorkers();
  return worker(workers);
}

async function idSent(): Promise<string> {
  for (;;) {
    const [id] = sent;
    if (id !== undefined) return id;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => (error instanceof Error ? [error.name, error.message] : error));

describe("an awakeable", () => {
  it("is resolved by another handler; the first completion wins silently", async () => {
    const resonate = begun();
    const asking = await resonate.beginRpc("ask-1", "ask");
    const id = await idSent();
    expect(id).toBe("ask-1:0");
    await resonate.rpc("answer-1", "answer", id, "yes");
    await resonate.rpc("answer-2", "answer", id, "no");
    await resonate.rpc("refuse-1", "refuse", id, "late");
    expect(await asking.result()).toEqual(["yes", "yes"]);
  });

  it("is resolved by a client, without a payload with null", async () => {
    const resonate = begun();
    const asking = await resonate.beginRpc("ask-2", "ask");
    await resolveAwakeableWith(resonate, await idSent());
    expect(await asking.result()).toEqual([null, null]);
  });

  it("is null when a shell resolves it without a value", async () => {
    const resonate = begun();
    const asking = await resonate.beginRpc("ask-3", "ask");
    await resonate.promises.resolve(await idSent());
    expect(await asking.result()).toEqual([null, null]);
  });

  it("rejects with a terminal error that has the reason as its message", async () => {
    const resonate = begun();
    const first = await resonate.beginRpc("ask-4", "ask");
    await resonate.rpc("refuse-4", "refuse", await idSent(), "no budget");
    expect(await outcome(first.result())).toEqual(["TerminalError", "no budget"]);
    sent.length = 0;
    const second = await resonate.beginRpc("ask-5", "ask");
    await rejectAwakeableWith(resonate, await idSent(), "closed");
    expect(await outcome(second.result())).toEqual(["TerminalError", "closed"]);
  });

  it("holds up no return", async () => {
    expect(await begun().rpc("leave-1", "leave")).toBe("leave-1:0");
  });

  it("that does not exist is a terminal error for who completes it", async () => {
    const resonate = begun();
    expect(await outcome(resonate.rpc("answer-9", "answer", "nothing:0", 1))).toEqual(["TerminalError", "No awakeable has the id nothing:0"]);
    await expect(resolveAwakeableWith(resonate, "nothing:0")).rejects.toThrow("not found");
  });
});

it("after a crash at any request everything ends as without one", async () => {
  const deaths = await dieAtEveryRequest(async (all, death) => {
    sent.length = 0;
    worker(all, death);
    const outside = all.start("outside");
    const asking = outside.rpc("ask", "ask");
    const answering = idSent().then((id) => outside.rpc("answer", "answer", id, { by: "ann" }));
    await new Promise((resolve) => setTimeout(resolve, 15));
    worker(all);
    await answering;
    expect(await asking).toEqual([{ by: "ann" }, { by: "ann" }]);
    expect(new Set(sent).size).toBe(1);
    expect(sent.length).toBeLessThanOrEqual(2);
  });
  expect(deaths).toBeGreaterThan(20);
});
