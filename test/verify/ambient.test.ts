import crypto, { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type HandlerView, installAmbience } from "../../src/runtime/ambient.js";
import { chanceOf } from "../../src/runtime/chance.js";

const epoch = Date.UTC(2026, 0, 1);
const original = { Date, random: Math.random, uuid: crypto.randomUUID, hrtime: process.hrtime };
let handler: HandlerView | undefined;
let chance = chanceOf("a");
let reads: string[];
let restore: () => void;

beforeEach(() => {
  [handler, chance, reads] = [undefined, chanceOf("a"), []];
  restore = installAmbience({ now: () => epoch, handler: () => handler, chance: () => chance });
});
afterEach(() => restore());

function inPass<T>(pass: number, read: () => T): T {
  handler = { pass, read: (source) => reads.push(source) };
  try {
    return read();
  } finally {
    handler = undefined;
  }
}

it("shows steps the virtual time, and numbers that belong to the step", () => {
  expect([Date.now(), new Date().getTime(), new Date(0).getTime()]).toEqual([epoch, epoch, 0]);
  expect(new Date() instanceof Date).toBe(true);
  expect(Date()).toBe(new Date(epoch).toString());
  const first = [Math.random(), crypto.randomUUID(), crypto.randomBytes(4).toString("hex"), crypto.randomInt(10, 20)];
  chance = chanceOf("a");
  expect([Math.random(), crypto.randomUUID(), crypto.randomBytes(4).toString("hex"), crypto.randomInt(10, 20)]).toEqual(first);
  chance = chanceOf("b");
  expect(Math.random()).not.toBe(first[0]);
  expect(randomUUID()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(reads).toEqual([]);
});

it("shows handlers another time and other numbers in each pass, and notes what they read", () => {
  const times = [0, 1, 2].map((pass) => inPass(pass, () => Date.now()));
  expect(times[0]).toBe(epoch);
  expect(new Set(times.map((time) => new Date(time).getHours())).size).toBe(3);
  const before = inPass(0, () => Math.random());
  chance = chanceOf("a");
  const after = inPass(1, () => Math.random());
  expect(before < 0.5).not.toBe(after < 0.5);
  expect(after).toBeGreaterThanOrEqual(0);
  expect(after).toBeLessThan(1);
  inPass(0, () => [new Date(), performance.now(), process.hrtime(), process.hrtime.bigint(), crypto.randomUUID()]);
  expect(reads.slice(-5)).toEqual(["new Date()", "performance.now()", "process.hrtime()", "process.hrtime.bigint()", "crypto.randomUUID()"]);
});

it("shows handlers the same in every pass where that is asked for", () => {
  const same = { now: 5, chance: () => 0.25 };
  handler = { pass: 3, same, read: () => undefined };
  expect([Date.now(), Math.random()]).toEqual([5, 0.25]);
});

it("gives everything back", () => {
  restore();
  expect([Date, Math.random, crypto.randomUUID, process.hrtime]).toEqual([original.Date, original.random, original.uuid, original.hrtime]);
  expect(new Date().constructor).toBe(original.Date);
});
