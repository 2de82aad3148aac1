import { setTimeout as promisedTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { VirtualClock } from "../../src/runtime/clock.js";

const epoch = Date.UTC(2026, 0, 1);
const day = 86_400_000;
let clock: VirtualClock;
let owner: object | undefined;

beforeEach(() => {
  owner = undefined;
  clock = new VirtualClock(epoch, () => owner);
});
afterEach(() => clock.uninstall());

it("moves to what is due, however far away, and fires it once", () => {
  const fired: number[] = [];
  setTimeout(() => fired.push(clock.now() - epoch), 20 * day);
  expect(clock.nextTimer(false)).toBe(epoch + 20 * day);
  clock.advanceTo(epoch + 20 * day);
  expect(fired).toEqual([20 * day]);
  expect(clock.nextTimer(true)).toBeUndefined();
});

it("counts intervals only where asked for, and fires one once though it was due a thousand times", () => {
  let ticks = 0;
  setInterval(() => ticks++, 1_000);
  expect(clock.nextTimer(false)).toBeUndefined();
  expect(clock.nextTimer(true)).toBe(epoch + 1_000);
  clock.advanceTo(epoch + 1_000_000);
  expect(ticks).toBe(1);
});

it("moves node:timers/promises too", async () => {
  const waited = promisedTimeout(day, "done");
  clock.advanceTo(epoch + day);
  expect(await waited).toBe("done");
});

it("drops what a dead owner set and sets later, and leaves the others'", () => {
  const fired: string[] = [];
  const [dead, alive] = [{}, {}];
  owner = dead;
  setTimeout(() => fired.push("dead"), 10);
  setInterval(() => fired.push("dead"), 10);
  owner = alive;
  setTimeout(() => fired.push("alive"), 10);
  clock.drop(dead);
  owner = dead;
  setTimeout(() => fired.push("dead"), 5);
  clock.advanceTo(epoch + 100);
  expect(fired).toEqual(["alive"]);
});

it("begins again at another time without the timers of before", () => {
  let fired = false;
  setTimeout(() => (fired = true), 10);
  clock.restart(epoch + day);
  expect(clock.now()).toBe(epoch + day);
  clock.advanceTo(epoch + 2 * day);
  expect(fired).toBe(false);
});
