// npm run equivalence [-- filter]
import { compareRuns, runOnResonate, runOnRestate } from "../../src/judge/judge.js";
import { prepare } from "../../src/judge/program.js";
import { demandRestateServer } from "../../src/judge/restate-server.js";
import { fileURLToPath } from "node:url";
import { loadFixtures } from "./fixture.js";
import { judgedFixture } from "./equivalence-fixture.js";

const [filter = ""] = process.argv.slice(2);
const worker = fileURLToPath(new URL("../../dist/src/judge/worker.js", import.meta.url));
const binary = demandRestateServer(process.cwd());
for (const fixture of await loadFixtures(filter)) {
  if (fixture.scenario.left || (fixture.scenario.calls ?? []).length === 0) continue;
  const begin = Date.now();
  try {
    const { before, after, steps } = judgedFixture(fixture);
    const [one, other] = [await prepare(before, worker), await prepare(after, worker)];
    const t1 = Date.now();
    const restate = await runOnRestate(binary, one, steps);
    const t2 = Date.now();
    const resonate = await runOnResonate(other, steps);
    const found = compareRuns(steps, restate, resonate);
    console.log(`${found.length === 0 ? "same" : "DIFF"} ${fixture.name} plan ${t1 - begin} restate ${t2 - t1} resonate ${Date.now() - t2}`);
    for (const d of found) console.log(`   ${d.step}: ${d.what}\n      Restate  ${d.restate}\n      Resonate ${d.resonate}`);
    one.remove();
    other.remove();
  } catch (error) {
    console.log(`FAIL ${fixture.name} ${String(error instanceof Error ? error.stack : error).slice(0, 1500)}`);
  }
}
