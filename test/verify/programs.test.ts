import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Problem, type ScenarioReport, verifyProgram } from "../../src/verify/verify.js";
import { type CompiledChild, compileChild } from "../tools/compiled-child.js";
import { programs } from "./programs/index.js";

const root = fileURLToPath(new URL("programs", import.meta.url));
let child: CompiledChild;

beforeAll(async () => {
  child = await compileChild();
});
afterAll(() => child.remove());

async function verify(folder: string, variant: "broken" | "fixed"): Promise<ScenarioReport> {
  const report = await verifyProgram({
    paths: [join(root, folder, `${folder}.scenario.ts`)],
    entries: [join(root, folder, `${variant}.ts`)],
    seed: "1",
    child: child.path,
  });
  expect(report.scenarios).toHaveLength(1);
  return report.scenarios[0]!;
}

const summary = (problems: readonly Problem[]): string => problems.map(({ severity, code, function: func, message, reason }) => `${severity} ${code} in ${func}: ${message} (${reason ?? "no reason"})`).join("\n");

it("has one program per folder", () => {
  const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(programs.map(({ folder }) => folder).sort()).toEqual(folders.map(({ name }) => name).sort());
});

describe.each(programs)("$folder: $wrong", ({ folder, diagnosis }) => {
  it("is found, with the right diagnosis and no other", async () => {
    const { problems } = await verify(folder, "broken");
    const errors = problems.filter(({ severity }) => severity === "error");
    expect(errors, summary(problems)).toHaveLength(1);
    const [error] = errors as [Problem];
    expect({ problem: error.code, function: error.function }).toEqual({ problem: diagnosis.problem, function: diagnosis.function });
    expect(error.message).toMatch(diagnosis.names);
    if (diagnosis.because) expect(error.reason).toMatch(diagnosis.because);
    // A wrong result has no line of its own; all else sends the reader to one.
    if (error.code !== "result-differs") expect(error).toMatchObject({ file: join(root, folder, "broken.ts"), line: expect.any(Number) as number });
  });

  it("is not found in the corrected twin, at every point at which a worker can be lost", async () => {
    const { problems, crashPoints, tried, functions } = await verify(folder, "fixed");
    expect(summary(problems)).toBe("");
    expect(tried).toBe(crashPoints);
    expect(crashPoints).toBeGreaterThan(0);
    expect(functions.filter(({ called }) => !called)).toEqual([]);
  });
});
