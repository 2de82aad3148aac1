import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import { durationOf, durationText } from "../../src/verify/durations.js";
import { checkScenario } from "../../src/verify/scenario-check.js";

const wrong: readonly (readonly [string, unknown, RegExp])[] = [
  ["no scenario", undefined, /export a scenario by default/],
  ["a list", [], /export a scenario by default/],
  ["no steps", {}, /needs `steps`/],
  ["an empty list of steps", { steps: [] }, /needs `steps`/],
  ["an unknown member", { step: [], steps: [] }, /no "step"; it has about/],
  ["a step of no kind", { steps: [{ cal: "x" }] }, /step 1 is none of call.*it has cal/],
  ["a step of two kinds", { steps: [{ call: "a" }, { call: "a", send: "b" }] }, /step 2 is call and send at once/],
  ["a member of another kind", { steps: [{ send: "a", result: 1 }] }, /step 1 \(send\) has no "result"/],
  ["args that are no list", { steps: [{ call: "a", args: 5 }] }, /step 1: `args` is the list/],
  ["a result and an error", { steps: [{ call: "a", result: 1, error: "x" }] }, /step 1 expects a result and an error/],
  ["an id with a colon", { steps: [{ call: "a", id: "a:1" }] }, /step 1: the id "a:1" holds a ":"/],
  ["a wait that is no duration", { steps: [{ wait: "soon" }] }, /step 1: "soon" is no duration/],
  ["a timeout that is no duration", { steps: [{ call: "a", timeout: "x" }] }, /step 1: "x" is no duration/],
  ["a name that is no text", { steps: [{ attach: 5 }] }, /step 1: `attach` is a name or an id/],
  ["a wrong step inside of parallel", { steps: [{ parallel: [{ call: "a" }, { call: 1 }] }] }, /step 1\.2: `call` is a name/],
  ["effects that name no array", { effects: "x", steps: [{ call: "a" }] }, /`effects` names an array/],
  ["entries that are no paths", { entries: [1], steps: [{ call: "a" }] }, /`entries` is a list of paths/],
  ["stand-ins that are no paths", { replace: { a: 1 }, steps: [{ call: "a" }] }, /`replace` maps texts to texts/],
];

describe.each(wrong)("%s", (_, scenario, message) => {
  it("is refused with the file, the step and what is wrong with it", () => {
    expect(() => checkScenario(scenario, "/p/a.scenario.ts")).toThrow(UsageError);
    expect(() => checkScenario(scenario, "/p/a.scenario.ts")).toThrow(message);
    expect(() => checkScenario(scenario, "/p/a.scenario.ts")).toThrow("/p/a.scenario.ts: ");
  });
});

it("takes every kind of step", () => {
  const steps = [
    { call: "a", id: "x", key: "k", args: [1], result: 1, timeout: "30 days", effects: ["e"], anyOrder: true },
    { send: "a", id: "y" },
    { parallel: [{ call: "a" }, { attach: "y", error: /no/ }] },
    { resolve: "y:0", value: { a: 1 } },
    { reject: "y:1", error: "no" },
    { wait: 5 },
  ];
  expect(checkScenario({ steps }, "f").steps).toBe(steps);
});

it("reads and writes durations", () => {
  expect(["3 days", "1.5h", "90 s", "250ms", "1 week", 7].map(durationOf)).toEqual([259_200_000, 5_400_000, 90_000, 250, 604_800_000, 7]);
  expect(["", "3", "three days", -1, Number.NaN, "5 parsecs"].map(durationOf)).toEqual(Array(6).fill(undefined));
  expect([259_200_000, 5_400_000, 250, 86_370_000].map(durationText)).toEqual(["3 days", "1 hour 30 minutes", "250 ms", "23 hours 59 minutes"]);
});
