import type { Context, Resonate } from "@resonatehq/sdk";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cancel, cancellable } from "../../src/support/cancellation.js";
import { cancellationPoint } from "../../src/support/cancellation-point.js";
import { awakeable } from "../../src/support/awakeables.js";
import { begin } from "../../src/support/begin.js";
import type { Durable } from "../../src/support/durable.js";
import { beginEach } from "../../src/support/each.js";
import { all, beginSleep, orTimeout, race } from "../../src/support/futures.js";
import { CancelledError, TerminalError } from "../../src/support/errors.js";
import { retrying } from "../../src/support/retrying.js";
import { atEveryRequest, DyingWorkers } from "./dying-workers.js";

// biome-ignore lint/suspicious/noExplicitAny: what a generator yields is the SDK's own
type Work = Generator<any, any, any>;

const patient = { timeout: 180_000 };
const hour = 3_600_000;
const cancelled = { name: "TerminalError", message: "Cancelled", code: 409 };
const after = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

let workers: DyingWorkers;
let worker: Resonate;
let log: string[];
beforeEach(() => {
  workers = new DyingWorkers();
  worker = workers.start().client;
  log = [];
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(async () => {
  await workers.stop();
  vi.restoreAllMocks();
});

const note = (text: string) => () => void log.push(text);
const view = (error: unknown) => {
  const { name, message, code } = error as TerminalError;
  return { name, message, code };
};

/** Starts the handler and cancels it a little later; gives how it ended, or that it did not. */
async function cancelling(handler: (ctx: Context) => Work): Promise<unknown> {
  worker.register("handler", cancellable(handler));
  const { result } = await worker.beginRpc("order-1", "handler");
  await after(60);
  await cancel(worker, "order-1");
  return Promise.race([result(), after(2_000).then(() => "no end")]).catch(view);
}

/** What a saga does: it makes a reservation good again, waits, and passes the failure on. */
function saga(wait: (ctx: Context) => Work) {
  return function* (ctx: Context): Work {
    yield* ctx.run(note("reserve"));
    try {
      yield* wait(ctx);
      yield* ctx.run(note("went on"));
    } catch (error) {
      log.push(`${error instanceof CancelledError} ${error instanceof TerminalError}`);
      yield* ctx.run(note("release"));
      yield* ctx.sleep(30);
      yield* ctx.run(note("released"));
      throw error;
    }
  };
}
const steps = () => log.filter((text) => !text.includes(" "));

describe("an invocation that is cancelled", () => {
  it.each<[string, (ctx: Context) => Work]>([
    ["a sleep", (ctx) => (function* () { yield* ctx.sleep(hour); })()],
    ["a promise", (ctx) => (function* () { yield* yield* ctx.promise({ tags: { "resonate:external": "true" } }); })()],
    ["a call", (ctx) => (function* () { yield* ctx.rpc("sleeper"); })()],
    ["a call that has begun", (ctx) => (function* () { const call = yield* ctx.beginRpc("sleeper"); yield* ctx.run(() => "step"); yield* call; })()],
    ["a child", (ctx) => (function* () { yield* ctx.run(function* (child: Context) { yield* child.sleep(hour); }); })()],
    ["children", (ctx) => (function* () {
      const child = function* (inner: Context) { yield* inner.run(() => 1); yield* inner.sleep(hour); };
      const [one, two] = [yield* ctx.beginRun(child), yield* ctx.beginRun(child)];
      yield* one;
      yield* two;
    })()],
    ["a handle", (ctx) => (function* () { const handle = yield* begin(ctx, ctx.beginRpc("sleeper")); yield* ctx.run(() => "step"); yield* handle; })()],
    ["a race", (ctx) => (function* () { yield* race(ctx, [yield* beginSleep(ctx, hour), (yield* awakeable(ctx)).promise]); })()],
    ["a timeout", (ctx) => (function* () { yield* orTimeout(ctx, (yield* awakeable(ctx)).promise, hour); })()],
    ["work for each item", (ctx) => (function* () { yield* all(ctx, yield* beginEach(ctx, [1, 2], function* (child) { yield* child.sleep(hour); })); })()],
  ])("throws at the wait it is in, runs its compensation, and ends: %s", async (_, wait) => {
    worker.register("sleeper", cancellable(function* (ctx: Context) { yield* ctx.sleep(hour); }));
    expect(await cancelling(saga(wait))).toEqual(cancelled);
    expect(steps()).toEqual(["reserve", "release", "released"]);
    const passes = log.filter((text) => text.includes(" "));
    expect(passes.length).toBeGreaterThanOrEqual(2);
    for (const pass of passes) expect(pass).toBe("true true");
  });

  it("throws once: a handler may go on", async () => {
    expect(await cancelling(function* (ctx): Work {
      const waits: string[] = [];
      for (let i = 0; i < 3; i++) {
        try { yield* ctx.sleep(i === 0 ? hour : 20); waits.push("slept"); }
        catch (error) { waits.push((error as Error).name); }
      }
      return waits;
    })).toEqual(["CancelledError", "slept", "slept"]);
  });

  it("runs a step to its end, and throws at the next wait", async () => {
    expect(await cancelling(function* (ctx): Work {
      yield* ctx.run(async () => { await after(120); log.push("step"); });
      yield* ctx.run(note("next"));
      yield* ctx.sleep(hour);
    })).toEqual(cancelled);
    expect(log).toEqual(["step", "next"]);
  });

  it("ends as it would where it does not wait any more", async () => {
    expect(await cancelling(function* (ctx): Work { return yield* ctx.run(async () => { await after(120); return "done"; }); })).toBe("done");
  });

  it("is cancelled once, before it starts, or too late, and other invocations are not", async () => {
    const waits = cancellable(function* (ctx: Context, time: number) { yield* ctx.sleep(time); return "slept"; });
    worker.register("waits", waits);
    worker.register("deaf", function* (ctx: Context) { yield* ctx.sleep(80); return "slept"; });
    await cancel(worker, "early");
    await cancel(worker, "early");
    await cancel(worker, "deaf");
    await expect(worker.rpc("early", "waits", hour)).rejects.toMatchObject(cancelled);
    expect(await worker.rpc("deaf", "deaf")).toBe("slept");
    expect(await worker.rpc("other", "waits", 20)).toBe("slept");
    await cancel(worker, "other");
    expect(await worker.rpc("other", "waits", 20)).toBe("slept");
  });

  it("has its calls cancelled, and its messages not", async () => {
    const leaf = (name: string) => cancellable(function* (ctx: Context): Work {
      try { yield* ctx.sleep(name === "message" ? 300 : hour); log.push(`${name} slept`); }
      catch (error) { yield* ctx.run(note(`${name} compensated`)); throw error; }
    });
    for (const name of ["call", "message", "over"]) worker.register(name, name === "over" ? function* () { return 1; } : leaf(name));
    worker.register("middle", cancellable(function* (ctx: Context): Work {
      try { yield* ctx.rpc("call"); }
      catch (error) { yield* ctx.run(note("middle compensated")); throw error; }
    }));
    expect(await cancelling(function* (ctx): Work {
      yield* ctx.rpc("over");
      yield* ctx.detached("message");
      const begun = yield* ctx.beginRpc("call");
      yield* ctx.sleep(1);
      try { yield* ctx.rpc("middle"); }
      finally { yield* ctx.run(note("compensated")); }
      yield* begun;
    })).toEqual(cancelled);
    await vi.waitFor(() => expect(log).toContain("message slept"), 5_000);
    expect(log.filter((text, index) => log.indexOf(text) === index).sort()).toEqual(["call compensated", "compensated", "message slept", "middle compensated"]);
    expect(log.filter((text) => text === "call compensated")).toHaveLength(2);
  });

  it("is not tried again", async () => {
    let tries = 0;
    worker.register("handler", retrying(cancellable(function* (ctx: Context): Work {
      tries++;
      if (tries === 1) throw new Error("transient");
      try { yield* ctx.sleep(hour); } catch (error) { log.push(String(error instanceof CancelledError)); throw error; }
    })));
    const { result } = await worker.beginRpc("order-1", "handler");
    await vi.waitFor(() => expect(tries).toBe(2), 5_000);
    await cancel(worker, "order-1");
    await expect(result()).rejects.toMatchObject(cancelled);
    expect(log).toEqual(["true"]);
    expect(tries).toBe(3);
  });

  it("is tried again after other failures, and then throws its own class, inside of all wrappers", async () => {
    let tries = 0;
    worker.register("handler", cancellable(retrying(function* (ctx: Context): Work {
      tries++;
      yield* ctx.run(note("reserve"));
      try { yield* ctx.sleep(20); }
      catch (error) { log.push(String(error instanceof CancelledError)); yield* ctx.run(note("release")); throw error; }
      if (tries < 4) throw new Error("transient");
      try { yield* ctx.sleep(hour); }
      catch (error) { log.push(String(error instanceof CancelledError)); yield* ctx.run(note("release")); throw error; }
    }, { initialInterval: 100 })));
    const { result } = await worker.beginRpc("order-1", "handler");
    await vi.waitFor(() => expect(tries).toBe(2), 5_000);
    await cancel(worker, "order-1");
    await expect(result()).rejects.toMatchObject(cancelled);
    expect(log).toEqual(["reserve", "true", "release"]);
  });

  it("does not disturb what is begun while it compensates", async () => {
    expect(await cancelling(function* (ctx): Work {
      const before: Durable<void> = yield* beginSleep(ctx, 150);
      try { yield* ctx.sleep(hour); }
      catch (error) {
        yield* ctx.run(note(String(error instanceof CancelledError)));
        const after = yield* beginEach(ctx, [1, 2], function* (child, item) { yield* before; yield* child.sleep(30); yield* child.run(note(`released ${item}`)); });
        yield* all(ctx, after);
        throw error;
      }
    })).toEqual(cancelled);
    expect(log.slice(1).sort()).toEqual(["released 1", "released 2"]);
  });

  it("has thrown at the same wait in every pass, also when that wait is over meanwhile", async () => {
    expect(await cancelling(function* (ctx): Work {
      const seen: string[] = [];
      for (const time of [1, 200, 250, 30]) {
        try { yield* ctx.sleep(time); seen.push(`slept ${time}`); }
        catch (error) { seen.push(`${(error as Error).name} in ${time}`); }
        yield* ctx.run(note(`after ${time}`));
      }
      log.push(`pass: ${seen.join(", ")}`);
      yield* ctx.sleep(20);
      log.push(`pass: ${seen.join(", ")}`);
      return seen;
    })).toEqual(["slept 1", "CancelledError in 200", "slept 250", "slept 30"]);
    const passes = log.filter((text) => text.startsWith("pass"));
    expect(new Set(passes)).toEqual(new Set(["pass: slept 1, CancelledError in 200, slept 250, slept 30"]));
    expect(log.filter((text) => text.startsWith("after"))).toEqual(["after 1", "after 200", "after 250", "after 30"]);
  });
});

describe("a cancellation point", () => {
  it("stays decided, whether or not there is something to wait for in a later pass", async () => {
    const passes: string[] = [];
    expect(await cancelling(function* (ctx): Work {
      // As in a race, what is waited for depends on what the pass finds.
      const timers = [yield* ctx.beginRun(() => 1), yield* ctx.promise<void>({ timeout: 150, tags: { "resonate:timer": "true", "resonate:target": ctx.options().target } })] as const;
      try {
        yield* cancellationPoint(ctx, `${ctx.id}:race`, timers[1].state === "pending");
        if (timers[1].state === "pending") yield* timers[1];
        passes.push("waited");
      } catch (error) {
        passes.push(`${error instanceof CancelledError}`);
        yield* cancellationPoint(ctx, `${ctx.id}:next`, true);
        yield* ctx.sleep(250);
        yield* ctx.sleep(20);
        throw error;
      }
    })).toEqual(cancelled);
    expect(passes.length).toBeGreaterThanOrEqual(3);
    expect(new Set(passes)).toEqual(new Set(["true"]));
  });

  it("is nothing where the handler is not cancellable", async () => {
    worker.register("handler", function* (ctx: Context): Work { yield* cancellationPoint(ctx, `${ctx.id}:race`, true); return "done"; });
    expect(await worker.rpc("order-1", "handler")).toBe("done");
  });
});

describe("an invocation that is not cancelled", () => {
  it("is not held up, whatever it does", async () => {
    worker.register("child", function* (ctx: Context) { yield* ctx.sleep(20); return "child"; });
    worker.register("handler", cancellable(function* (ctx: Context, times: number): Work {
      const nested = function* (inner: Context, time: number) { if (time > 0) yield* inner.sleep(time); return time; };
      const begun = [yield* ctx.beginRun(nested, 0), yield* ctx.beginRun(nested, 30), yield* ctx.beginRun(() => "step"), yield* ctx.beginRpc("child")];
      const results: unknown[] = [yield* ctx.run(nested, 0), yield* ctx.run(nested, 10), yield* ctx.rpc("child"), times];
      yield* ctx.detached("child");
      yield* ctx.sleep(10);
      for (const one of begun) results.push(yield* one);
      results.push(yield* ctx.run(nested, 0));
      try { yield* ctx.run(() => { throw new TerminalError("no"); }, ctx.options({ nonRetryableErrors: [TerminalError] })); }
      catch (error) { results.push((error as Error).message); }
      yield* ctx.panic(false, "not now");
      return results;
    }));
    expect(await worker.rpc("order-1", "handler", 7)).toEqual([0, 10, "child", 7, 0, 30, "step", "child", 0, "no"]);
  });
});

describe("a call that several wait for", () => {
  const waiting = function* (ctx: Context): Work {
    const call = yield* ctx.beginRpc("child");
    const waits = function* (): Work { return yield* call; };
    const children = [yield* ctx.beginRun(waits), yield* ctx.beginRun(waits)] as const;
    return [yield* children[0], yield* children[1], yield* call];
  };

  it("ends for all of them", async () => {
    worker.register("child", function* (ctx: Context): Work { yield* ctx.sleep(50); return "child"; });
    worker.register("handler", cancellable(waiting));
    expect(await worker.rpc("order-1", "handler")).toEqual(["child", "child", "child"]);
  });

  it("is cancelled for all of them", async () => {
    worker.register("child", cancellable(function* (ctx: Context): Work { yield* ctx.sleep(hour); }));
    expect(await cancelling(waiting)).toEqual(cancelled);
  });
});

describe("a worker that dies", () => {
  it("at any request, with the cancellation on its way, changes nothing", patient, async () => {
    const deaths = await atEveryRequest(() => {
      log = [];
      const passes: string[] = [];
      return {
        register: (client) => {
          client.register("sleeper", cancellable(function* (ctx: Context): Work {
            try { yield* ctx.sleep(hour); } catch (error) { yield* ctx.run(note("child")); throw error; }
          }));
          client.register("handler", retrying(cancellable(function* (ctx: Context): Work {
            yield* ctx.run(note("reserve"));
            const call = yield* ctx.beginRpc("sleeper");
            try {
              yield* ctx.sleep(120);
              yield* call;
            } catch (error) {
              passes.push(`${error instanceof CancelledError}`);
              yield* ctx.run(note("release"));
              yield* ctx.sleep(150); // longer than the wait in which it was cancelled
              yield* ctx.run(note("released"));
              throw error;
            }
          })));
        },
        during: (outside) => cancel(outside, "order-1"),
        check: (outcome) => {
          expect(view(outcome)).toEqual(cancelled);
          expect(new Set(passes)).toEqual(new Set(["true"]));
          expect(log.filter((text, index) => log.indexOf(text) === index && text !== "child")).toEqual(["reserve", "release", "released"]);
          for (const text of ["reserve", "release", "released", "child"]) expect(log.filter((other) => other === text).length).toBeLessThanOrEqual(2);
        },
      };
    }, "order-1", "handler");
    expect(deaths).toBeGreaterThan(20);
  });
});
