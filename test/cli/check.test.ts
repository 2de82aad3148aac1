import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkCatalogue } from "../../src/check/catalogue.js";
import { packageInfo } from "../../src/cli/package-info.js";
import { run } from "../../src/cli/program.js";
import type { Tools } from "../../src/cli/tools.js";
import { discoverProject } from "../../src/project/discover.js";
import { layTree } from "../project/temporary-tree.js";

const UNSAFE = `import type { Context } from "@resonatehq/sdk";\n\nexport function* order(ctx: Context) {\n  const at = Date.now();\n  ctx.sleep(at);\n}\n`;
const SAFE = UNSAFE.replace("Date.now()", "yield* ctx.date.now()").replace("  ctx.sleep", "  yield* ctx.sleep");

async function check(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text), colour: false, interactive: false };
  // `check` uses none of the tools that plan and write.
  const code = await run(["check", ...args], io, { ...packageInfo(), discover: discoverProject } as Tools);
  return { code, out, err };
}

test("ends with 0 and says so where there is nothing to find", async () => {
  const { code, out, err } = await check(layTree({ "package.json": "{}", "a.ts": SAFE }));
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toBe("Nothing found (1 source file searched, 1 of them for what is unsafe on Resonate)\n");
});

test("prints findings by code with their places and the way out, and ends with 1", async () => {
  const { code, out } = await check(layTree({ "a.ts": UNSAFE }));
  expect(code).toBe(1);
  expect(out).toMatch(/^C0101 An operation of a context is not yielded, so it never happens\.\n {2}\S*a\.ts:5:3 {2}ctx\.sleep\(at\) is dropped\n {2}help: Write `yield\*` before it\.\n\nC0104 [^]*a\.ts:4:14 {2}Date\.now\(\)\n[^]*\n2 findings \(/);
});

test("one file can be checked, with its package", async () => {
  const dir = layTree({ "package.json": '{ "dependencies": { "@restatedev/restate-sdk": "1" } }', "a.ts": UNSAFE, "b.ts": UNSAFE });
  const { out } = await check(`${dir}/a.ts`, "--format", "json");
  const { findings } = JSON.parse(out) as { findings: { code: string; file: string }[] };
  expect(findings.map(({ code, file }) => `${code} ${file.slice(file.lastIndexOf("/") + 1)}`)).toEqual(["C0104 a.ts", "C0101 a.ts", "C0003 package.json"]);
});

test("a file that does not parse is reported, and the others are searched", async () => {
  const { code, out } = await check(layTree({ "a.ts": UNSAFE, "b.ts": `import "@resonatehq/sdk"; const x = ;` }));
  expect(code).toBe(1);
  expect(out).toMatch(/C0011 [^]*b\.ts:1:\d+ {2}Expression expected\n/);
  expect(out).toContain("3 findings");
});

test.each([[["/nowhere/at/all"], /does not exist/], [[], /missing required argument/], [[".", "--format", "xml"], /Allowed choices/], [[".", "--update-baseline"], /--baseline <file>/]])("bad input ends with 2: %j", async (args, message) => {
  const { code, err } = await check(...args);
  expect(code).toBe(2);
  expect(err).toMatch(message);
});

test("a folder without sources, and what is no baseline, end with 2", async () => {
  const dir = layTree({ "a.ts": UNSAFE, "docs/a.md": "text", "list.json": '[{ "code": "C0104" }]' });
  expect(await check(`${dir}/docs`)).toMatchObject({ code: 2, err: expect.stringMatching(/no source file to check in .*docs/) as string });
  expect(await check(dir, "--baseline", `${dir}/none.json`)).toMatchObject({ code: 2, err: expect.stringMatching(/none\.json is no baseline/) as string });
  expect(await check(dir, "--baseline", `${dir}/list.json`)).toMatchObject({ code: 2, err: expect.stringMatching(/not a list of/) as string });
});

test("what the baseline lists passes, also when its lines move; what is new does not", async () => {
  const dir = layTree({ "src/a.ts": UNSAFE });
  const baseline = `${dir}/baseline.json`;
  expect((await check(dir, "--baseline", baseline, "--update-baseline")).code).toBe(0);
  expect(JSON.parse(readFileSync(baseline, "utf8"))).toEqual(["C0101", "C0104"].map((code) => ({ code, file: "src/a.ts", hash: expect.stringMatching(/^[\da-f]{16}$/) as string })));
  expect(await check(dir, "--baseline", baseline)).toMatchObject({ code: 0, out: expect.stringContaining("Nothing found, 2 more in the baseline") as string });

  const moved = layTree({ "src/a.ts": `// moved\n\n${UNSAFE}`, "baseline.json": readFileSync(baseline, "utf8") });
  expect((await check(moved, "--baseline", `${moved}/baseline.json`)).code).toBe(0);

  // The same line a second time is new: each entry covers one.
  const more = layTree({ "src/a.ts": UNSAFE.replace("  ctx.sleep(at);\n", "  ctx.sleep(at);\n  ctx.sleep(at);\n"), "baseline.json": readFileSync(baseline, "utf8") });
  const { code, out } = await check(more, "--baseline", `${more}/baseline.json`, "--format", "json");
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({ inBaseline: 2, findings: [{ code: "C0101", line: 6 }] });
});

test("GitHub annotations have one line each, with what has to be escaped escaped", async () => {
  const { code, out } = await check(layTree({ "a,b.ts": UNSAFE.replace("Date.now()", "Date.now(/* 100% */)") }), "--format", "github");
  expect(code).toBe(1);
  const lines = out.trimEnd().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/^::error file=\S*a%2Cb\.ts,line=4,col=14,title=C0104::This runs again on every replay, .*: Date\.now\(\/\* 100%25 \*\/\)\. Take /);
});

interface Log {
  readonly $schema: string;
  readonly version: string;
  readonly runs: { tool: { driver: { name: string; rules: { id: string; shortDescription: { text: string } }[] } }; results: Result[] }[];
}

interface Result {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number; startColumn: number } } }[];
}

test("a log has what SARIF 2.1.0 and GitHub's code scanning require", async () => {
  const { out } = await check(layTree({ "a b.ts": UNSAFE }), "--format", "sarif");
  const log = JSON.parse(out) as Log;
  expect(log.version).toBe("2.1.0");
  expect(log.$schema).toMatch(/^https:.*2\.1\.0\.json$/);
  const [{ tool, results } = { tool: undefined, results: [] }, ...others] = log.runs;
  expect(others).toEqual([]);
  expect(tool?.driver.name).toBe("restate-to-resonate");
  expect(tool?.driver.rules.map(({ id }) => id)).toEqual(checkCatalogue.map(({ code }) => code));
  for (const { shortDescription } of tool?.driver.rules ?? []) expect(shortDescription.text).toMatch(/\w\.$/);
  // `ruleIndex` has to point at the rule; regions count from 1; locations are URI references.
  expect(results.map(({ ruleId }) => ruleId)).toEqual(["C0104", "C0101"]);
  for (const { ruleId, ruleIndex, level, message, locations } of results) {
    expect(tool?.driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(["none", "note", "warning", "error"]).toContain(level);
    expect(message.text).not.toBe("");
    expect(locations).toHaveLength(1);
    const [{ physicalLocation } = { physicalLocation: undefined }] = locations;
    expect(physicalLocation?.artifactLocation.uri).toMatch(/a%20b\.ts$/);
    expect(physicalLocation?.region.startLine).toBeGreaterThan(3);
    expect(physicalLocation?.region.startColumn).toBeGreaterThan(0);
  }
});

test("explain knows the codes of check", async () => {
  let out = "";
  const code = await run(["explain", "c0104"], { out: (text) => void (out += text), err: () => undefined, colour: false, interactive: false }, { ...packageInfo() } as Tools);
  expect(code).toBe(0);
  expect(out).toMatch(/^C0104 {2}found by check\n\nThis runs again on every replay[^]*Way out: {3}Take the time from/);
});

test("every code has a number of its own, a message around its subject and a way out", () => {
  expect(new Set(checkCatalogue.map(({ code }) => code)).size).toBe(checkCatalogue.length);
  for (const { code, message, help } of checkCatalogue) {
    expect(code).toMatch(/^C\d{4}$/);
    expect(message("here it is")).toContain("here it is");
    expect(help).toMatch(/\w/);
  }
});
