import type { Scenario, ScenarioStep } from "../../src/verify/scenario.js";
import type { Scenario as FixtureScenario, ScenarioCall } from "../tools/fixture.js";
import { legalInId } from "../tools/fixture-run.js";

/** What the plan of a fixture knows and its scenario does not. Paths are absolute. */
export interface Served {
  readonly entries: readonly string[];
  readonly effects?: string;
  /** The registered names, by `Service.handler`. */
  readonly names: Readonly<Record<string, string>>;
  /** The ids under which workflows run, with `{key}` in them, by `Workflow.run`. */
  readonly ids: Readonly<Record<string, string>>;
}

/** Says a fixture's scenario in the words of `verify`. Throws where it calls what is not served. */
export function scenarioOf(fixture: FixtureScenario, served: Served): Scenario {
  const { entries, effects, ids } = served;
  const calls = (fixture.calls ?? []).map((call, index) => ({ call, id: idOf(call, index, ids) }));
  return {
    about: fixture.about,
    entries,
    env: { PORT: "0" },
    ...(effects === undefined ? {} : { effects: { module: effects, export: "effects" } }),
    // What goes on beside the calls after it is looked at in the end.
    steps: [...calls.map(({ call, id }) => stepOf(call, id, served)), ...calls.flatMap(({ call, id }) => (call.background ? [{ attach: id, ...outcomeOf(call) }] : []))],
  };
}

/** A workflow runs under its own id, a second time as well: that attaches to the first. */
function idOf({ handler, key = "" }: ScenarioCall, index: number, ids: Served["ids"]): string {
  return ids[handler]?.replace("{key}", legalInId(key)) ?? `call-${index}`;
}

function stepOf(call: ScenarioCall, id: string, { names, ids }: Served): ScenarioStep {
  const { handler, key, input, effects, anyOrder } = call;
  const name = names[handler];
  if (name === undefined) throw new Error(`The plan serves no ${handler}.`);
  // No workflow ends after a day, however it is started.
  const start = { id, ...(ids[handler] === undefined ? {} : { timeout: "36500 days" }), ...(key === undefined ? {} : { key }), args: "input" in call ? [input] : [], ...(effects === undefined ? {} : { effects, anyOrder }) };
  return call.background ? { send: name, ...start } : { call: name, ...start, ...outcomeOf(call) };
}

function outcomeOf({ result, error }: ScenarioCall): Pick<ScenarioCall, "result" | "error"> {
  return error === undefined ? { result } : { error };
}
