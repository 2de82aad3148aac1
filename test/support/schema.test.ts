import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { type InputOf, type OutputOf, parseInput, type Schema } from "../../src/support/schema.js";

const order = z.object({ id: z.string(), amount: z.number().default(1) });

/** A Standard Schema written by hand: text with a number in it. */
const numeral: Schema<string, number> = {
  "~standard": { validate: (value) => (typeof value === "string" && /^\d+$/.test(value) ? { value: Number(value) } : { issues: [{ message: "not a numeral" }, { message: "try again" }] }) },
};

describe("parseInput", () => {
  it("fills defaults and strips unknown members", () => {
    expect(parseInput(order, { id: "a", color: "red" })).toEqual({ id: "a", amount: 1 });
  });

  it("throws what is wrong", () => {
    expect(() => parseInput(order, { id: 1 })).toThrow(/^Failed to deserialize input: Standard schema validation failed:\n\* \(at \/id\) .*expected string/);
    expect(() => parseInput(order, undefined)).toThrow(/^Failed to deserialize input: /);
  });

  it("takes any Standard Schema, and names all issues", () => {
    expect(parseInput(numeral, "12")).toBe(12);
    expect(() => parseInput(numeral, "x")).toThrow("Failed to deserialize input: Standard schema validation failed:\n* not a numeral\n* try again");
  });

  it("takes values that are falsy", () => {
    expect(parseInput(numeral, "0")).toBe(0);
    expect(parseInput(z.string().optional(), undefined)).toBeUndefined();
    expect(parseInput(z.null(), null)).toBeNull();
  });

  it("refuses a schema that validates asynchronously", () => {
    const late: Schema<string> = { "~standard": { validate: async (value) => ({ value: String(value) }) } };
    expect(() => parseInput(late, "a")).toThrow(TypeError);
    expect(() => parseInput(late, "a")).toThrow(/asynchronously/);
  });

  it("lets the schema's own errors through", () => {
    const broken: Schema = {
      "~standard": {
        validate: () => {
          throw new RangeError("broken");
        },
      },
    };
    expect(() => parseInput(broken, 1)).toThrow(RangeError);
  });

  it("knows what goes in and what comes out", () => {
    expectTypeOf<InputOf<typeof order>>().toEqualTypeOf<{ id: string; amount?: number | undefined }>();
    expectTypeOf<OutputOf<typeof order>>().toEqualTypeOf<{ id: string; amount: number }>();
    expectTypeOf(parseInput(order, { id: "a" })).toEqualTypeOf<{ id: string; amount: number }>();
    expectTypeOf(parseInput(numeral, "1")).toEqualTypeOf<number>();
  });
});
