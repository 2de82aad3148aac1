import { describe, expect, it } from "vitest";
import { migrateModule, migrateTexts } from "../tools/migrate-texts.js";

const head = `import * as restate from "@restatedev/restate-sdk";
import { randomBytes as bytes } from "node:crypto";
import { nanoid } from "nanoid";
interface Order { total: number; lines: string[] }
async function save(order: Order): Promise<number> { return order.total; }
async function enrich(order: Order): Promise<void> { order.total = 5; order.lines.push("gift"); }
function reset(order: Order): number { order = { total: 0, lines: [] }; return order.total; }
const newId = () => "id-" + crypto.randomUUID();
const format = (n: number) => { const at = Date.now(); return n > at ? "late" : "soon"; };
const clock = { now: () => 1 };
const ids = { next: () => "id-" + Math.random() };
const { randomUUID: fresh } = crypto;
const time = Date.now;
`;

/** What is said of the statements of a handler `(ctx, order: Order)`, by code. */
function said(body: string): string[] {
  const { migration } = migrateTexts({ "app.ts": `${head}export const s = restate.service({ name: "S", handlers: { go: async (ctx: restate.Context, order: Order) => {\n${body}\n} } });\n` });
  return migration.diagnostics.filter(({ severity }) => severity !== "note").map(({ code }) => code);
}

describe("what is read again after a wait", () => {
  it.each([
    "const at = Date.now(); await ctx.sleep(5); return at;",
    "const at = new Date(); await ctx.sleep(5); return at.getTime();",
    "const id = newId(); await ctx.sleep(5); return id;",
    "const id = `${nanoid()}`; await ctx.sleep(5); return id;",
    "const id = bytes(4).length; await ctx.sleep(5); return id;",
    "for (;;) { await ctx.sleep(5); if (Math.random() > 0.5) return 1; }",
    "const ids = order.lines.map(() => crypto.randomUUID()); await ctx.sleep(5); return ids;",
    "const id = ids.next(); await ctx.sleep(5); return id;",
    "const id = fresh(); await ctx.sleep(5); return id;",
    "const at = time(); await ctx.sleep(5); return at;",
  ])("is said: %s", (body) => {
    expect(said(body)).toEqual(["R0223"]);
  });

  it.each([
    "const at = await ctx.run(() => Date.now()); await ctx.sleep(5); return at;",
    "const at = new Date(0); await ctx.sleep(5); return at.getTime();",
    "await ctx.sleep(5); return Date.now();",
    "const at = Date.now(); await ctx.run(() => save(order)); return at;",
    "console.log(Date.now()); await ctx.sleep(5);",
    "const text = format(order.total) + clock.now(); await ctx.sleep(5); return text;",
  ])("is not said where it is a step, or where no wait follows: %s", (body) => {
    expect(said(body)).toEqual([]);
  });

  it("is said of a helper whose caller waits", () => {
    const { migration } = migrateTexts({ "app.ts": `${head}async function stamp(ctx: restate.Context) { const at = Date.now(); await ctx.run(() => at); return at; }\nexport const s = restate.service({ name: "S", handlers: { go: async (ctx: restate.Context) => {\nconst at = await stamp(ctx); await ctx.sleep(5); return at;\n} } });\n` });
    expect(migration.diagnostics.map(({ code }) => code)).toEqual(["R0223"]);
  });
});

describe("what a step writes outside of itself", () => {
  it.each([
    "await ctx.run(() => { order.total = 1; });",
    "let [a, b] = [1, 2]; await ctx.run(() => { [a, b] = [b, a]; }); return a;",
    "let total = 1; await ctx.run(() => { ({ total } = order); }); return total;",
    "await ctx.run(() => enrich(order));",
    "const set = (n: number) => { order.total = n; }; await ctx.run(() => set(1));",
  ])("is said: %s", (body) => {
    expect(said(body)).toEqual(["R0213"]);
  });

  it.each(["await ctx.run(() => save(order));", "await ctx.run(() => reset(order));", "await ctx.run(() => { const own = { ...order }; own.total = 1; return enrich(own); });"])("is not said of what stays inside: %s", (body) => {
    expect(said(body)).toEqual([]);
  });

  it("leaves an await that would become such a step", () => {
    expect(said("await enrich(order); return order.total;")).toContain("R0152");
  });
});

describe("what a begun step is made of", () => {
  it("is left where it would be read later", () => {
    expect(said("let pay = () => 1; const p = ctx.run(pay); pay = () => 2; return await p;")).toContain("R0160");
  });
});

describe("words that name members", () => {
  it("are no `yield` outside of a generator function", () => {
    const bond = "const bond = { yield: 1, await: 2 }; const { yield: y } = bond; const z = bond.yield + y;";
    const text = `${head}${bond}\nexport const s = restate.service({ name: "S", handlers: { go: async (ctx: restate.Context) => await ctx.run(() => z) } });\n`;
    expect(migrateModule(text)).toContain(bond);
  });
});

describe("what runtimes bring, under other names", () => {
  it("is no use of Restate's SDK", () => {
    const { migration, after } = migrateTexts({ "app.ts": `${head}const env = process.env;\nconst { argv, pid } = process;\nconst log = console.log;\nconst get = fetch;\nexport const s = restate.service({ name: "S", handlers: { go: async (ctx: restate.Context) => {\nlog(env.HOME, argv, pid); return ctx.run(async () => (await get("http://x")).status);\n} } });\n` });
    expect(migration.diagnostics).toEqual([]);
    expect(after["app.ts"]).toContain("export function* go(");
  });
});

describe("the class of an error in a callback of a promise", () => {
  it.each([
    "await ctx.run(() => save(order)).catch((error) => (error instanceof RangeError ? 0 : 1));",
    "const saved = ctx.run(() => save(order)).then((n) => n, (error) => { if (error instanceof RangeError) return 0; return 1; }); await ctx.sleep(1); await saved;",
  ])("is said: %s", (body) => {
    expect(said(body)).toEqual(["R0218"]);
  });

  it("is not said of a value, nor of a class that is found by its name", () => {
    expect(said("await ctx.run(() => save(order)).then((n: unknown) => n instanceof RangeError).catch((error) => error instanceof restate.TerminalError);")).toEqual([]);
  });
});

describe("an error class in code that no durable function leads to", () => {
  const lone = 'import { TerminalError } from "@restatedev/restate-sdk";\nexport function demand(value: unknown): void {\n  if (!value) throw new TerminalError("nothing");\n}\n';

  it("is the project's own where nothing is left on Restate", () => {
    const { migration, after } = migrateTexts({ "app.ts": `${head}export const s = restate.service({ name: "S", handlers: { go: async (ctx: restate.Context) => ctx.run(() => 1) } });\n`, "lone.ts": lone });
    expect(migration.diagnostics).toEqual([]);
    expect(after["lone.ts"]).toContain('import { TerminalError } from "./durable/errors.js";');
  });

  it("stays Restate's, and this is said, as long as something is left", () => {
    const { migration, after } = migrateTexts({ "app.ts": `${head}export const s = restate.service({ name: "S", handlers: { go: async (ctx: restate.Context) => ctx.genericCall({ service: "T", method: "m", parameter: 1 }) } });\n`, "lone.ts": lone });
    expect(migration.diagnostics.map(({ code }) => code)).toContain("R0131");
    expect(after["lone.ts"]).toContain('import { TerminalError } from "@restatedev/restate-sdk";');
  });
});
