import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { findEntries } from "../verify/entries.js";
import type { Scenario } from "../verify/scenario.js";
import { besideScenario, loadScenario, replacements, type ScenarioPlace } from "../verify/scenario-file.js";
import type { Difference } from "./compare.js";
import { compareWithRestate, recordRestate } from "./judge.js";
import { type Prepared, prepare, type ProgramFiles } from "./program.js";
import { neutralSteps, NotPlayable, type ServedHandler } from "./steps.js";
import type { CrashPoint } from "./worker-job.js";

/** A migrated program, its original, and what happens to both. Paths are absolute. */
export interface JudgeRequest {
  /** The binary of Restate's server. */
  readonly binary: string;
  readonly scenario: string;
  /** The folder of the migrated program's package. */
  readonly root: string;
  /** The modules of the migrated program to load, unless the scenario names some; found by looking where neither does. */
  readonly entries?: readonly string[];
  readonly original: {
    /** The folder that corresponds to `root`. */
    readonly root: string;
    /** The modules that serve its handlers. */
    readonly entries: readonly string[];
    readonly handlers: readonly ServedHandler[];
  };
  /** At how many effects the worker is lost. */
  readonly limit: number;
  /** The compiled module of the worker processes; this package's own unless given. */
  readonly worker?: string;
}

/** What comparing one scenario came to. */
export interface JudgeReport {
  readonly file: string;
  readonly about?: string;
  /** Why it was not played: a real server cannot do what it says. */
  readonly skipped?: string;
  /** Runs on each side, and how many of them had a lost worker. */
  readonly runs: number;
  readonly lost: number;
  readonly differences: readonly (Difference & { readonly crash?: CrashPoint })[];
}

/**
 * Plays a scenario with the original on a real Restate server and with the migrated program on the bundled runtime, then again with the
 * worker lost at its effects, and compares. Throws UsageError for scenarios and programs that cannot be used.
 */
export async function judgeScenario(request: JudgeRequest): Promise<JudgeReport> {
  const { scenario: file, root, original } = request;
  const scenario = await loadScenario(file, root);
  const about = scenario.about === undefined ? {} : { about: scenario.about };
  const prepared: Prepared[] = [];
  const ready = async (files: ProgramFiles): Promise<Prepared> => {
    const one = await prepare(files, request.worker);
    prepared.push(one);
    return one;
  };
  try {
    const steps = neutralSteps(scenario.steps, original.handlers, file);
    const after = await migratedFiles(request, scenario);
    const recorded = await recordRestate(request.binary, await ready(originalFiles(after, request)), steps, request.limit);
    const runs = await compareWithRestate(recorded, await ready(after), steps);
    const differences = runs.flatMap(({ crash, differences: found }) => found.map((one) => ({ ...one, ...(crash === undefined ? {} : { crash }) })));
    return { file, ...about, runs: runs.length, lost: runs.length - 1, differences };
  } catch (error) {
    if (error instanceof NotPlayable) return { file, ...about, skipped: error.message, runs: 0, lost: 0, differences: [] };
    throw error;
  } finally {
    for (const one of prepared) one.remove();
  }
}

/** The version of Restate's server that belongs to a binary. */
export function versionOf(binary: string): string {
  return (createRequire(binary)("../package.json") as { version: string }).version;
}

async function migratedFiles({ root, scenario: file, entries }: JudgeRequest, scenario: Scenario): Promise<ProgramFiles> {
  const place: ScenarioPlace = { root, scenario: file };
  const { effects, env } = scenario;
  return {
    root,
    entries: scenario.entries?.map((entry) => besideScenario(place, entry, "entries")) ?? entries ?? (await findEntries(root)),
    ...(effects === undefined ? {} : { effects: { ...effects, module: besideScenario(place, effects.module, "effects.module") } }),
    ...(env === undefined ? {} : { env }),
    replace: replacements(place, scenario),
  };
}

/** The same files of the original. A stand-in that it does not have is taken from the migrated program: it stands for the outside world. */
function originalFiles({ effects, env, replace = new Map() }: ProgramFiles, { root, original }: JudgeRequest): ProgramFiles {
  const own = (file: string): string => join(original.root, relative(root, file));
  const ownOrGiven = (file: string): string => (existsSync(own(file)) ? own(file) : file);
  return {
    root: original.root,
    entries: original.entries,
    ...(effects === undefined ? {} : { effects: { ...effects, module: ownOrGiven(effects.module) } }),
    ...(env === undefined ? {} : { env }),
    replace: new Map([...replace].map(([from, to]) => [own(from), ownOrGiven(to)])),
  };
}
