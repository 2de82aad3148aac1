import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { UsageError } from "../errors.js";

/** A Restate server that was started here. */
export interface RestateServer {
  /** Where calls go: `http://127.0.0.1:<port>`. */
  readonly ingress: string;
  readonly admin: string;
  /** Ends it and removes its folder; resolves when it is gone. */
  stop(): Promise<void>;
}

const SERVER = "@restatedev/restate-server";
const START_LIMIT = 30_000;

/** What makes it quick and quiet: one partition, quick retries of what a lost worker left behind, nothing sent home. */
const ENVIRONMENT = {
  RESTATE_DISABLE_TELEMETRY: "true",
  DO_NOT_TRACK: "1",
  RESTATE_DEFAULT_NUM_PARTITIONS: "1",
  RESTATE_BIND_IP: "127.0.0.1",
  RESTATE_ADVERTISED_HOST: "127.0.0.1",
  RESTATE_LISTEN_MODE: "tcp",
  RESTATE_USE_RANDOM_PORTS: "true",
  RESTATE_LOG_FORMAT: "json",
  RESTATE_LOG_FILTER: "warn,restate=info",
  RESTATE_ROCKSDB_TOTAL_MEMORY_SIZE: "256 MiB",
  RESTATE_DEFAULT_RETRY_POLICY__INITIAL_INTERVAL: "50ms",
  RESTATE_DEFAULT_RETRY_POLICY__MAX_INTERVAL: "500ms",
};

/**
 * Gives the binary of Restate's server that the npm package brings for this machine, looked for from `folder` and then from
 * this package; undefined where it is not installed or there is none for this platform.
 */
export function findRestateServer(folder: string): string | undefined {
  for (const from of [pathToFileURL(join(folder, "package.json")).href, import.meta.url]) {
    try {
      const wrapper = createRequire(from).resolve(`${SERVER}/package.json`);
      return createRequire(wrapper).resolve(`${SERVER}-${process.platform}-${process.arch}/bin/restate-server`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return undefined;
}

/** As findRestateServer; throws UsageError that names the way out. */
export function demandRestateServer(folder: string): string {
  const found = findRestateServer(folder);
  if (found !== undefined) return found;
  throw new UsageError(
    `Restate's server is not installed, neither for ${folder} nor for restate-to-resonate itself, or there is none for ${process.platform}-${process.arch}. ` +
      `Run npm install --save-dev ${SERVER} (Linux and macOS).`,
  );
}

/**
 * The server, kept by a shell that ends it when its own input ends, so when this process does, however it ends. Arguments: the
 * server's folder, the binary.
 */
const KEEPER = `folder=$1; shift; trap '' INT TERM HUP; "$@" </dev/null & server=$!; exec >/dev/null 2>&1; read -r _; kill -9 $server; wait $server; rm -rf "$folder"`;

/** Starts a server on free ports of the loopback interface, in a temporary folder. Rejects, with what it said, where it does not start. */
export async function startRestateServer(binary: string): Promise<RestateServer> {
  const folder = mkdtempSync(join(tmpdir(), "restate-to-resonate-server-"));
  const keeper = spawn("/bin/sh", ["-c", KEEPER, "sh", folder, binary, "--base-dir", folder, "--node-name", "judge", "--no-logo"], {
    cwd: dirname(folder),
    env: { ...process.env, ...ENVIRONMENT },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const gone = new Promise<void>((resolve) => keeper.once("close", () => resolve()));
  const stop = async (): Promise<void> => {
    keeper.stdin.end();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await addresses(keeper)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The ports are free ones, so the server's log is the only place that says them. */
function addresses(keeper: ChildProcessWithoutNullStreams): Promise<{ ingress: string; admin: string }> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    const failed = (why: string): void => reject(new Error(`Restate's server ${why}:\n${said.slice(-20).join("\n")}`));
    const timer = setTimeout(() => failed(`did not start within ${START_LIMIT / 1_000} s`), START_LIMIT);
    const found = new Map<string, string>();
    keeper.stderr.on("data", (chunk: Buffer) => said.push(chunk.toString()));
    keeper.once("error", (error) => failed(error.message));
    // The log goes on being read: a full pipe would stop the server.
    createInterface({ input: keeper.stdout }).on("line", (line) => {
      said.push(line);
      if (said.length > 100) said.shift();
      note(parsed(line), found);
      const [ingress, admin] = [found.get(INGRESS), found.get(ADMIN)];
      if (ingress === undefined || admin === undefined || !found.has(LEADER)) return;
      clearTimeout(timer);
      resolve({ ingress, admin });
    });
  });
}

const INGRESS = "http-ingress-server";
const ADMIN = "admin-api-server";
/** Only then are calls taken. */
const LEADER = "became Leader";

interface LogLine {
  readonly fields?: { readonly message?: string };
  readonly span?: { readonly "server.port"?: number; readonly server_name?: string };
}

function note({ fields, span }: LogLine, found: Map<string, string>): void {
  if (fields?.message?.includes(LEADER)) found.set(LEADER, "");
  if (span?.server_name !== undefined && span["server.port"] !== undefined) found.set(span.server_name, `http://127.0.0.1:${span["server.port"]}`);
}

/** What is no line of the log, such as a panic, says nothing of addresses. */
function parsed(line: string): LogLine {
  return line.startsWith("{") ? (JSON.parse(line) as LogLine) : {};
}
