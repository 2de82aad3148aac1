import fc from "fast-check";
import { expect, it } from "vitest";
import { formatMilliseconds } from "../../src/edits/numbers.js";

it.each([
  [0, "0"], [999, "999"], [1_000, "1_000"], [86_400_000, "86_400_000"], [-5_000, "-5_000"], [12_345, "12_345"], [0.5, "0.5"], [1_500.25, "1500.25"], [6.666666666666667, "6.666666666666667"],
])("writes %d as %s", (value, text) => {
  expect(formatMilliseconds(value)).toBe(text);
});

it("writes what reads as the same number", () => {
  const numbers = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 1e12 }), fc.double({ noNaN: true, noDefaultInfinity: true }));
  fc.assert(fc.property(numbers, (value) => Number(formatMilliseconds(value).replaceAll("_", "")) === value));
});
