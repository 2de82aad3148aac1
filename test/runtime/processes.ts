import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll } from "vitest";

const PROGRAMS = fileURLToPath(new URL("programs/", import.meta.url));

/** A folder for a test file's own files; it goes with the last test. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "restate-to-resonate-runtime-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Bundles programs of test/runtime/programs with all they import, so that a process starts in a tenth of a second. Gives their files. */
export async function bundle(folder: string, names: readonly string[]): Promise<string[]> {
  const entryPoints = names.map((name) => join(PROGRAMS, `${name}.ts`));
  await build({ entryPoints, outdir: folder, outExtension: { ".js": ".cjs" }, bundle: true, platform: "node", format: "cjs", logLevel: "error" });
  return names.map((name) => join(folder, `${name}.cjs`));
}

/** A program under test. */
export interface Running {
  readonly process: ChildProcess;
  /** What its output says so far, both streams. */
  output(): string;
  /** Gives the first line of its standard output that matches; rejects with its output where it ends before. */
  line(pattern: RegExp): Promise<string>;
  /** Kills it as `kill -9` does, and resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts a Node program; `env` is added to the environment. Whoever starts it ends it. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  let text = "";
  const waiting = new Set<() => void>();
  const ended = once(child, "close").then(() => waiting.forEach((look) => look()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    text += `${line}\n`;
    waiting.forEach((look) => look());
  });
  return {
    process: child,
    output: () => text,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined && child.exitCode === null && child.signalCode === null) return;
          waiting.delete(look);
          if (found === undefined) reject(new Error(`${args.join(" ")} ended without a line like ${String(pattern)}:\n${text}`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
