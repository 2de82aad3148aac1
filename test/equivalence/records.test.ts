import { expect, it } from "vitest";
import { VARIES } from "../../src/judge/compare.js";
import type { RunRecord } from "../../src/judge/scenario.js";
import { readRecord } from "../tools/equivalence-record.js";
import { loadFixtures, type Scenario, type ScenarioCall } from "../tools/fixture.js";
import type { DriverReport, Observation } from "../tools/fixture-driver.js";
import { differences } from "../tools/fixture-verdict.js";

// `after` does what its scenario says (fixtures.test.ts); here the scenario is held against what `before` did on a real Restate server.
const fixtures = (await loadFixtures()).filter(({ scenario }) => scenario.left !== true && (scenario.calls ?? []).length > 0);

it.each(fixtures)("$name: Restate did what the scenario says", (fixture) => {
  const { scenario } = fixture;
  const record = readRecord(fixture);
  if (scenario.notOnRestate !== undefined) return expect(record).toBeUndefined();
  if (record === undefined) return expect.fail(`${fixture.name} has no restate.json: npm run equivalence -- --record ${fixture.name}`);
  expect(differences(comparable(scenario, record.clean), reportOf(scenario, record.clean))).toEqual([]);
});

it("pins differences to diagnostics that the fixture has", () => {
  const wrong = fixtures.flatMap(({ name, scenario: { differs = [], diagnostics = [] } }) => differs.flatMap((one) => (!diagnostics.includes(one.code) ? [`${name}: ${one.code}`] : [])));
  expect(wrong).toEqual([]);
});

/** The scenario without what is known to differ, and without what is another each time. */
function comparable(scenario: Scenario, record: RunRecord): Scenario {
  const known = knownIn(scenario);
  const calls = scenario.calls?.map((call, index): ScenarioCall => {
    const outcome = record.outcomes[index] ?? {};
    const varies = JSON.stringify(outcome).includes(VARIES) || known.has(index);
    return { ...call, ...(varies ? { result: () => undefined, error: undefined } : {}), effects: record.effects[index] === null || JSON.stringify(record.effects[index]).includes(VARIES) || known.has(index) ? undefined : call.effects };
  });
  return { about: scenario.about, calls };
}

/** The calls that differ also where no worker is lost. */
function knownIn({ differs = [] }: Scenario): ReadonlySet<number> {
  return new Set(differs.filter(({ whenLost }) => whenLost !== true).map(({ call }) => call - 1));
}

function reportOf(scenario: Scenario, { outcomes, effects }: RunRecord): DriverReport {
  const known = knownIn(scenario);
  const observations = outcomes.map((outcome, index): Observation => {
    const seen = outcome ?? {};
    const shown = "error" in seen && !known.has(index) ? { error: seen.error } : "value" in seen ? { result: seen.value } : {};
    return { ...shown, effects: (effects[index] ?? []) as string[] };
  });
  return { observations };
}
