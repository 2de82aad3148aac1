import { type Context, Never } from "@resonatehq/sdk";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TerminalError } from "../../src/support/errors.js";
import { retrying } from "../../src/support/retrying.js";
import { retried } from "../../src/support/steps.js";
import { atEveryRequest, DyingWorkers } from "./dying-workers.js";

const patient = { timeout: 120_000 };
let workers: DyingWorkers;
beforeEach(() => {
  workers = new DyingWorkers();
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(async () => {
  await workers.stop();
  vi.restoreAllMocks();
});

const view = (error: unknown) => (error instanceof Error ? { name: error.name, message: error.message, code: (error as TerminalError).code } : error);
const outcome = (promise: Promise<unknown>) => promise.then((value) => ({ value }), (error: unknown) => ({ error: view(error) }));

describe("a handler that is tried again", () => {
  it("goes on from its recorded steps, after pauses that grow", async () => {
    const times: number[] = [];
    const ran: string[] = [];
    function* charge(ctx: Context, order: string) {
      const a = yield* ctx.run(() => { ran.push("a"); return "a"; });
      times.push(Date.now());
      if (times.length < 5) throw new Error("transient");
      const b = yield* ctx.run(() => { ran.push("b"); return "b"; });
      return `${order} ${a}${b}`;
    }
    const { client: worker } = workers.start();
    worker.register("charge", retrying(charge, { initialInterval: 100, maxInterval: { milliseconds: 200 } }));
    expect(await worker.rpc("order-1", "charge", "shoes")).toBe("shoes ab");
    expect(ran).toEqual(["a", "b"]);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    [100, 200, 200, 200].forEach((pause, index) => {
      expect(pauses[index]).toBeGreaterThanOrEqual(pause - 2);
      expect(pauses[index]).toBeLessThan(pause + 150);
    });
    expect(vi.mocked(console.warn).mock.calls.map(([text]) => text)).toEqual([
      expect.stringContaining("order-1: attempt 1 failed, the next one is in 100 ms: Error: transient\n"),
      expect.stringContaining("order-1: attempt 2 failed, the next one is in 200 ms: Error: transient\n"),
      expect.stringContaining("order-1: attempt 3 failed, the next one is in 200 ms: Error: transient\n"),
      expect.stringContaining("order-1: attempt 4 failed, the next one is in 200 ms: Error: transient\n"),
    ]);
  });

  it("ends with a terminal error, at once and with its code", async () => {
    let tries = 0;
    function* refuses(): Generator<never, void> {
      tries++;
      throw new TerminalError("no", { errorCode: 409, metadata: { order: "7" } });
    }
    const { client: worker } = workers.start();
    worker.register("refuses", retrying(refuses));
    const error = await worker.rpc("order-1", "refuses").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TerminalError);
    expect(error).toMatchObject({ message: "no", code: 409, metadata: { order: "7" } });
    expect(tries).toBe(1);
  });

  it("ends with what a step failed with for good, which arrives as a terminal error", async () => {
    const seen: unknown[] = [];
    let tries = 0;
    function* charge(ctx: Context) {
      try {
        yield* ctx.run(() => { tries++; throw new RangeError("too much"); }, ctx.options({ retryPolicy: new Never() }));
      } catch (error) {
        seen.push([error instanceof TerminalError, view(error)]);
        yield* ctx.sleep(30);
        throw error;
      }
    }
    const { client: worker } = workers.start();
    worker.register("charge", retrying(charge));
    const expected = { name: "TerminalError", message: "too much", code: 500 };
    expect(await outcome(worker.rpc("order-1", "charge"))).toEqual({ error: expected });
    expect(tries).toBe(1);
    expect(seen.length).toBeGreaterThanOrEqual(2);
    for (const pass of seen) expect(pass).toEqual([true, expected]);
  });

  it("takes what its service maps to a terminal error as one", async () => {
    function* charge(): Generator<never, void> {
      throw new RangeError("too much");
    }
    const { client: worker } = workers.start();
    worker.register("charge", retrying(charge, { asTerminalError: (error) => (error instanceof RangeError ? new TerminalError(error.message, { errorCode: 400 }) : undefined) }));
    expect(await outcome(worker.rpc("order-1", "charge"))).toEqual({ error: { name: "TerminalError", message: "too much", code: 400 } });
  });

  it.each([1, 3])("is given up after %i attempts, with the last failure", async (maxAttempts) => {
    let tries = 0;
    function* charge(ctx: Context) {
      yield* ctx.run(() => "a");
      throw new Error(`attempt ${++tries}`);
    }
    const { client: worker } = workers.start();
    worker.register("charge", retrying(charge, { initialInterval: 5, maxAttempts, onMaxAttempts: "kill" }));
    expect(await outcome(worker.rpc("order-1", "charge"))).toEqual({ error: { name: "TerminalError", message: `attempt ${maxAttempts}`, code: 500 } });
    expect(tries).toBe(maxAttempts);
  });

  it("waits for a person after its attempts, and then has as many again", async () => {
    let tries = 0;
    function* charge() {
      if (++tries < 6) throw new Error(`attempt ${tries}`);
      return tries;
    }
    const { client: worker } = workers.start();
    worker.register("charge", retrying(charge as () => Generator<never, number>, { initialInterval: 5, maxAttempts: 2 }));
    const result = worker.rpc("order-1", "charge");
    for (const [attempts, promise] of [[2, "order-1:%retry-2"], [4, "order-1:%retry-4"]] as const) {
      await vi.waitFor(() => expect(vi.mocked(console.warn).mock.calls.at(-1)?.[0]).toContain(`order-1: attempt ${attempts} failed, the next one is when the promise ${promise} is resolved: Error: attempt ${attempts}`), 5_000);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(tries).toBe(attempts);
      await worker.promises.resolve(promise);
    }
    expect(await result).toBe(6);
  });

  it("is tried again where it was called from, and where it runs as a child", async () => {
    const tries = { child: 0, nested: 0 };
    function* child() {
      if (++tries.child < 3) throw new Error("transient");
      return "child";
    }
    function* caller(ctx: Context) {
      const nested = yield* ctx.beginRun(retrying(function* nested() {
        if (++tries.nested < 3) throw new Error("transient");
        return "nested";
      }, { initialInterval: 5 }));
      return [yield* ctx.rpc<string>("child"), yield* nested];
    }
    const { client: worker } = workers.start();
    worker.register("child", retrying(child, { initialInterval: 5 }));
    worker.register("caller", caller);
    expect(await worker.rpc("order-1", "caller")).toEqual(["child", "nested"]);
    expect(tries).toEqual({ child: 3, nested: 3 });
  });
});

describe("a worker that dies", () => {
  it("at any request loses no attempt, no step and no count", patient, async () => {
    const deaths = await atEveryRequest(() => {
      const ran: Record<string, number> = {};
      const note = (step: string) => () => { ran[step] = (ran[step] ?? 0) + 1; return step; };
      let failures = 0;
      function* charge(ctx: Context): Generator<any, string, any> {
        const a = yield* ctx.run(note("a"));
        if (failures < 2) { failures++; throw new Error("transient"); }
        const b = yield* ctx.run(note("b"));
        if (failures < 4) { failures++; throw new Error("transient"); }
        return a + b;
      }
      return {
        register: (client) => client.register("charge", retrying(charge, { initialInterval: 5, maxAttempts: 20, onMaxAttempts: "kill" })),
        check: (outcome, { server }) => {
          expect(outcome).toBe("ab");
          for (const step of ["a", "b"]) expect(ran[step]).toBeLessThanOrEqual(2);
          expect((ran.a ?? 0) + (ran.b ?? 0)).toBeLessThanOrEqual(3);
          const pauses = server.snapshot().promises.filter(({ id }) => id.includes("%retry"));
          // A pass whose worker died before its pause was there is not counted.
          expect([3, 4]).toContain(pauses.length);
          expect(pauses.map(({ id }) => id).sort()).toEqual(Array.from(pauses, (_, index) => `order-1:%retry-${index + 1}`));
        },
      };
    }, "order-1", "charge");
    expect(deaths).toBeGreaterThan(30);
  });
});

describe("a step with a limit", () => {
  const run = async (handler: (ctx: Context) => Generator<any, unknown, any>) => {
    const { client: worker } = workers.start();
    worker.register("handler", handler);
    return worker.rpc("order-1", "handler");
  };

  it("is given up after its attempts, as a terminal error in every pass", async () => {
    let tries = 0;
    const seen: unknown[] = [];
    await run(function* (ctx) {
      try {
        yield* ctx.run(...retried(ctx, () => { tries++; throw new RangeError("too much"); }, { maxRetryAttempts: 3, initialRetryInterval: 5 }));
      } catch (error) {
        seen.push([error instanceof TerminalError, view(error)]);
        yield* ctx.sleep(30);
      }
    });
    expect(tries).toBe(3);
    expect(seen.length).toBeGreaterThanOrEqual(2);
    for (const pass of seen) expect(pass).toEqual([true, { name: "TerminalError", message: "too much", code: 500 }]);
  });

  it("is given up after its time", async () => {
    let tries = 0;
    const begun = Date.now();
    expect(await run(function* (ctx) {
      try { return yield* ctx.run(...retried(ctx, (): string => { tries++; throw "busy"; }, { maxRetryDuration: { milliseconds: 120 }, initialRetryInterval: 50, retryIntervalFactor: 1 })); }
      catch (error) { return view(error); }
    })).toEqual({ name: "TerminalError", message: 'Non-Error value: "busy"', code: 500 });
    expect(Date.now() - begun).toBeGreaterThanOrEqual(120);
    expect(tries).toBeGreaterThanOrEqual(3);
    expect(tries).toBeLessThanOrEqual(4);
  });

  it("gives what it made, after attempts that failed", async () => {
    let tries = 0;
    expect(await run(function* (ctx) {
      const begun = yield* ctx.beginRun(...retried(ctx, async () => { if (++tries < 3) throw new Error("busy"); return { tries }; }, { maxRetryAttempts: 3, initialRetryInterval: 5 }));
      return yield* begun;
    })).toEqual({ tries: 3 });
  });

  it("ends with a terminal error at once", async () => {
    let tries = 0;
    expect(await run(function* (ctx) {
      try { return yield* ctx.run(...retried(ctx, (): void => { tries++; throw new TerminalError("no", { errorCode: 404 }); }, { maxRetryAttempts: 3 })); }
      catch (error) { return view(error); }
    })).toEqual({ name: "TerminalError", message: "no", code: 404 });
    expect(tries).toBe(1);
  });

  it("waits as long as a retryable error asks", async () => {
    const { RetryableError } = await import("../../src/support/errors.js");
    const times: number[] = [];
    await run(function* (ctx) {
      yield* ctx.run(...retried(ctx, () => { times.push(Date.now()); if (times.length < 3) throw RetryableError.from(new Error("busy"), { retryAfter: { milliseconds: 150 } }); }, { initialRetryInterval: 1 }));
    });
    expect(times).toHaveLength(3);
    for (const index of [1, 2]) {
      const pause = (times[index] ?? 0) - (times[index - 1] ?? 0);
      expect(pause).toBeGreaterThanOrEqual(148);
      expect(pause).toBeLessThan(400);
    }
  });
});
