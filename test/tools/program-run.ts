import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inspect, isDeepStrictEqual } from "node:util";
import ts from "typescript";
import type { Migrated } from "./migrate-texts.js";
import type { Placed } from "./program-checks.js";
import type { ProgramCall, ProgramJob, ProgramRun, Seen } from "./program-driver.js";

const repository = fileURLToPath(new URL("../../", import.meta.url));
const driver = fileURLToPath(new URL("./program-driver.ts", import.meta.url));
const tsxLoader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const processLimit = 90_000;

/** Restate as far as programs without time, state and failures need it: definitions are what they are made of. */
const standIn = `
const plain = (definition) => definition;
export const service = plain;
export const handlers = { handler: (options, fn) => fn };
export const createServiceHandler = (options, fn) => fn;
export const serve = () => {};
export const endpoint = () => ({});
export const rpc = {};
export class TerminalError extends Error {}
`;

/** Runs every handler that was migrated, original and migrated, in one child process. Throws where the process dies or hangs. */
export async function runBoth(placed: readonly Placed[], { before, after, migration }: Migrated): Promise<ProgramRun[]> {
  const root = mkdtempSync(join(tmpdir(), "restate-to-resonate-programs-"));
  try {
    writeAll(join(root, "before"), before);
    writeAll(join(root, "after"), after);
    writeAll(join(root, "before"), { "node_modules/@restatedev/restate-sdk/package.json": `{"type":"module","main":"index.js"}`, "node_modules/@restatedev/restate-sdk/index.js": standIn });
    symlinkSync(join(repository, "node_modules"), join(root, "after/node_modules"));
    const registered = new Map(migration.packages.flatMap(({ services }) => services.flatMap((service) => service.handlers.map((handler) => [`${service.name}.${handler.name}`, handler.registeredAs] as const))));
    return await runJob({ root, calls: placed.flatMap((program) => callsOf(program, registered)) });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** How two runs of a call differ, one line for each difference. */
export function differencesOf({ call, original, migrated }: ProgramRun): string[] {
  const same = isDeepStrictEqual(original, migrated);
  return same ? [] : [`${call.dir}/ ${call.service}.${call.handler}(${inspect(call.args)}):\n  original ${shownRun(original)}\n  migrated ${shownRun(migrated)}`];
}

function shownRun(seen: Seen): string {
  return inspect(seen, { depth: 5, breakLength: Infinity, maxArrayLength: null });
}

function callsOf({ dir, program }: Placed, registered: ReadonlyMap<string, string>): ProgramCall[] {
  return program.services.flatMap((service, index) =>
    service.handlers.flatMap(({ name, input }) => {
      const registeredAs = registered.get(`${service.name}.${name}`);
      const args = { none: [], typed: [4], default: [2], pattern: [{ n: 3 }] }[input];
      return registeredAs === undefined ? [] : [{ dir, service: service.name, variable: `svc${index}`, handler: name, registeredAs, args }];
    }),
  );
}

function writeAll(root: string, texts: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries({ "package.json": `{"type":"module"}`, ...texts })) {
    const target = join(root, path.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, path.endsWith(".ts") ? withoutTypes(text) : text);
  }
}

function withoutTypes(text: string): string {
  return ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } }).outputText;
}

async function runJob(job: ProgramJob): Promise<ProgramRun[]> {
  const { RESONATE_URL: _url, ...env } = process.env;
  const child = fork(driver, { execPath: join(repository, "node_modules/.bin/node"), execArgv: ["--import", tsxLoader], stdio: ["ignore", "ignore", "pipe", "ipc"], serialization: "advanced", env });
  const written: string[] = [];
  child.stderr?.on("data", (chunk: Buffer) => written.push(chunk.toString()));
  const limit = AbortSignal.timeout(processLimit);
  const ended = once(child, "exit", { signal: limit }).then(([code]) => {
    throw new Error(`the process ended (${String(code)}) before it reported: ${written.join("")}`);
  });
  try {
    child.send(job);
    const [runs] = (await Promise.race([once(child, "message", { signal: limit }), ended])) as [ProgramRun[]];
    ended.catch(() => undefined); // it ends now because it is told to
    return runs;
  } finally {
    child.kill("SIGKILL");
  }
}
