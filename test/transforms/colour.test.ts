import { describe, expect, it } from "vitest";
import { migrateTexts } from "../tools/migrate-texts.js";

/** What becomes of a module with some declarations and a handler `(ctx, xs: string[])` with a body. */
function migrated(declarations: string, body: string, others: Readonly<Record<string, string>> = {}) {
  const head = `import * as restate from "@restatedev/restate-sdk";\nimport type { Context } from "@restatedev/restate-sdk";\n`;
  const text = `${head}${declarations}\nexport const svc = restate.service({ name: "Svc", handlers: { go: async (ctx: Context, xs: string[]) => {\n${body}\n} } });\n`;
  const { after, migration } = migrateTexts({ "app.ts": text, ...others });
  const codes = migration.diagnostics.filter(({ severity, code }) => severity === "error" && code !== "R0150").map(({ code }) => code);
  return { after, codes: [...new Set(codes)].sort() };
}

const pay = "class Till { constructor(private ctx: Context) {} async pay(x: string) { return await this.ctx.run(() => x); } }";

describe("functions that become generator functions by their types", () => {
  it.each([
    ["a nested declaration", "", "return await charge(xs[0]!); async function charge(x: string) { return await ctx.run(() => x); }", "function* charge(x: string)"],
    ["a class in a handler", "", "class Local { async pay(x: string) { return await ctx.run(() => x); } }\nreturn await new Local().pay('x');", "*pay(x: string) {"],
    ["a method in a closure", `${pay} async function inTurn(f: (x: string) => Promise<string>) { return await f("x"); }`, "const t = new Till(ctx); return inTurn((x) => t.pay(x));", "function* inTurn(f: (x: string) => Generator<unknown, string>)"],
    ["a record", "const table: Record<string, (ctx: Context) => Promise<string>> = { a: async (ctx) => ctx.run(() => 'a'), b: async () => 'b' };", "return table['a']!(ctx);", "b: function* () {"],
    ["a function that chooses", "function choose(k: string): (ctx: Context) => Promise<string> { return k ? fast : slow; }\nasync function fast(ctx: Context) { return await ctx.run(() => 'f'); }\nasync function slow(ctx: Context) { await ctx.sleep(1); return 's'; }", "return choose('a')(ctx);", "return yield* choose('a')(ctx);"],
    ["overloads", "async function get(ctx: Context, x: string | number): Promise<string | number> { return await ctx.run(() => x); }".replace(/^/, "function get(ctx: Context, x: string): Promise<string>;\nfunction get(ctx: Context, x: number): Promise<number>;\n"), "return (await get(ctx, 'x')) + (await get(ctx, 1));", "function get(ctx: Context, x: number): Generator<unknown, number>;"],
    ["a call of nothing", "", "const f: (() => Promise<void>) | undefined = xs.length ? async () => { await ctx.sleep(1); } : undefined;\nawait f?.();", "if (f) yield* f();"],
    ["the entries of a map", "const table = new Map<string, (ctx: Context) => Promise<string>>([['a', async (ctx) => ctx.run(() => 'a')], ['b', async () => 'b']]);", "return table.get('a')!(ctx);", "['b', function* () {"],
    ["closures in begun work", "async function twice<T>(f: () => Promise<T>): Promise<T> { await f(); return f(); }", "return Promise.all(xs.map(async (x) => twice(() => ctx.run(() => x))));", "yield* twice(function* () {"],
    ["an interface that extends a context", "interface Own extends Context { user: string }\nasync function who(ctx: Own) { return await ctx.run(() => 1); }", "return who(ctx as Own);", undefined],
  ])("%s", (_, declarations, body, expected) => {
    const { after, codes } = migrated(declarations, body);
    if (expected === undefined) expect(codes).toEqual(["R0118"]);
    else {
      expect(codes).toEqual([]);
      expect(after["app.ts"]).toContain(expected);
    }
  });
});

describe("what cannot be followed is left, for its own reason", () => {
  const api = "const makeApi = (ctx: Context) => ({ pay: async (x: string) => ctx.run(() => x) });\nasync function use(ctx: Context, api: { pay: (x: string) => Promise<string> }, x: string) { await ctx.sleep(1); return await api.pay(x); }";
  const attempt = "async function attempt<T>(p: Promise<T>): Promise<T | string> { try { return await p; } catch { return 'no'; } }";
  it.each([
    ["a parameter object given to unknown code", "declare function agent(o: unknown): void;\nasync function one(d: { ctx: Context }) { agent(d); return await d.ctx.run(() => 1); }", "return one({ ctx });", "R0118"],
    ["one that lets the context go without using it", "declare function agent(o: unknown): void;\ninterface Deps { ctx: Context }\nfunction leak(d: Deps) { agent(d); }\nasync function one(d: Deps) { leak(d); return await d.ctx.run(() => 1); }", "return one({ ctx });", "R0118"],
    ["a constant object given to unknown code", "declare function agent(o: unknown): void;", "const d = { ctx }; agent(d);", "R0118"],
    ["a destructured member", "", "const { run } = ctx; return run(() => 1);", "R0118"],
    ["a context in a field that is set later", "class Late { ctx?: Context; async pay() { return await this.ctx!.run(() => 1); } }", "const l = new Late(); l.ctx = ctx; return l.pay();", "R0118"],
    ["a type that asks for a function's", "async function f(ctx: Context) { return await ctx.run(() => 1); }\nexport type F = Awaited<ReturnType<typeof f>>;", "return f(ctx);", "R0118"],
    ["a table of any", "async function f(ctx: Context) { return await ctx.run(() => 1); }\nexport const table: any = { f };", "return f(ctx);", "R0118"],
    ["a closure given to a library by its name", "", "const f = async () => { await ctx.run(() => 1); }; xs.map(f); await f();", "R0119"],
    ["a tool of unknown code", "declare function tool(o: { execute: (x: string) => Promise<string> }): unknown;", "const execute = async (x: string) => ctx.run(() => x); tool({ execute });", "R0119"],
    ["an async generator", "async function* stream(ctx: Context) { yield await ctx.run(() => 1); }", "for await (const x of stream(ctx)) console.log(x);", "R0116 R0120 R0134"],
    ["a bound method", pay, "const t = new Till(ctx); const f = t.pay.bind(t); return f('x');", "R0161"],
    ["a decorated method", `const log = (...all: any[]): any => all;\n${pay.replace("async pay", "@log async pay")}`, "return new Till(ctx).pay('x');", "R0120"],
    ["a getter", "class Meter { constructor(private ctx: Context) {} get total() { return this.ctx.run(() => 1); } async read() { return await this.ctx.run(() => 2); } }", "return new Meter(ctx).read();", "R0162"],
    ["a call at the top level", "async function time<T>(f: () => Promise<T>): Promise<T> { return await f(); }\nvoid time(async () => 1);", "return time(() => ctx.run(() => 1));", "R0162"],
    ["an object with a context in begun work", api, "const a = makeApi(ctx); return Promise.all(xs.map((x) => use(ctx, a, x)));", "R0163"],
    ["a closure of the handler in begun work", "", "const f = async (x: string) => { await ctx.sleep(1); return x; }; return Promise.all(xs.map((x) => f(x)));", "R0163"],
    ["a closure of begun work in work that is begun within", "", "return Promise.all(xs.map(async (x) => { const f = async (y: string) => { await ctx.sleep(1); return y; }; return (await Promise.all(xs.map((z) => f(z)))).join(x); }));", "R0163"],
    ["an object of the handler in begun work", pay, "const t = new Till(ctx); return Promise.all(xs.map(async (x) => t.pay(x)));", "R0163"],
    ["a wait without a context", "declare function pause(): Promise<void>;\nasync function again<T>(f: () => Promise<T>): Promise<T> { try { return await f(); } catch { await pause(); return f(); } }", "return again(() => ctx.run(() => 1));", "R0164"],
    ["a callback of begun work that changes what is outside", "", "const seen: string[] = []; const p = ctx.run(() => 'x').then((x) => { seen.push(x); }); await ctx.sleep(1); await p; return seen;", "R0117"],
    ["an async callback by its name", "declare function save(x: string): Promise<void>;", "await ctx.run(() => 'x').then(save);", "R0117"],
    ["a callback of which nothing is known", "declare const save: any;", "await ctx.run(() => 'x').then(save);", "R0117"],
    ["a closure given by its name to begun work", "", "const twice = async (x: string) => ctx.run(() => x + x); const p = ctx.run(() => 'x').then(twice); await ctx.sleep(1); return await p;", "R0117 R0119"],
    ["a then on what may be absent", "", "const p = xs.length ? ctx.run(() => 'x') : undefined; return await p?.then((x) => x.length);", "R0117"],
    ["a promise beside one that is not durable", `${attempt}\nexport const other = () => attempt(Promise.resolve("x"));`, "return attempt(ctx.run(() => 'x'));", "R0116"],
    ["an async function whose type gives nothing, not awaited", "interface Note { note(x: string): void }\nfunction make(ctx: Context): Note { return { note: async (x) => { await ctx.sleep(1); await ctx.run(() => x); } }; }", "make(ctx).note('a');", "R0116"],
    ["a closure in a step", "", "const f = async () => ctx.run(() => 1); return ctx.run(async () => await f());", "R0146"],
    ["an arrow function as a field that only passes on", "class Lazy { constructor(private ctx: Context) {} run = async () => this.ctx.run(() => 1); }", "return new Lazy(ctx).run();", "R0162"],
    ["a second field with the context", "class Two { constructor(private a: Context, private b: Context) {} async go() { await this.a.sleep(1); return await this.b.run(() => 1); } }", "return new Two(ctx, ctx).go();", "R0162"],
    ["the context of another object", "class Holder { constructor(readonly ctx: Context) {} }\nclass User { constructor(private h: Holder) {} async go() { return this.h.ctx.run(() => 1); } }", "return new User(new Holder(ctx)).go();", "R0162"],
    ["a parameter object by another name", "function one(d: { ctx: Context }) { const e = d; return e.ctx.run(() => 1); }", "return one({ ctx });", "R0118"],
    ["what throws where it is called, begun", "function pay(ctx: Context, x?: string): Promise<string> { if (!x) throw new Error('none'); return ctx.run(() => x); }", "const p = pay(ctx, xs[0]); await ctx.sleep(1); return await p;", "R0116"],
    ["an arrow function as a field", "class Lazy { constructor(private ctx: Context) {} run = async () => { return await this.ctx.run(() => 1); }; async go() { return await this.run(); } }", "return new Lazy(ctx).go();", "R0145 R0162"],
  ])("%s", (_, declarations, body, expected) => {
    const { after, codes } = migrated(declarations, body);
    expect(codes.join(" ")).toBe(expected);
    expect(after["app.ts"]).toContain("go: async (ctx: Context");
  });
});

describe("the state of an object is handed on by name only", () => {
  it.each([
    ["a class", "class Count { constructor(private ctx: ObjectContext) {} async get() { return await this.ctx.get<number>('n'); } }", "new Count(ctx).get()"],
    ["a parameter object", "async function get(d: { ctx: ObjectContext }) { return await d.ctx.get<number>('n'); }", "get({ ctx })"],
    ["an interface", "interface Store { get(ctx: ObjectContext): Promise<number | null> }\nclass Own implements Store { async get(ctx: ObjectContext) { return await ctx.get<number>('n'); } }\nconst store: Store = new Own();", "store.get(ctx)"],
  ])("%s is left", (_, declarations, call) => {
    const text = `import { object, type ObjectContext } from "@restatedev/restate-sdk";\n${declarations}\nexport const svc = object({ name: "Svc", handlers: { go: async (ctx: ObjectContext) => ${call} } });\n`;
    const { after, migration } = migrateTexts({ "app.ts": text });
    expect(migration.diagnostics.map(({ code }) => code)).toContain("R0110");
    expect(after["app.ts"]).toContain(`go: async (ctx: ObjectContext) => ${call}`);
  });
});

describe("helpers in files that know nothing of Restate", () => {
  const twice = "export const twice = async <T>(f: () => Promise<T>): Promise<T> => { await f(); return f(); };\n";
  const [declarations, body] = [`import { twice } from "./twice.js";`, "return twice(() => ctx.run(() => 1));"];

  it("move with the handlers that use them", () => {
    const { after, codes } = migrated(declarations, body, { "twice.ts": twice });
    expect(codes).toEqual([]);
    expect(after["twice.ts"]).toBe("export function* twice<T>(f: () => Generator<unknown, T>): Generator<unknown, T> { yield* f(); return yield* f(); }\n");
  });
});

describe("factories", () => {
  it("stay plain functions where they only make closures", () => {
    const { after, codes } = migrated("const makeApi = (ctx: Context) => ({ pay: async (x: string) => ctx.run(() => x) });\nexport type Api = ReturnType<typeof makeApi>;", "const api: Api = makeApi(ctx); return api.pay('x');");
    expect(codes).toEqual([]);
    expect(after["app.ts"]).toContain("const makeApi = (ctx: Context) => ({ pay: function* (x: string) {");
    expect(after["app.ts"]).toContain("const api: Api = makeApi(ctx); return yield* api.pay('x');");
  });

  it("become generator functions where they wait", () => {
    const { after, codes } = migrated("async function makeApi(ctx: Context) { const token = await ctx.run(() => 'token'); return { pay: async (x: string) => ctx.run(() => token + x) }; }", "const api = await makeApi(ctx); return api.pay('x');");
    expect(codes).toEqual([]);
    expect(after["app.ts"]).toContain("function* makeApi(ctx: Context) { const token = yield* ctx.run(() => 'token');");
  });
});
