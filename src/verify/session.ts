import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { UsageError } from "../errors.js";
import type { Operation } from "../runtime/recording.js";
import { isSupportFile } from "../support-folder.js";
import { type Bundle, bundleProgram } from "./bundle.js";
import { findEntries, processesOf } from "./entries.js";
import { type Explored, type ExploreMeans, Explorer, type Rest } from "./explore.js";
import type { Made, MadeValues, SeenStep } from "./inputs/index.js";
import { Laboratory, type Subject } from "./laboratory.js";
import { type Place, Places } from "./places.js";
import { faultText } from "./plans.js";
import { PROBLEMS } from "./problems.js";
import type { Run } from "./run.js";
import type { RunRecord } from "./run-record.js";
import type { Scenario, ScenarioStep } from "./scenario.js";
import { besideScenario, loadScenario, replacements } from "./scenario-file.js";
import type { FunctionReport, Problem, ScenarioReport } from "./verify-report.js";
import { functionOf } from "./words.js";

/** One thing to verify: plain data, for the process that does it. Paths are absolute. */
export interface Job {
  /** The folder of the program's package. */
  readonly root: string;
  /** The scenario's file; without one the functions are called with what `made` holds. */
  readonly scenario?: string;
  readonly made?: MadeValues;
  /** The modules to load, unless the scenario names some; found by looking where neither does. */
  readonly entries?: readonly string[];
  readonly limit: number;
  readonly seed: string;
  /** The greatest number of requests of one run. */
  readonly requests: number;
  /** What another process did of this job before. */
  readonly rest?: Rest;
  /** The real time that took, in ms. */
  readonly spent?: number;
}

/** What was found, and on which SDK. */
export interface JobReport {
  readonly sdk: Bundle["sdk"];
  readonly scenario: ScenarioReport;
  /** Where another process has to go on. */
  readonly rest?: Rest;
}

const PROBLEMS_AT_MOST = 10;

/** How much memory a process may take, in bytes: copies of a program are never given back. */
const MEMORY_AT_MOST = 1_000_000_000;
const STEPS_THAT_RUN = new Set(["now", "random"]);

/** Does a job in this process, which it takes over for good. Throws UsageError where the scenario or the program cannot be used. */
export async function performJob(job: Job, progress: (done: number, total: number) => void): Promise<JobReport> {
  const begin = performance.now();
  const realNow = performance.now.bind(performance);
  const scenario = job.scenario === undefined ? undefined : await loadScenario(job.scenario, job.root);
  Object.assign(process.env, scenario?.env);
  const entries = await entriesOf(job, scenario);
  const effects = scenario?.effects && { ...scenario.effects, module: besideScenario(job, scenario.effects.module, "effects.module") };
  const bundle = await bundleProgram({ root: job.root, modules: [...new Set([...entries, ...(effects ? [effects.module] : [])])], replace: replacements(job, scenario) });
  try {
    const processes = processesOf(entries, bundle.graph);
    const script = new Script(job, scenario, bundle, await madeValues(job));
    const limits = { requests: job.requests, operations: job.requests * 100, moves: job.requests * 4, attempts: job.requests, failures: 12 };
    const subject: Subject = { bundle, processes, effects, limits, steps: (run) => script.stepsFor(run), standIn: (operation) => script.standIn(operation), settlement: (operation) => script.settlement(operation) };
    const laboratory = await Laboratory.open(subject, Date.UTC(2026, 0, 1));
    const places = new Places(bundle);
    const means: ExploreMeans = {
      perform: (plan) => laboratory.perform(plan),
      steps: () => script.steps,
      placeOf: (at) => places.of(at),
      progress,
      isFull: () => process.memoryUsage.rss() > MEMORY_AT_MOST,
    };
    const explored = await new Explorer(means, { mayFail: scenario === undefined, limit: job.limit, seed: job.seed, problems: PROBLEMS_AT_MOST, rest: job.rest }).explore();
    const milliseconds = Math.round(realNow() - begin) + (job.spent ?? 0);
    return { sdk: bundle.sdk, scenario: { ...reportOf(explored, places, job, scenario, processes), milliseconds, notes: script.notes }, rest: explored.rest };
  } finally {
    await rm(dirname(bundle.file), { recursive: true, force: true });
  }
}

async function entriesOf(job: Job, scenario: Scenario | undefined): Promise<readonly string[]> {
  if (scenario?.entries !== undefined) return scenario.entries.map((entry) => besideScenario(job, entry, "entries"));
  return job.entries ?? findEntries(job.root);
}

/** Finds what was made for steps, promises and calls. */
interface MadeFor {
  step(seen: SeenStep): Made | undefined;
  place(place: Place): Made | undefined;
}

/** Loaded only where it is needed: the TypeScript compiler comes with it. */
async function madeValues({ made }: Job): Promise<MadeFor | undefined> {
  if (made === undefined) return undefined;
  const { valueForStep, valueAt } = await import("./inputs/index.js");
  return { step: (seen) => valueForStep(made, seen), place: (place) => valueAt(made, place) };
}

/** What happens to the program: the scenario's steps, or one call of each registered function. */
class Script {
  readonly notes: string[] = [];
  steps: readonly ScenarioStep[];
  private readonly places: Places;
  private readonly standIns = new Map<string, { readonly value: unknown } | undefined>();

  constructor(
    private readonly job: Job,
    private readonly scenario: Scenario | undefined,
    private readonly bundle: Bundle,
    private readonly made: MadeFor | undefined,
  ) {
    this.places = new Places(bundle);
    this.steps = scenario?.steps ?? [];
    if (scenario === undefined) this.notes.push("No scenario: each function was called once with inputs made from its types, and its leaf steps gave values made from theirs.");
  }

  stepsFor(run: Run): readonly ScenarioStep[] {
    const names = run.registeredNames;
    if (this.scenario !== undefined) this.checkNames(names);
    else if (this.steps.length === 0) this.steps = names.filter((name) => !this.isSupport(name)).map((name) => ({ call: name, args: this.argsOf(name) }));
    return this.steps;
  }

  standIn(operation: Operation): { readonly value: unknown } | undefined {
    if (this.made === undefined || (STEPS_THAT_RUN.has(operation.name) && operation.source?.includes("native code") === true)) return undefined;
    if (!this.standIns.has(operation.id)) {
      const place = this.places.of(operation.at);
      // What stands between a program and Resonate keeps turns and state, and does nothing to the outside world.
      const isSupport = place !== undefined && isSupportFile(place.file);
      this.standIns.set(operation.id, isSupport ? undefined : { value: this.made.step({ place, name: operation.name, source: operation.source ?? "" })?.value });
    }
    return this.standIns.get(operation.id);
  }

  /** What the support module `forward` brings is called by what passes results on, and by nobody else. */
  private isSupport(name: string): boolean {
    return name === "forward" && [...this.bundle.graph.keys()].some((file) => isSupportFile(file) && /forward\.[cm]?[jt]s$/.test(file));
  }

  settlement(operation: Operation): { readonly value: unknown } | undefined {
    const place = this.made === undefined ? undefined : this.places.of(operation.at);
    const made = place === undefined ? undefined : this.made?.place(place);
    return made === undefined ? undefined : { value: made.value };
  }

  private argsOf(name: string) {
    return this.job.made?.inputs.find((input) => input.name === name)?.args.map(({ value }) => value) ?? [];
  }

  private checkNames(registered: readonly string[]): void {
    for (const name of calledNames(this.steps)) {
      if (registered.includes(name)) continue;
      throw new UsageError(`${this.job.scenario}: it calls ${JSON.stringify(name)}, which the program does not register. Registered: ${registered.join(", ") || "nothing"}.`);
    }
  }
}

function calledNames(steps: readonly ScenarioStep[]): string[] {
  return steps.flatMap((step) => ("call" in step ? [step.call] : "send" in step ? [step.send] : "parallel" in step ? calledNames(step.parallel) : []));
}

function reportOf(explored: Explored, places: Places, job: Job, scenario: Scenario | undefined, processes: readonly (readonly string[])[]): Omit<ScenarioReport, "milliseconds" | "notes"> {
  const { clean, found, points, tried, runs } = explored;
  const problems = found.map(({ finding, fault }): Problem => {
    const { code, severity, function: func, message, reason, histories, place } = finding;
    return { code, severity, function: func, message, reason, help: PROBLEMS[code], fault: faultText(fault, clean), ...place, histories };
  });
  return {
    file: job.scenario,
    about: scenario?.about,
    processes,
    functions: clean.registrations.map((registration) => functionReport(registration, explored, places)),
    crashPoints: points,
    tried,
    seed: job.seed,
    runs: runs.length,
    problems,
  };
}

function functionReport({ name, group, at }: RunRecord["registrations"][number], { clean, runs }: Explored, places: Places): FunctionReport {
  const { file, line } = places.of(at) ?? {};
  const own = runs.filter((run) => run.function === name);
  const operations = new Set(clean.passes.filter(({ root }) => functionOf(clean, root) === name).flatMap(({ journals }) => journals.flatMap((journal) => journal.operations.map(({ id }) => id))));
  return {
    name,
    group,
    file,
    line,
    steps: operations.size,
    crashPoints: clean.requests.filter(({ root }) => functionOf(clean, root) === name).length,
    runs: own.length,
    milliseconds: Math.round(own.reduce((sum, run) => sum + run.milliseconds, 0)),
    called: [...clean.functions.values()].includes(name),
  };
}
