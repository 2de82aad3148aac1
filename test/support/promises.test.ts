import { Codec, type Context, type Resonate } from "@resonatehq/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { forward } from "../../src/support/forward.js";
import { noDeadline, workflowId, workflowPromiseId } from "../../src/support/ids.js";
import { workflowPromise } from "../../src/support/promises.js";
import { CrashingWorkers, type Death, dieAtEveryRequest } from "./crashing-workers.js";

// biome-ignore lint/suspicious/noExplicitAny: handlers of any kind
type Handler = (ctx: Context, ...args: any[]) => unknown;

let workers: CrashingWorkers | undefined;
afterEach(() => workers?.stop());

const order = (key: string): string => workflowId("Order", key);

/** `run` of a workflow: waits for two promises, one of them twice, in a nested generator too. */
function* run(ctx: Context, steps: string[]) {
  yield* ctx.run(() => void steps.push("begin"));
  const approval = workflowPromise<string>(ctx, "approval");
  const first = yield* approval;
  const again = yield* ctx.run(function* (child: Context) {
    return yield* workflowPromise<string>(child, "approval");
  });
  yield* ctx.run(() => void steps.push(`approved by ${first}`));
  const paid = yield* workflowPromise<{ amount: number }>(ctx, "0");
  return [first, again, paid.amount];
}
function* idle(ctx: Context) {
  const open = yield* workflowPromise(ctx, "never").get();
  return open.outcome() === undefined ? "returned" : "?";
}
function* approve(ctx: Context, key: string, by: string) {
  yield* workflowPromise<string>(ctx, "approval", order(key)).resolve(by);
  return "approved";
}
function* pay(ctx: Context, key: string, amount: number) {
  yield* workflowPromise(ctx, "0", order(key)).resolve({ amount });
}
function* refuse(ctx: Context, key: string) {
  yield* workflowPromise(ctx, "approval", order(key)).reject("not today");
}
function* peek(ctx: Context, key: string) {
  return (yield* workflowPromise<string>(ctx, "approval", order(key)).peek()) ?? "open";
}
function* wait(ctx: Context, key: string) {
  const approval = workflowPromise<string>(ctx, "approval", order(key));
  return [yield* approval, yield* approval];
}

const steps: string[] = [];
function worker(from: CrashingWorkers, death?: Death): Resonate {
  const resonate = from.start("default", death);
  resonate.register("forward", forward);
  resonate.register("run", function* (ctx: Context) {
    return yield* run(ctx, steps);
  });
  for (const handler of [idle, approve, pay, refuse, peek, wait]) resonate.register(handler.name, handler as Handler);
  return resonate;
}

async function begun(): Promise<Resonate> {
  steps.length = 0;
  workers = new CrashingWorkers();
  return worker(workers);
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => (error instanceof Error ? [error.name, error.message] : error));
const soon = (ms = 60): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("ids", () => {
  it("are the key and the name as they are, where they can be", () => {
    expect(workflowPromiseId(workflowId("Order", "a/b c.1"), "e-mail")).toBe("Order/a/b c.1:e-mail");
    expect(workflowId("Order", "a:b")).toBe("Order/a%3Ab");
  });

  it("are legal, differ, and are none of the SDK's", () => {
    const texts = ["", "%", "%30", "%%", "0", "00", "0.1", ".0", "1.a", "0:1", "a:b", "a%3Ab", "d0123456789abcd", "d0123456789abcde", "%640123456789abcd", "\0", "é", "2fa"];
    expect(new Set(texts.map(order)).size).toBe(texts.length);
    const ids = texts.map((name) => workflowPromiseId("w/k", name));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      expect(id).toMatch(/^w\/k:[^:\0]+$/);
      expect(id).not.toMatch(/:(\d+|d[0-9a-f]{14})(\.|$)/);
    }
  });
});

describe("promises of a workflow", () => {
  it("are awaited twice, in a nested generator, and resolved by other handlers", async () => {
    const resonate = await begun();
    const running = await resonate.beginRpc(order("1"), "run");
    await soon();
    expect(await resonate.rpc("peek-1", "peek", "1")).toBe("open");
    expect(await resonate.rpc("approve-1", "approve", "1", "ann")).toBe("approved");
    await resonate.rpc("pay-1", "pay", "1", 7);
    expect(await running.result()).toEqual(["ann", "ann", 7]);
    expect(await resonate.rpc("peek-2", "peek", "1")).toBe("ann");
    expect(steps).toEqual(["begin", "approved by ann"]);
  });

  it("may be resolved before the workflow starts, and once only", async () => {
    const resonate = await begun();
    await resonate.rpc("approve-1", "approve", "2", "ann");
    expect(await outcome(resonate.rpc("approve-2", "approve", "2", "bob"))).toEqual(["TerminalError", "promise was already completed"]);
    expect(await outcome(resonate.rpc("refuse-1", "refuse", "2"))).toEqual(["TerminalError", "promise was already completed"]);
    await resonate.rpc("pay-1", "pay", "2", 7);
    expect(await resonate.rpc(order("2"), "run")).toEqual(["ann", "ann", 7]);
  });

  it("reject with a terminal error, also a reader that only looks", async () => {
    const resonate = await begun();
    await resonate.rpc("refuse-1", "refuse", "3");
    expect(await outcome(resonate.rpc(order("3"), "run"))).toEqual(["TerminalError", "not today"]);
    expect(await outcome(resonate.rpc("peek-1", "peek", "3"))).toEqual(["TerminalError", "not today"]);
    expect(await outcome(resonate.rpc("wait-1", "wait", "3"))).toEqual(["TerminalError", "not today"]);
  });

  it("are resolved from a shell by their id, with the JSON value in base64, and rejected with a text", async () => {
    const resonate = await begun();
    await resonate.rpc("peek-1", "peek", "4");
    await resonate.promises.resolve("Order/4:approval", { data: Buffer.from('"shell"').toString("base64") });
    expect(await resonate.rpc("peek-2", "peek", "4")).toBe("shell");
    await resonate.rpc("peek-3", "peek", "5");
    await resonate.promises.reject("Order/5:approval", new Codec().encode("no"));
    expect(await outcome(resonate.rpc("peek-4", "peek", "5"))).toEqual(["TerminalError", "no"]);
  });

  it("hold up no return while they are open", async () => {
    const resonate = await begun();
    expect(await resonate.rpc(order("6"), "idle")).toBe("returned");
  });

  it("are awaited by other handlers, which are suspended meanwhile", async () => {
    const resonate = await begun();
    const waiting = await resonate.beginRpc("wait-1", "wait", "7");
    await soon(200);
    expect(workers?.server.busy).toBe(false);
    await resonate.rpc("approve-1", "approve", "7", "ann");
    expect(await waiting.result()).toEqual(["ann", "ann"]);
  });
});

describe("after a crash at any request", () => {
  it("everything ends as without one", async () => {
    const deaths = await dieAtEveryRequest(async (all, death) => {
      steps.length = 0;
      worker(all, death);
      const outside = all.start("outside");
      const calls = [outside.rpc(order("k"), "run"), outside.rpc("wait", "wait", "k")];
      await soon(20);
      worker(all);
      const approved = outside.rpc("approve", "approve", "k", "ann");
      await outside.rpc("pay", "pay", "k", 7);
      expect(await Promise.all(calls)).toEqual([["ann", "ann", 7], ["ann", "ann"]]);
      expect(await approved).toBe("approved");
      for (const step of new Set(steps)) expect(steps.filter((one) => one === step).length).toBeLessThanOrEqual(2);
    });
    expect(deaths).toBeGreaterThan(60);
  });
});

it("a promise is awaited for forty days where the workflow has no deadline", async () => {
  const resonate = await begun();
  const running = await resonate.beginRpc(order("40"), "run", resonate.options({ timeout: noDeadline }));
  await soon();
  const now = Date.now;
  Date.now = () => now() + 40 * 86_400_000;
  try {
    await soon(100);
    await resonate.rpc("approve-1", "approve", "40", "ann");
    await resonate.rpc("pay-1", "pay", "40", 7);
    expect(await running.result()).toEqual(["ann", "ann", 7]);
  } finally {
    Date.now = now;
  }
});
