import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { compareWithRestate, recordRestate } from "../../src/judge/judge.js";
import { type Prepared, prepare, type ProgramFiles } from "../../src/judge/program.js";
import { findRestateServer } from "../../src/judge/restate-server.js";
import { type CompiledChild, compileChild } from "../tools/compiled-child.js";
import { judgedFixture } from "../tools/equivalence-fixture.js";
import { readRecord, recordOf, runsOf } from "../tools/equivalence-record.js";
import { verdictOf } from "../tools/equivalence-verdict.js";
import { type Fixture, loadFixtures } from "../tools/fixture.js";

// A sample, one fixture of each concept; all of them: npm run equivalence.
const fixtures = oneOfEachConcept((await loadFixtures(process.env["FIXTURE"])).filter((fixture) => readRecord(fixture) !== undefined));
/** Undefined where there is none for this machine: then what is kept beside the fixture stands for it. */
const binary = findRestateServer(process.cwd());
let child: CompiledChild;

beforeAll(async () => {
  child = await compileChild();
});
afterAll(() => child.remove());

describe.concurrent.each(fixtures)("$name", { timeout: 180_000 }, (fixture) => {
  it.concurrent(`does on Resonate what it ${binary === undefined ? "did" : "does"} on Restate, also when the worker is lost`, async ({ expect }) => {
    const prepared: Prepared[] = [];
    const ready = async (files: ProgramFiles): Promise<Prepared> => {
      const one = await prepare(files, join(dirname(child.path), "../judge/worker.js"));
      prepared.push(one);
      return one;
    };
    try {
      const { before, after, steps } = judgedFixture(fixture);
      const kept = readRecord(fixture);
      if (kept === undefined) return expect.fail("there is no record");
      if (binary !== undefined) expect(recordOf(await recordRestate(binary, await ready(before), steps, 0)).clean).toEqual(kept.clean);
      const { wrong } = verdictOf(fixture.scenario, await compareWithRestate(runsOf(kept, 1), await ready(after), steps), false);
      expect(wrong.join("\n")).toBe("");
    } finally {
      for (const one of prepared) one.remove();
    }
  });
});

function oneOfEachConcept(all: readonly Fixture[]): Fixture[] {
  return [...new Map([...all].reverse().map((fixture) => [fixture.name.split("/")[0], fixture])).values()].reverse();
}
