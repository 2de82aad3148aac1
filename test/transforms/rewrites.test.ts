import { describe, expect, it, test } from "vitest";
import { planMigration } from "../../src/migrate.js";
import { memoryProject } from "../tools/memory-project.js";
import { migrateModule, migrateTexts } from "../tools/migrate-texts.js";

const head = `import * as restate from "@restatedev/restate-sdk";
declare const pause: { seconds: number };
declare const retry: (times: number) => number;
async function charge(amount: number, currency = "EUR"): Promise<number> {
  return amount + currency.length;
}
export async function shared(amount: number): Promise<number> {
  return amount;
}
export const other = () => shared(1);
const helper = async (ctx: restate.Context, k: number) => k;
export const callee = restate.service({ name: "Callee", handlers: { ask: async (ctx: restate.Context, n: number) => n, poke: async (ctx: restate.Context) => {} } });
`;

/** What becomes of the statements of a handler `(ctx, n: number)`. */
function rewritten(body: string): string {
  const after = migrateModule(`${head}export const caller = restate.service({ name: "Caller", handlers: { go: async (ctx: restate.Context, n: number) => {\n${body}\n} } });\n`);
  return /function\* go\(ctx: Context, n: number\) \{\n([\s\S]*?)\n\}\nresonate/.exec(after)?.[1] ?? after;
}

describe("steps", () => {
  it.each([
    ["await ctx.run(() => n);", "yield* ctx.run(() => n);"],
    [`await ctx.run("a", () => n);`, "yield* ctx.run(() => n);"],
    [`await ctx.run("a", async () => { return n; });`, "yield* ctx.run(async () => { return n; });"],
    [`await ctx.run<number>("a", () => n);`, "yield* ctx.run((): number | Promise<number> => n);"],
    [`await ctx.run<number>("a", async () => n);`, "yield* ctx.run(async (): Promise<number> => n);"],
    [`await ctx.run("a", () => charge(n));`, "yield* ctx.run(charge, n);"],
    [`await ctx.run("a", async () => await charge(n, "USD"));`, `yield* ctx.run(charge, n, "USD");`],
    [`await ctx.run("a", () => shared(n));`, "yield* ctx.run(() => shared(n));"],
    [`await ctx.run("a", () => charge(retry(1)));`, "yield* ctx.run(() => charge(retry(1)));"],
    [`return ctx.run("a", () => n);`, "return yield* ctx.run(() => n);"],
    [`return 1 + (await ctx.run("a", () => n));`, "return 1 + (yield* ctx.run(() => n));"],
    [`return [await ctx.run("a", () => n), n];`, "return [yield* ctx.run(() => n), n];"],
    [`return await ctx.run("a", () => n) + 1;`, "return (yield* ctx.run(() => n)) + 1;"],
    [`return -await ctx.run("a", () => n);`, "return -(yield* ctx.run(() => n));"],
    [`return n > 1 ? await ctx.run("a", () => n) : 2;`, "return n > 1 ? yield* ctx.run(() => n) : 2;"],
    ["await shared(n);", "yield* ctx.run(async () => { await shared(n); });"],
    ["return await shared(n);", "return yield* ctx.run(() => shared(n));"],
  ])("%s", (before, after) => {
    expect(rewritten(before)).toBe(after);
  });

  it.each([
    ["{ initialRetryInterval: { seconds: 3 }, retryIntervalFactor: 3, maxRetryInterval: { minutes: 1 } }", "{ delay: 1_000, factor: 3, maxDelay: 60_000 }"],
    ["{ maxRetryInterval: n }", "{ delay: 25, maxDelay: n }"],
  ])("retries %s", (before, after) => {
    expect(rewritten(`await ctx.run("a", () => n, ${before});`)).toBe(`yield* ctx.run(() => n, ctx.options({ retryPolicy: new Exponential(${after}) }));`);
  });

  it.each(["{ maxRetryAttempts: 3 }", "{ maxRetryAttempts: n }", "{ maxRetryDuration: { seconds: 5 }, initialRetryInterval: 10 }"])("ends with a terminal error after %s", (options) => {
    expect(rewritten(`await ctx.run("a", () => n, ${options});`)).toBe(`yield* ctx.run(...retried(ctx, () => n, ${options}));`);
  });
});

describe("time, random values and lines", () => {
  it.each([
    ["await ctx.sleep(5);", "yield* ctx.sleep(5);"],
    ["await ctx.sleep({ seconds: 1, milliseconds: 5 });", "yield* ctx.sleep(1_005);"],
    ["await ctx.sleep({ seconds: n });", "yield* ctx.sleep(n * 1_000);"],
    ["await ctx.sleep({ minutes: n + 1, milliseconds: n });", "yield* ctx.sleep((n + 1) * 60_000 + n);"],
    ["await ctx.sleep(pause);", "yield* ctx.sleep(millis(pause));"],
    [`await ctx.sleep(5, "nap");`, "yield* ctx.sleep(5);"],
    ["return await ctx.date.now();", "return yield* ctx.date.now();"],
    ["return (await ctx.date.toJSON()).length;", "return (new Date(yield* ctx.date.now()).toJSON()).length;"],
    ["return ctx.rand.random() * 2;", "return (yield* ctx.math.random()) * 2;"],
    ["return ctx.rand.uuidv4();", "return yield* ctx.run(() => crypto.randomUUID());"],
    ["return [1].map(() => ctx.rand.random());", "return [1].map(() => randomOf(ctx).random());"],
    [`ctx.console.log("a", n);`, `yield* ctx.run(() => console.log("a", n));`],
    ["return ctx.request().id;", "return ctx.id;"],
  ])("%s", (before, after) => {
    expect(rewritten(before)).toBe(after);
  });
});

describe("calls", () => {
  it.each([
    ["return ctx.serviceClient(callee).ask(n);", "return yield* ctx.rpc(ask, n);"],
    [`return await ctx.serviceClient<typeof callee>({ name: "Callee" }).ask(n);`, "return yield* ctx.rpc(ask, n);"],
    ["ctx.serviceSendClient(callee).poke();", "yield* ctx.detached(poke);"],
    ["await ctx.serviceSendClient(callee).ask(n);", "yield* ctx.detached(ask, n);"],
    ["ctx.serviceSendClient(callee).ask(n, restate.rpc.sendOpts({ delay: { seconds: 1 } }));", "yield* ctx.detached(ask, n, yield* delayed(ctx, 1_000));"],
    ["const client = ctx.serviceClient(callee);\nreturn (await client.ask(n)) + (await client.ask(1));", "return (yield* ctx.rpc(ask, n)) + (yield* ctx.rpc(ask, 1));"],
    ["return await helper(ctx, n);", "return yield* helper(ctx, n);"],
    ["return helper(ctx, n);", "return yield* helper(ctx, n);"],
  ])("%s", (before, after) => {
    expect(rewritten(before)).toBe(after);
  });
});

describe("what is left", () => {
  it.each([
    ["R0116", `JSON.stringify(ctx.run("a", () => 1));`],
    ["R0119", `[1].forEach(async () => { await ctx.run("a", () => 1); });`],
    ["R0144", `try { return ctx.run("a", () => 1); } catch { return 2; }`],
    ["R0146", `return ctx.run("a", () => ctx.rand.random());`],
    ["R0147", `return await shared(await ctx.run("a", () => 1));`],
  ])("%s: %s", (code, body) => {
    const { after, migration } = migrateTexts({ "app.ts": `import * as restate from "@restatedev/restate-sdk";\nasync function shared(n: number) { return n; }\nexport const s = restate.service({ name: "S", handlers: { go: async (ctx: restate.Context, n: number) => {\n${body}\n} } });\n` });
    expect([...new Set(migration.diagnostics.map((diagnostic) => diagnostic.code))]).toEqual([code]);
    expect(after["app.ts"]?.replace(/^\/\/ restate-to-resonate.*\n/gm, "")).toContain(`go: async (ctx: restate.Context, n: number) => {\n${body}\n} } });`);
  });
});

describe("layout", () => {
  const module = (code: string): string => migrateModule(`import * as restate from "@restatedev/restate-sdk";\n${code}`);

  it("a step that moves to its first line takes the end of the call along", () => {
    expect(rewritten(`await ctx.run("a", () =>\n  charge(n, "USD"),\n);`)).toBe(`yield* ctx.run(charge, n, "USD");`);
    expect(rewritten(`await ctx.run(\n  "a",\n  () => charge(n),\n);`)).toBe(`yield* ctx.run(\n  charge, n,\n);`);
  });

  it("so does a closure that becomes a block, and a handed one keeps the lines it has", () => {
    const after = rewritten(`const undo = [];\nundo.push(() =>\n  ctx.run(() => n),\n);\nundo.push(\n  () => ctx.run(() => n),\n);\nfor (const f of undo) await f();`);
    expect(after).toContain("undo.push(function* () {\n  return yield* ctx.run(() => n);\n});\n");
    expect(after).toContain("undo.push(\n  function* () {\n    return yield* ctx.run(() => n);\n  },\n);\n");
  });

  it("parameters on lines of their own stay so", () => {
    const after = module(
      `function send(\n  id: string,\n  text: string,\n): boolean {\n  return id !== text;\n}\n` +
        `export const box = restate.object({\n  name: "Box",\n  handlers: {\n    put: async (\n      ctx: restate.ObjectContext,\n      text: string,\n    ) => {\n      await ctx.run(() => send(ctx.key, text));\n    },\n  },\n});\n`,
    );
    expect(after).toContain("function send(\n  _ctx: Context,\n  id: string,\n  text: string,\n): boolean {");
    expect(after).toContain("function* put(\n  ctx: Context,\n  key: string,\n  text: string,\n) {");
  });

  it("no blank line opens a block whose first statement went", () => {
    expect(rewritten(`if (n > 1) {\n  const client = ctx.serviceSendClient(callee);\n\n  client.poke();\n}`)).toBe(`if (n > 1) {\n  yield* ctx.detached(poke);\n}`);
  });
});

test("a part of the transforms writes its part, though it cannot run", () => {
  const source = `import * as restate from "@restatedev/restate-sdk";\nexport const s = restate.service({ name: "S", handlers: { go: async (ctx: restate.Context) => await ctx.run("a", () => 1) } });\n`;
  const { changes, diagnostics } = planMigration(memoryProject({ "a.ts": source }), { names: "short", only: ["steps"] });
  expect(changes.find(({ path }) => path.endsWith("/a.ts"))?.after).toContain("yield* ctx.run(() => 1)");
  expect(diagnostics).toEqual([]);
});
