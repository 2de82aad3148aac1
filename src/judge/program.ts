import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Bundle, bundleProgram } from "../verify/bundle.js";
import { processesOf } from "../verify/entries.js";
import { readEffects } from "./outside-world.js";
import type { CrashPoint } from "./worker-job.js";
import { WorkerProcess, workerModule } from "./worker-process.js";

/** A program as it lies on the disk. Paths are absolute. */
export interface ProgramFiles {
  readonly root: string;
  /** The modules that start it. */
  readonly entries: readonly string[];
  readonly effects?: { readonly module: string; readonly export: string };
  readonly env?: Readonly<Record<string, string>>;
  readonly replace?: ReadonlyMap<string, string>;
}

/** A program that is ready to be started any number of times. */
export interface Prepared extends ProgramFiles {
  /** The entries, by the process that they run in. */
  readonly processes: readonly (readonly string[])[];
  readonly bundle: Bundle;
  readonly worker: string;
  remove(): void;
}

/** Puts a program together. `worker` is the compiled module that its processes run. Throws UsageError where it cannot be read or compiled. */
export async function prepare(files: ProgramFiles, worker = workerModule): Promise<Prepared> {
  const modules = [...files.entries, ...(files.effects === undefined ? [] : [files.effects.module])];
  const bundle = await bundleProgram({ root: files.root, modules: [...new Set(modules)], replace: files.replace ?? new Map() });
  const processes = processesOf(files.entries, bundle.graph);
  return { ...files, processes, bundle, worker, remove: () => rmSync(dirname(fileURLToPath(bundle.url)), { recursive: true, force: true }) };
}

const ATTEMPTS = 3;
const PAUSE_BEFORE_ATTEMPT = 500;

/** What the surroundings of a program want to know and say. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly origins: Readonly<Record<string, string>>;
  /** The SDK's module, where the program runs on Resonate. */
  readonly sdk?: string;
  readonly onListening: (port: number) => void;
  /** A process was lost, and is about to be started again. */
  readonly onLost: (pids: readonly string[]) => void;
}

/** The processes of a program in one run, with a folder for what outlives them. */
export class RunningProgram {
  private readonly folder = mkdtempSync(join(tmpdir(), "restate-to-resonate-run-"));
  private readonly processes: WorkerProcess[];
  private restarts: Promise<void>[] = [];
  private failure: Error | undefined;
  private ended = false;

  constructor({ processes, bundle, effects, env, worker }: Prepared, surroundings: Surroundings, crash?: CrashPoint) {
    const common = { bundle: bundle.url, effects, sdk: surroundings.sdk, folder: this.folder, crash, origins: surroundings.origins, env: { ...env, ...surroundings.env } };
    this.processes = processes.map((entries, index) => {
      const onLost = (pids: readonly string[]): void => {
        if (this.ended) return;
        surroundings.onLost(pids);
        this.restarts.push(this.begin(process));
      };
      const process: WorkerProcess = new WorkerProcess({ ...common, entries, name: `process-${index}` }, { onListening: surroundings.onListening, onLost }, worker);
      return process;
    });
  }

  /** Starts all processes; resolves when their modules are loaded. */
  async start(): Promise<void> {
    await Promise.all(this.processes.map((process) => this.begin(process)));
    this.check();
  }

  /** Resolves when every process that was lost runs again. */
  async restarted(): Promise<void> {
    await Promise.all(this.restarts);
  }

  /** Throws what a process could not be started for. */
  check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  effects(): unknown[] {
    return readEffects(this.folder);
  }

  lose(): void {
    for (const process of this.processes) process.lose();
  }

  lastWords(): string {
    return this.processes.map((process) => process.lastWords).join("\n");
  }

  async end(): Promise<void> {
    this.ended = true;
    await Promise.all(this.processes.map((process) => process.end()));
    await Promise.all(this.restarts);
    await Promise.all(this.processes.map((process) => process.end()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A program may need its own services to be loaded to its end: it is started again, as whoever hosts it does. */
  private async begin(process: WorkerProcess): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await (attempts === 1 ? process.start() : process.restart());
      } catch (error) {
        if (this.ended) return;
        if (attempts === ATTEMPTS) {
          this.failure ??= error as Error;
          return;
        }
        await pause(PAUSE_BEFORE_ATTEMPT);
      }
    }
  }
}
