import type { Resonate } from "@resonatehq/sdk";
import { isSame } from "./compare.js";
import { durationOf } from "./durations.js";
import type { Run } from "./run.js";
import type { StepRecord } from "./run-record.js";
import type { Json, PromiseId, ScenarioStep } from "./scenario.js";
import type { Outcome } from "../runtime/recording.js";

/** What of the SDK the caller of a program needs: the classes of the SDK that the program runs on. */
export interface CallerSdk {
  readonly Resonate: new (options: object) => Resonate;
  readonly Codec: new () => { encode(value: unknown): { headers?: Record<string, string>; data?: string } };
}

const quiet = () => undefined;
const silent = { debug: quiet, info: quiet, warn: quiet, error: quiet };

/** Plays a scenario's steps against the program of a run. What comes of each is in the run's record. */
export async function play(steps: readonly ScenarioStep[], run: Run, sdk: CallerSdk): Promise<void> {
  const network = run.caller.connect("restate-to-resonate-verify");
  const client = run.caller.run(() => new sdk.Resonate({ network, pid: network.pid, group: network.group, logger: silent }));
  await run.caller.run(() => new Player(run, client, sdk).playAll(steps, ""));
}

class Player {
  private started = 0;
  /** How many effects came before those that the next step can speak of: what loading did, and what earlier steps spoke of. */
  private claimed: number;

  constructor(
    private readonly run: Run,
    private readonly client: Resonate,
    private readonly sdk: CallerSdk,
  ) {
    this.claimed = run.effects.length;
  }

  async playAll(steps: readonly ScenarioStep[], prefix: string): Promise<void> {
    for (const [index, step] of steps.entries()) {
      if (this.run.stopped) return;
      await this.play(step, `${prefix}${index + 1}`);
    }
  }

  private async play(step: ScenarioStep, path: string): Promise<void> {
    const from = this.claimed;
    const done = await this.begin(step, path);
    const { outcome, missing, id } = await this.wait(done);
    const expected = step.effects;
    if (expected !== undefined) await this.run.timeline.until(() => this.run.ledger.isFinished || this.haveCome(expected, from));
    if (step.effects !== undefined) this.claimed = this.run.effects.length;
    this.run.outcomes.push({ path, outcome, missing, id, effects: [from, this.run.effects.length] });
  }

  /** True where all these effects are there, whatever else is: a step that ran once more has left some of its own. */
  private haveCome(expected: readonly unknown[], from: number): boolean {
    const left = this.run.effects.slice(from).map(({ value }) => value);
    return expected.every((value) => {
      const at = left.findIndex((other) => isSame(value, other));
      if (at !== -1) left.splice(at, 1);
      return at !== -1;
    });
  }

  private async wait({ id, result }: Begun): Promise<Pick<StepRecord, "outcome" | "missing" | "id">> {
    if (result === undefined) return { id };
    let outcome: Outcome | undefined;
    result.then(
      (value) => (outcome = { kind: "value", value }),
      (error: unknown) => (outcome = { kind: "error", error }),
    );
    await this.run.timeline.until(() => outcome !== undefined);
    return outcome === undefined ? { id, missing: true } : { id, outcome };
  }

  private async begin(step: ScenarioStep, path: string): Promise<Begun> {
    if ("call" in step) return { id: this.idOf(step, step.call), result: this.start(step.call, step).then((handle) => handle.result()) };
    if ("send" in step) return { id: this.idOf(step, step.send), result: this.start(step.send, step).then(quiet) };
    if ("attach" in step) return { id: step.attach, result: this.existing(step.attach).then(() => this.client.get(step.attach)).then((handle) => handle.result()) };
    if ("parallel" in step) return { result: this.parallel(step.parallel, path) };
    if ("wait" in step) return { result: virtualTime(durationOf(step.wait) ?? 0) };
    const id = this.promiseOf("resolve" in step ? step.resolve : step.reject);
    return { id, result: "resolve" in step ? this.settle(id, "resolve", step.value) : this.settle(id, "reject", new Error(step.error)) };
  }

  private promiseOf(promise: PromiseId): string {
    return typeof promise === "string" ? promise : promise(this.run.effects.map(({ value }) => value as Json));
  }

  private idOf({ id }: { readonly id?: string }, name: string): string {
    return id ?? `${encodeURIComponent(name)}-${this.started + 1}`;
  }

  private async start(name: string, step: { readonly id?: string; readonly key?: string; readonly args?: readonly unknown[]; readonly timeout?: string | number }) {
    const id = this.idOf(step, name);
    this.started++;
    const [group] = this.run.groupsOf(name);
    const timeout = step.timeout === undefined ? undefined : durationOf(step.timeout);
    const options = this.client.options({ ...(group === undefined ? {} : { target: group }), ...(timeout === undefined ? {} : { timeout }) });
    const args = [...(step.key === undefined ? [] : [step.key]), ...structuredClone(step.args ?? [])];
    return this.client.beginRpc<unknown>(id, name, ...args, options);
  }

  private async settle(id: string, how: "resolve" | "reject", value: unknown): Promise<void> {
    await this.existing(id);
    await this.client.promises[how](id, new this.sdk.Codec().encode(value));
  }

  /** Waits until a promise exists. */
  private existing(id: string): Promise<void> {
    return new Promise((resolve) => this.run.ledger.whenCreated(id, resolve));
  }

  /** Each begins before any is waited for; they are told apart in the record by the order they stand in. */
  private async parallel(steps: readonly ScenarioStep[], path: string): Promise<void> {
    const begun = await Promise.all(steps.map((step, index) => this.begin(step, `${path}.${index + 1}`)));
    await Promise.all(
      begun.map(async ({ id, result }, index) => {
        const effects = [this.run.effects.length, this.run.effects.length] as const;
        const outcome = await outcomeOf(result);
        this.run.outcomes.push({ path: `${path}.${index + 1}`, id, outcome, effects });
      }),
    );
  }
}

/** The longest a timer of Node can be set for, in ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Waits for `duration` ms of the run's time. */
async function virtualTime(duration: number): Promise<void> {
  for (let left = duration; left > 0; left -= LONGEST_TIMER) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(left, LONGEST_TIMER)));
  }
}

interface Begun {
  readonly id?: string;
  /** Nothing where there is nothing to wait for. */
  readonly result?: Promise<unknown>;
}

async function outcomeOf(result: Promise<unknown> | undefined): Promise<Outcome | undefined> {
  try {
    return { kind: "value", value: await result };
  } catch (error) {
    return { kind: "error", error };
  }
}
