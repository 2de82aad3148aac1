import type { Context, Resonate } from "@resonatehq/sdk";
import { afterEach, expect, it } from "vitest";
import { beginSleep, race } from "../../src/support/futures.js";
import { forward } from "../../src/support/forward.js";
import { workflowId } from "../../src/support/ids.js";
import { attachWorkflow, callWorkflow, startWorkflow } from "../../src/support/workflows.js";
import { CrashingWorkers, type Death, dieAtEveryRequest } from "./crashing-workers.js";

// biome-ignore lint/suspicious/noExplicitAny: handlers of any kind
type Handler = (ctx: Context, ...args: any[]) => unknown;

const ran: string[] = [];
const order = (key: string): string => workflowId("Order", key);

function* run(ctx: Context, key: string, amount: number) {
  yield* ctx.sleep(30);
  yield* ctx.run(() => void ran.push(key));
  if (amount < 0) throw new Error("too little");
  return { key, amount };
}
function* call(ctx: Context, key: string, amount: number) {
  return yield* callWorkflow<{ key: string; amount: number }>(ctx, order(key), "run", key, amount);
}
function* start(ctx: Context, key: string, amount: number) {
  return yield* startWorkflow(ctx, order(key), "run", key, amount);
}
function* attach(ctx: Context, key: string) {
  return yield* race(ctx, [yield* attachWorkflow<{ amount: number }>(ctx, order(key)), yield* beginSleep(ctx, 60_000)]);
}

let workers: CrashingWorkers | undefined;
afterEach(() => workers?.stop());

function worker(from: CrashingWorkers, death?: Death): Resonate {
  const resonate = from.start("default", death);
  for (const handler of [run, call, start, attach, forward]) resonate.register(handler.name, handler as Handler);
  return resonate;
}

function begun(): Resonate {
  ran.length = 0;
  workers = new CrashingWorkers();
  return worker(workers);
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => (error instanceof Error ? [error.name, error.message] : error));

it("a workflow is called once; later calls fail, later starts change nothing, its result stays", async () => {
  const resonate = begun();
  expect(await resonate.rpc("call-1", "call", "a", 1)).toEqual({ key: "a", amount: 1 });
  expect(await outcome(resonate.rpc("call-2", "call", "a", 2))).toEqual(["TerminalError", "the workflow method was already invoked"]);
  expect(await resonate.rpc("start-2", "start", "a", 3)).toEqual({ id: order("a"), isFirst: false });
  expect(await resonate.rpc("attach-1", "attach", "a")).toEqual({ key: "a", amount: 1 });
  expect(await resonate.rpc(order("a"), "run", "a", 4)).toEqual({ key: "a", amount: 1 });
  expect(ran).toEqual(["a"]);
});

it("its failure arrives as a terminal error", async () => {
  expect(await outcome(begun().rpc("call-1", "call", "b", -1))).toEqual(["TerminalError", "too little"]);
});

it("its caller is suspended meanwhile", async () => {
  const resonate = begun();
  const calling = resonate.rpc("call-1", "call", "c", 1);
  await new Promise((resolve) => setTimeout(resolve, 25));
  const snapshot = JSON.stringify(workers?.server.snapshot());
  expect(snapshot).toContain("forward-call-1");
  expect(workers?.server.busy).toBe(false);
  expect(await calling).toEqual({ key: "c", amount: 1 });
});

it("after a crash at any request everything ends as without one", async () => {
  const deaths = await dieAtEveryRequest(async (all, death) => {
    ran.length = 0;
    worker(all, death);
    const outside = all.start("outside");
    const calls = Promise.all([outside.rpc("call", "call", "k", 5), outside.rpc("start", "start", "l", 6)]);
    await new Promise((resolve) => setTimeout(resolve, 15));
    worker(all);
    expect(await calls).toEqual([{ key: "k", amount: 5 }, { id: order("l"), isFirst: true }]);
    expect(await outside.rpc("attach", "attach", "l")).toEqual({ key: "l", amount: 6 });
    expect(ran.length).toBeLessThanOrEqual(3);
  });
  expect(deaths).toBeGreaterThan(30);
});
