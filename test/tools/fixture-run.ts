import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Migration, PackageMigration } from "../../src/migration.js";
import { workflowIdOf } from "../../src/judge/steps.js";
import type { Fixture, ScenarioCall } from "./fixture.js";
import type { DriverCall, DriverJob, DriverReport } from "./fixture-driver.js";
import type { Plan } from "./fixture-plan.js";
import { readTree, relativePath } from "./fixture-tree.js";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const driver = fileURLToPath(new URL("./fixture-driver.ts", import.meta.url));
const node = join(repository, "node_modules/.bin/node");
const tsxLoader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** Longer than any one limit inside the driver: only a process that hangs as a whole reaches it. */
const processLimit = 30_000;

/** Says what the driver has to load and call for a fixture. Throws where the plan does not serve a handler that the scenario calls. */
export function jobOf(fixture: Fixture, plan: Plan): DriverJob {
  const migrated = servedPackage(plan.migration);
  const place = (path: string): string => join(fixture.after, relativePath(plan.root, path));
  return {
    name: fixture.name,
    commonjs: isCommonJs(fixture.after, migrated.resonateModule),
    entries: migrated.entries.map(place),
    resonateModule: place(migrated.resonateModule),
    effectsModule: join(fixture.after, effectsModule(fixture.after)),
    calls: (fixture.scenario.calls ?? []).map((call) => driverCall(migrated, call)),
  };
}

/** Runs a job in a process of its own. Throws, with what the process wrote to stderr, where it dies or hangs. */
export async function runJob(job: DriverJob, cwd: string): Promise<DriverReport> {
  const child = fork(driver, {
    cwd,
    execPath: node,
    execArgv: ["--import", tsxLoader],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    serialization: "advanced", // keeps `undefined`
    env: localEnvironment(),
  });
  const written: string[] = [];
  child.stderr?.on("data", (chunk: Buffer) => written.push(chunk.toString()));
  try {
    const report = await reportOf(child, job);
    return report.failure === undefined ? report : { ...report, failure: withoutFrames([report.failure, ...written]) };
  } catch (error) {
    throw new Error(withoutFrames([error instanceof Error ? error.message : String(error), ...written]));
  } finally {
    child.kill("SIGKILL");
  }
}

/** Another process's stack frames, written so that the test runner does not take them for its own. */
function withoutFrames(texts: readonly string[]): string {
  return texts.join("\n").replace(/^(\s*)at /gm, "$1in ");
}

function reportOf(child: ChildProcess, job: DriverJob): Promise<DriverReport> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The process did not report within ${processLimit} ms.`)), processLimit);
    const settle = (settled: () => void) => {
      clearTimeout(timer);
      settled();
    };
    child.once("message", (report: DriverReport) => settle(() => resolve(report)));
    child.once("error", (error) => settle(() => reject(error)));
    child.once("exit", (code, signal) => settle(() => reject(new Error(`The process ended (${signal ?? code}) before it reported.`))));
    child.send(job);
  });
}

/** Local mode, whatever the shell says; a Restate endpoint that is left listens on any free port. */
function localEnvironment(): NodeJS.ProcessEnv {
  const { RESONATE_URL: _url, DATABASE_URL: _database, ...rest } = process.env;
  return { ...rest, PORT: "0" };
}

type ServedPackage = PackageMigration & { readonly resonateModule: string };

function servedPackage({ packages }: Migration): ServedPackage {
  const served = packages.filter((candidate): candidate is ServedPackage => candidate.resonateModule !== null);
  const [first] = served;
  if (first === undefined || served.length > 1) throw new Error(`A scenario needs one package with a resonate module; the plan has ${served.length}.`);
  return first;
}

function driverCall(migrated: PackageMigration, call: ScenarioCall): DriverCall {
  const [service, name] = call.handler.split(".");
  const handler = migrated.services.find((one) => one.name === service)?.handlers.find((one) => one.name === name);
  if (handler === undefined) throw new Error(`The plan serves no ${call.handler}.`);
  if ("input" in call && !handler.takesInput) throw new Error(`${call.handler} is called with input and the plan says it takes none.`);
  if (handler.takesKey !== (call.key !== undefined)) throw new Error(`${call.handler} is called ${handler.takesKey ? "without" : "with"} a key.`);
  const args = [...(call.key === undefined ? [] : [call.key]), ...("input" in call ? [call.input] : [])];
  const workflow = migrated.services.find((one) => one.name === service)?.workflowId;
  const id = handler.mode === "run" && workflow !== undefined ? workflowIdOf(workflow, call.key ?? "") : undefined;
  return { label: call.handler, registeredAs: handler.registeredAs, args, waitForEffects: call.waitForEffects ?? 0, background: call.background ?? false, ...(id === undefined ? {} : { id }) };
}

/** A key as it stands in the id of a workflow: DESIGN.md, section 3. */
export function legalInId(key: string): string {
  return /[:%]/.test(key) ? encodeURIComponent(key) : key;
}

function effectsModule(dir: string): string {
  const found = [...readTree(dir).keys()].find((path) => /^effects\.[cm]?[jt]sx?$/.test(basename(path)));
  if (found === undefined) throw new Error(`${dir} has no effects module.`);
  return found;
}

function isCommonJs(dir: string, module: string): boolean {
  if (/\.m[jt]s$/.test(module)) return false;
  if (/\.c[jt]s$/.test(module)) return true;
  const manifest = JSON.parse(readFileSync(join(dir, "package.json"), "utf8").replace(/^\uFEFF/, "")) as { type?: string };
  return manifest.type !== "module";
}
