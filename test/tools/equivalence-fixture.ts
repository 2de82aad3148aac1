import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { ProgramFiles } from "../../src/judge/program.js";
import type { Step, Target } from "../../src/judge/scenario.js";
import { workflowIdOf } from "../../src/judge/steps.js";
import type { PackageMigration } from "../../src/migration.js";
import type { Fixture, ScenarioCall } from "./fixture.js";
import { planCopy } from "./fixture-plan.js";
import { readTree, relativePath } from "./fixture-tree.js";

/** A fixture as the judge takes it. */
export interface JudgedFixture {
  readonly before: ProgramFiles;
  readonly after: ProgramFiles;
  readonly steps: readonly Step[];
}

/** Says a fixture in the words of the judge. Throws where the plan does not serve what its scenario calls. */
export function judgedFixture(fixture: Fixture): JudgedFixture {
  const { root, migration } = planCopy(fixture.before, fixture.scenario.options);
  const entries = migration.packages.flatMap((pkg) => pkg.entries).map((entry) => relativePath(root, entry));
  const files = (dir: string): ProgramFiles => {
    const effects = [...readTree(dir).keys()].find((path) => /^effects\.[cm]?[jt]sx?$/.test(basename(path)));
    return {
      root: dir,
      entries: entries.map((entry) => join(dir, entry)).filter((file) => existsSync(file)),
      ...(effects === undefined ? {} : { effects: { module: join(dir, effects), export: "effects" } }),
    };
  };
  return { before: files(fixture.before), after: files(fixture.after), steps: (fixture.scenario.calls ?? []).map((call) => stepOf(call, migration.packages)) };
}

function stepOf(call: ScenarioCall, packages: readonly PackageMigration[]): Step {
  const effects = call.waitForEffects ?? call.effects?.length;
  return {
    kind: "call",
    label: `${call.handler}${call.key === undefined ? "" : ` ${call.key}`}`,
    target: targetOf(call, packages),
    input: "input" in call ? [call.input] : [],
    ...(call.background ? { background: true } : {}),
    // What a function judges is not one value.
    ...(typeof call.result === "function" ? { resultVaries: true } : {}),
    ...(call.effectsVary ? { effectsVary: true } : {}),
    ...(effects === undefined || (call.background && call.effects === undefined) ? {} : { effects, anyOrder: call.anyOrder }),
  };
}

function targetOf({ handler: name, key }: ScenarioCall, packages: readonly PackageMigration[]): Target {
  const [service = "", handler = ""] = name.split(".");
  const served = packages.flatMap(({ services }) => services).find((one) => one.name === service);
  const planned = served?.handlers.find((one) => one.name === handler);
  if (served === undefined || planned === undefined) throw new Error(`The plan serves no ${name}.`);
  const isRun = planned.mode === "run";
  return {
    service,
    handler,
    isRun,
    registeredAs: planned.registeredAs,
    ...(key === undefined ? {} : { key }),
    ...(isRun && served.workflowId !== undefined ? { id: workflowIdOf(served.workflowId, key ?? "") } : {}),
    ...(served.group === undefined ? {} : { group: served.group }),
  };
}
