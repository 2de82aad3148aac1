// Each fixture's original on a real Restate server and its migration on the bundled runtime: npm run equivalence [-- filter]
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compareWithRestate, recordRestate } from "../../src/judge/judge.js";
import { type Prepared, prepare } from "../../src/judge/program.js";
import { demandRestateServer } from "../../src/judge/restate-server.js";
import { judgedFixture } from "./equivalence-fixture.js";
import { recordOf, runsOf, writeRecord } from "./equivalence-record.js";
import { verdictOf } from "./equivalence-verdict.js";
import { type Fixture, loadFixtures } from "./fixture.js";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    /** At how many effects of each fixture a worker is lost. */
    losses: { type: "string", default: "3" },
    jobs: { type: "string", default: "2" },
    /** Keep what Restate did beside the fixtures. */
    record: { type: "boolean", default: false },
  },
});
const worker = fileURLToPath(new URL("../../dist/src/judge/worker.js", import.meta.url));
const binary = demandRestateServer(process.cwd());
const count = { same: 0, pinned: 0, different: 0, runs: 0, lost: 0 };
const skipped: string[] = [];
const begin = Date.now();

const queue = (await loadFixtures(positionals[0])).filter(({ name, scenario }) => {
  const why = scenario.left ? "left as it is: nothing was migrated" : (scenario.calls ?? []).length === 0 ? "it has no calls" : scenario.notOnRestate;
  if (why !== undefined) skipped.push(`${name}: ${why}`);
  return why === undefined;
});
await Promise.all(Array.from({ length: Number(values.jobs) }, work));

console.log(`\nskipped (${skipped.length}):\n${skipped.map((one) => `  ${one}`).join("\n")}`);
console.log(
  `\n${count.same + count.pinned + count.different} fixtures in ${Math.round((Date.now() - begin) / 1_000)} s: ${count.same} the same, ${count.pinned} with differences that a diagnostic tells, ` +
    `${count.different} with others; ${count.runs} runs on each side, ${count.lost} of them with a lost worker; ${skipped.length} skipped`,
);
process.exitCode = count.different > 0 ? 1 : 0;

async function work(): Promise<void> {
  for (let fixture = queue.shift(); fixture !== undefined; fixture = queue.shift()) console.log(await judged(fixture));
}

async function judged(fixture: Fixture): Promise<string> {
  const prepared: Prepared[] = [];
  try {
    const { before, after, steps } = judgedFixture(fixture);
    const ready = async (files: typeof before): Promise<Prepared> => {
      const one = await prepare(files, worker);
      prepared.push(one);
      return one;
    };
    const recorded = recordOf(await recordRestate(binary, await ready(before), steps, Number(values.losses)));
    if (values.record) writeRecord(fixture, recorded);
    const runs = await compareWithRestate(runsOf(recorded), await ready(after), steps);
    count.runs += runs.length;
    count.lost += runs.length - 1;
    const { wrong, pinned } = verdictOf(fixture.scenario, runs, true);
    const kind = wrong.length > 0 ? "different" : pinned.length > 0 ? "pinned" : "same";
    count[kind]++;
    return [`${kind.padEnd(9)} ${fixture.name}`, ...wrong, ...pinned].join("\n  ");
  } catch (error) {
    count.different++;
    return `different ${fixture.name}\n  ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    for (const one of prepared) one.remove();
  }
}
