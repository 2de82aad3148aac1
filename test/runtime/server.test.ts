import { LocalNetwork, type Message, type Network } from "@resonatehq/sdk";
import { describe, expect, test, vi } from "vitest";
import { parseAddress } from "../../src/runtime/addresses.js";
import { DurableServer } from "../../src/runtime/server.js";
import { acquire, create, externalTags, get, handDriven, invoke, listen, release, rootTags, settle, suspend } from "./requests.js";

const DAY = 24 * 60 * 60 * 1_000;

test.each([
  ["local://any@default", { mode: "anycast", group: "default" }],
  ["poll://any@orders/p1", { mode: "anycast", group: "orders", pid: "p1" }],
  ["local://uni@orders/p/1", { mode: "unicast", group: "orders", pid: "p/1" }],
  ["orders", { mode: "anycast", group: "orders" }],
  ["https://example.com/hook", undefined],
  ["", undefined],
])("the address %j", (text, address) => {
  expect(parseAddress(text)).toEqual(address);
});

describe("messages", () => {
  test("an offer goes to one worker of the group, each in turn; the others and other groups get nothing", () => {
    const { status, deliver, worker } = handDriven();
    const [first, second, other] = [worker("default", "p1"), worker("default", "p2"), worker("kitchen", "p3")];
    for (const id of ["a", "b", "c"]) expect(status(invoke(id, "f"))).toBe(200);
    deliver();
    expect([first.inbox, second.inbox, other.inbox]).toEqual([["execute a 0", "execute c 0"], ["execute b 0"], []]);
  });

  test("an anycast address that names a worker prefers it, and does without it", () => {
    const { status, deliver, worker } = handDriven();
    const [first, second] = [worker("default", "p1"), worker("default", "p2")];
    const tags = { ...rootTags("a"), "resonate:target": second.connection.anycast };
    status(create("a", { tags }));
    status(create("b", { tags: { ...rootTags("b"), "resonate:target": "local://any@default/gone" } }));
    deliver();
    expect([first.inbox, second.inbox]).toEqual([["execute b 0"], ["execute a 0"]]);
  });

  test("what nobody can take waits for a worker of its group, and for the one it names", () => {
    const { status, deliver, worker } = handDriven();
    status(invoke("a", "f"));
    status(create("b", { tags: { ...rootTags("b"), "resonate:target": "local://uni@default/p2" } }));
    deliver();
    const first = worker("default", "p1");
    deliver();
    const second = worker("default", "p2");
    deliver();
    expect([first.inbox, second.inbox]).toEqual([["execute a 0"], ["execute b 0"]]);
  });

  test("leave nothing behind in the engine, which keeps a copy of each", () => {
    const { server, status, deliver, worker } = handDriven();
    worker("default", "p1");
    status(invoke("a", "f"));
    deliver();
    expect(server.handle({ kind: "debug.snap", head: { corrId: "", version: "" }, data: {} })).toMatchObject({ data: { messages: [] } });
  });

  test("are never brought from inside a request", () => {
    const { status, deliver, worker } = handDriven();
    const { inbox } = worker("default", "p1");
    status(invoke("a", "f"));
    expect(inbox).toEqual([]);
    deliver();
    expect(inbox).toEqual(["execute a 0"]);
  });

  test("an offer that a worker left unanswered goes to another when it leaves; one it acquired does not", () => {
    const { status, deliver, worker } = handDriven();
    const first = worker("default", "p1");
    for (const id of ["a", "b"]) status(invoke(id, "f"));
    deliver();
    status(acquire("b", 0, "p1"));
    const second = worker("default", "p2");
    first.connection.disconnect();
    first.connection.disconnect();
    deliver();
    expect(second.inbox).toEqual(["execute a 0"]);
  });

  test("an unanswered offer is made again every 30 s", () => {
    const { status, at, deliver, worker } = handDriven();
    const { inbox } = worker("default", "p1");
    status(invoke("a", "f"));
    deliver();
    at(29_999);
    expect(inbox).toHaveLength(1);
    at(30_000);
    expect(inbox).toEqual(["execute a 0", "execute a 0"]);
  });

  test("a caller hears that a promise was settled", () => {
    const { status, deliver, worker } = handDriven();
    const { inbox, connection } = worker("callers", "p1");
    status(invoke("a", "f"));
    status(listen("a", connection.unicast));
    status(settle("a", 1));
    deliver();
    expect(inbox).toEqual(["unblock a"]);
  });

  test("notices for callers that are gone are not kept without end", () => {
    const { status, deliver, worker } = handDriven();
    for (let at = 0; at < 1_100; at += 1) {
      status(invoke(`p${at}`, "f"));
      status(listen(`p${at}`, "local://uni@callers/gone"));
      status(settle(`p${at}`, 1));
    }
    deliver();
    const { inbox } = worker("callers", "gone");
    deliver();
    expect(inbox).toHaveLength(1_000);
    expect(inbox.at(-1)).toBe("unblock p1099");
  });
});

describe("tasks", () => {
  test("of two workers that want one task, one acquires it", () => {
    const { status } = handDriven();
    status(invoke("a", "f"));
    expect([status(acquire("a", 0, "p1")), status(acquire("a", 0, "p2"))]).toEqual([200, 409]);
  });

  test("a second copy of a message acquires nothing", () => {
    const { status, deliver, worker } = handDriven();
    worker("default", "p1");
    status(invoke("a", "f"));
    deliver();
    expect([status(acquire("a", 0, "p1")), status(acquire("a", 0, "p1"))]).toEqual([200, 409]);
  });

  test("a lease that is not renewed ends, and another worker gets the task", () => {
    const { server, status, at, deliver, worker } = handDriven();
    const { inbox } = worker("default", "p2");
    status(invoke("a", "f"));
    deliver();
    status(acquire("a", 0, "p1", 1_000));
    expect([server.busy, server.nextDeadline()]).toEqual([true, 1_000]);
    at(999);
    expect(server.busy).toBe(true);
    at(1_000);
    expect([server.busy, inbox]).toEqual([false, ["execute a 0", "execute a 1"]]);
    expect(status(acquire("a", 1, "p2"))).toBe(200);
    expect(status(settle("a:0", 1))).toBe(404);
  });

  test("expireLeases hands back what that worker holds, and nothing else", () => {
    const { server, status, deliver, worker } = handDriven();
    const { inbox } = worker("default", "p3");
    for (const id of ["a", "b"]) status(invoke(id, "f"));
    status(acquire("a", 0, "p1"));
    status(acquire("b", 0, "p2"));
    server.expireLeases("p1");
    deliver();
    expect(inbox).toEqual(["execute a 1"]);
    expect(server.snapshot().tasks.map(({ id, state }) => [id, state])).toEqual([["a", "pending"], ["b", "acquired"]]);
    server.expireLeases("p2");
    expect(server.busy).toBe(false);
  });

  test("a delayed one is not offered before its time", () => {
    const { status, at, worker } = handDriven();
    const { inbox } = worker("default", "p1");
    status(create("a", { tags: { ...rootTags("a"), "resonate:delay": String(3 * DAY) } }));
    at(3 * DAY - 1);
    expect(inbox).toEqual([]);
    at(3 * DAY);
    expect(inbox).toEqual(["execute a 0"]);
  });
});

describe("time", () => {
  test("a timer of thirty days is one deadline, and its task is nobody's", () => {
    const { server, status, at, deliver, worker, state } = handDriven();
    const { inbox } = worker("default", "p1");
    const tags = { ...externalTags("a:0", "a"), "resonate:timer": "true", "resonate:target": "local://any@default" };
    status(invoke("a", "f"));
    status(acquire("a", 0, "p1", 31 * DAY));
    status(create("a:0", { timeoutAt: 30 * DAY, tags }));
    expect(status(suspend("a", 1, ["a:0"]))).toBe(200);
    deliver();
    expect(inbox).toEqual([]);
    expect(server.nextDeadline()).toBe(30 * DAY);
    at(30 * DAY - 1);
    expect(state("a:0")).toBe("pending");
    at(30 * DAY);
    expect([state("a:0"), inbox]).toEqual(["resolved", ["execute a 1"]]);
  });

  test.each([
    ["an external promise", { "resonate:external": "true" }, "rejected_timedout"],
    ["a timer without a target", { "resonate:timer": "true" }, "resolved"],
  ])("%s expires and wakes the task that waits for it", (_, tag, expected) => {
    const { server, status, at, worker, state } = handDriven();
    const { inbox } = worker("default", "p2");
    status(invoke("a", "f"));
    status(acquire("a", 0, "p1"));
    const tags: Record<string, string> = { ...externalTags("a:0", "a"), ...tag };
    status(create("a:0", { timeoutAt: 3 * DAY, tags }));
    status(suspend("a", 1, ["a:0"]));
    expect(server.nextDeadline()).toBe(3 * DAY);
    at(3 * DAY);
    expect([state("a:0"), inbox]).toEqual([expected, ["execute a 1"]]);
  });

  test("an external promise that was settled in time stays as it is", () => {
    const { server, status, at, state } = handDriven();
    status(create("a:0", { timeoutAt: DAY, tags: externalTags("a:0", "a") }));
    status(settle("a:0", "yes"));
    expect(server.nextDeadline()).toBeUndefined();
    at(2 * DAY);
    expect(state("a:0")).toBe("resolved");
  });

  test("a promise that is neither awaitable nor anybody's task has no deadline of its own", () => {
    const { server, status } = handDriven();
    status(create("a", { timeoutAt: DAY }));
    expect(server.nextDeadline()).toBeUndefined();
  });

  test("a schedule fires each of the runs that a jump of the clock has missed", () => {
    const { server, status, at } = handDriven();
    const data = { id: "report", cron: "0 0 * * *", promiseId: "{{.id}}-{{.timestamp}}", promiseTimeout: DAY, promiseParam: {}, promiseTags: { "resonate:target": "default" } };
    const first = () => server.nextDeadline() ?? 0;
    expect(status({ kind: "schedule.create", head: { corrId: "", version: "" }, data })).toBe(200);
    const start = first();
    at(start + 3 * DAY);
    const fired = server.snapshot().promises.map(({ id }) => id);
    expect(fired).toEqual([0, 1, 2, 3].map((day) => `report-${start + day * DAY}`));
    expect(server.snapshot().schedules).toMatchObject([{ id: "report", nextRunAt: start + 4 * DAY }]);
  });
});

test("a client may not move the server's time or drop its state", () => {
  const { server, status, state } = handDriven();
  status(create("a"));
  const head = { corrId: "", version: "" };
  expect(status({ kind: "debug.reset", head, data: {} })).toBe(501);
  expect(server.handle({ kind: "debug.tick", head, data: { time: DAY } })).toMatchObject({ head: { status: 501 }, data: expect.stringContaining("debug.tick is not for clients") as string });
  expect(state("a")).toBe("pending");
  expect(status(release("a", 0))).toBe(404);
});

test("an answer carries the request's own head", () => {
  const { server } = handDriven();
  expect(server.handle(get("a"))).toEqual({ kind: "promise.get", head: { corrId: "test", version: "test", status: 404 }, data: "Promise not found" });
});

test("a snapshot is a copy", () => {
  const { server, status, state } = handDriven();
  status(create("a"));
  Object.assign(server.snapshot().promises[0] ?? {}, { state: "resolved" });
  expect(state("a")).toBe("pending");
});

test("an SDK that keeps its server differently is named", () => {
  const original = Reflect.get(LocalNetwork.prototype, "recv") as Network["recv"];
  const get = vi.spyOn(Reflect, "get").mockImplementation((target: object, key) => (key === "server" ? { apply: original, promises: new Map() } : (target as Record<PropertyKey, unknown>)[key]));
  try {
    expect(() => new DurableServer()).toThrow(/^This version of @resonatehq\/sdk keeps its local server differently: LocalNetwork has no server\.tasks, server\.schedules, server\.pTimeouts.*0\.11\.5/);
  } finally {
    get.mockRestore();
  }
});

test("messages come by setImmediate unless told otherwise", async () => {
  const messages: Message[] = [];
  const server = new DurableServer();
  server.connect({ group: "default", pid: "p1", deliver: (message) => void messages.push(message) });
  server.handle(invoke("a", "f"));
  expect(messages).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(messages).toMatchObject([{ kind: "execute" }]);
});
