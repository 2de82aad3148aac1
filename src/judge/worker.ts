// The process in which a program serves: it gets a job over IPC, loads the program and stays until it is ended. It ends with its starter.
import { Server } from "node:net";
import type { BundleExports } from "../verify/bundle.js";
import { installHost } from "../verify/host.js";
import { OutsideWorld } from "./outside-world.js";
import type { CrashPoint, WorkerJob, WorkerMessage, WorkerOrder } from "./worker-job.js";

/** The state that the support modules keep in memory where there is no database: it stands for one. */
const STATE = Symbol.for("durable.state");
const LOOPBACK = "127.0.0.1";

let world: OutsideWorld | undefined;

process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
process.on("message", (order: WorkerOrder) => {
  if (order.kind === "die") die();
  else void start(order.job).then(say, (error: unknown) => say({ kind: "failed", text: error instanceof Error ? (error.stack ?? error.message) : String(error) }));
});
// An error outside of any handler is not what is judged here; the program goes on, as it does where its host restarts it.
process.on("unhandledRejection", (reason) => console.error(reason));

function say(message: WorkerMessage): void {
  process.send?.(message);
}

async function start(job: WorkerJob): Promise<WorkerMessage> {
  const clientClass = job.sdk === undefined ? undefined : toldOf((await import(job.sdk)) as ProgramSdk);
  world = new OutsideWorld(job.folder, job.name);
  Object.assign(globalThis, { [STATE]: world.state });
  installHost({ effect: (value) => record(value, job.crash), outside: (name, begin) => world!.remembered(name, begin), clientClass: () => clientClass });
  listenOnLoopback(job.ports);
  redirect(job.origins);
  const { modules } = (await import(job.bundle)) as BundleExports;
  await watchEffects(job, modules);
  for (const entry of job.entries) {
    // Programs ask by this which of their modules was started.
    process.argv[1] = entry;
    await modules[entry]?.();
  }
  return { kind: "loaded" };
}

interface ProgramSdk {
  readonly Resonate: new (...options: unknown[]) => { readonly pid: string };
}

/** The SDK's client, told of. */
function toldOf({ Resonate }: ProgramSdk): unknown {
  return class extends Resonate {
    constructor(...options: unknown[]) {
      super(...options);
      say({ kind: "client", pid: this.pid });
    }
  };
}

async function watchEffects({ effects, crash }: WorkerJob, modules: BundleExports["modules"]): Promise<void> {
  if (effects === undefined) return;
  const list = (await modules[effects.module]?.())?.[effects.export];
  if (!Array.isArray(list)) throw new TypeError(`${effects.module} has no array ${effects.export}, which the scenario names as its effects.`);
  const push = (...values: unknown[]): number => {
    for (const value of values) record(value, crash);
    return Array.prototype.push.apply(list, values);
  };
  Object.defineProperty(list, "push", { value: push, configurable: true, writable: true });
}

function record(value: unknown, crash: CrashPoint | undefined): void {
  const isNow = crash !== undefined && world!.count === crash.effect && world!.firstTime("crash");
  if (isNow && crash.when === "before") die();
  world!.effect(value);
  if (isNow) die();
}

/** What stands for the outside world is kept; nothing else is. */
function die(): void {
  world?.save();
  process.kill(process.pid, "SIGKILL");
}

/** Every server listens on the loopback interface, on a free port or on the one it had before its process was lost. */
function listenOnLoopback(before: readonly number[]): void {
  const { listen } = Server.prototype;
  let listened = 0;
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    const callback = args.at(-1);
    if (typeof callback === "function") this.once("listening", callback as () => void);
    this.once("listening", () => {
      const address = this.address();
      if (typeof address === "object" && address !== null) say({ kind: "listening", port: address.port });
    });
    return listen.call(this, { host: LOOPBACK, port: before[listened++] ?? 0 });
  };
}

/** Requests to where the real server would be by default go to the one that was started. */
function redirect(origins: Readonly<Record<string, string>>): void {
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const meant = origins[url.origin];
    if (meant === undefined) return original(input, init);
    const target = new URL(url.pathname + url.search, meant);
    return original(input instanceof Request ? new Request(target, input) : target, init);
  };
}
