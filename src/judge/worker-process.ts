import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { WorkerJob, WorkerMessage, WorkerOrder } from "./worker-job.js";

/** The compiled module that a worker process runs. */
export const workerModule = fileURLToPath(new URL("./worker.js", import.meta.url));

/** Told of what happens to a worker process. */
export interface WorkerEvents {
  /** A server of the program listens on this port of the loopback interface. */
  readonly onListening: (port: number) => void;
  /** The process is gone, and nobody ended it. `pids` are the names under which it held tasks. */
  readonly onLost: (pids: readonly string[]) => void;
}

/** A program in a process of its own, which can be lost and started again. */
export class WorkerProcess {
  private child: ChildProcess | undefined;
  private readonly ports: number[] = [];
  private listened = 0;
  private written = "";
  private ended = false;

  /** `module` is the compiled worker. */
  constructor(
    private readonly job: Omit<WorkerJob, "ports">,
    private readonly events: WorkerEvents,
    private readonly module: string,
  ) {}

  /** What its last words were: the end of what it wrote to stderr. */
  get lastWords(): string {
    return this.written;
  }

  /** Starts the process; resolves when all entries are loaded or the process is gone. Rejects where one cannot be loaded. */
  async start(): Promise<void> {
    this.listened = 0;
    // What a test runner says of itself is not meant for the program.
    const { RESONATE_URL: _url, DATABASE_URL: _database, NODE_ENV: _mode, ...env } = process.env;
    const child = fork(this.module, { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: ["--enable-source-maps"], env: { ...env, ...this.job.env, PORT: "0" } });
    this.child = child;
    const pids: string[] = [];
    child.stderr?.on("data", (chunk: Buffer) => {
      this.written = (this.written + chunk.toString()).slice(-4_000);
    });
    const loaded = new Promise<void>((resolve, reject) => {
      child.on("message", (message: WorkerMessage) => {
        if (message.kind === "listening") this.listens(message.port);
        else if (message.kind === "client") pids.push(message.pid);
        else if (message.kind === "loaded") resolve();
        else reject(new Error(message.text));
      });
      child.once("error", reject);
      child.once("exit", () => {
        resolve();
        if (!this.ended && this.child === child) this.events.onLost(pids);
      });
    });
    child.send({ kind: "job", job: { ...this.job, ports: [...this.ports] } } satisfies WorkerOrder);
    await loaded;
  }

  /** Has the process end itself as `kill -9` would. */
  lose(): void {
    this.child?.send({ kind: "die" } satisfies WorkerOrder);
  }

  /** Ends the process and starts it again, as `start` does. */
  async restart(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    await endOf(child);
    await this.start();
  }

  /** Ends the process for good; resolves when it is gone. */
  async end(): Promise<void> {
    this.ended = true;
    await endOf(this.child);
  }

  private listens(port: number): void {
    this.ports[this.listened++] = port;
    this.events.onListening(port);
  }
}

async function endOf(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}
