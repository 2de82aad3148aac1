import type { Context } from "@resonatehq/sdk";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomOf, type SeededRandom } from "../../src/support/random.js";

const version4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The random values of an invocation in a new pass: of its context they only need the id. */
function freshPass(id: string): SeededRandom {
  return randomOf({ id } as Context);
}

function values(random: SeededRandom): (string | number)[] {
  return Array.from({ length: 10 }, (_, index) => (index % 3 === 0 ? random.uuidv4() : random.random()));
}

describe("randomOf", () => {
  it("gives the same values in every pass of an invocation", () => {
    fc.assert(fc.property(fc.string(), (id) => void expect(values(freshPass(id))).toEqual(values(freshPass(id)))));
  });

  it("goes on within a pass", () => {
    const ctx = { id: "a" } as Context;
    const first = randomOf(ctx).random();
    expect(randomOf(ctx)).toBe(randomOf(ctx));
    expect(randomOf(ctx).random()).not.toBe(first);
  });

  it("gives other values to other invocations", () => {
    fc.assert(fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 2 }), ([one = "", other = ""]) => void expect(values(freshPass(one))).not.toEqual(values(freshPass(other)))));
  });

  it("makes UUIDs of version 4, none twice among 200,000 invocations", () => {
    const ids = Array.from({ length: 200_000 }, (_, index) => freshPass(`order-${index}:${index % 7}`).uuidv4());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.find((id) => !version4.test(id))).toBeUndefined();
  });

  it("makes numbers from 0 to 1, spread evenly", () => {
    const random = freshPass("spread");
    const counts = Array.from({ length: 10 }, () => 0);
    for (let i = 0; i < 50_000; i++) {
      const value = random.random();
      if (value < 0 || value >= 1) expect.fail(`${value} is out of range`);
      const bucket = Math.floor(value * 10);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 5_000)).toBeLessThan(350);
  });

  it("begins differently for ids that are alike", () => {
    const firsts = Array.from({ length: 20_000 }, (_, index) => freshPass(String(index)).random());
    const mean = firsts.reduce((sum, value) => sum + value, 0) / firsts.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01);
    expect(new Set(firsts).size).toBeGreaterThan(19_990);
  });
});
