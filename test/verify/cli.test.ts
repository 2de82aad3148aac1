import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type * as Command from "../../src/cli/verify.js";
import type { VerifyReport } from "../../src/verify/verify.js";
import { type CompiledChild, compileChild } from "../tools/compiled-child.js";
import { TemporaryProgram } from "./temporary-program.js";

let child: CompiledChild;
let command: typeof Command;
const programs: TemporaryProgram[] = [];

beforeAll(async () => {
  child = await compileChild();
  command = (await import(pathToFileURL(join(dirname(child.path), "../cli/verify.js")).href)) as typeof Command;
});
afterEach(() => {
  for (const program of programs.splice(0)) program.remove();
});
afterAll(() => child.remove());

function adder(result: number): TemporaryProgram {
  const made = new TemporaryProgram({
    "src/app.ts": `import { Resonate } from "@resonatehq/sdk";\nconst resonate = new Resonate();\nresonate.register("add", function* (ctx: any, n: number) { return (yield* ctx.run(async () => n + 1)) as number; });`,
    "manifest.json": `{ "version": 1, "entries": ["src/app.ts"] }`,
    "add.scenario.ts": `export default { steps: [{ call: "add", args: [1], result: ${result} }] };`,
  });
  programs.push(made);
  return made;
}

async function run(paths: readonly string[], flags: Command.VerifyFlags = {}, node?: string): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text), colour: false, interactive: true };
  const code = await command.verify(paths, { seed: "1", ...flags }, io, node);
  return { code, out, err };
}

it("ends with 0 where nothing is wrong, says what it looked at, and shows progress on the standard error only", async () => {
  const { code, out, err } = await run([adder(2).root]);
  expect(code).toBe(0);
  expect(out).toMatch(/✓ add {2}1 step, 4 crash points, 16 runs/);
  expect(out).toMatch(/No problems in 1 scenario: 4 crash points, 20 runs/);
  expect(out).not.toContain("\x1b");
  expect(err === "" || err.endsWith("\x1b[K")).toBe(true);
});

it("ends with 1 where something is, and prints only that with --quiet", async () => {
  const { code, out } = await run([adder(3).root], { quiet: true });
  expect(code).toBe(1);
  expect(out).toMatch(/^✗ unexpected in add\n {2}Step 1, call add: expected 3, and gave 2\.\n/);
  expect(out).not.toContain("crash points, 16 runs");
});

it("prints the report and nothing else with --json", async () => {
  const made = adder(2);
  const { code, out } = await run([made.root], { json: true, manifest: made.at("manifest.json") });
  expect(code).toBe(0);
  const report = JSON.parse(out) as VerifyReport;
  expect(report).toMatchObject({ version: 1, sdk: "0.11.5", scenarios: [{ crashPoints: 4, tried: 4, runs: 20, problems: [], processes: [[made.at("src/app.ts")]] }] });
});

it("says which Node it needs, and what is wrong with a manifest", async () => {
  await expect(run(["."], {}, "20.19.0")).rejects.toThrow(/needs Node 22 or newer; this is Node 20\.19\.0/);
  const made = adder(2);
  await expect(run([made.root], { manifest: made.at("nowhere.json") })).rejects.toThrow(/nowhere\.json cannot be read/);
  await expect(run([made.root], { manifest: made.at("package.json") })).rejects.toThrow(/package\.json is no manifest: it has no `entries`/);
});
