import { compareRuns, type Difference } from "./compare.js";
import { play, type PlayLimits } from "./play.js";
import type { Prepared } from "./program.js";
import { ResonateSide } from "./resonate-side.js";
import { RestateSide } from "./restate-side.js";
import type { RunRecord, Side, Step } from "./scenario.js";
import type { CrashPoint } from "./worker-job.js";

/** Runs steps on a side from start to end; the side is stopped whatever happens. */
export async function runOn(side: Side, steps: readonly Step[], limits?: PlayLimits): Promise<RunRecord> {
  try {
    await side.start();
    return await play(side, steps, limits);
  } catch (error) {
    throw new Error(`${side.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n${side.lastWords()}`);
  } finally {
    await side.stop();
  }
}

/** Runs steps on the original program on Restate. */
export function runOnRestate(binary: string, before: Prepared, steps: readonly Step[], crash?: CrashPoint): Promise<RunRecord> {
  const services = [...new Set(steps.flatMap((step) => (step.kind === "call" ? [step.target.service] : [])))];
  return runOn(new RestateSide(binary, before, services, crash), steps);
}

/** Runs steps on the migrated program on the bundled runtime. */
export function runOnResonate(after: Prepared, steps: readonly Step[], crash?: CrashPoint): Promise<RunRecord> {
  return runOn(new ResonateSide(after, crash), steps);
}

export { compareRuns, type Difference };
