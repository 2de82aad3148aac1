import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Codec, type PromiseRecord, type Request, type Response, type TaskRecord } from "@resonatehq/sdk";
import { expect, test } from "vitest";
import { invoke } from "./requests.js";
import { bundle, start, testFolder, type Running } from "./processes.js";

const KILLS = 100;
/** Every tenth round takes the host too. */
const HOST_KILL_EVERY = 10;
const ORDERS_PER_ROUND = 1;
/** How long a dead worker's tasks stay its own, in ms; long enough for a live one's heartbeat on a busy machine. */
const TTL = 1_500;
const FOLDER = testFolder();
const EFFECTS = join(FOLDER, "effects.log");

/** A small generator of numbers in [0, 1): the same seed, the same moments (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The whole set-up: a host with a journal, and two workers of one group. */
class Plant {
  private host!: Running;
  private url = "";
  private readonly workers: Running[] = [];
  private names = 0;
  readonly settled = new Map<string, string>();
  /** Kills of a worker that held a task. */
  hits = 0;

  constructor(
    private readonly hostProgram: string,
    private readonly workerProgram: string,
  ) {}

  async startHost(): Promise<void> {
    const port = this.url === "" ? "0" : new URL(this.url).port;
    this.host = start([this.hostProgram, join(FOLDER, "kill.journal"), port]);
    this.url = (await this.host.line(/^ready /)).slice("ready ".length);
  }

  async startWorker(at: number): Promise<void> {
    const name = `worker-${(this.names += 1)}`;
    const worker = start([this.workerProgram, EFFECTS, name, String(TTL)], { RESONATE_URL: this.url });
    this.workers[at] = worker;
    await worker.line(/^ready/);
    Object.assign(worker, { name });
  }

  async send(request: Request): Promise<Response> {
    const response = await fetch(this.url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(request) });
    return (await response.json()) as Response;
  }

  /** Kills a worker, and with it the host if asked; brings the host back, and checks that it lost nothing it had said. */
  async kill(at: number, withHost: boolean): Promise<void> {
    const worker = this.workers[at] as Running & { readonly name: string };
    const { tasks } = await this.look();
    if (tasks.some(({ pid }) => pid === worker.name)) this.hits += 1;
    // Written first: what the victim still writes while it dies stands after this line.
    appendFileSync(EFFECTS, `kill ${worker.name}\n`);
    await Promise.all([worker.kill(), ...(withHost ? [this.host.kill()] : [])]);
    if (withHost) {
      await this.startHost();
      // A step that was in flight on the other worker could not be recorded meanwhile.
      appendFileSync(EFFECTS, "back\n");
    }
    await this.look();
    appendFileSync(EFFECTS, `settled ${JSON.stringify([...this.settled.keys()])}\n`);
  }

  /** Reads all promises and tasks; what was settled before is settled still, with the same value. */
  async look(): Promise<{ readonly promises: PromiseRecord[]; readonly tasks: TaskRecord[] }> {
    const response = await this.send({ kind: "debug.snap", head: { corrId: "", version: "" }, data: {} });
    const { promises, tasks } = response.data as { promises: PromiseRecord[]; tasks: TaskRecord[] };
    const now = new Map(promises.filter(({ state }) => state !== "pending").map((promise) => [promise.id, JSON.stringify(promise)]));
    for (const [id, promise] of this.settled) expect(now.get(id)).toBe(promise);
    for (const [id, promise] of now) this.settled.set(id, promise);
    return { promises, tasks };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.workers, this.host].map((running) => running.kill()));
  }

  outputs(): string {
    return [this.host, ...this.workers].map((running) => running.output()).join("\n---\n");
  }
}

/** What an order of so many items comes to, step by step of programs/worker.ts. */
function total(items: number): number {
  return 100 + items * 10 + (items + 1_000) + 10_000;
}

/** Reads the steps, in order, and fails where one ran again without a kill to blame, or after its result was recorded. */
function checkSteps(lines: readonly string[]): { readonly steps: number; readonly repeated: number } {
  const lastWorker = new Map<string, { readonly worker: string; readonly at: number }>();
  const killed = new Set<string>();
  const done = new Set<string>();
  let hostBackAt = -1;
  let repeated = 0;
  lines.forEach((line, at) => {
    const [kind, subject = "", other = ""] = line.split(" ");
    if (kind === "settled") for (const id of JSON.parse(subject) as string[]) done.add(id);
    if (kind === "kill") killed.add(subject);
    if (kind === "back") hostBackAt = at;
    if (kind !== "step") return;
    if (done.has(subject)) throw new Error(`Step ${subject} ran again on ${other} after its result was recorded.`);
    const earlier = lastWorker.get(subject);
    if (earlier !== undefined) {
      repeated += 1;
      const excused = killed.has(earlier.worker) || hostBackAt > earlier.at;
      if (!excused) throw new Error(`Step ${subject} ran on ${earlier.worker} and again on ${other}, and nobody was killed between.`);
    }
    lastWorker.set(subject, { worker: other, at });
  });
  return { steps: lastWorker.size, repeated };
}

test("workers and host are killed a hundred times at random moments; nothing is lost and no recorded step runs twice", { timeout: 120_000 }, async () => {
  const seed = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000);
  const random = randomFrom(seed);
  const [host = "", worker = ""] = await bundle(FOLDER, ["host", "worker"]);
  const plant = new Plant(host, worker);
  const orders: number[] = [];
  const startedAt = performance.now();
  try {
    await plant.startHost();
    await Promise.all([plant.startWorker(0), plant.startWorker(1)]);
    let starting: Promise<void> = Promise.resolve();
    for (let kill = 0; kill < KILLS; kill += 1) {
      for (let more = 0; more < ORDERS_PER_ROUND; more += 1) {
        const items = orders.push(orders.length);
        expect((await plant.send(invoke(`order-${items}`, "order", [items]))).head.status).toBe(200);
      }
      await pause(random() * 120);
      await starting;
      await plant.kill(kill % 2, kill % HOST_KILL_EVERY === HOST_KILL_EVERY - 1);
      // The other one works, and may be killed, while this one comes back.
      starting = plant.startWorker(kill % 2);
    }
    await starting;
    const waiting = new Set(orders.map((_, at) => `order-${at + 1}`));
    while (waiting.size > 0) {
      for (const id of plant.settled.keys()) waiting.delete(id);
      await pause(50);
      await plant.look();
    }
    const results = orders.map((_, at) => {
      const { state, value } = JSON.parse(plant.settled.get(`order-${at + 1}`) ?? "{}") as PromiseRecord;
      return [state, new Codec().decode(value)];
    });
    expect(results).toEqual(orders.map((_, at) => ["resolved", total(at + 1)]));
    const { steps, repeated } = checkSteps(readFileSync(EFFECTS, "utf8").trimEnd().split("\n"));
    expect(steps).toBe(orders.length * 6);
    // Without these the kills would have hit nobody at work.
    expect(plant.hits).toBeGreaterThan(KILLS / 2);
    expect(repeated).toBeGreaterThan(0);
    console.log(`${KILLS} kills, ${plant.hits} of them at work; ${steps} steps, ${repeated} runs of a step that had been in flight; ${((performance.now() - startedAt) / 1_000).toFixed(1)} s; seed ${seed}`);
  } catch (error) {
    throw new Error(`With KILL_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}\n${plant.outputs().slice(-2_000)}`, { cause: error });
  } finally {
    await plant.stop();
  }
});
