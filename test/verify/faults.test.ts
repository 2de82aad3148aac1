import { type Context, Core, Resonate, ResonateTimeoutException } from "@resonatehq/sdk";
import { describe, expect, it } from "vitest";
import { instrumentSdk, type Recorder } from "../../src/runtime/instrument.js";
import type { Journal, Operation, Pass, StepExecution } from "../../src/runtime/recording.js";
import { DurableServer } from "../../src/runtime/server.js";
import { type Fate, type Surroundings, WorkerProcess } from "../../src/runtime/worker.js";

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** Records passes and steps of all workers of a test. */
class Recording implements Recorder {
  readonly passes: Pass[] = [];
  readonly attempts: StepExecution[] = [];
  readonly asks: Operation[] = [];
  readonly ends: Journal[] = [];
  readonly unreadables: string[] = [];
  readonly sameTime = undefined;
  readonly seed = "test";

  passesOf(root: string): number {
    return this.passes.filter((pass) => pass.root === root).length;
  }
  began(pass: Pass): void {
    this.passes.push(pass);
  }
  asked(operation: Operation): void {
    this.asks.push(operation);
  }
  returned(journal: Journal): void {
    this.ends.push(journal);
  }
  attempted(step: StepExecution): void {
    this.attempts.push(step);
  }
  finished(): void {}
  unreadable(promise: string): void {
    this.unreadables.push(promise);
  }
}

let recording = new Recording();
instrumentSdk(Core, (pid) => (pid.startsWith("caller") ? undefined : recording));

interface Lost {
  readonly at: number;
  readonly fate: Fate;
}

/** Runs a handler of two steps, something happening to its worker at one request, and gives how it went. */
async function runWith(lost: Lost | undefined, twice = false) {
  recording = new Recording();
  const server = new DurableServer();
  const kinds: string[] = [];
  const deaths: string[] = [];
  const clients: Resonate[] = [];
  const start = (process: WorkerProcess): Resonate => {
    const network = process.connect("default");
    const client = new Resonate({ network, pid: network.pid, logger });
    clients.push(client);
    client.register("add", function* (ctx: Context, a: number) {
      const b: number = yield* ctx.run(async () => a + 1);
      return (yield* ctx.run(async () => b + 1)) as number;
    });
    return client;
  };
  const surroundings: Surroundings = {
    server,
    twice,
    fate: ({ worker, request }) => {
      if (worker === caller) return undefined;
      kinds.push(request.kind);
      return lost !== undefined && kinds.length - 1 === lost.at ? lost.fate : undefined;
    },
    answered: quiet,
    lostAnswer: () => new ResonateTimeoutException("lost"),
    died: (worker) => {
      deaths.push(worker.name);
      start(new WorkerProcess(`worker${deaths.length + 1}`, surroundings));
    },
  };
  const caller = new WorkerProcess("caller", surroundings);
  start(new WorkerProcess("worker1", surroundings));
  const network = caller.connect("callers");
  const client = new Resonate({ network, pid: network.pid, group: "callers", logger });
  clients.push(client);
  const result = await client.rpc<number>("sum", "add", 1);
  for (const one of clients) await one.stop();
  return { result, kinds, deaths, snapshot: server.snapshot() };
}

const clean = await runWith(undefined);

it("sees what a worker does", () => {
  expect(clean.result).toBe(3);
  expect(clean.kinds).toEqual(["task.acquire", "task.fence", "task.fence", "task.fence", "task.fence", "task.fulfill"]);
});

describe.each<Fate>(["dies-before", "dies-after", "loses-answer", "loses-lease"])("a worker that %s", (fate) => {
  it.each(clean.kinds.map((kind, at) => [at + 1, kind] as const))("request %i (%s) does not change the result, and no recorded step runs again", async (number) => {
    const { result, deaths } = await runWith({ at: number - 1, fate });
    expect(result).toBe(3);
    expect(deaths).toEqual(fate.startsWith("dies") ? ["worker1"] : []);
    const runs = new Map<string, number>();
    for (const { id } of recording.attempts) runs.set(id, (runs.get(id) ?? 0) + 1);
    expect([...runs.keys()].sort()).toEqual(["sum:0", "sum:1"]);
    expect(Math.max(...runs.values())).toBeLessThanOrEqual(2);
    // Only the step in flight runs once more.
    expect([...runs.values()].filter((times) => times > 1).length).toBeLessThanOrEqual(1);
    for (const operation of recording.asks) expect(operation).toMatchObject({ kind: "run", counted: true });
  });
});

it("gives the same where every message arrives twice", async () => {
  expect((await runWith(undefined, true)).result).toBe(3);
  expect(recording.attempts.map(({ id }) => id)).toEqual(["sum:0", "sum:1"]);
});

it("does nothing more for a worker that is dead", async () => {
  const server = new DurableServer();
  const surroundings: Surroundings = { server, twice: false, fate: () => undefined, answered: quiet, lostAnswer: () => new Error("lost"), died: quiet };
  const worker = new WorkerProcess("w", surroundings);
  const network = worker.connect("default");
  worker.die();
  let answered = false;
  void network
    .send({ kind: "promise.create", head: { corrId: "1", version: "" }, data: { id: "p", timeoutAt: Date.now() + 1_000, param: {}, tags: {} } })
    .then(() => (answered = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(answered).toBe(false);
  expect(server.snapshot().promises).toEqual([]);
});

it("notes passes, what was asked for, and how it ended", () => {
  recording = new Recording();
  return runWith({ at: 3, fate: "dies-after" }).then(() => {
    expect(recording.passes.map(({ number, pid }) => [number, pid])).toEqual([[0, "worker1.0"], [1, "worker2.0"]]);
    expect(recording.passes[1]).toMatchObject({ root: "sum", end: "done" });
    const [, second] = recording.passes.map(({ journals }) => journals[0]);
    expect(second?.operations.map(({ id, outcome }) => [id, outcome])).toEqual([
      ["sum:0", { kind: "value", value: 2 }],
      ["sum:1", { kind: "value", value: 3 }],
    ]);
    expect(second?.end).toEqual({ kind: "value", value: 3 });
    expect(recording.asks[0]?.at?.stack).toContain("faults.test.ts");
    expect(recording.unreadables).toEqual([]);
  });
});
