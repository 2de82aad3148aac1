import { Codec } from "@resonatehq/sdk";
import { expect, it } from "vitest";
import type { Outcome } from "../../src/runtime/recording.js";
import { isSame, volatilePlaces } from "../../src/verify/compare.js";
import { repeatedSteps } from "../../src/verify/checks/effects.js";
import { lossOf } from "../../src/verify/losses.js";
import { planFaults } from "../../src/verify/plans.js";
import type { RunRecord } from "../../src/verify/run-record.js";

const codec = new Codec();
const through = (value: unknown): unknown => codec.decode(codec.encode(value));
const replayed = (outcome: Outcome): Outcome => (outcome.kind === "value" ? { kind: "value", value: through(outcome.value) } : { kind: "error", error: through(outcome.error) });
const lossOfValue = (value: unknown): string | undefined => {
  const loss = lossOf({ kind: "value", value }, replayed);
  return loss && `${loss.at} ${loss.text}`.trim();
};
class Money {
  constructor(readonly cents: number) {}
}
class Declined extends Error {
  override name = "Declined";
}

it("names what does not survive the store, and where", () => {
  expect(lossOfValue({ order: { at: new Date(0) } })).toBe(".order.at is a Date and comes back as text");
  expect(lossOfValue([1, new Map()])).toBe("[1] is a Map and comes back as {}");
  expect(lossOfValue(new Uint8Array(2))).toBe("is a Uint8Array and comes back as a plain object");
  expect(lossOfValue({ price: new Money(5) })).toBe(".price is a Money and comes back as a plain object");
  expect(lossOfValue(Number.NaN)).toBe("is NaN and comes back as null");
  expect(lossOfValue([undefined])).toBe("[0] is undefined and comes back as null");
  expect(lossOfValue({ coupon: undefined })).toBe(".coupon is undefined and comes back absent");
  expect(lossOf({ kind: "value", value: { coupon: undefined } }, replayed)?.minor).toBe(true);
  expect(lossOf({ kind: "error", error: new Declined("no") }, replayed)?.text).toBe("is a Declined and comes back as a plain Error named Declined");
});

it("finds nothing to say of what survives", () => {
  for (const value of [undefined, null, "a", 1.5, -0, Number.POSITIVE_INFINITY, { a: [true, { b: "c" }] }, []]) expect(lossOfValue(value)).toBeUndefined();
  expect(lossOf({ kind: "error", error: new Error("no") }, replayed)).toBeUndefined();
  expect(lossOf({ kind: "value", value: 1n }, replayed)).toBeUndefined();
});

it("compares but for the places that differ anyway", () => {
  const volatile = volatilePlaces({ id: "a", n: 1, at: [1, 2] }, { id: "b", n: 1, at: [1, 3] });
  expect([...volatile]).toEqual([".id", ".at.1"]);
  expect(isSame({ id: "a", n: 1, at: [1, 2] }, { id: "c", n: 1, at: [1, 9] }, volatile)).toBe(true);
  expect(isSame({ id: "a", n: 1, at: [1, 2] }, { id: "c", n: 2, at: [1, 9] }, volatile)).toBe(false);
  expect(isSame({ a: undefined }, {})).toBe(true);
  expect(isSame(new Error("x"), new Error("x"))).toBe(true);
  expect(isSame(new Error("x"), new Error("y"))).toBe(false);
  expect(isSame([], {})).toBe(false);
});

function cleanRun(requests: number): RunRecord {
  return { requests: Array.from({ length: requests }, () => ({ kind: "task.fence", id: "x", root: "x" })) } as unknown as RunRecord;
}

it("tries every fate at every request, up to a limit", () => {
  const { points, tried, faults } = planFaults(cleanRun(5), 400, "1");
  expect([points, tried, faults.length]).toEqual([5, 5, 22]);
  expect(new Set(faults.map((fault) => JSON.stringify(fault))).size).toBe(22);
});

it("takes the same points again with the same seed", () => {
  const places = (seed: string): string => JSON.stringify(planFaults(cleanRun(1_000), 10, seed).faults);
  expect(planFaults(cleanRun(1_000), 10, "a").tried).toBe(10);
  expect(places("a")).toBe(places("a"));
  expect(places("a")).not.toBe(places("b"));
});

/** A run without faults in which a step ran several times, each given by whether it was joined and whether it had an effect. */
function runOf(...executions: { readonly joined: boolean; readonly acts: boolean }[]): RunRecord {
  const steps = executions.map(({ joined }) => ({ id: "a:0", joined, pass: { root: "a" } }));
  const effects = executions.flatMap(({ acts }, index) => (acts ? [{ value: "x", step: steps[index] }] : []));
  return { plan: { fault: { kind: "none" } }, steps, effects, functions: new Map(), passes: [] } as unknown as RunRecord;
}

it("counts a step that two generators wait for once, unless it acts twice", () => {
  const [own, waiting] = [{ joined: false, acts: true }, { joined: true, acts: false }];
  expect(repeatedSteps(runOf(own, waiting))).toEqual([]);
  expect(repeatedSteps(runOf(own, { joined: true, acts: true })).map(({ code }) => code)).toEqual(["step-repeated"]);
  expect(repeatedSteps(runOf(own, { joined: false, acts: false })).map(({ code }) => code)).toEqual(["step-repeated"]);
});
