import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { showsColour } from "../../src/cli/io.js";
import { run } from "../../src/cli/program.js";
import type { Tools } from "../../src/cli/tools.js";
import { UsageError } from "../../src/errors.js";
import type { FileChange, MigrateOptions, Migration } from "../../src/migration.js";
import { discoverProject } from "../../src/project/discover.js";
import type { Project } from "../../src/project/project.js";
import { writeAll } from "../../src/project/write.js";
import { layTree } from "../project/temporary-tree.js";
import { diagnosticAt, migrationOf } from "../report/migrations.js";

const SOURCE = `import "@restatedev/restate-sdk";\nawait ctx.run(f);\n`;

/** Stands in for the pipeline: one rewrite, on the real project. */
function planOneRewrite(project: Project): Migration {
  const changes = [...project.files.values()].map(({ path, text }): FileChange => {
    return { path, change: "edited", before: text, after: text.replace("await", "yield*").replace("@restatedev/restate-sdk", "@resonatehq/sdk") };
  });
  return migrationOf({ root: project.root, changes, sites: { migrated: changes.length, "migrated-with-note": 0, left: 0 } });
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function runWith(argv: string[], tools: Partial<Tools> = {}, io: { colour?: boolean; interactive?: boolean } = {}): Promise<Ended> {
  let [out, err] = ["", ""];
  const code = await run(
    argv,
    { out: (text) => void (out += text), err: (text) => void (err += text), colour: false, interactive: false, ...io },
    {
      version: "1.2.3",
      bugs: "https://bugs.example",
      transforms: ["steps", "time"],
      discover: discoverProject,
      plan: planOneRewrite,
      guard: () => undefined,
      write: writeAll,
      ...tools,
    },
  );
  return { code, out, err };
}

describe("a dry run", () => {
  test("prints the diff and then the summary, writes nothing, ends with 0; with and without the command's name", async () => {
    const dir = layTree({ "a.ts": SOURCE });
    const ended = await runWith([dir]);
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(ended.out).toMatch(/^diff --git a\/a\.ts b\/a\.ts\n[^]*\+yield\* ctx\.run\(f\);\n[^]*Restate to Resonate: /);
    expect(readFileSync(`${dir}/a.ts`, "utf8")).toBe(SOURCE);
    expect(await runWith(["migrate", dir])).toEqual(ended);
  });

  test("ends with 1 where an error is reported or a place was left", async () => {
    const dir = layTree({ "a.ts": SOURCE });
    const withError = await runWith([dir], { plan: (project) => ({ ...planOneRewrite(project), diagnostics: [diagnosticAt(`${dir}/a.ts`, 2)] }) });
    expect(withError.code).toBe(1);
    expect(withError.out).toContain("R0001 ctx.awakeable was left\n    a.ts:2");
    const left = { migrated: 0, "migrated-with-note": 0, left: 1 };
    expect((await runWith([dir], { plan: (project) => ({ ...planOneRewrite(project), sites: left }) })).code).toBe(1);
  });
});

describe("--write", () => {
  test("applies the changes; the second run has nothing to do and says so", async () => {
    const dir = layTree({ "a.ts": SOURCE });
    const applied = await runWith([dir, "--write"]);
    expect(applied.code).toBe(0);
    expect(applied.out).toContain("written");
    expect(applied.out).not.toContain("diff --git");
    const text = readFileSync(`${dir}/a.ts`, "utf8");
    expect(text).toContain("yield* ctx.run(f)");
    const again = await runWith([dir, "--write"]);
    expect(again).toMatchObject({ code: 0, out: `Nothing to migrate: ${dir} is already on Resonate (1 file searched).\n` });
    expect(readFileSync(`${dir}/a.ts`, "utf8")).toBe(text);
  });

  test("refuses what the guard refuses, unless --force", async () => {
    const dir = layTree({ "a.ts": SOURCE });
    const guard = vi.fn(() => {
      throw new UsageError("uncommitted changes; --force");
    });
    expect(await runWith([dir, "--write"], { guard })).toMatchObject({ code: 2, out: "", err: "error: uncommitted changes; --force\n" });
    expect(guard).toHaveBeenCalledWith(dir, [`${dir}/a.ts`]);
    expect(readFileSync(`${dir}/a.ts`, "utf8")).toBe(SOURCE);
    expect((await runWith([dir, "--write", "--force"], { guard })).code).toBe(0);
    expect(readFileSync(`${dir}/a.ts`, "utf8")).not.toBe(SOURCE);
  });
});

describe("--json", () => {
  test("prints the manifest and nothing else, also where there is nothing to migrate", async () => {
    const dir = layTree({ "a.ts": SOURCE });
    const ended = await runWith([dir, "--json"], {}, { interactive: true });
    expect(ended).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(ended.out)).toMatchObject({ version: 1, files: [{ path: "a.ts", change: "edited" }] });
    const migrated = await runWith([layTree({ "a.ts": `import "@resonatehq/sdk";` }), "--json"]);
    expect(migrated.code).toBe(0);
    expect(JSON.parse(migrated.out)).toMatchObject({ version: 1, files: [], services: [] });
  });

  test("leaves stdout empty where the input is bad", async () => {
    expect(await runWith([`${layTree({})}/gone`, "--json"])).toMatchObject({ code: 2, out: "" });
  });
});

describe("bad use ends with 2 and says why on stderr", () => {
  test("no Restate code: what was searched", async () => {
    const dir = layTree({ "a.ts": "export {};", "b.js": "" });
    const ended = await runWith([dir]);
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toContain(`No Restate code found: nothing in ${dir}`);
    expect(ended.err).toMatch(/2 files searched.*\.ts \.tsx .*\.cjs/);
  });

  test("a mention of Restate that means nothing to the pipeline is no Restate code either", async () => {
    const dir = layTree({ "a.ts": "// see @restatedev/restate-sdk" });
    const ended = await runWith([dir], { plan: () => migrationOf({}) });
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toContain("though it is mentioned: 1 file");
    expect(await runWith([dir], { plan: () => migrationOf({ alreadyMigrated: true }) })).toMatchObject({ code: 0, err: "" });
  });

  test.each([
    [[], "missing required argument 'path'"],
    [["/nowhere/at/all"], "/nowhere/at/all does not exist"],
    [[".", "--names", "long"], "Allowed choices are short, qualified"],
    [[".", "--only", "steps,jokes"], "There is no jokes; there are steps, time"],
    [[".", "--only", ","], "at least one"],
    [[".", "--wrte"], "Did you mean --write?"],
    [[".", "--quiet", "--verbose"], "cannot be used with"],
  ])("%j", async (argv, message) => {
    const ended = await runWith(argv);
    expect(ended).toMatchObject({ code: 2, out: "" });
    expect(ended.err).toContain(message);
  });
});

test("anything else that is thrown ends with 3, its stack, and where to report it", async () => {
  const dir = layTree({ "a.ts": SOURCE });
  const ended = await runWith([dir], {
    plan: () => {
      throw new TypeError("oops");
    },
  });
  expect(ended).toMatchObject({ code: 3, out: "" });
  expect(ended.err).toMatch(/TypeError: oops\n\s+at [^]*bug in restate-to-resonate 1\.2\.3[^]*https:\/\/bugs\.example/);
});

test("--only: ends with 1, because the edits that were left out are still to do; with all of them, as ever", async () => {
  const dir = layTree({ "a.ts": SOURCE });
  const partial = await runWith([dir, "--only", "steps"]);
  expect(partial.code).toBe(1);
  expect(partial.out).toContain("Only steps: ");
  const whole = await runWith([dir, "--only", "time,steps"]);
  expect(whole.code).toBe(0);
  expect(whole.out).not.toContain("Only ");
});

test("options reach the pipeline", async () => {
  const dir = layTree({ "a.ts": SOURCE });
  const plan = vi.fn((project: Project, _options: MigrateOptions) => planOneRewrite(project));
  await runWith([dir, "--names", "qualified", "--only", "steps,time"], { plan });
  expect(plan.mock.calls[0]?.[1]).toMatchObject({ names: "qualified", only: ["steps", "time"] });
  await runWith([dir], { plan });
  expect(plan.mock.calls[1]?.[1]).toMatchObject({ names: "short", only: undefined });
});

test("--help shows the options, examples and exit codes; --version the version", async () => {
  for (const argv of [["--help"], ["migrate", "--help"]]) {
    const help = await runWith(argv);
    expect(help).toMatchObject({ code: 0, err: "" });
    expect(help.out).toMatch(/--write[^]*--names[^]*--only[^]*Examples:[^]*Exit codes/);
  }
  expect(await runWith(["--version"])).toEqual({ code: 0, out: "1.2.3\n", err: "" });
});

describe("progress", () => {
  test("is a line on stderr that goes away, for a person who watches and did not say --quiet", async () => {
    const dir = layTree({ "a.ts": SOURCE });
    const watched = await runWith([dir], {}, { interactive: true });
    expect(watched.err).toMatch(/^\r\x1b\[K.*\r\x1b\[K$/);
    expect((await runWith([dir, "--quiet"], {}, { interactive: true })).err).toBe("");
    expect((await runWith([dir])).err).toBe("");
  });

  test("is gone before an error is printed", async () => {
    const discover: Tools["discover"] = (_, onProgress) => {
      onProgress("reading", "a.ts");
      throw new UsageError("bad");
    };
    expect((await runWith(["."], { discover }, { interactive: true })).err).toBe("\r\x1b[Kreading a.ts\r\x1b[Kerror: bad\n");
  });
});

test("--quiet prints no diff", async () => {
  expect((await runWith([layTree({ "a.ts": SOURCE }), "--quiet"])).out).not.toContain("diff --git");
});

test("colour: NO_COLOR wins over FORCE_COLOR, which wins over the terminal", () => {
  expect(showsColour(true, {})).toBe(true);
  expect(showsColour(false, {})).toBe(false);
  expect(showsColour(true, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(false);
  expect(showsColour(true, { NO_COLOR: "" })).toBe(true);
  expect(showsColour(false, { FORCE_COLOR: "1" })).toBe(true);
  expect(showsColour(true, { FORCE_COLOR: "0" })).toBe(false);
  expect(showsColour(true, { TERM: "dumb" })).toBe(false);
});
