import type { Context } from "@resonatehq/sdk";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TerminalError } from "../../src/support/errors.js";
import { exclusive } from "../../src/support/exclusive.js";
import { retrying } from "../../src/support/retrying.js";
import { retried } from "../../src/support/steps.js";
import { atEveryRequest, DyingWorkers } from "./dying-workers.js";

// biome-ignore lint/suspicious/noExplicitAny: what a generator yields is the SDK's own
type Work = Generator<any, any, any>;

const patient = { timeout: 180_000 };
const quick = { initialInterval: 5, maxInterval: 10 };
let log: string[];
beforeEach(() => {
  log = [];
  vi.spyOn(console, "warn").mockImplementation(() => undefined);
});
afterEach(() => void vi.restoreAllMocks());

const note = (text: string) => () => void log.push(text);
const view = (error: unknown) => {
  const { name, message, code } = error as TerminalError;
  return { name, message, code };
};
/** The steps that ran, each once, in the order in which they ran first; and that only the step in flight at the death ran twice. */
function stepsOf(text: readonly string[]): string[] {
  const once = [...new Set(text)];
  expect(text.length - once.length).toBeLessThanOrEqual(1);
  return once;
}

describe("a saga, whose worker dies at any request", patient, () => {
  it("compensates after a terminal error, in the order and with the code it had", async () => {
    const deaths = await atEveryRequest(() => {
      log = [];
      const branches: string[] = [];
      return {
        register: (client) => {
          client.register("ship", retrying(function* (ctx: Context): Work {
            yield* ctx.run(() => { throw new TerminalError("no stock", { errorCode: 422, metadata: { item: "7" } }); }, ctx.options({ nonRetryableErrors: [TerminalError] }));
          }, quick));
          client.register("order", retrying(function* (ctx: Context): Work {
            const compensations: (() => Work)[] = [];
            try {
              compensations.push(function* () { yield* ctx.run(note("refund")); });
              yield* ctx.run(note("charge"));
              compensations.push(function* () { yield* ctx.run(note("release")); });
              yield* ctx.run(note("reserve"));
              yield* ctx.rpc("ship");
            } catch (error) {
              branches.push(error instanceof TerminalError ? `terminal ${error.code} ${error.metadata.item}` : "transient");
              if (error instanceof TerminalError) for (const compensate of compensations.reverse()) yield* compensate();
              throw error;
            } finally {
              yield* ctx.run(note("close"));
            }
          }, quick));
        },
        check: (outcome) => {
          expect(outcome).toBeInstanceOf(TerminalError);
          expect(outcome).toMatchObject({ message: "no stock", code: 422, metadata: { item: "7" } });
          expect(new Set(branches)).toEqual(new Set(["terminal 422 7"]));
          expect(stepsOf(log)).toEqual(["charge", "reserve", "release", "refund", "close"]);
        },
      };
    }, "order-1", "order");
    expect(deaths).toBeGreaterThan(30);
  });

  it("does not compensate after an error that is not terminal, and goes on", async () => {
    const deaths = await atEveryRequest(() => {
      log = [];
      let failures = 0;
      return {
        register: (client) => {
          client.register("order", retrying(function* (ctx: Context): Work {
            yield* ctx.run(note("charge"));
            try {
              if (failures++ < 2) throw new Error("transient");
              yield* ctx.run(note("ship"));
            } catch (error) {
              if (error instanceof TerminalError) yield* ctx.run(note("refund"));
              throw error;
            }
            return "shipped";
          }, quick));
        },
        check: (outcome) => {
          expect(outcome).toBe("shipped");
          expect(stepsOf(log)).toEqual(["charge", "ship"]);
        },
      };
    }, "order-1", "order");
    expect(deaths).toBeGreaterThan(20);
  });

  it("goes on with a compensation that fails, from where it failed", async () => {
    const deaths = await atEveryRequest(() => {
      log = [];
      let failedSteps = 0;
      let failures = 0;
      return {
        register: (client) => {
          client.register("order", retrying(function* (ctx: Context): Work {
            yield* ctx.run(note("charge"));
            try {
              yield* ctx.run(...retried(ctx, () => { throw new Error("no carrier"); }, { maxRetryAttempts: 2, initialRetryInterval: 1 }));
            } catch (error) {
              if (!(error instanceof TerminalError)) throw error;
              yield* ctx.run(...retried(ctx, () => { if (failedSteps++ < 2) throw new Error("busy"); log.push("refund"); }, { initialRetryInterval: 1 }));
              if (failures++ < 2) throw new Error("transient");
              yield* ctx.run(note("tell"));
              throw error;
            }
          }, quick));
        },
        check: (outcome) => {
          expect(view(outcome)).toEqual({ name: "TerminalError", message: "no carrier", code: 500 });
          expect(stepsOf(log)).toEqual(["charge", "refund", "tell"]);
        },
      };
    }, "order-1", "order");
    expect(deaths).toBeGreaterThan(20);
  });
});

describe("an exclusive handler that is tried again", () => {
  it("keeps its key between the attempts", async () => {
    const workers = new DyingWorkers();
    const { client } = workers.start();
    let failures = 0;
    function* deposit(ctx: Context, key: string, amount: number): Work {
      yield* ctx.run(note(`${key} ${amount} begins`));
      if (amount === 1 && failures++ < 3) throw new Error("transient");
      yield* ctx.run(note(`${key} ${amount} ends`));
      return amount;
    }
    client.register("deposit", exclusive(client, "Account", retrying(deposit, { initialInterval: 50 })));
    const first = client.rpc("one", "deposit", "a", 1);
    await vi.waitFor(() => expect(log).toContain("a 1 begins"), 5_000);
    expect(await Promise.all([first, client.rpc("two", "deposit", "a", 2), client.rpc("three", "deposit", "b", 3)])).toEqual([1, 2, 3]);
    expect(log.filter((text) => text.startsWith("a"))).toEqual(["a 1 begins", "a 1 ends", "a 2 begins", "a 2 ends"]);
    expect(log.indexOf("b 3 ends")).toBeLessThan(log.indexOf("a 1 ends"));
    await workers.stop();
  }, 20_000);
});
