import type { Request, Response } from "@resonatehq/sdk";
import { describe, expect, test } from "vitest";
import { RULES } from "../../src/runtime/rules.js";
import { acquire, create, externalTags, fence, get, handDriven, invoke, rootTags, suspend, type HandDriven } from "./requests.js";

/** A server on which p1 holds the task of `order-1`, and these promises exist. */
function running(promises: readonly Request[] = [], strict = true): HandDriven {
  const driven = handDriven({ strict });
  for (const request of [invoke("order-1", "order"), acquire("order-1", 0, "p1"), ...promises]) {
    expect(driven.status(request)).toBe(200);
  }
  return driven;
}

function told({ head: { status }, data }: Response): [number, unknown] {
  return [status, data];
}

const lineage = (id: string, tags: Record<string, string>): Request => create(id, { tags });
const plain = { "resonate:scope": "global", "resonate:origin": "order-1", "resonate:branch": "order-1:0", "resonate:parent": "order-1" };

describe("the ids of promises", () => {
  test.each([
    ["a root", lineage("order-2", rootTags("order-2"))],
    ["a root with dots and slashes", lineage("a/b.c", rootTags("a/b.c"))],
    ["a child", lineage("order-1:0", { "resonate:origin": "order-1", "resonate:branch": "order-1", "resonate:parent": "order-1" })],
    ["a grandchild", lineage("order-1:0.2", { "resonate:origin": "order-1", "resonate:branch": "order-1:0", "resonate:parent": "order-1:0" })],
    ["a detached child", lineage("order-1:d0123", { "resonate:origin": "order-1", "resonate:branch": "order-1:d0123", "resonate:parent": "order-1" })],
    ["a promise by name", lineage("order-1:approval", externalTags("order-1:approval", "order-1"))],
    ["no tags at all", lineage("any:thing:goes", {})],
  ])("are let pass for %s", (_, request) => {
    expect(running().status(request)).toBe(200);
  });

  test("a ':' in the origin", () => {
    const { server, state } = running();
    expect(told(server.handle(invoke("cart:7", "checkout")))).toEqual([
      400,
      `${RULES.root}: "cart:7" does (promise "cart:7"). Take ':' out of the id that was chosen, for instance with encodeURIComponent.`,
    ]);
    expect(state("cart:7")).toBeUndefined();
  });

  test.each([
    ["origin", "order-2:0", { "resonate:origin": "order-1" }, "order-1"],
    ["origin", "order-12", { "resonate:origin": "order-1" }, "order-1"],
    ["origin", "order-1.0", { "resonate:origin": "order-1" }, "order-1"],
    ["branch", "order-1:1", { "resonate:origin": "order-1", "resonate:branch": "order-1:0" }, "order-1:0"],
    ["parent", "order-1:0:1", { "resonate:origin": "order-1", "resonate:parent": "order-1:0" }, "order-1:0"],
  ])("one that does not extend its %s: %s", (name, id, tags, ancestor) => {
    const { server } = running();
    expect(told(server.handle(lineage(id, tags)))).toEqual([
      400,
      `${RULES.lineage}: "${id}" does not extend its ${name} "${ancestor}". Choose an id below "${ancestor}", or set the tag resonate:${name} to what the id says.`,
    ]);
  });

  test("are checked where a task creates them, and where a client creates a task", () => {
    const { server, status, state } = running();
    const wrong = create("order-2:0", { tags: { "resonate:origin": "order-1" } });
    expect(server.handle(fence("order-1", 1, wrong))).toMatchObject({
      head: { status: 200 },
      data: { action: { kind: "promise.create", head: { status: 400 }, data: expect.stringContaining(RULES.lineage) as string }, preload: [] },
    });
    const head = { corrId: "", version: "" };
    expect(status({ kind: "task.create", head, data: { pid: "p1", ttl: 1_000, action: invoke("x:y", "f") } })).toBe(400);
    expect([state("order-2:0"), state("x:y")]).toEqual([undefined, undefined]);
    // Who does not hold the task learns that first.
    expect(status(fence("order-1", 0, wrong))).toBe(409);
  });
});

describe("what a task waits for", () => {
  test("a promise with a target, a timer, or an external one", () => {
    const { status } = running([
      create("order-1:0", { tags: { ...plain, "resonate:target": "local://any@default" } }),
      create("order-1:1", { tags: { "resonate:timer": "true", "resonate:scope": "global" } }),
      create("order-1:2", { tags: externalTags("order-1:2", "order-1") }),
    ]);
    expect(status(suspend("order-1", 1, ["order-1:0", "order-1:1", "order-1:2"]))).toBe(200);
  });

  test("none of the three", () => {
    const { server, status } = running([create("order-1:0", { tags: plain })]);
    const expected = [
      422,
      `${RULES.awaitable}: "order-1:0" has none of the three, so "order-1" cannot await it. ` +
        'Create it with the tag: ctx.promise({ tags: { "resonate:external": "true" } }).',
    ];
    expect(RULES.awaitable).toMatch(/^A task may suspend only on a promise that has a target, is a timer, or/);
    expect(told(server.handle(suspend("order-1", 1, ["order-1:0"])))).toEqual(expected);
    const callback = { kind: "promise.register_callback", head: { corrId: "", version: "" }, data: { awaiter: "order-1", awaited: "order-1:0" } } as const;
    expect(told(server.handle(callback))).toEqual(expected);
    expect(server.busy).toBe(true);
    expect(status(suspend("order-1", 0, ["order-1:0"]))).toBe(409);
    expect(status(suspend("order-1", 1, ["order-1:9"]))).toBe(422);
  });

  test("a promise of another origin", () => {
    const { server } = running([invoke("order-2", "order")]);
    expect(told(server.handle(suspend("order-1", 1, ["order-2"])))).toEqual([
      422,
      `${RULES.origin}: "order-1" awaits "order-2". Await a child of this invocation, and have the other one settle it.`,
    ]);
  });

  test("a promise that is named twice", () => {
    const { server } = running([create("order-1:a", { tags: externalTags("order-1:a", "order-1") })]);
    expect(told(server.handle(suspend("order-1", 1, ["order-1:a", "order-1:a"])))).toEqual([
      400,
      `${RULES.once}: "order-1" names "order-1:a" more than once. Await it in one place and hand its value on.`,
    ]);
  });
});

test("a task that broke a rule and is given back is offered again after 30 s, not at once", () => {
  const { status, at, deliver, worker } = running([create("order-1:0", { tags: plain })]);
  const { inbox } = worker("default", "p2");
  status(suspend("order-1", 1, ["order-1:0"]));
  status({ kind: "task.release", head: { corrId: "", version: "" }, data: { id: "order-1", version: 1 } });
  deliver();
  expect(inbox).toEqual([]);
  at(30_000);
  expect(inbox).toEqual(["execute order-1 1"]);
});

test("none of them holds when not strict, as on the SDK's local server", () => {
  const { status } = running([create("order-1:0", { tags: plain }), invoke("cart:7", "checkout")], false);
  expect(status(suspend("order-1", 1, ["order-1:0"]))).toBe(200);
  expect(status(get("cart:7"))).toBe(200);
});
