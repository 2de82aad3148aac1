import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

test("timeouts that cannot fire are found", () => {
  const source = `${SDK}export function* order(ctx: Context) {
    yield* (yield* ctx.promise({ timeout: 5 }));
    yield* (yield* ctx.promise({ timeout: 5, tags: { colour: "red" } }));
  }`;
  expect(found(source)).toEqual(["C0110 app.ts:3", "C0110 app.ts:4"]);
});

test("promises that a server ends, without timeout, or with options from elsewhere are not", () => {
  const source = `${SDK}export function* order(ctx: Context, tags: Record<string, string>, key: string) {
    yield* (yield* ctx.promise());
    yield* (yield* ctx.promise({ data: 1 }));
    yield* (yield* ctx.promise({ timeout: 5, tags: { "resonate:external": "true" } }));
    yield* (yield* ctx.promise({ timeout: 5, tags: { "resonate:timer": "true", "resonate:target": ctx.options().target } }));
    yield* (yield* ctx.promise({ timeout: 5, tags }));
    yield* (yield* ctx.promise({ timeout: 5, tags: { ...tags } }));
    yield* (yield* ctx.promise({ timeout: 5, tags: { [key]: "true" } }));
  }`;
  expect(found(source)).toEqual([]);
});
