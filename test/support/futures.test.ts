import { Constant, type Context, Never, type Resonate } from "@resonatehq/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { awakeable } from "../../src/support/awakeables.js";
import { all, allSettled, any, begin, beginOrTimeout, beginSleep, type Durable, lettingGo, mapped, orTimeout, race, rejected, resolved } from "../../src/support/futures.js";
import { noDeadline } from "../../src/support/ids.js";
import { workflowPromise } from "../../src/support/promises.js";
import { CrashingWorkers, type Death, dieAtEveryRequest } from "./crashing-workers.js";

// biome-ignore lint/suspicious/noExplicitAny: handlers of any kind
type Handler = (ctx: Context, ...args: any[]) => Generator<any, any, any>;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const ran: string[] = [];
const step = (name: string, ms = 0) => async (): Promise<string> => {
  ran.push(name);
  await pause(ms);
  return name;
};
const failing = (message: string, ms = 0) => async (): Promise<never> => {
  await pause(ms);
  throw new Error(message);
};
const once = (ctx: Context) => ctx.options({ retryPolicy: new Never() });
const hung = (): Promise<never> => new Promise(() => undefined);

function* remote(ctx: Context, name: string, ms: number) {
  yield* ctx.sleep(ms);
  if (name.startsWith("bad")) throw new Error(name);
  return yield* ctx.run(step(name));
}

let workers: CrashingWorkers | undefined;
afterEach(() => workers?.stop());

function worker(from: CrashingWorkers, handler: Handler, death?: Death): Resonate {
  const resonate = from.start("default", death);
  resonate.register("remote", remote);
  resonate.register("test", lettingGo(handler));
  resonate.register("held", handler);
  return resonate;
}

/** Runs a handler on a server with strict rules; gives its result, or the error's name and message. */
async function run(handler: Handler, name = "test"): Promise<unknown> {
  ran.length = 0;
  workers = new CrashingWorkers();
  const resonate = worker(workers, handler);
  return outcome(resonate.rpc("r", name));
}

const outcome = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => (error instanceof Error ? [error.name, error.message] : error));
const described = (error: unknown): unknown => (error instanceof Error ? [error.name, error.message] : error);

describe("all, allSettled, any and race", () => {
  it("combine steps, calls, timers and awakeables", async () => {
    const result = await run(function* (ctx) {
      const a = yield* begin(ctx, ctx.beginRun(step("a", 30)));
      const b = yield* begin(ctx, ctx.beginRpc<string>("remote", "b", 20));
      const { promise: open } = yield* awakeable<string>(ctx);
      const timer = mapped(yield* beginSleep(ctx, 500), () => "time");
      return [yield* all(ctx, [a, b, resolved(1)]), yield* race(ctx, [open, a, timer]), yield* any(ctx, [rejected(new Error("no")), open, b]), yield* allSettled(ctx, [a, rejected(new Error("x"))])];
    });
    expect(result).toMatchObject([["a", "b", 1], "a", "b", [{ status: "fulfilled", value: "a" }, { status: "rejected", reason: { message: "x" } }]]);
  });

  it("fail as Restate's do", async () => {
    const result = await run(function* (ctx) {
      const bad = yield* begin(ctx, ctx.beginRpc("remote", "bad", 20));
      const { promise: open } = yield* awakeable(ctx);
      const worse = yield* begin(ctx, ctx.beginRun(failing("worse", 60), once(ctx)));
      const failures: unknown[] = [];
      for (const handle of [all(ctx, [worse, open, bad]), any(ctx, [worse, bad]), race(ctx, [open, worse, bad])] as Durable<unknown>[]) {
        try {
          yield* handle;
        } catch (error) {
          failures.push(error instanceof AggregateError ? [error.name, error.errors.map(described)] : described(error));
        }
      }
      return failures;
    });
    const terminal = (message: string): string[] => ["TerminalError", message];
    expect(result).toEqual([terminal("bad"), ["AggregateError", [terminal("worse"), terminal("bad")]], terminal("bad")]);
  });

  it("nest", async () => {
    const result = await run(function* (ctx) {
      const a = yield* begin(ctx, ctx.beginRpc<string>("remote", "a", 120));
      const b = yield* begin(ctx, ctx.beginRpc<string>("remote", "b", 10));
      const c = yield* begin(ctx, ctx.beginRpc<string>("remote", "c", 60));
      const first = race(ctx, [a, b]);
      return [yield* race(ctx, [all(ctx, [first, c]), mapped(a, (name) => [name])]), yield* first, yield* a];
    });
    expect(result).toEqual([["b", "c"], "b", "a"]);
  });

  it("take the first to end; of what had ended before, the first in the list", async () => {
    const result = await run(function* (ctx) {
      const begun = function* () {
        return [yield* begin(ctx, ctx.beginRpc<string>("remote", "slow", 60)), yield* begin(ctx, ctx.beginRpc<string>("remote", "fast", 20))] as const;
      };
      const open = yield* race(ctx, yield* begun());
      const ended = yield* begun();
      yield* ctx.sleep(200);
      return [open, yield* race(ctx, ended), yield* any(ctx, [rejected(new Error("no")), ...ended])];
    });
    expect(result).toEqual(["fast", "slow", "slow"]);
  });

  const both = function* (ctx: Context) {
    return [yield* begin(ctx, ctx.beginRpc<string>("remote", "slow", 60)), yield* begin(ctx, ctx.beginRpc<string>("remote", "fast", 20))] as const;
  };

  it("take what had ended before in the order of the list, also after something that nobody waits for", async () => {
    const result = await run(function* (ctx) {
      const ended = yield* both(ctx);
      yield* ctx.sleep(200);
      yield* beginSleep(ctx, 60_000);
      yield* begin(ctx, ctx.beginRun(step("never")));
      return yield* race(ctx, ended);
    });
    expect(result).toBe("slow");
  });

  it("take what had ended before in the order of the list, where something else was waited for last", async () => {
    const result = await run(function* (ctx) {
      const long = yield* beginSleep(ctx, 200);
      const ended = yield* both(ctx);
      yield* ctx.run(step("short"));
      yield* long;
      const second = yield* race(ctx, ended);
      const again = yield* both(ctx);
      yield* race(ctx, [yield* beginSleep(ctx, 200)]);
      return [second, yield* race(ctx, again)];
    });
    expect(result).toEqual(["slow", "slow"]);
  });

  it("take the first to end, where what was begun before and not waited for ended later", async () => {
    const result = await run(function* (ctx) {
      const open = yield* both(ctx);
      yield* beginSleep(ctx, 40);
      return [yield* race(ctx, open), yield* race(ctx, open)];
    });
    expect(result).toEqual(["fast", "fast"]);
  });

  it("take what had ended before a nested generator began in the order of the list", async () => {
    const result = await run(function* (ctx) {
      const ended = yield* both(ctx);
      yield* ctx.sleep(200);
      return yield* yield* begin(
        ctx,
        ctx.beginRun(function* (child: Context) {
          return yield* race(child, ended);
        }),
      );
    });
    expect(result).toBe("slow");
  });

  it("of nothing", async () => {
    const result = await run(function* (ctx) {
      return [yield* all(ctx, []), yield* allSettled(ctx, []), described((yield* allSettled(ctx, [any(ctx, [])]))[0].status)];
    });
    expect(result).toEqual([[], [], "rejected"]);
  });

  it("take a workflow's promise, twice in one race", async () => {
    workers = new CrashingWorkers();
    const resonate = worker(workers, function* (ctx) {
      const approval = workflowPromise<string>(ctx, "approval");
      return yield* race(ctx, [yield* approval.get(), yield* approval.get(), yield* beginSleep(ctx, 5_000)]);
    });
    const running = await resonate.beginRpc("r", "test");
    await pause(60);
    await resonate.promises.resolve("r:approval", { data: Buffer.from('"yes"').toString("base64") });
    expect(await running.result()).toBe("yes");
  });
});

describe("races again and again", () => {
  it("slide a window over steps", async () => {
    const result = await run(function* (ctx) {
      const names = ["a", "b", "c", "d", "e"];
      const pending = new Map<string, Durable<string>>();
      const done: string[] = [];
      while (names.length > 0 || pending.size > 0) {
        const next = names.shift();
        if (next !== undefined) pending.set(next, yield* begin(ctx, ctx.beginRun(step(next, 100 - 15 * names.length))));
        if (pending.size < 2 && names.length > 0) continue;
        const name = yield* race(ctx, [...pending.values()]);
        pending.delete(name);
        done.push(name);
      }
      return done;
    });
    expect(result).toHaveLength(5);
    expect([...ran].sort()).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("take the losers of the race before", async () => {
    const result = await run(function* (ctx) {
      const calls: Durable<string>[] = [];
      for (const [name, ms] of [["a", 90], ["b", 10], ["c", 50]] as const) calls.push(yield* begin(ctx, ctx.beginRpc<string>("remote", name, ms)));
      const order: string[] = [];
      while (calls.length > 0) {
        const [index, name] = yield* race(ctx, calls.map((call, at) => mapped(call, (value) => [at, value] as const)));
        calls.splice(index, 1);
        order.push(String(name));
      }
      return order;
    });
    expect(result).toEqual(["b", "c", "a"]);
  });
});

describe("orTimeout", () => {
  it("overtakes a step that hangs, and the return does not wait for it", async () => {
    const begin_ = Date.now();
    const result = await run(function* (ctx) {
      const step_ = yield* begin(ctx, ctx.beginRun(hung));
      try {
        return yield* orTimeout(ctx, step_, 100);
      } catch (error) {
        return [described(error), yield* ctx.run(step("after"))];
      }
    });
    expect(result).toEqual([["TimeoutError", "Timeout occurred"], "after"]);
    expect(Date.now() - begin_).toBeLessThan(1_500);
  });

  it("gives what comes in time", async () => {
    const result = await run(function* (ctx) {
      const call = yield* begin(ctx, ctx.beginRpc<string>("remote", "call", 30));
      return [yield* orTimeout(ctx, yield* begin(ctx, ctx.beginRun(step("step", 20))), 2_000), yield* orTimeout(ctx, call, 2_000)];
    });
    expect(result).toEqual(["step", "call"]);
  });

  it("ends nothing: what is late can be awaited still", async () => {
    const result = await run(function* (ctx) {
      const call = yield* begin(ctx, ctx.beginRpc<string>("remote", "call", 300));
      const late = yield* beginOrTimeout(ctx, call, 50);
      const [end] = yield* allSettled(ctx, [late]);
      return [end.status, yield* call];
    });
    expect(result).toEqual(["rejected", "call"]);
  });
});

describe("a step", () => {
  it("that a timeout overtook runs on, once, while the invocation suspends, and can be awaited later", async () => {
    const result = await run(function* (ctx) {
      const slow = yield* begin(ctx, ctx.beginRun(step("slow", 250)));
      const [end] = yield* allSettled(ctx, [yield* beginOrTimeout(ctx, slow, 30)]);
      yield* ctx.sleep(20);
      const suspended = Date.now();
      return [end.status, yield* orTimeout(ctx, slow, 5_000), yield* slow, suspended > 0];
    });
    expect(result).toEqual(["rejected", "slow", "slow", true]);
    expect(ran).toEqual(["slow"]);
  });

  it("is awaited in a nested generator, and gives what JSON makes of its result", async () => {
    const result = await run(function* (ctx) {
      const date = yield* begin(ctx, ctx.beginRun(() => ({ at: new Date(0), gone: undefined })));
      const nested = yield* begin(ctx, ctx.beginRun(function* () {
        return yield* date;
      }));
      return [typeof (yield* date).at, Object.keys(yield* date), yield* nested];
    });
    expect(result).toEqual(["string", ["at"], { at: "1970-01-01T00:00:00.000Z" }]);
  });

  it("is retried by its policy, while it is raced", async () => {
    const attempts: number[] = [];
    const result = await run(function* (ctx) {
      const flaky = (inner: Context): string => {
        attempts.push(inner.info.attempt);
        if (inner.info.attempt < 3) throw new Error("not yet");
        return "third";
      };
      const timer = mapped(yield* beginSleep(ctx, 5_000), () => "late");
      return yield* race(ctx, [yield* begin(ctx, ctx.beginRun(flaky, ctx.options({ retryPolicy: new Constant({ delay: 10 }) }))), timer]);
    });
    expect(result).toBe("third");
    expect(attempts).toEqual([1, 2, 3]);
  });

  it("fails at once with an error that is not to be retried", async () => {
    const result = await run(function* (ctx) {
      const bad = yield* begin(ctx, ctx.beginRun(() => Promise.reject(new RangeError("bad")), ctx.options({ nonRetryableErrors: [RangeError] })));
      return yield* mapped(bad, (_, failure) => described(failure));
    });
    expect(result).toEqual(["TerminalError", "bad"]);
  });

  it("whose result is noted does not run again after a crash", async () => {
    const count = (): number => ran.filter((name) => name === "raced").length;
    const deaths = await dieAtEveryRequest(async (everyone, death) => {
      ran.length = 0;
      let noted: number | undefined;
      const handler: Handler = function* (ctx) {
        const raced = yield* begin(ctx, ctx.beginRun(step("raced")));
        const winner = yield* race(ctx, [raced, yield* beginSleep(ctx, 5_000)]);
        yield* ctx.run(() => void (noted ??= count()));
        return winner;
      };
      worker(everyone, handler, death);
      const running = everyone.start("outside").rpc("r", "test");
      await pause(10);
      worker(everyone, handler);
      expect(await running).toBe("raced");
      expect(count()).toBeLessThanOrEqual(2);
      expect(count(), `died with request ${death.request}`).toBe(noted);
    });
    expect(deaths).toBeGreaterThan(20);
  });
});

describe("mapped", () => {
  it("is lazy, runs once, and sees failures", async () => {
    const calls: unknown[] = [];
    const result = await run(function* (ctx) {
      const never = mapped(resolved(1), () => calls.push("never"));
      const doubled = mapped(yield* begin(ctx, ctx.beginRun(() => 21)), (value = 0) => (calls.push("double"), value * 2));
      const caught = mapped(yield* begin(ctx, ctx.beginRun(failing("bad"), once(ctx))), (_, failure) => failure?.message);
      void never;
      return [yield* doubled, yield* doubled, yield* caught];
    });
    expect(result).toEqual([42, 42, "bad"]);
    expect(calls).toEqual(["double"]);
  });
});

describe("what nobody awaits", () => {
  it("holds up no return, and fails none", async () => {
    const result = await run(function* (ctx) {
      yield* begin(ctx, ctx.beginRun(failing("unseen"), once(ctx)));
      yield* begin(ctx, ctx.beginRpc("remote", "bad", 10_000));
      yield* begin(ctx, ctx.beginRun(hung));
      yield* beginSleep(ctx, 60_000);
      yield* begin(ctx, ctx.beginRun(function* (child: Context) {
        yield* (yield* awakeable(child)).promise;
      }));
      return "returned";
    });
    expect(result).toBe("returned");
  });

  it("of plain `beginRun` that fails does not fail the return either", async () => {
    const result = await run(function* (ctx) {
      yield* ctx.beginRun(failing("unseen"), once(ctx));
      return "returned";
    }, "held");
    expect(result).toBe("returned");
  });
});

describe("nested generators", () => {
  it("run concurrently, are raced, and fail alone", async () => {
    const result = await run(function* (ctx) {
      const work = function* (child: Context, name: string, ms: number) {
        yield* child.sleep(ms);
        if (name === "bad") throw new Error("bad");
        return yield* child.run(step(name));
      };
      const a = yield* begin(ctx, ctx.beginRun(work, "a", 150));
      const b = yield* begin(ctx, ctx.beginRun(work, "b", 40));
      const bad = yield* begin(ctx, ctx.beginRun(work, "bad", 10));
      return [yield* any(ctx, [bad, a, b]), yield* all(ctx, [a, b]), (yield* allSettled(ctx, [bad]))[0].status];
    });
    expect(result).toEqual(["b", ["a", "b"], "rejected"]);
    expect([...ran].sort()).toEqual(["a", "b"]);
  });

  it("may await one handle together", async () => {
    const result = await run(function* (ctx) {
      const call = yield* begin(ctx, ctx.beginRpc<string>("remote", "call", 60));
      const both = function* () {
        return yield* call;
      };
      const one = yield* begin(ctx, ctx.beginRun(both));
      const two = yield* begin(ctx, ctx.beginRun(both));
      return yield* all(ctx, [one, two, call]);
    });
    expect(result).toEqual(["call", "call", "call"]);
  });
});

it("a nested generator may take as long as its invocation", async () => {
  workers = new CrashingWorkers();
  const resonate = worker(workers, function* (ctx) {
    return yield* yield* begin(ctx, ctx.beginRun(function* (child: Context) {
      yield* child.sleep(3 * 86_400_000);
      return "slept";
    }));
  });
  const now = Date.now;
  const running = resonate.rpc("r", "test", resonate.options({ timeout: noDeadline }));
  try {
    for (const days of [0, 2, 4]) {
      Date.now = () => now() + days * 86_400_000;
      await pause(80);
    }
    expect(await running).toBe("slept");
  } finally {
    Date.now = now;
  }
});

describe("a workflow's promise", () => {
  it("is awaited in nested generators together", async () => {
    workers = new CrashingWorkers();
    const resonate = worker(workers, function* (ctx) {
      const both = function* (child: Context) {
        return yield* workflowPromise<string>(child, "approval");
      };
      return yield* all(ctx, [yield* begin(ctx, ctx.beginRun(both)), yield* begin(ctx, ctx.beginRun(both))]);
    });
    const running = resonate.rpc("r", "test");
    await pause(60);
    await resonate.promises.resolve("r:approval", { data: Buffer.from('"yes"').toString("base64") });
    expect(await running).toEqual(["yes", "yes"]);
  });
});

describe("after a crash at any request", () => {
  const programs: Record<string, { handler: Handler; result: unknown }> = {
    "a race of calls, its losers raced again": {
      *handler(ctx) {
        const a = yield* begin(ctx, ctx.beginRpc<string>("remote", "a", 70));
        const b = yield* begin(ctx, ctx.beginRpc<string>("remote", "b", 20));
        const first = yield* race(ctx, [a, b]);
        yield* ctx.run(step(`first ${first}`));
        return [first, yield* race(ctx, [a, yield* beginSleep(ctx, 5_000)])];
      },
      result: ["b", "a"],
    },
    "a hung step, a timeout, and what comes after": {
      *handler(ctx) {
        const [end] = yield* allSettled(ctx, [yield* beginOrTimeout(ctx, yield* begin(ctx, ctx.beginRun(hung)), 60)]);
        yield* ctx.sleep(5);
        return [end.status, yield* ctx.run(step("after"))];
      },
      result: ["rejected", "after"],
    },
    "steps and nested generators": {
      *handler(ctx) {
        const one = yield* begin(ctx, ctx.beginRun(step("one", 5)));
        const two = yield* begin(ctx, ctx.beginRun(function* (child: Context) {
          yield* child.sleep(20);
          return yield* child.run(step("two"));
        }));
        const left = yield* begin(ctx, ctx.beginRun(function* (child: Context) {
          yield* child.sleep(60_000);
        }));
        return [yield* all(ctx, [one, two]), yield* race(ctx, [left, two])];
      },
      result: [["one", "two"], "two"],
    },
  };

  it.each(Object.entries(programs))("%s", async (_, { handler, result }) => {
    const deaths = await dieAtEveryRequest(async (everyone, death) => {
      ran.length = 0;
      worker(everyone, handler, death);
      const outside = everyone.start("outside");
      const running = outside.rpc("r", "test");
      await pause(15);
      worker(everyone, handler);
      expect(await outcome(running), `died with request ${death.request}`).toEqual(result);
      for (const name of new Set(ran)) expect(ran.filter((one) => one === name).length, name).toBeLessThanOrEqual(2);
    });
    expect(deaths).toBeGreaterThan(20);
  });
});
