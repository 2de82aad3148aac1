import { type Context, Resonate } from "@resonatehq/sdk";
import { afterAll, expect, test } from "vitest";

// What rules take for granted, on the SDK that is installed.

const resonate = new Resonate();
afterAll(() => resonate.stop());

const pause = (ms: number): Promise<string> => new Promise((resolve) => setTimeout(() => resolve("held up"), ms));

let count = 0;

/** How a function ends within half a second. */
function ended(fn: (ctx: Context) => Generator): Promise<unknown> {
  const name = `fact-${count++}`;
  resonate.register(name, fn);
  const end = resonate.run(name, name).catch((error: unknown) => `failed: ${error instanceof Error ? error.message : String(error)}`);
  return Promise.race([end, pause(500)]);
}

test("a pending promise holds up a return and an error; one that is settled or detached does not (C0111)", async () => {
  expect(await ended(function* (ctx) { return (yield* ctx.promise()).id; })).toBe("held up");
  expect(await ended(function* (ctx) { yield* ctx.promise(); throw new Error("no"); })).toBe("held up");
  expect(await ended(function* (ctx) {
    const { id } = yield* ctx.promise();
    yield* ctx.run(async () => void (await resonate.promises.resolve(id)));
    return "done";
  })).toBe("done");
  expect(await ended(function* (ctx) {
    const request = ctx.promise();
    request.mode = "detached";
    yield* request;
    return "done";
  })).toBe("done");
});

test("a call that is begun holds up the return until it has ended, and its failure goes unnoticed (C0112)", async () => {
  let mayEnd = (): void => undefined;
  resonate.register("waits", () => new Promise<void>((resolve) => (mayEnd = resolve)));
  expect(await ended(function* (ctx) { yield* ctx.beginRpc("waits"); return "done"; })).toBe("held up");
  mayEnd();
  resonate.register("fails", function* (_ctx: Context): Generator<unknown, never> { throw new Error("no"); });
  expect(await ended(function* (ctx) { yield* ctx.beginRpc("fails"); return "done"; })).toBe("done");
});

test("a bare yield of an operation is known: no finding", async () => {
  expect(await ended(function* (ctx): Generator { return (yield ctx.run(() => 5)) as number; })).toBe(5);
});

test("an id with a colon is refused (C0108), and a second registration of a name (C0106)", async () => {
  resonate.register("twice", () => 1);
  expect(() => resonate.register("twice", () => 1)).toThrow();
  await expect(resonate.run("a:b", "twice")).rejects.toThrow(/:/);
});
