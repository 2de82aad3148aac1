import { type Context, Resonate } from "@resonatehq/sdk";
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, expectTypeOf, it, vi } from "vitest";
import type { ResultOf } from "../../src/support/result-of.js";
import type { ObjectState } from "../../src/support/state.js";
import type { StateStore, Turn } from "../../src/support/store-interface.js";
import { type Database, postgresPrograms, startPglite, startPostgres } from "./state-databases.js";
import { Workers } from "./state-workers.js";

type Support = typeof import("../../src/support/exclusive.js") & typeof import("../../src/support/state.js") & typeof import("../../src/support/store.js");

/** The support modules as a process finds them at its start: with the store that the environment chooses, and nothing kept. */
async function loadSupport(database: string | undefined): Promise<Support> {
  vi.resetModules();
  vi.stubEnv("DATABASE_URL", database ?? "");
  const loaded = { ...(await import("../../src/support/exclusive.js")), ...(await import("../../src/support/state.js")), ...(await import("../../src/support/store.js")) };
  await loaded.store(); // chosen while the environment is the test's
  return loaded;
}

/** A store of its own on a database, or on this process. */
async function openAnew(database: string | undefined): Promise<StateStore> {
  return (await loadSupport(database)).store();
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
const inTime = <T>(promise: Promise<T>, milliseconds: number): Promise<T> => Promise.race([promise, pause(milliseconds).then(() => Promise.reject(new Error(`nothing within ${milliseconds} ms`)))]);

/** A door for handlers to wait at, outside of what is durable. */
function door() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

const stores: [name: string, start: () => Promise<Database | undefined>, present: boolean][] = [
  ["memory", async () => undefined, true],
  ["Postgres (PGlite)", startPglite, true],
  ["Postgres (the machine's own)", () => startPostgres(postgresPrograms as string), postgresPrograms !== undefined],
];

for (const [name, start, present] of stores)
  describe.skipIf(!present)(`state and turns in ${name}`, () => {
    /** One query at a time, and compiled to WebAssembly. */
    const slow = name.includes("PGlite");
    let database: Database | undefined;
    let support: Support;
    let workers: Workers;
    /** A key of its own for each test. */
    let key = "";
    let tests = 0;

    beforeAll(async () => {
      database = await start();
      support = await loadSupport(database?.url);
    });
    afterAll(async () => {
      vi.unstubAllEnvs();
      // The stores say that their idle connections end.
      vi.spyOn(console, "warn").mockImplementation(() => undefined);
      await database?.stop();
      vi.restoreAllMocks();
    });
    beforeEach(() => {
      workers = new Workers();
      key = `${name} ' ${++tests}`;
    });
    afterEach(() => workers.stop());

    const counter = () => {
      const { stateOf } = support;
      return function* add(ctx: Context, of: string, amount: number) {
        const state = stateOf(ctx, "Counter", of);
        const count = ((yield* state.get<number>("count")) ?? 0) + amount;
        yield* state.set("count", count);
        return count;
      };
    };
    const entry = async (object: string, of: string, entryName: string) => JSON.parse((await (await support.store()).read(object, of, entryName)) ?? "null") as unknown;
    const queued = async (object: string, of: string) => (await support.store()).grant(object, of);

    it("loses no update of 50 parallel callers on one key, over three workers", async () => {
      const clients = [workers.start(), workers.start(), workers.start()];
      for (const client of clients) client.register("add", support.exclusive(client, "Counter", counter()));
      const begun = Date.now();
      const results = await Promise.all(Array.from({ length: 50 }, (_, i) => clients[i % 3]?.rpc<number>(`one-${i}`, "add", key, 1)));
      const seconds = (Date.now() - begun) / 1_000;
      console.log(`${name}: one key, 50 callers: ${Math.round(50 / seconds)} calls/s, ${workers.requests / 50} requests a call`);
      expect(results.sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
      expect(await entry("Counter", key, "count")).toBe(50);
      expect(await queued("Counter", key)).toBeNull();
    });

    it("loses no update over many keys", async () => {
      const clients = [workers.start(), workers.start()];
      for (const client of clients) client.register("add", support.exclusive(client, "Counter", counter()));
      const begun = Date.now();
      const keys = slow ? 200 : 1_000;
      const calls = 2 * keys;
      for (let from = 0; from < calls; from += 200)
        await Promise.all(Array.from({ length: 200 }, (_, i) => clients[i % 2]?.rpc(`many-${from + i}`, "add", `${key} ${(from + i) % keys}`, 1)));
      const seconds = (Date.now() - begun) / 1_000;
      console.log(`${name}: ${keys} keys: ${Math.round(calls / seconds)} calls/s, ${workers.requests / calls} requests a call`);
      for (let i = 0; i < keys; i++) expect(await entry("Counter", `${key} ${i}`, "count")).toBe(2);
    }, 120_000);

    it("keeps the order of sends from one handler, and queues a later call behind them", async () => {
      const client = new Resonate({ logLevel: "error" });
      const { exclusive, stateOf } = support;
      client.register(
        "note",
        exclusive(client, "Log", function* note(ctx: Context, of: string, line: number) {
          const lines = (yield* stateOf(ctx, "Log", of).get<number[]>("lines")) ?? [];
          yield* stateOf(ctx, "Log", of).set("lines", [...lines, line]);
          return lines.length;
        }),
      );
      client.register("sender", function* sender(ctx: Context) {
        for (let i = 0; i < 30; i++) yield* ctx.detached("note", key, i);
        return (yield* ctx.rpc<number>("note", key, 30)) as number;
      });
      expect(await client.rpc("sending", "sender")).toBe(30);
      expect(await entry("Log", key, "lines")).toEqual(Array.from({ length: 31 }, (_, i) => i));
      await client.stop();
    });

    it("keeps the order of sends that are queued in order over distant workers, each with modules of its own", async () => {
      const distance = () => (Math.random() < 0.1 ? 40 : 1);
      for (let i = 0; i < 3; i++) {
        const client = workers.start({ delay: distance });
        const { exclusive, inOrder, stateOf } = await loadSupport(database?.url);
        client.setDependency("resonate", client);
        client.register(
          "note",
          exclusive(client, "Log", function* note(ctx: Context, of: string, line: number) {
            const lines = (yield* stateOf(ctx, "Log", of).get<number[]>("lines")) ?? [];
            yield* stateOf(ctx, "Log", of).set("lines", [...lines, line]);
            return lines.length;
          }),
        );
        client.register("sender", function* sender(ctx: Context) {
          for (let line = 0; line < 20; line++) yield* inOrder(ctx, "Log", key, ctx.detached("note", key, line));
          return yield* ctx.rpc<number>("note", key, 20);
        });
      }
      expect(await workers.start().rpc("sending", "sender")).toBe(20);
      expect(await entry("Log", key, "lines")).toEqual(Array.from({ length: 21 }, (_, i) => i));
    });

    it("takes calls in the order they were made, whichever worker comes to them first", async () => {
      const client = workers.start();
      const turns = await support.store();
      for (const [id, arrived] of [["third", 30], ["first", 10], ["second", 20], ["second'", 20]] as const) await turns.enter({ object: "Order", key, id: `${key} ${id}`, task: `${key} ${id}` }, arrived);
      const order: string[] = [];
      for (let holder = await turns.grant("Order", key); holder !== null; holder = await turns.grant("Order", key)) {
        // Who has the turn keeps it, also when an older call comes.
        if (order.length === 0) await turns.enter({ object: "Order", key, id: `${key} late`, task: `${key} late` }, 1);
        expect((await turns.grant("Order", key))?.id).toBe(holder.id);
        order.push(holder.id.slice(key.length + 1));
        await turns.leave(holder);
      }
      expect(order).toEqual(["first", "late", "second", "second'", "third"]);
      await client.stop();
    });

    it("runs different keys, and shared handlers, in parallel", async () => {
      const client = workers.start();
      const { exclusive, stateOf } = support;
      const [written, read] = [door(), door()];
      client.register(
        "hold",
        exclusive(client, "Box", function* hold(ctx: Context, of: string) {
          yield* stateOf(ctx, "Box", of).set("half", 1);
          yield* ctx.run(async () => (written.open(), await read.opened));
          yield* stateOf(ctx, "Box", of).set("half", 2);
        }),
      );
      client.register("other", exclusive(client, "Box", function* other(ctx: Context, of: string) {
        yield* stateOf(ctx, "Box", of).set("half", 7);
      }));
      client.register("peek", function* peek(ctx: Context, of: string) {
        return yield* stateOf(ctx, "Box", of).get<number>("half");
      });
      const holding = client.rpc("hold-1", "hold", key);
      await written.opened;
      await inTime(client.rpc("other-1", "other", `${key} other`), 10_000);
      expect(await inTime(client.rpc("peek-1", "peek", key), 10_000)).toBe(1);
      read.open();
      await holding;
      expect(await client.rpc("peek-2", "peek", key)).toBe(2);
    });

    it("keeps what a failing handler wrote, and gives up its turn", async () => {
      const client = workers.start();
      const { exclusive, stateOf } = support;
      client.register("spoil", exclusive(client, "Counter", function* spoil(ctx: Context, of: string): Generator<unknown, never> {
        yield* stateOf(ctx, "Counter", of).set("count", 40);
        throw new Error("spoilt");
      }));
      client.register("add", exclusive(client, "Counter", counter()));
      await expect(client.rpc("spoil-1", "spoil", key)).rejects.toThrow("spoilt");
      expect(await client.rpc("after-spoil", "add", key, 2)).toBe(42);
    });

    it.each(["cancelled", "timed out", "cancelled while it waits"])("frees the key of a handler that is %s", async (how) => {
      const client = workers.start();
      const { exclusive } = support;
      const started = door();
      client.register("hang", exclusive(client, "Counter", function* hang(ctx: Context, _of: string): Generator<unknown, void> {
        yield* ctx.run(() => started.open());
        yield* yield* ctx.promise<void>({ tags: { "resonate:external": "true" } });
      }));
      client.register("add", exclusive(client, "Counter", counter()));
      const hanging = client.rpc("hang-1", "hang", key, client.options({ timeout: how === "timed out" ? 2_500 : 60_000 }));
      const hung = expect(hanging).rejects.toThrow(/cancel|timed/);
      await started.opened;
      const waiting = client.rpc<number>("wait-1", "add", key, 1);
      if (how === "cancelled while it waits") {
        const canceled = expect(waiting).rejects.toThrow(/cancel/);
        await pause(200);
        const last = client.rpc<number>("wait-2", "add", key, 5);
        await pause(200);
        await client.promises.cancel("wait-1");
        await canceled;
        await client.promises.cancel("hang-1");
        expect(await inTime(last, 8_000)).toBe(5);
      } else {
        await pause(300);
        if (how === "cancelled") await client.promises.cancel("hang-1");
        expect(await inTime(waiting, 8_000)).toBe(1);
      }
      await hung;
      expect(await queued("Counter", key)).toBeNull();
    });

    it("lets the next in at once where the one before is cancelled and a new call comes", async () => {
      const client = workers.start();
      const { exclusive } = support;
      const started = door();
      client.register("hang", exclusive(client, "Counter", function* hang(ctx: Context, _of: string): Generator<unknown, void> {
        yield* ctx.run(() => started.open());
        yield* yield* ctx.promise<void>({ tags: { "resonate:external": "true" } });
      }));
      client.register("add", exclusive(client, "Counter", counter()));
      client.rpc("hang-1", "hang", key).catch(() => undefined);
      await started.opened;
      await client.promises.cancel("hang-1");
      expect(await inTime(client.rpc<number>("new-1", "add", key, 1), 700)).toBe(1);
    });

    it.each([false, true])("finishes after a worker died at any request, whose effect is there: %s", async (lastTakesEffect) => {
      const inTurn = database === undefined ? 1 : 3;
      for (let requests = 1, died = true; died; requests += inTurn) {
        const round = new Workers();
        const of = `${key} ${requests}`;
        const [first, second] = [round.start({ requests, lastTakesEffect }), round.start()];
        for (const client of [first, second]) client.register("add", support.exclusive(client, "Counter", counter()));
        const results = await inTime(Promise.all([1, 2, 3, 4].map((i) => second.rpc<number>(`kill-${i}`, "add", of, 1))), 10_000);
        expect([...results].sort(), `died after ${requests} requests`).toEqual([1, 2, 3, 4]);
        expect(await entry("Counter", of, "count")).toBe(4);
        expect(await queued("Counter", of)).toBeNull();
        died = round.deaths > 0;
        if (!died) expect(requests, "requests of a worker that has two of the four calls").toBeGreaterThan(20);
        await round.stop();
      }
    }, 180_000);

    it("gives copies, null for what is missing, and what JSON makes of a value when it is set", async () => {
      const client = workers.start();
      const { exclusive, stateOf } = support;
      client.register("values", exclusive(client, "Values", function* values(ctx: Context, of: string) {
        const state = stateOf(ctx, "Values", of);
        const list = ["a"];
        const setting = state.set("list", list);
        list.push("b");
        yield* setting;
        const read = (yield* state.get<string[]>("list")) ?? [];
        read.push("c");
        yield* state.set("when", new Date(0));
        yield* state.set("none", undefined);
        yield* state.set("null", null);
        const seen: unknown[] = [yield* state.get("list"), yield* state.get("when"), (yield* state.get("none")) === undefined, yield* state.get("null"), yield* state.get("missing")];
        const keys = yield* state.stateKeys();
        yield* state.clear("when");
        const left = yield* state.stateKeys();
        yield* state.clearAll();
        return { seen, keys, left, end: yield* state.stateKeys() };
      }));
      expect(await client.rpc("values-1", "values", key)).toEqual({
        seen: [["a"], "1970-01-01T00:00:00.000Z", true, null, null],
        keys: ["list", "none", "null", "when"],
        left: ["list", "none", "null"],
        end: [],
      });
    });

    it("waits for itself in a self-call, as before, without spinning", async () => {
      const client = workers.start();
      const { exclusive } = support;
      client.register("again", exclusive(client, "Counter", function* again(ctx: Context, of: string, deep: boolean): Generator<unknown, string> {
        return deep ? "in" : ((yield* ctx.rpc("again", of, true)) as string);
      }));
      const call = client.rpc("self", "again", key, false);
      const failed = expect(call).rejects.toThrow(/cancel/);
      await pause(500);
      const before = workers.requests;
      const cpu = process.cpuUsage();
      await pause(2_000);
      expect(workers.requests - before).toBeLessThan(40);
      expect(process.cpuUsage(cpu).user).toBeLessThan(1_000_000);
      await client.promises.cancel("self");
      await failed;
    });

    it("refuses a write of a call that lost its turn", async () => {
      const client = workers.start();
      const { exclusive, stateOf } = support;
      const store = await support.store();
      const [writing, late] = [door(), door()];
      const write = store.write.bind(store);
      let refused: Promise<boolean> | undefined;
      const held = vi.spyOn(store, "write").mockImplementationOnce((...args) => {
        writing.open();
        refused = late.opened.then(() => write(...args));
        return refused;
      });
      client.register("put", exclusive(client, "Box", function* put(ctx: Context, of: string, value: string) {
        yield* stateOf(ctx, "Box", of).set("value", value);
      }));
      client.rpc("zombie", "put", key, "old").catch(() => undefined);
      await writing.opened;
      await client.promises.cancel("zombie");
      await client.rpc("successor", "put", key, "new");
      late.open();
      expect(await refused).toBe(false);
      expect(await entry("Box", key, "value")).toBe("new");
      held.mockRestore();
    });

    it("refuses a write outside of a turn, loudly", async () => {
      const client = workers.start();
      client.register("bare", counter());
      await expect(client.rpc("bare-1", "bare", key, 1)).rejects.toThrow(`Counter "${key}" is written outside its turn: register the handler with exclusive(resonate, "Counter", ...)`);
      client.register("bareClear", function* bareClear(ctx: Context, of: string) {
        yield* support.stateOf(ctx, "Counter", of).clearAll();
      });
      await expect(client.rpc("bare-2", "bareClear", key)).rejects.toThrow("outside its turn");
    });

    it("gives the turn of a key to one call at a time, through several stores that start at once", async () => {
      const stores = await Promise.all(Array.from({ length: 4 }, () => openAnew(database?.url)));
      const callers = slow ? 30 : 80;
      const inside = new Set<string>();
      let most = 0;
      const call = async (id: string, store: StateStore) => {
        const turn = { object: "Storm", key, id: `${key} ${id}`, task: `${key} ${id}` };
        await store.enter(turn, Math.floor(Math.random() * 5));
        while ((await store.grant("Storm", key))?.id !== turn.id) await pause(Math.random() * 5);
        inside.add(id);
        most = Math.max(most, inside.size);
        const count = Number((await store.read("Storm", key, "count")) ?? 0);
        expect(await store.write("Storm", key, turn.task, "count", String(count + 1))).toBe(true);
        inside.delete(id);
        await store.leave(turn);
        expect(await store.write("Storm", key, turn.task, "count", "0")).toBe(false);
      };
      await Promise.all(Array.from({ length: callers }, (_, i) => call(String(i), stores[i % 4] as StateStore)));
      expect(most).toBe(1);
      expect(await entry("Storm", key, "count")).toBe(callers);
    });

    it("has typed names and values, and keeps a handler's types", () => {
      const { exclusive, stateOf } = support;
      interface Entries {
        count: number;
        items: string[];
      }
      function* typed(ctx: Context, of: string, by?: number) {
        const state = stateOf<Entries>(ctx, "Typed", of);
        const items = yield* state.get("items");
        expectTypeOf(items).toEqualTypeOf<string[] | null>();
        yield* state.set("count", by ?? 1);
        expectTypeOf(state).toEqualTypeOf<ObjectState<Entries>>();
        expectTypeOf(stateOf(ctx, "Typed", of)).toEqualTypeOf<ObjectState>();
        // @ts-expect-error a text is no number
        yield* state.set("count", "1");
        // @ts-expect-error there is no such entry
        yield* state.get("other");
        return items?.length ?? 0;
      }
      const wrapped = exclusive(new Resonate({ logLevel: "error" }), "Typed", typed);
      expectTypeOf<Parameters<typeof wrapped>>().toEqualTypeOf<[ctx: Context, key: string, by?: number]>();
      expectTypeOf<ResultOf<typeof wrapped>>().toEqualTypeOf<number>();
    });
  });

describe.skipIf(postgresPrograms === undefined)("the store in Postgres, with sessions that wait for each other", () => {
  let database: Database;
  let client: Client;
  beforeAll(async () => {
    database = await startPostgres(postgresPrograms as string);
    client = new Client({ connectionString: database.url });
    await client.connect();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await client.end();
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    await database.stop();
    vi.restoreAllMocks();
  });

  it("creates its tables once where several workers start at once", async () => {
    const stores = await Promise.all(Array.from({ length: 6 }, () => openAnew(database.url)));
    await Promise.all(stores.map((store, i) => store.enter({ object: "Start", key: "k", id: `start ${i}`, task: `start ${i}` }, i)));
    const { rows } = await client.query("select id from durable_turns order by arrived");
    expect(rows.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4, 5].map((i) => `start ${i}`));
  });

  it("ends no turn in the middle of a write", async () => {
    const store = await openAnew(database.url);
    const [old, next] = ["old", "next"].map((id) => ({ object: "Box", key: "k", id, task: id })) as [Turn, Turn];
    for (const turn of [old, next]) await store.enter(turn, 1);
    await store.grant("Box", "k");
    await store.write("Box", "k", "old", "value", "0");
    const done: string[] = [];
    const note = (what: string) => () => void done.push(what);
    await client.query("begin");
    await client.query("select from durable_state where object = 'Box' for update");
    const writing = store.write("Box", "k", "old", "value", "1").then(note("write"));
    await pause(200); // the write has seen its turn, and waits for the entry
    const leaving = store.leave(old).then(note("leave"));
    await pause(200);
    expect(done).toEqual([]);
    expect((await store.grant("Box", "k"))?.id).toBe("old");
    await client.query("commit");
    await Promise.all([writing, leaving]);
    expect([...done].sort()).toEqual(["leave", "write"]);
    expect((await store.grant("Box", "k"))?.id).toBe("next");
    expect(await store.write("Box", "k", "old", "value", "2")).toBe(false);
    expect(await store.read("Box", "k", "value")).toBe("1");
  });

  it("gives no second turn while another session gives the first one", async () => {
    const store = await openAnew(database.url);
    const [older, newer] = ["older", "newer"].map((id) => ({ object: "Race", key: "k", id, task: id })) as [Turn, Turn];
    await store.enter(newer, 2);
    await client.query("begin");
    await client.query("update durable_turns set granted = true where id = 'newer'");
    await store.enter(older, 1);
    const granting = store.grant("Race", "k");
    await pause(200);
    await client.query("commit");
    expect((await granting)?.id).toBe("newer");
  });
});
