import { Codec, type Context, Resonate } from "@resonatehq/sdk";
import { afterAll, describe, expect, it } from "vitest";
import { asTerminalError, CancelledError, isTerminal, messageOf, RetryableError, TerminalError, TimeoutError } from "../../src/support/errors.js";

class Declined extends TerminalError {
  override name = "Declined";
  readonly reason = "limit";
}

/** As the SDK stores an error and reads it again, `times` in a row. */
function stored(error: unknown, times = 1): unknown {
  const codec = new Codec();
  return times === 0 ? error : stored(codec.decode(codec.encode(error)), times - 1);
}

const view = (error: unknown) => ({
  terminal: error instanceof TerminalError,
  declined: error instanceof Declined,
  timeout: error instanceof TimeoutError,
  name: (error as Error).name,
  message: (error as Error).message,
  code: (error as TerminalError).code,
  metadata: (error as TerminalError).metadata,
  own: Object.getOwnPropertyNames(error).sort(),
});

describe("TerminalError", () => {
  it("is made as in Restate", () => {
    const cause = new RangeError("too much");
    const error = new TerminalError("no", { errorCode: 409, metadata: { order: "7" }, cause });
    expect(error).toMatchObject({ name: "TerminalError", message: "no", code: 409, metadata: { order: "7" }, cause });
    expect(new TerminalError("no")).toMatchObject({ code: 500, metadata: {} });
    expect("cause" in new TerminalError("no")).toBe(false);
    expect(new TimeoutError()).toMatchObject({ name: "TimeoutError", message: "Timeout occurred", code: 408 });
    expect(new CancelledError()).toMatchObject({ name: "CancelledError", message: "Cancelled", code: 409 });
    expect(String(error)).toBe("TerminalError: no");
  });

  it.each([1, 2, 3, 7])("is the same after it has been stored %i times", (times) => {
    const made = () => new TerminalError("no", { errorCode: 409, metadata: { order: "7" } });
    const read = stored(made(), times);
    expect(view(read)).toEqual(view(made()));
    expect((read as Error).stack).toContain("errors.test.ts");
  });

  it("has code and metadata before anyone asks for its class, where it was thrown one hop away", () => {
    expect(stored(new TerminalError("no", { errorCode: 409, metadata: { order: "7" } }))).toMatchObject({ name: "TerminalError", message: "no", code: 409, metadata: { order: "7" } });
  });

  it("keeps a subclass until it is stored, and not longer, in whichever pass", () => {
    const error = new Declined("no", { errorCode: 402, cause: new Error("limit") });
    expect(view(error)).toMatchObject({ terminal: true, declined: true, name: "Declined", code: 402 });
    const read = stored(error);
    expect(view(error)).toMatchObject({ terminal: true, declined: false, name: "TerminalError", code: 402 });
    expect(view(read)).toEqual(view(error));
    expect([(error as Partial<Declined>).reason, error.cause]).toEqual([undefined, undefined]);
  });

  it("is what the SDK's own codec makes of any error of that name", () => {
    const plain = Object.assign(new Error("no"), { name: "TerminalError" });
    expect(view(stored(plain))).toEqual(view(new TerminalError("no")));
    const other = Object.assign(new Error("no"), { name: "TerminalError", code: 404, metadata: { a: "b" } });
    expect(view(other)).toEqual(view(new TerminalError("no", { errorCode: 404, metadata: { a: "b" } })));
  });

  it("is nothing else", () => {
    for (const value of [new Error("TerminalError"), new RangeError("no"), { name: "TerminalError" }, "TerminalError", null, undefined, 7, new AggregateError([], "no"), new RetryableError("no")]) {
      expect(isTerminal(value)).toBe(false);
    }
    const aggregate = stored(new AggregateError([new TerminalError("a", { errorCode: 404 }), new Error("b")], "both")) as AggregateError;
    expect(aggregate).toBeInstanceOf(AggregateError);
    expect(aggregate.errors.map((error) => [error.message, isTerminal(error), error.code])).toEqual([["a", true, 404], ["b", false, undefined]]);
  });

  it("can be stored when it is frozen", () => {
    expect(view(stored(Object.freeze(new TerminalError("no", { errorCode: 404 }))))).toMatchObject({ terminal: true, code: 404 });
  });
});

describe("asTerminalError", () => {
  it.each<[unknown, string, number]>([
    [new RangeError("too much"), "too much", 500],
    [new RetryableError("later", { errorCode: 422 }), "later", 500],
    [new Declined("no", { errorCode: 402 }), "no", 402],
    ["text", 'Non-Error value: "text"', 500],
    [undefined, "Non-Error value: undefined", 500],
    [{ code: 433, message: "object" }, "object", 500],
    [{ a: 1n }, "Non-Error value: (no JSON representation)", 500],
  ])("makes of %o what Restate's caller gets", (thrown, message, code) => {
    expect(messageOf(thrown)).toBe(message);
    const error = asTerminalError(thrown);
    expect(view(error)).toMatchObject({ terminal: true, declined: false, name: "TerminalError", message, code, metadata: {} });
  });
});

describe("RetryableError", () => {
  it("wraps a failure", () => {
    const cause = new RangeError("busy");
    expect(RetryableError.from(cause, { retryAfter: { seconds: 2 } })).toMatchObject({ name: "RetryableError", message: "busy", retryAfter: { seconds: 2 }, cause });
    expect(RetryableError.from("text").message).toBe('Non-Error value: "text"');
  });
});

describe("on the SDK", () => {
  const resonate = new Resonate({ logLevel: "error" });
  afterAll(() => resonate.stop());
  const passes = new Map<string, unknown[]>();
  let attempts = 0;

  function* refuses() {
    throw new Declined("no", { errorCode: 402, metadata: { order: "7" } });
  }
  /** Rethrows what it is given: the code passes through two invocations. */
  function* passesOn(ctx: Context) {
    return yield* ctx.rpc(refuses);
  }
  function* meets(ctx: Context, how: "step" | "call" | "two calls" | "begun") {
    try {
      if (how === "step") yield* ctx.run(async () => { attempts++; throw new Declined("no", { errorCode: 402, metadata: { order: "7" } }); }, ctx.options({ nonRetryableErrors: [TerminalError] }));
      if (how === "call") yield* ctx.rpc(refuses);
      if (how === "two calls") yield* ctx.rpc(passesOn);
      if (how === "begun") yield* yield* ctx.beginRun(refuses);
    } catch (error) {
      passes.set(how, [...(passes.get(how) ?? []), view(error)]);
      yield* ctx.sleep(5);
      yield* ctx.sleep(5);
      throw error;
    }
  }
  for (const handler of [refuses, passesOn, meets]) resonate.register(handler.name, handler);

  it.each(["step", "call", "two calls", "begun"] as const)("gives the handler the same error in every pass: %s", async (how) => {
    attempts = 0;
    const caught = await resonate.rpc(`errors-${how}`, meets, how).then(
      () => undefined,
      (error: unknown) => error,
    );
    const seen = passes.get(how) ?? [];
    expect(seen.length).toBeGreaterThanOrEqual(3);
    const expected = view(new TerminalError("no", { errorCode: 402, metadata: { order: "7" } }));
    for (const pass of seen) expect(pass).toEqual(expected);
    expect(view(caught)).toEqual(expected);
    expect(attempts).toBe(how === "step" ? 1 : 0);
  });
});
