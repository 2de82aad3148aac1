import type { Request, Response } from "@resonatehq/sdk";
import { UsageError } from "../errors.js";
import { type Recorder, runningJournal, runningStep } from "../runtime/instrument.js";
import { chanceOf } from "../runtime/chance.js";
import type { Journal, Operation, Outcome, Pass, StepExecution } from "../runtime/recording.js";
import { DurableServer } from "../runtime/server.js";
import { type Fate, type Surroundings, WorkerProcess, type WorkerRequest } from "../runtime/worker.js";
import type { VirtualClock } from "../runtime/clock.js";
import { isDone, madeRequest, refusalOf } from "./requests.js";
import type { Effect, MadeRequest, Registration, RunPlan, RunRecord, StepRecord, Stop } from "./run-record.js";
import { Ledger } from "./ledger.js";
import { type Loss, lossOf } from "./losses.js";
import { Timeline, turn } from "./timeline.js";

/** What keeps a run from going on for ever. Never a time: a slow machine gets the same report. */
export interface Limits {
  /** Requests of the program's workers to the server. */
  readonly requests: number;
  /** Operations of all passes together. */
  readonly operations: number;
  /** Moves in time. */
  readonly moves: number;
  /** Attempts of one step. */
  readonly attempts: number;
  /** Passes of one task that fail one after the other. */
  readonly failures: number;
}

/** What a run needs besides its plan. */
export interface RunSetting {
  readonly clock: VirtualClock;
  /** The processes of the program: each a list of entries that it loads. */
  readonly processes: readonly (readonly string[])[];
  /** Loads entries as code of a worker. */
  load(worker: WorkerProcess, entries: readonly string[]): Promise<void>;
  /** Takes away what the process of a worker that died held. */
  died(): void;
  readonly limits: Limits;
  lostAnswer(): Error;
  /** Gives what a step is to give in place of running it. */
  standIn?(operation: Operation): { readonly value: unknown } | undefined;
  /** Gives what somebody outside settles a promise, or a call that nobody serves, with. */
  settlement?(operation: Operation): { readonly value: unknown } | undefined;
  /** Encodes a value for the store. */
  encode(value: unknown): { headers?: Record<string, string>; data?: string };
  /** What a value, or an error, becomes through the store. */
  replayed(outcome: Outcome): Outcome;
}

/** A worker's own name in process ids; the caller that plays the scenario is not one of the program's. */
const CALLER = "caller";

/** How far apart promises are made that are made at once, in ms. */
const INSTANT = 0.001;

/** How long somebody outside takes to settle a promise, in ms of the run's time. */
const OUTSIDE_DELAY = 1_000;

/** One run of the program: its server, its workers, and the record of what they do. */
export class Run implements Recorder, Surroundings {
  readonly server: DurableServer;
  readonly timeline: Timeline;
  readonly ledger: Ledger;
  readonly caller: WorkerProcess;
  readonly effects: Effect[] = [];
  readonly outcomes: StepRecord[] = [];
  readonly twice: boolean;
  readonly sameTime: number | undefined;
  readonly seed: string;
  /** True once the last step of the scenario is over. */
  late = false;

  private readonly workers: WorkerProcess[] = [];
  private readonly entriesOf = new Map<WorkerProcess, readonly string[]>();
  private readonly chances = new Map<WorkerProcess | undefined, () => number>();
  private readonly remembered = new Map<string, unknown>();
  private readonly registrations = new Map<string, Registration>();
  private readonly passes: Pass[] = [];
  private readonly passNumbers = new Map<string, number>();
  /** The last pass of each task, and how many before it failed one after the other. */
  private readonly lastPass = new Map<string, { readonly pass: Pass; readonly failures: number }>();
  private readonly steps = new Set<StepExecution>();
  private readonly requests: MadeRequest[] = [];
  private readonly unhandled: unknown[] = [];
  /** What steps made, by the step's id: for experiments only. */
  private readonly made = new Map<string, Outcome>();
  private readonly losses = new Map<string, Loss>();
  private readonly running = new Set<StepExecution>();
  private readonly loading = new Set<WorkerProcess>();
  private loadFailure?: { readonly error: unknown };
  private operations = 0;
  private then = 0;
  private sinceThen = 0;
  private started = 0;
  private struck?: MadeRequest;
  private stop?: Stop;

  constructor(
    readonly plan: RunPlan,
    private readonly setting: RunSetting,
  ) {
    const { fault, experiment, seed } = plan;
    this.server = new DurableServer({ now: () => this.instant(), schedule: queueMicrotask });
    this.ledger = new Ledger(this.server);
    this.timeline = new Timeline(setting.clock, this.server, this.happenings(), setting.limits.moves);
    this.twice = fault.kind === "twice";
    this.sameTime = experiment?.sameReads === true ? plan.epoch : undefined;
    this.seed = seed;
    this.caller = new WorkerProcess(CALLER, this);
  }

  /** Starts the program's processes. Throws UsageError where one of them fails as it is loaded, or does not come to an end. */
  async start(): Promise<void> {
    for (const entries of this.setting.processes) {
      for (let times = 0; times < (this.plan.fault.kind === "competing" ? 2 : 1); times++) this.startWorker(entries);
    }
    const loaded = await this.timeline.until(() => this.loading.size === 0);
    if (this.loadFailure !== undefined) throw loadError(this.loadFailure.error);
    if (!loaded && !this.stopped) throw new UsageError("The program does not come to the end of its loading: a module waits at its top level for something that does not come.");
  }

  /** Ends the run and gives its record. */
  async end(): Promise<RunRecord> {
    for (const worker of [...this.workers, this.caller]) {
      worker.retire();
      this.setting.clock.drop(worker);
    }
    await turn();
    return {
      plan: this.plan,
      registrations: [...this.registrations.values()],
      passes: this.passes,
      steps: [...this.steps],
      effects: this.effects,
      requests: this.requests,
      outcomes: this.outcomes,
      expired: this.ledger.expired,
      functions: this.ledger.functions,
      groups: this.ledger.groups,
      selfStarted: this.ledger.selfStarted,
      struck: this.struck,
      stop: this.stop ?? (this.timeline.exhausted ? { kind: "endless", what: "moves in time", limit: this.setting.limits.moves } : undefined),
      unhandled: this.unhandled,
      losses: this.losses,
    };
  }

  /** True once the run is over early. */
  get stopped(): boolean {
    return this.stop !== undefined;
  }

  // What the program's code reaches.

  /** Records an effect of the code that calls, unless its worker is dead. */
  effect(worker: WorkerProcess | undefined, value: unknown): void {
    if (worker?.alive === false) return;
    const step = runningStep();
    const journal = step === undefined ? runningJournal() : undefined;
    this.effects.push({ value: plain(value), step, pass: journal?.pass, context: journal?.context, at: new Error() });
  }

  /** Gives what the outside world remembers under a name. */
  outside<T>(name: string, begin: () => T): T {
    if (!this.remembered.has(name)) this.remembered.set(name, begin());
    return this.remembered.get(name) as T;
  }

  /** Notes what a worker registered. */
  registered(name: string, group: string): void {
    const key = `${group} ${name}`;
    if (!this.registrations.has(key)) this.registrations.set(key, { name, group, at: new Error() });
  }

  /** The groups that registered a function, the default one first. */
  groupsOf(name: string): string[] {
    const groups = [...this.registrations.values()].filter((one) => one.name === name).map(({ group }) => group);
    return groups.sort((a, b) => Number(b === "default") - Number(a === "default"));
  }

  /** The names of all registered functions, sorted. */
  get registeredNames(): string[] {
    return [...new Set([...this.registrations.values()].map(({ name }) => name))].sort();
  }

  /** The chance of code outside of steps. */
  chance(worker: WorkerProcess | undefined): () => number {
    const step = runningStep();
    if (step !== undefined) return step.chance;
    let chance = this.chances.get(worker);
    if (chance === undefined) this.chances.set(worker, (chance = chanceOf(`${this.seed} ${worker?.name ?? ""}`)));
    return chance;
  }

  /** The process ended itself: to the server that is a death, to the user a problem. */
  exited(worker: WorkerProcess, code: string): void {
    if (!worker.alive) return;
    this.stopWith({ kind: "exited", code, at: new Error() });
  }

  /** A rejection that nobody handles. */
  rejected(reason: unknown): void {
    this.unhandled.push(reason);
  }

  /** Whether `pid` is a client of a worker of this run. */
  has(pid: string): boolean {
    return this.workers.some((worker) => worker.has(pid));
  }

  // Recorder

  passesOf(root: string): number {
    const number = this.passNumbers.get(root) ?? 0;
    this.passNumbers.set(root, number + 1);
    return number;
  }

  began(pass: Pass): void {
    this.passes.push(pass);
    const last = this.lastPass.get(pass.root);
    const failures = last?.pass.end === "failed" ? last.failures + 1 : 0;
    this.lastPass.set(pass.root, { pass, failures });
    if (last !== undefined && failures >= this.setting.limits.failures) this.stopWith({ kind: "spinning", pass: last.pass, times: failures });
  }

  asked(operation: Operation, journal: Journal): void {
    this.settleFromOutside(operation);
    if (++this.operations <= this.setting.limits.operations) return;
    this.stopWith({ kind: "endless", what: "operations", limit: this.setting.limits.operations, pass: journal.pass });
    throw new Error("too many operations");
  }

  returned(journal: Journal): void {
    if (journal.context !== journal.pass.root || journal.end === undefined) return;
    try {
      this.setting.replayed(journal.end);
    } catch (error) {
      this.unreadable(journal.context, error, journal.pass);
    }
  }

  attempted(step: StepExecution): void {
    if (step.attempts === 1) step.joined = [...this.steps].some(({ id, pass, end }) => id === step.id && pass === step.pass && end === undefined);
    this.steps.add(step);
    this.running.add(step);
    if (step.attempts > this.setting.limits.attempts) {
      this.stopWith({ kind: "endless", what: "attempts", limit: this.setting.limits.attempts, pass: step.pass, step });
    }
  }

  finished(step: StepExecution): void {
    if (step.end !== undefined && this.plan.experiment?.live !== undefined) this.made.set(step.id, step.end);
    if (this.plan.fault.kind !== "none" || step.end === undefined) return;
    const loss = lossOf(step.end, this.setting.replayed);
    if (loss !== undefined) this.losses.set(step.id, loss);
  }

  unreadable(promise: string, error: unknown, pass?: Pass): void {
    this.stopWith({ kind: "unreadable", promise, error: error instanceof Error ? error : new Error(String(error)), pass });
  }

  standIn(operation: Operation): { readonly value: unknown } | undefined {
    return this.setting.standIn?.(operation);
  }

  handOver({ id }: Operation, outcome: Outcome): Outcome {
    const live = this.plan.experiment?.live;
    const made = live === undefined ? undefined : this.made.get(id);
    return made?.kind === (live === "errors" ? "error" : "value") ? made : outcome;
  }

  // Surroundings

  fate({ worker, request }: WorkerRequest): Fate | undefined {
    if (worker === this.caller) return undefined;
    const { fault, experiment } = this.plan;
    const number = this.requests.length;
    if (number >= this.setting.limits.requests) {
      this.stopWith({ kind: "endless", what: "requests", limit: this.setting.limits.requests, pass: this.passes.at(-1) });
      return undefined;
    }
    const made = madeRequest(request);
    this.requests.push(made);
    if (fault.kind === "request" && fault.at === number) {
      this.struck = made;
      return experiment?.freshPasses === true ? deathFor(fault.fate) : fault.fate;
    }
    // A worker that is done with a task is replaced by a fresh one.
    return experiment?.freshPasses === true && ["task.suspend", "task.release", "task.fulfill"].includes(request.kind) ? "dies-after" : undefined;
  }

  answered({ worker, request }: WorkerRequest, response: Response): void {
    const bySelf = worker !== this.caller && request.kind !== "task.fence" && runningStep() === undefined && runningJournal() === undefined;
    if (isDone(response) && this.ledger.note(request, bySelf)) this.sinceThen += INSTANT;
    const refusal = refusalOf(response);
    if (refusal !== undefined && worker !== this.caller) this.stopWith({ kind: "refused", request: madeRequest(request), ...refusal });
  }

  lostAnswer(): Error {
    return this.setting.lostAnswer();
  }

  died(worker: WorkerProcess): void {
    this.loading.delete(worker);
    this.setting.clock.drop(worker);
    this.setting.died();
    if (!this.stopped) this.startWorker(this.entriesOf.get(worker) ?? []);
  }

  /** Lets what is due happen until nothing of the program is unfinished any more. */
  async finish(): Promise<void> {
    this.late = true;
    await this.timeline.until(() => this.loading.size === 0 && this.ledger.isFinished);
  }

  private startWorker(entries: readonly string[]): void {
    const worker = new WorkerProcess(`worker${++this.started}`, this);
    this.workers.push(worker);
    this.entriesOf.set(worker, entries);
    this.loading.add(worker);
    const failed = (error: unknown): void => {
      if (worker.alive) this.loadFailure ??= { error };
    };
    void worker.run(() => this.setting.load(worker, entries)).catch(failed).finally(() => this.loading.delete(worker));
  }

  /** Ends the run early, and its workers at once: one that spins would never let go. */
  private stopWith(stop: Stop): void {
    this.stop ??= stop;
    for (const worker of this.workers) worker.alive = false;
  }

  private happenings(): ConstructorParameters<typeof Timeline>[2] {
    return {
      running: () => (this.loading.size > 0 ? "loading" : this.stepsRun() ? "steps" : undefined),
      stopped: () => this.stopped,
      beforeDeadline: (time) => this.ledger.beforeDeadline(time),
      afterDeadline: () => this.ledger.afterDeadline(this.late),
    };
  }

  private stepsRun(): boolean {
    for (const step of this.running) if (step.end !== undefined || !this.isAlive(step.pass.pid)) this.running.delete(step);
    return this.running.size > 0;
  }

  private isAlive(pid: string): boolean {
    return this.workers.some((worker) => worker.alive && worker.has(pid));
  }

  /** A call that nobody serves is answered before a worker can get it; a promise after a while, as a person would. */
  private settleFromOutside(operation: Operation): void {
    const { id, kind, name } = operation;
    const isOutside = kind === "promise" || (kind === "call" && this.groupsOf(name).length === 0);
    const settlement = isOutside && !this.ledger.has(id) ? this.setting.settlement?.(operation) : undefined;
    if (settlement === undefined) return;
    const value = this.setting.encode(settlement.value);
    const head = { corrId: id, version: "" };
    const settle = (): void => {
      const request: Request = { kind: "promise.settle", head, data: { id, state: "resolved", value } };
      if (!this.stopped) this.answered({ worker: this.caller, request }, this.server.handle(request));
    };
    this.ledger.whenCreated(id, kind === "call" ? settle : () => this.caller.run(() => setTimeout(settle, OUTSIDE_DELAY)));
  }

  /** The server's time: no two promises are made at the same one, as hardly ever in reality. */
  private instant(): number {
    const now = this.setting.clock.now();
    if (now !== this.then) [this.then, this.sinceThen] = [now, 0];
    return now + this.sinceThen;
  }
}

function loadError(error: unknown): UsageError {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new UsageError(`The program failed while it was loaded: ${text}`, { cause: error });
}

/** The nearest fate that the worker does not survive. */
function deathFor(fate: Fate): Fate {
  if (fate === "loses-answer") return "dies-after";
  return fate === "loses-lease" ? "dies-before" : fate;
}

/** Gives a copy that later changes do not reach, in the words of JSON where there are any. */
function plain(value: unknown): unknown {
  try {
    return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown);
  } catch {
    return String(value);
  }
}
