import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, it } from "vitest";
import { verifyProgram } from "../../src/verify/verify.js";
import { type CompiledChild, compileChild } from "../tools/compiled-child.js";
import { type Fixture, loadFixtures } from "../tools/fixture.js";
import { planCopy } from "../tools/fixture-plan.js";
import { readTree, relativePath } from "../tools/fixture-tree.js";
import type { Served } from "./fixture-scenario.js";

// Every fixture that has calls, also those of several processes: they need no server here.
const fixtures = (await loadFixtures(process.env["FIXTURE"])).filter(({ scenario }) => scenario.left !== true && (scenario.calls ?? []).length > 0);
/** What is known to depend on when a process is lost. The originals on Restate do so too. */
const known: Readonly<Record<string, readonly string[]>> = {
  // A counter that a step's argument counts up stays where it was when the step is read back.
  "steps/context-first": ["result-differs"],
  // Handlers print outside of steps, so that one sees how often they run.
  "errors/attempts-run-out": ["effect-repeated"],
  "errors/handler-tries-again": ["effect-repeated"],
  // The process makes a call of its own whenever it is started.
  "clients/same-process": ["result-differs"],
};
/** Every fixture is explored at every point up to so many, and at as many taken by chance beyond. */
const limit = Number(process.env["VERIFY_LIMIT"] ?? 10);
const adapter = fileURLToPath(new URL("fixture-scenario.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "restate-to-resonate-verify-"));
let child: CompiledChild;

beforeAll(async () => {
  child = await compileChild();
});
afterAll(() => {
  child.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe.concurrent.each(fixtures)("$name", (fixture) => {
  it.concurrent("survives the loss of a worker at every point", { timeout: 180_000 }, async ({ expect }) => {
    const { scenarios } = await verifyProgram({ paths: [scenarioFile(fixture)], child: child.path, seed: "1", limit });
    const [report] = scenarios;
    const errors = report?.problems.filter(({ severity }) => severity === "error") ?? [];
    const wrong = errors.filter(({ code }) => known[fixture.name]?.includes(code) !== true);
    expect(wrong.map(({ code, function: func, message, reason, fault }) => [code, func, message, reason, fault].join("\n  ")).join("\n")).toBe("");
    expect(report?.tried).toBe(Math.min(limit, report?.crashPoints ?? 0));
    expect(report?.crashPoints).toBeGreaterThan(0);
  });
});

/** Writes a fixture's scenario as one of `verify`. */
function scenarioFile(fixture: Fixture): string {
  const file = join(folder, `${fixture.name.replaceAll("/", "-")}.scenario.ts`);
  const lines = [
    `import fixture from ${JSON.stringify(join(fixture.dir, "scenario.ts"))};`,
    `import { scenarioOf } from ${JSON.stringify(adapter)};`,
    `export default scenarioOf(fixture, ${JSON.stringify(servedBy(fixture))});`,
  ];
  writeFileSync(file, `${lines.join("\n")}\n`);
  return file;
}

function servedBy(fixture: Fixture): Served {
  const { root, migration } = planCopy(fixture.before, fixture.scenario.options);
  const handlers = migration.packages.flatMap(({ services }) => services.flatMap(({ name, handlers: all }) => all.map((handler) => [`${name}.${handler.name}`, handler.registeredAs] as const)));
  const ids = migration.packages.flatMap(({ services }) => services.flatMap(({ name, workflowId }) => (workflowId === undefined ? [] : [[`${name}.run`, workflowId] as const])));
  const effects = [...readTree(fixture.after).keys()].find((path) => /^effects\.[cm]?[jt]sx?$/.test(basename(path)));
  return {
    entries: migration.packages.flatMap(({ entries }) => entries).map((entry) => join(fixture.after, relativePath(root, entry))),
    ...(effects === undefined ? {} : { effects: join(fixture.after, effects) }),
    names: Object.fromEntries(handlers),
    ids: Object.fromEntries(ids),
  };
}
