import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Resonate } from "@resonatehq/sdk";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { dev } from "../../src/cli/dev.js";
import { packageInfo } from "../../src/cli/package-info.js";
import { run } from "../../src/cli/program.js";
import type { Tools } from "../../src/cli/tools.js";
import { UsageError } from "../../src/errors.js";
import { Journal } from "../../src/runtime/journal.js";
import { create } from "./requests.js";
import { start, testFolder, type Running } from "./processes.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSX = ["--import", "tsx"];
const CLI = [...TSX, join(ROOT, "test/runtime/programs/cli.ts")];
const FOLDER = testFolder();

const running: Running[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()));
});

function started(args: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
  const one = start(args, env);
  running.push(one);
  return one;
}

async function urlOf(host: Running): Promise<string> {
  return (await host.line(/export RESONATE_URL=/)).replace(/.*=/, "");
}

async function exitCode({ process }: Running): Promise<number | null> {
  return process.exitCode ?? new Promise((resolve) => process.once("close", resolve));
}

/** Runs a command line in this process, where it is refused. */
async function refused(argv: readonly string[]): Promise<{ code: number; err: string }> {
  let err = "";
  const io = { out: () => expect.fail("it started"), err: (text: string) => void (err += text), colour: false, interactive: false };
  return { code: await run(["dev", ...argv], io, packageInfo() as Tools), err };
}

test("it starts, says where, ends with 0 on SIGTERM, and what it kept is there the next time", async () => {
  const journal = join(FOLDER, "dev.journal");
  for (const [signal, holds] of [["SIGTERM", "0 promises, 0 of them pending"], ["SIGINT", "1 promise, 1 of them pending"]] as const) {
    const host = started([...CLI, "dev", "--journal", journal, "--port", "0"]);
    const resonate = new Resonate({ url: await urlOf(host), group: "callers", logLevel: "error" });
    await resonate.promises.create("a", Number.MAX_SAFE_INTEGER);
    await resonate.stop();
    host.process.kill(signal);
    expect(await exitCode(host)).toBe(0);
    expect(host.output()).toContain(`The journal ${journal} holds ${holds}.`);
    expect(existsSync(`${journal}.lock`)).toBe(false);
  }
});

describe("it refuses, with exit code 2 and the reason,", () => {
  test("a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as { port: number };
    expect(await refused(["--port", String(port)])).toEqual({
      code: 2,
      err: `error: Port ${port} is taken by another program. Choose another with --port, or leave it out to get a free one.\n`,
    });
    other.close();
  });

  test.each(["http", "-1", "65536", "1.5"])("the port %s", async (port) => {
    const { code, err } = await refused([`--port=${port}`]);
    expect([code, err]).toEqual([2, expect.stringContaining("A port is a number from 0 to 65535.") as string]);
  });

  test("a journal that another process uses, is damaged, or cannot be made", async () => {
    const used = join(FOLDER, "used.journal");
    writeFileSync(`${used}.lock`, `${process.ppid}\n`);
    expect(await refused(["--journal", used])).toMatchObject({ code: 2, err: expect.stringContaining(`is in use by process ${process.ppid}`) as string });
    const damaged = join(FOLDER, "damaged.journal");
    writeFileSync(damaged, '{"journal":"restate-to-resonate","version":1}\n00000000 []\n');
    expect(await refused(["--journal", damaged])).toMatchObject({ code: 2, err: expect.stringMatching(/damaged: its record at offset 46/) as string });
    expect(await refused(["--journal", join(FOLDER, "none/x.journal")])).toMatchObject({ code: 2, err: expect.stringContaining("ENOENT") as string });
    expect(readFileSync(damaged, "utf8")).toContain("00000000 []");
  });

  test("a Node that cannot run the SDK, before it loads it", async () => {
    const io = { out: () => expect.fail("it started"), err: () => undefined, colour: false, interactive: false };
    const old = dev({}, io, { node: "20.18.1", interrupted: () => Promise.resolve() });
    await expect(old).rejects.toThrow(new UsageError("dev runs Resonate's SDK, which needs Node 22 or newer; this is Node 20.18.1."));
  });
});

test("a torn journal is repaired, and that is said", async () => {
  const journal = join(FOLDER, "torn.journal");
  writeFileSync(journal, '{"journal":"restate-to-resonate","version":1}\n12345678 [["pro');
  let out = "";
  const io = { out: (text: string) => void (out += text), err: () => undefined, colour: false, interactive: false };
  expect(await dev({ journal }, io, { node: "22.0.0", interrupted: () => Promise.resolve() })).toBe(0);
  expect(out).toContain(`The last record of ${journal} was torn and has been cut off (15 bytes at offset 46).`);
});

test("it ends with 2 and the reason when the journal can no longer be written", async () => {
  const journal = join(FOLDER, "full.journal");
  let url = "";
  const io = { out: (text: string) => void (url = /RESONATE_URL=(.*)/.exec(text)?.[1] ?? ""), err: () => undefined, colour: false, interactive: false };
  const append = vi.spyOn(Journal.prototype, "append").mockImplementation(() => {
    throw new Error("ENOSPC: no space left on device");
  });
  try {
    const ended = dev({ journal }, io, { node: "22.0.0", interrupted: () => new Promise(() => undefined) });
    const expected = expect(ended).rejects.toThrow(new UsageError(`The journal ${journal} could not be written: ENOSPC: no space left on device`));
    await expect.poll(() => url).not.toBe("");
    const response = await fetch(url, { method: "POST", body: JSON.stringify(create("a")) });
    expect(response.status).toBe(500);
    await expected;
  } finally {
    append.mockRestore();
  }
  expect(existsSync(`${journal}.lock`)).toBe(false);
});

test("the other commands do not load the SDK", () => {
  const loads = /^import (?!type).*(?:@resonatehq\/sdk|\.\.\/runtime\/)/m;
  for (const file of ["dev", "program", "main", "migrate"]) expect(readFileSync(join(ROOT, `src/cli/${file}.ts`), "utf8")).not.toMatch(loads);
});

describe("a migrated program of two processes", () => {
  const fixture = join(ROOT, "fixtures/endpoints/two-processes/after/src");
  beforeAll(() => expect(existsSync(join(fixture, "front.ts"))).toBe(true));

  test("finds its halves through the host", async () => {
    const RESONATE_URL = await urlOf(started([...CLI, "dev"]));
    for (const entry of ["front.ts", "kitchen-server.ts"]) started([...TSX, join(fixture, entry)], { RESONATE_URL });
    const caller = new Resonate({ url: RESONATE_URL, group: "callers", logLevel: "error" });
    try {
      expect(await caller.rpc("order-1", "order", "soup", caller.options({ target: "front" }))).toBe("here is your soup");
      expect(await caller.rpc("bill-1", "bill", 9.5, caller.options({ target: "front" }))).toBe(10);
    } finally {
      await caller.stop();
    }
  });
});
