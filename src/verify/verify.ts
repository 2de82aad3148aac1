import { type ChildProcess, fork } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { UsageError } from "../errors.js";
import type { ChildMessage } from "./child.js";
import { findEntries } from "./entries.js";
import { makeValues } from "./inputs/index.js";
import type { Job, JobReport } from "./session.js";
import type { VerifyReport } from "./verify-report.js";

export type { FunctionReport, Problem, ScenarioReport, VerifyReport } from "./verify-report.js";

/** What to verify, and how far. */
export interface VerifyOptions {
  /** Files and folders: scenarios, or programs that have some below them. */
  readonly paths: readonly string[];
  /** The modules to load, unless a scenario names some. Found by looking unless given. */
  readonly entries?: readonly string[];
  /** The greatest number of points at which a worker is lost; beyond it they are sampled. 400 unless given. */
  readonly limit?: number;
  /** Repeats a sample. Made by chance unless given. */
  readonly seed?: string;
  /** The greatest number of requests of one run: what takes more is taken for endless. 3,000 unless given. */
  readonly requests?: number;
  /** Told of each scenario and how many of its runs are done. */
  readonly onProgress?: (what: string, done: number, total: number) => void;
  /** The compiled module that runs programs. This package's own unless given. */
  readonly child?: string;
}

const SCENARIOS = "**/*.scenario.{ts,mts,cts,js,mjs,cjs}";
/** How long a process may be silent, in ms: it reports as it goes, and only code that never pauses keeps it from that. */
const SILENCE = 120_000;

/**
 * Verifies migrated programs: runs each scenario without faults, then once for every point at which a worker can be lost,
 * and compares. Throws UsageError for paths, scenarios and programs that cannot be used, and where Node is too old.
 */
export async function verifyProgram(options: VerifyOptions): Promise<VerifyReport> {
  if (Number(process.versions.node.split(".", 1)[0]) < 22) {
    throw new UsageError(`verify needs Node 22 or newer, as @resonatehq/sdk does; this is Node ${process.versions.node}.`);
  }
  const seed = options.seed ?? String(randomInt(1_000_000));
  const reports: JobReport[] = [];
  for (const job of await jobsOf(options, seed)) {
    reports.push(await inChildren(job, options));
  }
  const [first] = reports;
  return { version: 1, sdk: first?.sdk.version ?? "", sdkOfProject: first?.sdk.ofProject ?? false, scenarios: reports.map(({ scenario }) => scenario) };
}

async function jobsOf(options: VerifyOptions, seed: string): Promise<Job[]> {
  const common = { limit: options.limit ?? 400, requests: options.requests ?? 3_000, seed, ...(options.entries ? { entries: options.entries.map((entry) => resolve(entry)) } : {}) };
  const jobs: Job[] = [];
  for (const path of options.paths) {
    const scenarios = scenariosOf([path]);
    if (scenarios.length > 0) jobs.push(...scenarios.map((scenario) => ({ ...common, ...scenario })));
    else jobs.push(await withoutScenario(resolve(path), common));
  }
  return jobs;
}

/** Gives the scenarios that files and folders name, each with the folder of its package. Absolute paths. Throws UsageError where a path does not exist. */
export function scenariosOf(paths: readonly string[]): { readonly scenario: string; readonly root: string }[] {
  return paths.map((one) => resolve(one)).flatMap((path) => {
    if (!existsSync(path)) throw new UsageError(`There is no ${path}.`);
    const scenarios = statSync(path).isDirectory() ? scenariosIn(path) : [path];
    return scenarios.map((scenario) => ({ scenario, root: packageOf(scenario) }));
  });
}

function scenariosIn(folder: string): string[] {
  return globSync([SCENARIOS], { cwd: folder, absolute: true, ignore: ["**/node_modules/**"] }).sort();
}

async function withoutScenario(root: string, common: Omit<Job, "root">): Promise<Job> {
  const entries = common.entries ?? (await findEntries(root));
  return { ...common, root, entries, made: makeValues(entries) };
}

/** The nearest folder above a file that has a package.json. */
function packageOf(file: string): string {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    if (existsSync(join(dir, "package.json"))) return dir;
    if (dirname(dir) === dir) return dirname(file);
  }
}

/** Does a job in as many processes, one after the other, as its memory takes. */
async function inChildren(job: Job, options: VerifyOptions): Promise<JobReport> {
  let report = await inChild(job, options);
  while (report.rest !== undefined) report = await inChild({ ...job, rest: report.rest, spent: report.scenario.milliseconds }, options);
  return report;
}

async function inChild(job: Job, { onProgress, child = fileURLToPath(new URL("./child.js", import.meta.url)) }: VerifyOptions): Promise<JobReport> {
  const what = job.scenario ?? job.root;
  const worker = fork(child, { cwd: job.root, stdio: ["ignore", "ignore", "pipe", "ipc"], serialization: "advanced", execArgv: [] });
  let said = "";
  worker.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4_000);
  });
  try {
    worker.send(job);
    const message = await lastMessage(worker, what, (done, total) => onProgress?.(what, done, total));
    if (message.kind === "report") return message.report;
    if (message.kind === "usage") throw new UsageError(message.message);
    throw new Error(`${what}: ${message.kind === "failure" ? message.text : ""}`);
  } catch (error) {
    if (error instanceof Error && said !== "" && !(error instanceof UsageError)) error.message += `\n${said}`;
    throw error;
  } finally {
    worker.kill("SIGKILL");
  }
}

function lastMessage(worker: ChildProcess, what: string, onProgress: (done: number, total: number) => void): Promise<ChildMessage> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const listen = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => reject(new UsageError(`${what}: its code has not paused for ${SILENCE / 1_000} s: there is a loop in it that waits for nothing.`)), SILENCE);
    };
    listen();
    worker.on("message", (message: ChildMessage) => {
      listen();
      if (message.kind === "progress") return onProgress(message.done, message.total);
      clearTimeout(timer);
      resolve(message);
    });
    worker.once("error", reject);
    worker.once("exit", (code, signal) => {
      clearTimeout(timer);
      reject(new Error(`The process that ran ${what} ended (${signal ?? code}) before it reported.`));
    });
  });
}
