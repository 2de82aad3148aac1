import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Fixture, loadFixtures } from "./tools/fixture.js";
import { codesOf, exitCodeOf, type Plan, planCopy, planInPlace } from "./tools/fixture-plan.js";
import { jobOf, runJob } from "./tools/fixture-run.js";
import { diffTrees, type FileTree, readTree } from "./tools/fixture-tree.js";
import { typeErrors } from "./tools/fixture-types.js";
import { differences } from "./tools/fixture-verdict.js";

/** Generous: a test also waits for its turn. The driver's own limits are short. */
const timeout = 180_000;
const marker = /^[ \t]*\/\/ restate-to-resonate\[R\d+\]:.*\r?\n/gm;
const inTurn = turns(2);

const fixtures = await loadFixtures();

describe.concurrent.each(fixtures)("$name", { timeout }, (fixture) => {
  const { before, after, scenario } = fixture;
  const planned = once(() => planCopy(before, scenario.options));

  it("has an expected result", () => {
    expect(existsSync(after), `${after} is missing: npx tsx test/tools/update-fixtures.ts ${fixture.name}`).toBe(true);
  });

  it("becomes what is expected", () => {
    expectSame(readTree(after), planned().after);
  });

  it("comes to the same with the packages installed", () => {
    expectSame(planned().after, planInPlace(before, scenario.options).after);
  });

  it("says what is expected", () => {
    const { migration } = planned();
    const said = migration.diagnostics.map(({ code, severity, file, line, message }) => `${code} ${severity} ${file}:${line} ${message}`).join("\n");
    expect(exitCodeOf(migration), said).toBe(scenario.exitCode ?? (scenario.left ? 1 : 0));
    if (scenario.diagnostics) expect(codesOf(migration), said).toEqual(scenario.diagnostics);
  });

  it("has no type errors", () => {
    expect(typeErrors(after)).toEqual([]);
  });

  it("is not changed by a second run", () => {
    const { migration, before: text, after: again } = planCopy(after, scenario.options);
    expectSame(text, again);
    expect(migration.changes).toEqual([]);
  });

  it.runIf(scenario.left)("is left as it was, but for markers", () => {
    const tree = [...readTree(after)].map(([path, text]): [string, string] => [path, text.replaceAll(marker, "")]);
    expectSame(readTree(before), new Map(tree));
  });

  it.runIf(scenario.keeps)("keeps what it must", () => {
    const [old, now] = [before, after].map((dir) => [...readTree(dir).values()].join("\n"));
    const lost = (scenario.keeps ?? []).filter((word) => count(word, now) !== count(word, old));
    expect(lost).toEqual([]);
  });

  it.skipIf(scenario.left || scenario.execute === false)("runs", async () => {
    const plan = planned();
    await inTurn(() => expectRun(fixture, plan));
  });
});

function expectSame(expected: FileTree, actual: FileTree): void {
  const diff = diffTrees(expected, actual);
  if (diff !== "") expect.fail(`\n${diff}`);
}

function count(word: string, text = ""): number {
  return text.split(new RegExp(`\\b${word}\\b`)).length - 1;
}

async function expectRun(fixture: Fixture, plan: Plan): Promise<void> {
  const report = await runJob(jobOf(fixture, plan), fixture.after);
  const found = differences(fixture.scenario, report);
  if (found.length > 0) expect.fail(`\n${found.join("\n")}`);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** Lets at most `limit` tasks run at a time. */
function turns(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
