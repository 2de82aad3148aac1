import { inspect, isDeepStrictEqual } from "node:util";
import type { Scenario, ScenarioCall } from "./fixture.js";
import type { DriverReport, Observation } from "./fixture-driver.js";

/** Compares what a run showed with what its scenario expects. Gives one line or block for each difference, none where all is as expected. */
export function differences({ calls = [], effects }: Scenario, { observations, failure }: DriverReport): string[] {
  const found = observations.flatMap((seen, index) => {
    const call = calls[index];
    return call === undefined ? [] : callDifferences(call, seen).map((line) => `call ${index + 1}, ${call.handler}: ${line}`);
  });
  if (failure !== undefined) found.push(`stopped at call ${observations.length + 1} of ${calls.length}: ${failure}`);
  else if (effects) found.push(...difference("all effects", effects, observations.flatMap((seen) => seen.effects)));
  return found;
}

function callDifferences(call: ScenarioCall, seen: Observation): string[] {
  const outcome = call.error === undefined ? resultDifference(call, seen) : errorDifference(call.error, seen);
  if (!call.effects) return outcome;
  const ordered = (list: readonly string[]): readonly string[] => (call.anyOrder ? [...list].sort() : list);
  return [...outcome, ...difference("effects", ordered(call.effects), ordered(seen.effects))];
}

function errorDifference(expected: string | RegExp, { error, result }: Observation): string[] {
  if (error === undefined) return [`expected to fail with ${inspect(expected)}, and gave ${inspect(result)}`];
  const matches = typeof expected === "string" ? error === expected : expected.test(error);
  return matches ? [] : [`expected to fail with ${inspect(expected)}, and failed with ${inspect(error)}`];
}

function resultDifference({ result: expected }: ScenarioCall, { error, result }: Observation): string[] {
  if (error !== undefined) return [`failed with ${inspect(error)}`];
  if (typeof expected !== "function") return difference("result", expected, result);
  try {
    expected(result);
    return [];
  } catch (reason) {
    return [`result ${inspect(result)} is refused: ${reason instanceof Error ? reason.message : String(reason)}`];
  }
}

function difference(what: string, expected: unknown, actual: unknown): string[] {
  if (isDeepStrictEqual(withoutUndefined(expected), withoutUndefined(actual))) return [];
  const show = (value: unknown): string => inspect(value, { depth: null, breakLength: 120 });
  return [`${what}\n  expected ${show(expected)}\n  got      ${show(actual)}`];
}

/** A member that is undefined counts as absent, as in JSON; `undefined` itself is not null. */
function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, withoutUndefined(member)]])));
}
