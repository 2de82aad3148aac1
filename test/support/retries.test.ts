import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type StepRetries, stepRetries } from "../../src/support/retries.js";

/** The pauses that Restate makes before each retry of a step: the first is the initial one, each next is longer by the factor, none longer than the longest. */
function restatePauses({ initial = 50, factor = 2, max = 10_000 }: { initial?: number; factor?: number; max?: number }, retries: number): number[] {
  const pauses: number[] = [];
  for (let pause = initial; pauses.length < retries; pause = Math.min(max, pause * factor)) pauses.push(Math.min(max, pause));
  return pauses;
}

/** The pauses that Resonate makes by a policy; it counts attempts from 0, the first, and stops at `null`. */
function pausesOf(options: StepRetries, limit: number): number[] {
  const policy = stepRetries(options);
  const pauses: number[] = [];
  for (let attempt = 1; attempt <= limit; attempt++) {
    const pause = policy.next(attempt);
    if (pause === null) break;
    pauses.push(pause);
  }
  return pauses;
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((pause, index) => expect(pause / (expected[index] ?? Number.NaN)).toBeCloseTo(1, 9));
}

describe("stepRetries", () => {
  it("pauses as Restate does by default", () => {
    expect(pausesOf({}, 10)).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  });

  it("pauses as Restate does with any options", () => {
    const options = fc.record({ initial: fc.integer({ min: 1, max: 100_000 }), factor: fc.double({ min: 1, max: 10, noNaN: true }), max: fc.integer({ min: 1, max: 1_000_000 }) });
    fc.assert(
      fc.property(options, ({ initial, factor, max }) => {
        expectClose(pausesOf({ initialRetryInterval: initial, retryIntervalFactor: factor, maxRetryInterval: max }, 12), restatePauses({ initial, factor, max }, 12));
      }),
    );
  });

  it("makes as many attempts as it may, the first included, and at least one", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 20 }), (attempts) => void expect(1 + pausesOf({ maxRetryAttempts: attempts }, 30).length).toBe(Math.max(1, attempts))));
  });

  it("does not stop by itself", () => {
    expect(stepRetries({}).next(1_000_000)).toBe(10_000);
  });

  it("takes durations", () => {
    expect(pausesOf({ initialRetryInterval: { seconds: 1, milliseconds: 500 }, maxRetryInterval: { minutes: 1 }, retryIntervalFactor: 10 }, 4)).toEqual([1_500, 15_000, 60_000, 60_000]);
  });
});
