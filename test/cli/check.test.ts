import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Ajv from "ajv";
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
  expect(out).toMatch(/^C0104 {2}error: found by check\n\nThis runs again on every replay[^]*Why: {7}After a crash[^]*Way out: {3}Take the time from/);
});

test("every code has a number of its own, a message around its subject and a way out", () => {
  expect(new Set(checkCatalogue.map(({ code }) => code)).size).toBe(checkCatalogue.length);
  for (const { code, message, why, help } of checkCatalogue) {
    expect(why).toMatch(/^[A-Z`].*\.$/);
    expect(code).toMatch(/^C\d{4}$/);
    expect(message("here it is")).toContain("here it is");
    expect(help).toMatch(/\w/);
  }
});

test("logs are valid by the schema of SARIF 2.1.0, and the schema would refuse what is not", async () => {
  const schema = JSON.parse(readFileSync(createRequire(import.meta.url).resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8")) as object;
  // The schema is of draft 4, whose own schema Ajv 6 carries for `addMetaSchema`.
  const ajv = new Ajv({ schemaId: "auto", validateSchema: false, allErrors: true });
  ajv.addMetaSchema(createRequire(import.meta.url)("ajv/lib/refs/json-schema-draft-04.json") as object);
  const validate = ajv.compile(schema);
  const errorsOf = (log: unknown): unknown[] => (validate(log) ? [] : (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`));

  const everything = layTree({
    "package.json": '{ "dependencies": { "@restatedev/restate-sdk": "1" } }',
    "src/a b.ts": UNSAFE.replace("  ctx.sleep", '  yield* ctx.beginRpc("x");\n  ctx.sleep'),
    "old.ts": 'import "@restatedev/restate-sdk";\nfetch("http://localhost:8080/Greeter/greet");',
  });
  const log = JSON.parse((await check(everything, "--format", "sarif")).out) as Log;
  expect(new Set(log.runs[0]?.results.map(({ ruleId }) => ruleId))).toEqual(new Set(["C0001", "C0003", "C0005", "C0101", "C0104", "C0112"]));
  expect(errorsOf(log)).toEqual([]);
  expect(errorsOf(JSON.parse((await check(layTree({ "a.ts": SAFE }), "--format", "sarif")).out))).toEqual([]);

  const wrong = structuredClone(log) as unknown as { runs: { results: { level: string; locations: { physicalLocation: { region: { startLine: number } } }[] }[] }[] };
  const [result] = wrong.runs[0]?.results ?? [];
  if (!result?.locations[0]) throw new Error("there is a result");
  result.level = "fatal";
  result.locations[0].physicalLocation.region.startLine = 0;
  expect(errorsOf(wrong)).toHaveLength(2);
});

const config = (rules: object): string => JSON.stringify({ rules });

test("the configuration weakens rules, for a reason; warnings do not fail a run", async () => {
  const off = layTree({ "src/a.ts": UNSAFE, "restate-to-resonate.config.json": config({ C0101: { severity: "off", reason: "legacy" }, C0104: { severity: "warn", reason: "being mended" } }) });
  for (const path of [off, `${off}/src`, `${off}/src/a.ts`]) {
    const { code, out } = await check(path);
    expect(code).toBe(0);
    expect(out).toMatch(/^C0104 [^]*\n1 finding, only a warning \(/);
  }
  expect((await check(off, "--format", "github")).out).toMatch(/^::warning file=.*title=C0104/);
  const [{ results } = { results: [] }] = (JSON.parse((await check(off, "--format", "sarif")).out) as Log).runs;
  expect(results.map(({ level }) => level)).toEqual(["warning"]);
});

test("rules that warn can be made errors, and another configuration can be named", async () => {
  const dir = layTree({ "a.ts": 'import type { Context } from "@resonatehq/sdk";\nexport function* order(ctx: Context) {\n  yield* ctx.beginRpc("mail");\n}\n', "strict.json": `// Nobody is to be forgotten.\n${config({ C0112: { severity: "error" } })}` });
  expect(await check(dir)).toMatchObject({ code: 0, out: expect.stringContaining("C0112") as string });
  expect((await check(dir, "--config", `${dir}/strict.json`)).code).toBe(1);
});

test.each([
  ['{ "rules": {\n  "C0104": { "severity": "off" } } }', /:2:12: C0104 needs a "reason"/],
  ['{ "rules": {\n  "C0104": { "severity": "warn", "reason": " " } } }', /:2:44: C0104 needs a "reason"/],
  ['{\n  "rules": { "C9999": {} } }', /:2:14: check has no rule C9999/],
  ['{ "rules": { "C0104": { "severity": "fatal" } } }', /:1:37: "severity" of C0104 is one of "off", "warn", "error"/],
  ['{ "rules": { "C0104": "off" } }', /:1:23: C0104 is an object/],
  ['{ "rules": { "C0104": { "severity": "error", "level": 1 } } }', /:1:46: C0104 has no option "level"/],
  ['{ "rule": {} }', /:1:3: there is no option "rule"/],
  ['{ "rules": [] }', /:1:12: "rules" is an object/],
  ['{ "rules": { "C0104": { "severity": "error" },\n "C0104": { "severity": "error" } } }', /:2:2: C0104 is set twice/],
  ['{ "rules": {\n', /:2:1: not valid JSON/],
  ["[]", /:1:1: expected a JSON object/],
])("a configuration that is wrong ends with 2 and says where: %s", async (text, message) => {
  const dir = layTree({ "a.ts": UNSAFE, "restate-to-resonate.config.json": text });
  const { code, out, err } = await check(dir);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(new RegExp(`^error: \\S*restate-to-resonate\\.config\\.json${message.source}`));
});

test("a configuration that is not there ends with 2", async () => {
  expect(await check(layTree({ "a.ts": SAFE }), "--config", "/nowhere.json")).toMatchObject({ code: 2, err: expect.stringMatching(/\/nowhere\.json cannot be read/) as string });
});

test("code for an SDK from before generators is not judged by rules for them, and that is said", async () => {
  const old = 'import { Context } from "@resonatehq/sdk";\nexport async function order(ctx: Context) { return await ctx.run(() => 1); }\n';
  const dir = layTree({ "package.json": '{\n  "dependencies": { "@resonatehq/sdk": "^0.3.0" }\n}', "src/a.ts": old });
  const { code, out } = await check(dir);
  expect(code).toBe(0);
  expect(out).toMatch(/^C0012 [^]*package\.json:2:21 {2}@resonatehq\/sdk \^0\.3\.0\n/);
  for (const range of [">=0.3.0", "^0.11.0", "workspace:*"]) expect((await check(layTree({ "package.json": `{ "dependencies": { "@resonatehq/sdk": "${range}" } }`, "src/a.ts": old }))).code).toBe(1);
});

test("folders of CI and of editors are searched; other hidden folders are not", async () => {
  const dir = layTree({ "a.ts": SAFE, ".github/workflows/e2e.yml": "run: npx restate-server\n", ".vscode/tasks.json": '{ "command": "restate-server" }', ".cache/x.sh": "restate-server\n", ".env.example": "RESTATE_URL=x\n" });
  const { findings } = JSON.parse((await check(dir, "--format", "json")).out) as { findings: { file: string }[] };
  expect(findings.map(({ file }) => /\/\.[a-z].*$/.exec(file)?.[0]).sort()).toEqual(["/.env.example", "/.github/workflows/e2e.yml", "/.vscode/tasks.json"]);
});
