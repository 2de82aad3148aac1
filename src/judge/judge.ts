import { compareRuns, type Difference, masked, whatVaries } from "./compare.js";
import { compareLosses, crashPoints } from "./losses.js";
import { play } from "./play.js";
import type { Prepared } from "./program.js";
import { ResonateSide } from "./resonate-side.js";
import { RestateSide } from "./restate-side.js";
import type { RunRecord, Side, Step } from "./scenario.js";
import type { CrashPoint } from "./worker-job.js";

/** What a run showed, and where its worker was lost, if it was. */
export interface JudgedRun {
  readonly crash?: CrashPoint;
  readonly record: RunRecord;
}

/** Differences of one run. */
export interface RunDifferences {
  readonly crash?: CrashPoint;
  readonly differences: readonly Difference[];
}

/**
 * Runs steps on the original program on a Restate server: twice without a loss, to mark what is another each time, and once for
 * each of `limit` moments at which the worker is lost.
 */
export async function recordRestate(binary: string, before: Prepared, steps: readonly Step[], limit: number): Promise<JudgedRun[]> {
  const first = await runOnRestate(binary, before, steps);
  const second = await runOnRestate(binary, before, steps);
  const varies = whatVaries(first, second);
  const runs: JudgedRun[] = [{ record: masked(first, varies) }];
  for (const crash of crashPoints(first, limit)) runs.push({ crash, record: masked(await runOnRestate(binary, before, steps, crash, first), varies) });
  return runs;
}

/** Runs the migrated program as the runs of `recorded` were, and compares. */
export async function compareWithRestate(recorded: readonly JudgedRun[], after: Prepared, steps: readonly Step[]): Promise<RunDifferences[]> {
  const [clean] = recorded;
  const found: RunDifferences[] = [];
  for (const { crash, record } of recorded) {
    const resonate = await runOnResonate(after, steps, crash, crash && clean?.record);
    const differences = crash === undefined || clean === undefined ? compareRuns(steps, record, resonate) : compareLosses(steps, clean.record, record, resonate);
    found.push({ ...(crash === undefined ? {} : { crash }), differences });
  }
  return found;
}

/** Runs steps on the original program on Restate. With `crash`, `clean` is the run without it. */
function runOnRestate(binary: string, before: Prepared, steps: readonly Step[], crash?: CrashPoint, clean?: RunRecord): Promise<RunRecord> {
  const services = [...new Set(steps.flatMap((step) => (step.kind === "call" ? [step.target.service] : [])))];
  return runOn(new RestateSide(binary, before, services, crash), steps, clean);
}

/** Runs steps on the migrated program on the bundled runtime. With `crash`, `clean` is the run without it. */
function runOnResonate(after: Prepared, steps: readonly Step[], crash?: CrashPoint, clean?: RunRecord): Promise<RunRecord> {
  return runOn(new ResonateSide(after, crash), steps, clean);
}

/** The side is stopped whatever happens. */
async function runOn(side: Side, steps: readonly Step[], clean?: RunRecord): Promise<RunRecord> {
  try {
    await side.start();
    return await play(side, steps, clean);
  } catch (error) {
    throw new Error(`${side.name}: ${error instanceof Error ? error.message : String(error)}\n${side.lastWords()}`, { cause: error });
  } finally {
    await side.stop();
  }
}
