import { get as httpGet, request as httpRequest } from "node:http";
import { Resonate, type Context, type Response } from "@resonatehq/sdk";
import { afterEach, describe, expect, test } from "vitest";
import { startHost, type HttpHost } from "../../src/runtime/http-host.js";
import { RULES } from "../../src/runtime/rules.js";
import { DurableServer } from "../../src/runtime/server.js";
import { acquire, create, invoke, rootTags, settle } from "./requests.js";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function hosted(server = new DurableServer(), options: Parameters<typeof startHost>[1] = {}): Promise<HttpHost> {
  const host = await startHost(server, options);
  open.push(() => host.close());
  return host;
}

function worker(host: HttpHost, options: ConstructorParameters<typeof Resonate>[0] = {}): Resonate {
  const resonate = new Resonate({ url: host.url, logLevel: "error", ...options });
  open.push(() => resonate.stop());
  return resonate;
}

async function post(host: HttpHost, body: string, headers: Record<string, string> = { "content-type": "application/json" }): Promise<[number, unknown]> {
  const response = await fetch(host.url, { method: "POST", body, headers });
  return [response.status, await response.json()];
}

/** Reads a worker's stream: its text so far, and a way to end it. */
function stream(host: HttpHost, path: string): { text(): string; end(): void } {
  let text = "";
  const request = httpGet(`${host.url}${path}`, (response) => response.on("data", (chunk: Buffer) => (text += chunk.toString())));
  request.on("error", () => undefined);
  open.push(() => Promise.resolve(void request.destroy()));
  return { text: () => text, end: () => void request.destroy() };
}

function* order(ctx: Context, items: number) {
  const reserved = yield* ctx.run((_: Context, n: number) => n + 1, items);
  yield* ctx.sleep(20);
  return reserved + (yield* ctx.rpc<number>("price", items, ctx.options({ target: "prices" })));
}

test("programs on the real SDK run against it: steps, a sleep, a call to another group, a result to a third process", async () => {
  const host = await hosted();
  worker(host).register("order", order);
  worker(host, { group: "prices" }).register("price", (_: Context, items: number) => items * 10);
  expect(await worker(host, { group: "callers" }).rpc("order-1", "order", 4)).toBe(45);
});

test("a promise is resolved from outside, and one that nobody resolves times out", async () => {
  const host = await hosted();
  const resonate = worker(host);
  const tags = { "resonate:external": "true" };
  resonate.register("asks", function* (ctx: Context, timeout: number) {
    return yield* yield* ctx.promise<string>({ tags, timeout });
  });
  const answered = await resonate.beginRun("a", "asks", 60_000);
  await expect.poll(() => resonate.promises.get("a:0").then(({ state }) => state, () => "absent")).toBe("pending");
  const [status] = await post(host, JSON.stringify(settle("a:0", "yes")));
  expect([status, await answered.result()]).toEqual([200, "yes"]);
  await expect(resonate.run("b", "asks", 50)).rejects.toThrow(/timed/i);
});

test("the reason of a refusal reaches the program", async () => {
  const resonate = worker(await hosted());
  await expect(resonate.promises.create("a:0", 1e15, { tags: { "resonate:origin": "b" } })).rejects.toThrow(RULES.lineage);
});

describe("a worker's stream", () => {
  test("has its messages, and comments that keep it open", async () => {
    const host = await hosted(undefined, { keepAlive: 10 });
    const { text } = stream(host, "/poll/my%20group/p1");
    await expect.poll(text).toContain(": keep-alive\n\n");
    await post(host, JSON.stringify(create("a", { tags: { ...rootTags("a"), "resonate:target": "poll://any@my group" } })));
    await expect.poll(text).toContain('data: {"kind":"execute","head":{},"data":{"task":{"id":"a","version":0}}}\n\n');
  });

  test("once it ends, hands the offers it left unanswered to another worker", async () => {
    const host = await hosted();
    const first = stream(host, "/poll/default/p1");
    await expect.poll(first.text).toContain("connected");
    await post(host, JSON.stringify(invoke("a", "f")));
    await expect.poll(first.text).toContain('"id":"a"');
    const second = stream(host, "/poll/default/p2");
    await expect.poll(second.text).toContain("connected");
    first.end();
    await expect.poll(second.text).toContain('"id":"a"');
  });

  test("of a worker that connects again replaces the one it had", async () => {
    const host = await hosted();
    const first = stream(host, "/poll/default/p1");
    await expect.poll(first.text).toContain("connected");
    const second = stream(host, "/poll/default/p1");
    await expect.poll(second.text).toContain("connected");
    await post(host, JSON.stringify(invoke("a", "f")));
    await expect.poll(second.text).toContain('"id":"a"');
    expect(first.text()).not.toContain('"id":"a"');
  });
});

describe("time", () => {
  test("passes by itself: a lease ends when it is due, and the task is offered again", async () => {
    const host = await hosted();
    const { text } = stream(host, "/poll/default/p2");
    await expect.poll(text).toContain("connected");
    await post(host, JSON.stringify(invoke("a", "f")));
    await post(host, JSON.stringify(acquire("a", 0, "p1", 40)));
    await expect.poll(text).toContain('"version":1');
  });

  test("a deadline further away than setTimeout reaches is no busy loop", async () => {
    const server = new DurableServer();
    let ticks = 0;
    const tick = server.tick.bind(server);
    server.tick = () => {
      ticks += 1;
      tick();
    };
    const host = await hosted(server);
    await post(host, JSON.stringify(create("a", { timeoutAt: Date.now() + 2 ** 33, tags: { "resonate:timer": "true" } })));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ticks).toBe(0);
  });
});

describe("what is no request", () => {
  test.each([
    ["no JSON", "{", 400, /^The body is no JSON: /],
    ["another JSON", '{"kind":"promise.get"}', 400, /^The body is no request of Resonate's protocol\.$/],
    ["too much", `"${"x".repeat(65 * 1024 * 1024)}"`, 413, /^A request holds at most 67108864 bytes\.$/],
  ])("%s", async (_, body, status, error) => {
    const host = await hosted();
    expect(await post(host, body)).toEqual([status, { error: expect.stringMatching(error) as string }]);
    expect(await post(host, JSON.stringify(create("a")))).toMatchObject([200, { kind: "promise.create" }]);
  });

  test.each([
    ["GET", "/nothing", 404],
    ["GET", "/poll/default", 404],
    ["GET", "/%E0%A4%A", 400],
    ["PUT", "/", 405],
    ["POST", "/poll/default/p1", 405],
  ])("%s %s", async (method, path, status) => {
    const host = await hosted();
    const response = await fetch(`${host.url}${path}`, { method });
    expect([response.status, Object.keys((await response.json()) as object)]).toEqual([status, ["error"]]);
  });

  test.each([{ host: "evil.example" }, { origin: "https://evil.example" }])("a page of another site: %j", async (headers) => {
    const host = await hosted();
    const status = await new Promise((resolve, reject) => {
      httpRequest(`${host.url}/poll/default/p1`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on("error", reject)
        .end();
    });
    expect(status).toBe(403);
  });
});

test.each(["/", "/health"])("GET %s says what it is", async (path) => {
  const host = await hosted();
  await post(host, JSON.stringify(create("a")));
  const response = await fetch(`${host.url}${path}`);
  expect(await response.json()).toEqual({ server: "restate-to-resonate dev", protocol: "Resonate", workers: 0, promises: 1, pending: 1 });
});

test("it listens on the loopback interface only, and a taken port is an error", async () => {
  const host = await hosted();
  expect(host.url).toBe(`http://127.0.0.1:${host.port}`);
  await expect(startHost(new DurableServer(), { port: host.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("close ends the streams of workers and frees the port", async () => {
  const host = await startHost(new DurableServer());
  const { text } = stream(host, "/poll/default/p1");
  await expect.poll(text).toContain("connected");
  await host.close();
  await expect(fetch(host.url)).rejects.toThrow();
  await (await startHost(new DurableServer(), { port: host.port })).close();
});

test("a server that can no longer answer says so to the caller and to who started the host", async () => {
  const server = new DurableServer();
  server.handle = (): Response => {
    throw new Error("The journal j could not be written: ENOSPC");
  };
  const failures: string[] = [];
  const host = await hosted(server, { onFailure: ({ message }) => void failures.push(message) });
  expect(await post(host, JSON.stringify(create("a")))).toEqual([500, { error: "The journal j could not be written: ENOSPC" }]);
  expect(failures).toEqual(["The journal j could not be written: ENOSPC"]);
});
