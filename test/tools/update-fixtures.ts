// npx tsx test/tools/update-fixtures.ts [filter]: writes `after/` of every fixture whose name contains the filter, from the tool.
import { type Fixture, loadFixtures } from "./fixture.js";
import { codesOf, exitCodeOf, planCopy } from "./fixture-plan.js";
import { diffTrees, readTree, writeTree } from "./fixture-tree.js";
import { typeErrors } from "./fixture-types.js";

function update({ name, before, after, scenario }: Fixture): void {
  const plan = planCopy(before, scenario.options);
  const changed = diffTrees(readTree(after), plan.after) !== "";
  if (changed) writeTree(after, plan.after);
  console.log(`${changed ? "updated  " : "unchanged"} ${name}: exit code ${exitCodeOf(plan.migration)} ${codesOf(plan.migration).join(" ")}`);
  for (const [side, dir] of [["before", before], ["after", after]] as const) {
    for (const error of typeErrors(dir)) console.log(`            ${side}/${error}`);
  }
}

const fixtures = await loadFixtures(process.argv[2]);
if (fixtures.length === 0) {
  console.error(`No fixture's name contains "${process.argv[2] ?? ""}".`);
  process.exitCode = 2;
}
for (const fixture of fixtures) {
  try {
    update(fixture);
  } catch (error) {
    console.error(`failed    ${fixture.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    process.exitCode = 1;
  }
}
