import { installAmbience } from "../runtime/ambient.js";
import { chanceOf } from "../runtime/chance.js";
import { VirtualClock } from "../runtime/clock.js";
import { handlerView, instrumentSdk } from "../runtime/instrument.js";
import type { Operation, Outcome } from "../runtime/recording.js";
import { runningWorker, type WorkerProcess } from "../runtime/worker.js";
import type { Bundle, BundleExports } from "./bundle.js";
import { installHost } from "./host.js";
import { keepPortsFree } from "./ports.js";
import { ProcessState } from "./process-state.js";
import { type CallerSdk, play } from "./play.js";
import { type Limits, Run } from "./run.js";
import type { RunPlan, RunRecord } from "./run-record.js";
import type { ScenarioStep } from "./scenario.js";

/** What is run again and again. Paths are absolute. */
export interface Subject {
  readonly bundle: Bundle;
  /** The processes of the program: each a list of entries that it loads. */
  readonly processes: readonly (readonly string[])[];
  readonly effects?: { readonly module: string; readonly export: string };
  /** Called with the names of the registered functions once the program is loaded; gives the scenario's steps. */
  steps(run: Run): readonly ScenarioStep[];
  readonly limits: Limits;
  standIn?(operation: Operation): { readonly value: unknown } | undefined;
  /** Gives what somebody outside settles a promise, or a call that nobody serves, with. */
  settlement?(operation: Operation): { readonly value: unknown } | undefined;
}

/** The parts of the program's own copy of the SDK that are used. */
interface ProgramSdk extends CallerSdk {
  readonly Core: { readonly prototype: object };
  readonly ResonateTimeoutException: new (cause: string) => Error;
  readonly Codec: new () => { encode(value: unknown): { headers?: Record<string, string>; data?: string }; decode(value: unknown): unknown };
}

const quiet = (): void => undefined;
const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/**
 * A process in which programs are run under control. It takes over time, chance, `process.exit` and what listens on ports, so it
 * has to be a process of its own, with nothing else in it.
 */
export class Laboratory {
  private readonly workersOf = new Map<string, WorkerProcess>();
  private state = new ProcessState();
  private run?: Run;
  private loads = 0;

  private constructor(
    private readonly subject: Subject,
    private readonly sdk: ProgramSdk,
    private readonly clock: VirtualClock,
  ) {}

  /** Takes the process over. `epoch` is the time it begins with, in ms since epoch. Throws an Error where the SDK is not one that can be watched. */
  static async open(subject: Subject, epoch: number): Promise<Laboratory> {
    const clock = new VirtualClock(epoch, runningWorker);
    const sdk = (await import(subject.bundle.sdk.url)) as ProgramSdk;
    const laboratory = new Laboratory(subject, sdk, clock);
    laboratory.takeOver();
    return laboratory;
  }

  /** Runs the program once. Throws what loading it throws. */
  async perform(plan: RunPlan): Promise<RunRecord> {
    this.clock.restart(plan.epoch);
    this.state.restoreForRun();
    const run = new Run(plan, this.setting());
    this.run = run;
    try {
      await run.start();
      await play(this.subject.steps(run), run, this.sdk);
      if (!run.stopped) await run.finish();
      return await run.end();
    } finally {
      this.run = undefined;
      this.workersOf.clear();
    }
  }

  private setting(): ConstructorParameters<typeof Run>[1] {
    const { processes, limits, standIn, settlement } = this.subject;
    const codec = new this.sdk.Codec();
    const through = (value: unknown): unknown => codec.decode(codec.encode(value));
    return {
      clock: this.clock,
      processes,
      limits,
      standIn,
      settlement,
      encode: (value) => codec.encode(value),
      load: (worker, entries) => this.load(worker, entries),
      died: () => this.state.restoreForWorker(),
      lostAnswer: () => new this.sdk.ResonateTimeoutException("the answer was lost"),
      replayed: (outcome): Outcome => (outcome.kind === "value" ? { kind: "value", value: through(outcome.value) } : { kind: "error", error: through(outcome.error) }),
    };
  }

  private async load(worker: WorkerProcess, entries: readonly string[]): Promise<void> {
    const url = `${this.subject.bundle.url}?load=${++this.loads}`;
    this.workersOf.set(url, worker);
    const { modules } = (await import(url)) as BundleExports;
    await this.watchEffects(worker, modules);
    for (const entry of entries) {
      // Programs ask by this which of their modules was started.
      process.argv[1] = entry;
      await modules[entry]?.();
    }
  }

  private async watchEffects(worker: WorkerProcess, modules: BundleExports["modules"]): Promise<void> {
    const { effects } = this.subject;
    if (effects === undefined) return;
    const list = (await modules[effects.module]?.())?.[effects.export];
    if (!Array.isArray(list)) throw new TypeError(`${effects.module} has no array ${effects.export}, which the scenario names as its effects.`);
    const push = (...values: unknown[]): number => {
      for (const value of values) runOf(worker)?.effect(worker, value);
      return Array.prototype.push.apply(list, values);
    };
    Object.defineProperty(list, "push", { value: push, configurable: true, writable: true });
  }

  private takeOver(): void {
    instrumentSdk(this.sdk.Core, (pid) => (this.run?.has(pid) === true ? this.run : undefined));
    const betweenRuns = chanceOf("between runs");
    installAmbience({
      now: () => this.clock.now(),
      handler: handlerView,
      chance: () => this.run?.chance(runningWorker()) ?? betweenRuns,
    });
    installHost({
      effect: (value) => this.run?.effect(runningWorker(), value),
      outside: (name, begin) => this.run?.outside(name, begin) ?? begin(),
      clientClass: (url) => this.clientClass(url),
    });
    this.takeOverProcess();
    this.state = new ProcessState();
  }

  private takeOverProcess(): void {
    Object.assign(process, { exit: (code?: number | string) => this.exit(`process.exit(${code ?? ""})`) });
    process.on("unhandledRejection", (reason) => this.run?.rejected(reason));
    process.on("uncaughtException", (error) => {
      if (this.run === undefined) throw error;
      this.run.rejected(error);
    });
    keepPortsFree();
    for (const method of ["log", "info", "warn", "error", "debug", "trace", "assert", "table", "dir"] as const) console[method] = quiet;
  }

  private exit(what: string): never {
    const worker = runningWorker();
    if (worker !== undefined) this.run?.exited(worker, what);
    throw new Error(what);
  }

  /** The SDK's client with a network of the worker that loads this copy of the program. */
  private clientClass(bundleUrl: string): unknown {
    const worker = this.workersOf.get(bundleUrl);
    return worker === undefined ? this.sdk.Resonate : clientOf(this.sdk.Resonate, worker);
  }
}

/** The SDK's client with a network of a worker; where it would connect and what it would log do not matter. */
function clientOf(Resonate: CallerSdk["Resonate"], worker: WorkerProcess): unknown {
  return class extends Resonate {
    private readonly served: string;

    constructor({ group = "default", ttl, encryptor }: { group?: string; ttl?: number; encryptor?: unknown } = {}) {
      const network = worker.connect(group);
      super({ network, pid: network.pid, group, ttl, encryptor, logger: silent });
      this.served = group;
    }

    /** Steps may take the client as an argument. */
    toJSON(): string {
      return "Resonate";
    }

    // The SDK's own type of `register` has overloads that a subclass cannot repeat.
    override register: Resonate["register"] = ((...args: [string | { name: string }, ...never[]]) => {
      runOf(worker)?.registered(typeof args[0] === "string" ? args[0] : args[0].name, this.served);
      return (Resonate.prototype.register as (...all: unknown[]) => unknown).apply(this, args);
    }) as never;
  };
}

/** The run of a worker, as long as it lasts: nothing that a module holds may hold it. */
function runOf(worker: WorkerProcess): Run | undefined {
  return worker.surroundings instanceof Run ? worker.surroundings : undefined;
}

type Resonate = InstanceType<CallerSdk["Resonate"]>;
