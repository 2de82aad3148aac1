import { UsageError } from "../errors.js";
import type { Journal } from "../runtime/journal.js";
import type { DurableServer } from "../runtime/server.js";
import type { Io } from "./io.js";

/** The options of `restate-to-resonate dev`, as commander gives them. */
export interface DevFlags {
  readonly journal?: string;
  readonly port?: number;
  readonly fsync?: boolean;
}

/** The process around the command. */
export interface DevProcess {
  /** Node's version, without the `v`. */
  readonly node: string;
  /** Resolves when somebody wants the command to end. */
  interrupted(): Promise<void>;
}

/** The oldest Node that runs `@resonatehq/sdk` 0.11.5. */
const OLDEST_NODE = 22;

/**
 * Runs a durable server for development on the loopback interface until the process is interrupted. Gives exit code 0.
 * Throws UsageError where Node is too old, the port is taken, or the journal cannot be used or written.
 */
export async function dev(flags: DevFlags, io: Io, around: DevProcess = thisProcess()): Promise<number> {
  if (Number.parseInt(around.node, 10) < OLDEST_NODE) {
    throw new UsageError(`dev runs Resonate's SDK, which needs Node ${OLDEST_NODE} or newer; this is Node ${around.node}.`);
  }
  // Loaded only here: the other commands work without the SDK, and on an older Node.
  const { Journal } = await import("../runtime/journal.js");
  const journal = flags.journal === undefined ? undefined : unusable(() => Journal.open(flags.journal ?? "", { fsync: flags.fsync }));
  try {
    await serve(flags.port ?? 0, journal, io, around);
  } finally {
    journal?.close();
  }
  return 0;
}

async function serve(port: number, journal: Journal | undefined, io: Io, around: DevProcess): Promise<void> {
  const { JournalError } = await import("../runtime/journal-error.js");
  const { DurableServer } = await import("../runtime/server.js");
  const { startHost } = await import("../runtime/http-host.js");
  const server = new DurableServer({ journal });
  const failure = new AbortController();
  const onFailure = (error: Error): void => failure.abort(error instanceof JournalError ? new UsageError(error.message) : error);
  const host = await startHost(server, { port, onFailure }).catch((error: unknown) => {
    throw portError(error, port);
  });
  try {
    io.out(greeting(host.url, server, journal));
    await Promise.race([around.interrupted(), aborted(failure.signal)]);
    failure.signal.throwIfAborted();
  } finally {
    await host.close();
  }
}

function greeting(url: string, server: DurableServer, journal: Journal | undefined): string {
  const { promises, pending } = server.counts;
  const kept = journal === undefined
    ? "It keeps everything in memory; --journal <file> keeps it in a file."
    : `The journal ${journal.file} holds ${promises} ${promises === 1 ? "promise" : "promises"}, ${pending} of them pending.`;
  const repaired = journal?.repaired === undefined ? "" : `${journal.repaired}\n`;
  return `A durable server for development, for programs on this machine. ${kept}\n${repaired}\n  export RESONATE_URL=${url}\n\nCtrl-C ends it.\n`;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function unusable<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function portError(error: unknown, port: number): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") return new UsageError(`Port ${port} is taken by another program. Choose another with --port, or leave it out to get a free one.`);
  return new UsageError(`The server could not listen on port ${port}: ${message}`);
}

function thisProcess(): DevProcess {
  const interrupted = (): Promise<void> =>
    new Promise((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
    });
  return { node: process.versions.node, interrupted };
}
