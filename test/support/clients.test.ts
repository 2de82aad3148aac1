import { type Context, Resonate } from "@resonatehq/sdk";
import { afterEach, describe, expect, it } from "vitest";
import { attachTo, callId, outputOf, resultOf, submit } from "../../src/support/clients.js";
import { TerminalError } from "../../src/support/errors.js";
import { workflowId } from "../../src/support/ids.js";

let resonate: Resonate | undefined;
afterEach(() => resonate?.stop());

const ran: string[] = [];
const gates = new Map<string, () => void>();

function begun(): Resonate {
  ran.length = 0;
  const client = new Resonate();
  client.register("open", function* (ctx: Context, key: string, amount: number) {
    ran.push(key);
    yield* ctx.run(() => (key === "waits" ? new Promise<void>((resolve) => gates.set(key, resolve)) : undefined));
    if (amount < 0) throw new TerminalError("too little", { errorCode: 422 });
    return amount * 2;
  });
  resonate = client;
  return client;
}

describe("submit", () => {
  it("starts once, says whether it did, and gives what is needed to wait for the result", async () => {
    const client = begun();
    const id = workflowId("Account", "a");
    const first = await submit<number>(client, id, "open", ["a", 3]);
    const second = await submit<number>(client, id, "open", ["a", 4]);
    expect([first.status, second.status]).toEqual(["Accepted", "PreviouslyAccepted"]);
    expect(first).toMatchObject({ invocationId: id, attachable: true });
    const elsewhere = JSON.parse(JSON.stringify(second)) as typeof second;
    expect(await resultOf(client, elsewhere)).toBe(6);
    expect(ran).toEqual(["a"]);
  });

  it("starts later where a delay says so", async () => {
    const client = begun();
    const begin = Date.now();
    const sent = await submit<number>(client, "late", "open", ["b", 1], { delay: 400 });
    expect(ran).toEqual([]);
    expect(await resultOf(client, sent)).toBe(2);
    expect(Date.now() - begin).toBeGreaterThanOrEqual(400);
  });
});

describe("a result by its id", () => {
  it("is there once the invocation has ended", async () => {
    const client = begun();
    await submit(client, "w", "open", ["waits", 5]);
    const early = await outputOf<number>(client, "w");
    expect(early.ready).toBe(false);
    expect(() => early.result).toThrow("w has no result yet");
    const attached = attachTo<number>(client, "w");
    await expect.poll(() => gates.has("waits")).toBe(true);
    gates.get("waits")?.();
    expect(await attached).toBe(10);
    expect(await outputOf<number>(client, "w")).toEqual({ ready: true, result: 10 });
  });

  it("is thrown where the invocation failed, with the code of its error", async () => {
    const client = begun();
    await submit(client, "bad", "open", ["c", -1]);
    for (const look of [() => attachTo(client, "bad"), () => outputOf(client, "bad")]) {
      const error: unknown = await look().then(() => undefined, (thrown: unknown) => thrown);
      expect(error instanceof TerminalError && [error.code, error.message]).toEqual([422, "too little"]);
    }
  });

  it("is an error of code 404 where there is no such invocation", async () => {
    const client = begun();
    for (const look of [() => attachTo(client, "nothing"), () => outputOf(client, "nothing")]) {
      await expect(look()).rejects.toMatchObject({ name: "TerminalError", code: 404, message: "No invocation has the id nothing" });
    }
  });
});

describe("callId", () => {
  it("is one for each handler, key and idempotency key", () => {
    const ids = [callId("Shelf/add", "k"), callId("Shelf/take", "k"), callId("Shelf/add", "k", "a"), callId("Shelf/add", "a", "k"), callId("Shelf/add", "a/b", "c"), callId("Shelf/add", "b", "a/c"), callId("Shelf/add", "b/c", "a")];
    expect(new Set(ids).size).toBe(ids.length);
    expect(callId("Shelf/add", "k", "a")).toBe(ids[2]);
  });

  it("is a legal id whatever the keys contain", async () => {
    const client = begun();
    await expect(client.rpc(callId("Account/open", "a:b%c d/é", "x:1"), "open", "x", 1)).resolves.toBe(2);
  });

  it("is new for every call without an idempotency key", () => {
    expect(callId("Shelf/add", undefined)).not.toBe(callId("Shelf/add", undefined));
    expect(callId("Shelf/add", "")).not.toBe(callId("Shelf/add", ""));
  });
});
