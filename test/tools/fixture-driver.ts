// The child process that runs a migrated fixture: it gets a job over IPC, makes the calls in order and sends back what it saw.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { Resonate } from "@resonatehq/sdk";

/** What to load and what to call. Paths are absolute. */
export interface DriverJob {
  /** Prefix of the invocations' ids. */
  readonly name: string;
  /** How the package's modules are loaded. */
  readonly commonjs: boolean;
  readonly entries: readonly string[];
  readonly resonateModule: string;
  readonly effectsModule: string;
  readonly calls: readonly DriverCall[];
}

export interface DriverCall {
  /** Name of the call in messages. */
  readonly label: string;
  readonly registeredAs: string;
  readonly args: readonly unknown[];
  readonly waitForEffects: number;
  /** The id of the invocation, where it is more than a name: that of a workflow. */
  readonly id?: string;
  /** It goes on beside the calls after it. */
  readonly background: boolean;
}

/** What came of one call: a result or an error, and the effects it added. */
export interface Observation {
  readonly result?: unknown;
  readonly error?: string;
  readonly effects: readonly string[];
}

/** All observations, and what stopped the run if something did. */
export interface DriverReport {
  readonly observations: readonly Observation[];
  readonly failure?: string;
}

const callLimit = 10_000;
const effectsLimit = 5_000;

// The process stays until its parent ends it: one that exits by itself can be gone before its report is read.
process.on("message", (job: DriverJob) => {
  void runJob(job).then((report) => process.send?.(report));
});

async function runJob(job: DriverJob): Promise<DriverReport> {
  const observations: Observation[] = [];
  try {
    const load = loader(job.commonjs);
    for (const entry of job.entries) await load(entry);
    const { resonate } = (await load(job.resonateModule)) as { resonate: Resonate };
    const { effects } = (await load(job.effectsModule)) as { effects: string[] };
    const open: { index: number; observed: Promise<Observation> }[] = [];
    for (const [index, call] of job.calls.entries()) {
      const observed = observe(resonate, effects, call.id ?? `${job.name}/${index}`, call);
      if (call.background) open.push({ index, observed });
      observations.push(call.background ? { effects: [] } : await observed);
    }
    for (const { index, observed } of open) observations[index] = { ...(await observed), effects: [] };
    await resonate.stop();
    return { observations };
  } catch (error) {
    return { observations, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

function loader(commonjs: boolean): (path: string) => Promise<unknown> {
  const require = createRequire(import.meta.url);
  return commonjs ? async (path) => require(path) : (path) => import(pathToFileURL(path).href);
}

async function observe(resonate: Resonate, effects: readonly string[], id: string, call: DriverCall): Promise<Observation> {
  const begin = effects.length;
  const added = (): string[] => effects.slice(begin);
  const settled = await within(callLimit, settle(resonate.rpc<unknown>(id, call.registeredAs, ...call.args)));
  if (settled === undefined) throw new Error(`${call.label} did not answer within ${callLimit} ms; effects so far: ${JSON.stringify(added())}`);
  const end = Date.now() + effectsLimit;
  while (added().length < call.waitForEffects) {
    if (Date.now() > end) throw new Error(`${call.label}: waited ${effectsLimit} ms for ${call.waitForEffects} effects; got ${JSON.stringify(added())}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { ...settled, effects: added() };
}

async function settle(promise: Promise<unknown>): Promise<Omit<Observation, "effects">> {
  try {
    return { result: await promise };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Gives `undefined` where the promise takes longer than the limit. */
async function within<T>(limit: number, promise: Promise<T>): Promise<T | undefined> {
  const timer = new AbortController();
  const late = new Promise<undefined>((resolve) => {
    const handle = setTimeout(() => resolve(undefined), limit);
    timer.signal.addEventListener("abort", () => clearTimeout(handle));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}
