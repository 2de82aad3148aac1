import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Duration, millis } from "../../src/support/duration.js";

describe("millis", () => {
  it("is a number itself", () => {
    fc.assert(fc.property(fc.integer(), (value) => millis(value) === value));
  });

  it.each<[Duration, number]>([
    [{}, 0],
    [{ milliseconds: 7 }, 7],
    [{ seconds: 1 }, 1_000],
    [{ minutes: 1 }, 60_000],
    [{ hours: 1 }, 3_600_000],
    [{ days: 1 }, 86_400_000],
    [{ days: undefined, seconds: 2 }, 2_000],
  ])("reads %j", (duration, expected) => {
    expect(millis(duration)).toBe(expected);
  });

  it("adds its members up", () => {
    const part = fc.nat(1_000);
    fc.assert(
      fc.property(fc.record({ days: part, hours: part, minutes: part, seconds: part, milliseconds: part }, { requiredKeys: [] }), (duration) => {
        const parts = Object.entries(duration).map(([unit, value]) => millis({ [unit]: value }));
        expect(millis(duration)).toBe(parts.reduce((sum, value) => sum + value, 0));
      }),
    );
  });
});
