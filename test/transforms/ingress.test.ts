import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { type HttpHost, startHost } from "../../src/runtime/http-host.js";
import { DurableServer } from "../../src/runtime/server.js";
import { type Running, start } from "../runtime/processes.js";

// Migrated fixtures as they run in production: a server, a worker and a client, each in a process of its own.

const fixtures = fileURLToPath(new URL("../../fixtures/clients/", import.meta.url));
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function hosted(): Promise<HttpHost> {
  const host = await startHost(new DurableServer());
  open.push(() => host.close());
  return host;
}

function run(host: HttpHost, file: string, ...args: readonly string[]): Running {
  const process = start(["--import", tsx, `${fixtures}${file}`, ...args], { RESONATE_URL: host.url, DATABASE_URL: "", PORT: "0" });
  open.push(() => process.kill());
  return process;
}

/** A program that listens, by the line that it prints then. */
async function listening(program: Running): Promise<(path: string, request?: RequestInit) => Promise<{ status: number; text: string }>> {
  const port = /port: (\d+)/.exec(await program.line(/port: \d+/))?.[1] ?? "";
  return async (path, request) => {
    const response = await fetch(`http://localhost:${port}${path}`, request);
    return { status: response.status, text: await response.text() };
  };
}

describe("a client in a process of its own", { timeout: 60_000 }, () => {
  it("answers HTTP requests by what the worker gives", async () => {
    const host = await hosted();
    run(host, "gateway/after/src/app.ts");
    const get = await listening(run(host, "gateway/after/src/gateway.ts"));
    expect(await get("/order?flavour=lemon&layers=2")).toEqual({ status: 200, text: `"lemon cake with 2 layers"` });
    expect(await get("/order?flavour=lemon&layers=9")).toEqual({ status: 422, text: "too high for the oven" });
    expect(await get("/fill?flavour=nut&delivery=a")).toEqual({ status: 200, text: "3" });
    expect(await get("/fill?flavour=nut&delivery=a")).toEqual({ status: 200, text: "3" });
    expect(await get("/fill?flavour=nut&delivery=b")).toEqual({ status: 200, text: "6" });
    expect(await get("/fill?flavour=plum&delivery=a")).toEqual({ status: 200, text: "3" });
    expect(await get("/look?flavour=nut")).toEqual({ status: 200, text: "6" });
    expect(await get("/clean")).toEqual({ status: 200, text: `"sent"` });
  });

  it("serves the routes of an Express application", async () => {
    const host = await hosted();
    run(host, "express/after/src/app.ts");
    const ask = await listening(run(host, "express/after/src/server.ts"));
    const json = (method: string, body: unknown, headers: Record<string, string> = {}): RequestInit => ({ method, body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } });
    const lend = (reader: string, key: string) => ask("/books/Emma/loans", json("POST", { reader }, { "idempotency-key": key }));
    expect(await lend("Ada", "a")).toEqual({ status: 201, text: `{"book":"Emma","days":14}` });
    expect(await lend("Ada", "a")).toEqual({ status: 201, text: `{"book":"Emma","days":14}` });
    expect(await lend("Bob", "b")).toEqual({ status: 409, text: "Ada has Emma" });
    expect(await ask("/books/Emma/reader")).toEqual({ status: 200, text: "Ada" });
    expect((await ask("/books/Emma/loans", { method: "DELETE" })).status).toBe(202);
    await expect.poll(async () => (await ask("/books/Emma/reader")).text).toBe("nobody");
    expect(await ask("/cards/Cleo", { method: "POST" })).toEqual({ status: 202, text: "Accepted" });
    expect(await ask("/cards/Cleo", { method: "POST" })).toEqual({ status: 202, text: "PreviouslyAccepted" });
    expect((await ask("/cards/Cleo/decision", json("PUT", { granted: true }))).status).toBe(204);
    expect(await ask("/cards/Cleo")).toEqual({ status: 200, text: "card of Cleo" });
    await ask("/cards/Dora", { method: "POST" });
    await ask("/cards/Dora/decision", json("PUT", { granted: false }));
    expect(await ask("/cards/Dora")).toEqual({ status: 403, text: "No card for Dora" });
  });

  it("takes no tasks: what is sent before a worker is there waits for one", async () => {
    const host = await hosted();
    const get = await listening(run(host, "gateway/after/src/gateway.ts"));
    const answer = get("/order?flavour=oat&layers=1");
    await new Promise((resolve) => setTimeout(resolve, 500));
    run(host, "gateway/after/src/app.ts");
    expect(await answer).toEqual({ status: 200, text: `"oat cake with 1 layers"` });
  });

  it("submits a workflow once, asks for its result, attaches to it, and waits for a delayed message", async () => {
    const host = await hosted();
    run(host, "workflow-script/after/src/app.ts");
    const script = run(host, "workflow-script/after/src/script.ts");
    await script.line(/^done$/);
    expect(script.output().split("\n").slice(0, 6)).toEqual([
      "Accepted PreviouslyAccepted",
      "ready false",
      "card of Ada: K-17",
      "ready true card of Ada: K-17",
      "reminded Ada PreviouslyAccepted",
      "done",
    ]);
  });

  it("completes awakeables, and gets the result of what another request sent", async () => {
    const host = await hosted();
    const worker = run(host, "awakeable-outside/after/src/app.ts");
    const get = await listening(run(host, "awakeable-outside/after/src/officer.ts"));
    for (const [parcel, decision, result] of [["silk", "approve", "silk cleared for 12"], ["apes", "refuse", "forbidden goods"]] as const) {
      const sent = (await get(`/clear?parcel=${parcel}`)).text;
      const answer = get(`/result?sent=${encodeURIComponent(sent)}`);
      const id = (await worker.line(new RegExp(`^${parcel} waits for `))).split(" ").at(-1) ?? "";
      expect((await get(`/${decision}?id=${encodeURIComponent(id)}`)).status).toBe(200);
      expect((await answer).text).toBe(result);
    }
  });

  it("runs as CommonJS", async () => {
    const host = await hosted();
    run(host, "javascript-commonjs/after/src/app.js");
    expect(await run(host, "javascript-commonjs/after/src/booth.js", "truck").line(/truck/)).toBe("truck is over there");
  });
});
