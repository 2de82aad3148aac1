import { type Baseline, baselineOf } from "./baseline.js";
import { diagnose, type Perform } from "./diagnose.js";
import { judge } from "./judge.js";
import type { Place } from "./places.js";
import { planFaults } from "./plans.js";
import { type Finding, keyOf, type ProblemCode } from "./problems.js";
import type { Fault, RunPlan, RunRecord } from "./run-record.js";
import type { ScenarioStep } from "./scenario.js";
import { functionOf } from "./words.js";

/** How far to look. */
export interface ExploreOptions {
  /** The greatest number of points at which a worker is lost; beyond it they are sampled. */
  readonly limit: number;
  readonly seed: string;
  /** True where a call may fail in the run without faults: its inputs are made up. */
  readonly mayFail: boolean;
  /** The number of different problems after which no more are looked for. */
  readonly problems: number;
  /** What another process did before. */
  readonly rest?: Rest;
}

/** What an exploration works with. */
export interface ExploreMeans {
  /** Runs a plan. Throws what loading the program throws. */
  perform(plan: RunPlan): Promise<RunRecord>;
  /** The scenario, once the program was loaded. */
  steps(): readonly ScenarioStep[];
  placeOf(at: Error | undefined): Place | undefined;
  /** Told of each run. */
  progress(done: number, total: number): void;
  /** True where this process has no room for more runs. */
  isFull(): boolean;
}

/** What was found, and how much was tried. */
export interface Explored {
  readonly clean: RunRecord;
  readonly found: readonly FoundIn[];
  readonly points: number;
  readonly tried: number;
  readonly runs: readonly RunCount[];
  /** Where to go on in another process; absent where all is done. */
  readonly rest?: Rest;
}

/** What one process did of an exploration: plain data, for the process that goes on. */
export interface Rest {
  /** The first fault that was not tried. */
  readonly next: number;
  readonly found: readonly FoundIn[];
  readonly runs: readonly RunCount[];
}

/** A finding and what went wrong in the run it was found in. */
export interface FoundIn {
  readonly finding: Finding;
  readonly fault: Fault;
}

/** A run that was made: the function it was lost in, and what it took, in ms of real time. */
export interface RunCount {
  readonly function: string;
  readonly milliseconds: number;
}

/** When runs begin: an arbitrary Monday in the middle of a month, and another day of another year at another hour. */
const EPOCHS = [Date.UTC(2026, 5, 15, 9, 30), Date.UTC(2031, 10, 7, 22, 41)] as const;

const realNow = performance.now.bind(performance);

/** Explores a program: a run without faults, and if that is right one run for each point at which a worker can be lost. */
export class Explorer {
  private readonly runs: RunCount[];
  private readonly found: Map<string, FoundIn>;

  constructor(
    private readonly means: ExploreMeans,
    private readonly options: ExploreOptions,
  ) {
    this.runs = [...(options.rest?.runs ?? [])];
    this.found = new Map(options.rest?.found.map((one) => [keyOf(one.finding), one]));
  }

  /** Explores until all is tried, enough is found, or this process is full. */
  async explore(): Promise<Explored> {
    const clean = await this.timed(planOf({ kind: "none" }, 0));
    await this.note(this.judge(clean, undefined), clean, undefined);
    if (clean.stop !== undefined || this.allFail(clean)) return this.explored(clean, clean.requests.length, 0);
    const baseline = baselineOf(clean, await this.timed(planOf({ kind: "none" }, 1)));
    this.noteLosses(clean);
    const { points, tried, faults } = planFaults(clean, this.options.limit, this.options.seed);
    const first = this.options.rest?.next ?? 0;
    for (let index = first; index < faults.length && this.errors() < this.options.problems; index++) {
      if (index > first && this.means.isFull()) return { ...this.explored(clean, points, tried), rest: { next: index, found: [...this.found.values()], runs: this.runs } };
      this.means.progress(index, faults.length);
      const run = await this.timed(planOf(faults[index] ?? { kind: "none" }, 0));
      await this.note(this.judge(run, baseline), run, baseline);
    }
    return this.explored(clean, points, tried);
  }

  private explored(clean: RunRecord, points: number, tried: number): Explored {
    return { clean, found: this.significant(), points, tried, runs: this.runs };
  }

  private judge(run: RunRecord, baseline: Baseline | undefined): Finding[] {
    return judge(run, this.means.steps(), baseline).filter(({ code }) => code !== "unexpected" || !this.options.mayFail);
  }

  private async timed(plan: RunPlan): Promise<RunRecord> {
    const begin = realNow();
    const run = await this.means.perform(plan);
    const root = run.struck?.root ?? "";
    this.runs.push({ function: functionOf(run, root), milliseconds: realNow() - begin });
    return run;
  }

  private async note(findings: readonly Finding[], run: RunRecord, baseline: Baseline | undefined): Promise<void> {
    const failing = this.failing();
    for (const finding of findings) {
      // What is wrong with a function without any fault shows in all other runs too.
      if (this.found.has(keyOf(finding)) || (baseline !== undefined && failing.get(finding.function) === "none")) continue;
      const losses = baseline?.run.losses ?? run.losses;
      const { at, ...diagnosed } = await diagnose(finding, run, losses, this.experiment(baseline));
      this.found.set(keyOf(finding), { finding: { ...diagnosed, place: this.means.placeOf(at) }, fault: run.plan.fault });
    }
  }

  private experiment(baseline: Baseline | undefined): Perform {
    return async (plan) => {
      const run = await this.means.perform(plan);
      return { run, findings: this.judge(run, baseline) };
    };
  }

  /** What does not survive the store is worth a word, even where this scenario does not notice. */
  private noteLosses(clean: RunRecord): void {
    for (const [id, loss] of clean.losses) {
      if (loss.kind === "error" || loss.minor === true) continue;
      const operation = clean.steps.find((step) => step.id === id)?.operation;
      const name = operation === undefined ? id : `${operation.name || "a step"} (${id})`;
      const message = `The value of ${name}${loss.at === "" ? "" : `, at ${loss.at},`} ${loss.text}. Nothing in this scenario notices.`;
      const finding: Finding = { code: "not-json", severity: "warning", function: functionOf(clean, id), subject: id, message, place: this.means.placeOf(operation?.at) };
      this.found.set(`loss ${id}`, { finding, fault: { kind: "none" } });
    }
  }

  /** What was found, without what only follows from something else that was found. */
  private significant(): FoundIn[] {
    const all = [...this.found.values()];
    const errors = new Map(all.filter(({ finding }) => finding.severity === "error").map((one) => [keyOf(one.finding), one]));
    const warnings = all.filter(({ finding }) => finding.severity === "warning" && !errors.has(keyOf(finding)));
    const kept = [...errors.values(), ...warnings];
    return kept.filter((one, index) => !kept.some((other, place) => explains(other.finding, one.finding) || (place < index && isAlike(other.finding, one.finding))));
  }

  /** The functions that have an error, each with the kind of fault that showed it first. */
  private failing(): Map<string, Fault["kind"]> {
    const errors = [...this.found.values()].filter(({ finding }) => finding.severity === "error");
    return new Map(errors.reverse().map(({ finding, fault }) => [finding.function, fault.kind]));
  }

  private allFail(clean: RunRecord): boolean {
    const failing = this.failing();
    return failing.size > 0 && [...clean.functions.values()].every((name) => failing.has(name));
  }

  private errors(): number {
    return [...this.found.values()].filter(({ finding }) => finding.severity === "error").length;
  }
}

/** From the one that says most of a cause to those that only show that there is one. */
const BY_WEIGHT: readonly ProblemCode[] = ["not-json", "diverged", "effect-repeated", "unexpected", "result-differs", "no-result", "effects-differ", "step-repeated"];

/** True where two findings tell the same story of the same function at two places. */
function isAlike(one: Finding, other: Finding): boolean {
  return one.code === "diverged" && one.code === other.code && one.function === other.function && one.reason === other.reason;
}

/** True where one finding makes the other redundant: the same function, a cause that is the same or known, and more to say. */
function explains(one: Finding, other: Finding): boolean {
  const [weight, otherWeight] = [BY_WEIGHT.indexOf(one.code), BY_WEIGHT.indexOf(other.code)];
  if (one === other || one.function !== other.function || one.severity !== "error" || weight === -1 || otherWeight === -1) return false;
  return weight < otherWeight && (one.reason === other.reason || other.code !== "diverged");
}

function planOf(fault: Fault, epoch: 0 | 1): RunPlan {
  return { fault, epoch: EPOCHS[epoch], seed: `seed ${epoch}` };
}
