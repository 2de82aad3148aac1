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
    ["a call of nothing among elements", "const table: { pay?: (ctx: Context) => Promise<string> }[] = [{ pay: async (ctx) => ctx.run(() => 'a') }];", "let all = ''; for (let i = 0; i < table.length; i++) all += await table[i]!.pay?.(ctx);\nreturn all;", "all += table[i]!.pay ? yield* table[i]!.pay!(ctx) : undefined;"],
    ["a member that what is spread may have", "interface Step { pay(ctx: Context): Promise<string> }\nconst step = (rest: Partial<Step>): Step => ({ pay: async (ctx) => await ctx.run(() => 'a'), ...rest });", "return step({}).pay(ctx);", "pay(ctx: Context): Generator<unknown, string>"],
    ["a frozen object of a type", "const till: Readonly<{ pay(ctx: Context): Promise<string> }> = Object.freeze({ pay: async (ctx) => await ctx.run(() => 'a') });", "return till.pay(ctx);", "pay(ctx: Context): Generator<unknown, string>"],
    ["a closure of the handler in begun work", "", "const f = async (x: string) => { await ctx.sleep(1); return x; }; return Promise.all(xs.map((x) => f(x)));", "return yield* f(ctx, x);"],
    ["a closure of begun work in work that is begun within", "", "return Promise.all(xs.map(async (x) => { const f = async (y: string) => { await ctx.sleep(1); return y; }; return (await Promise.all(xs.map((z) => f(z)))).join(x); }));", "const f = function* (ctx: Context, y: string) {"],
    ["a closure that calls one that is lent", "", "const f = async (x: string) => ctx.run(() => x); const g = async (x: string) => f(x); await f('a'); return Promise.all(xs.map((x) => g(x)));", "yield* f(ctx, 'a');"],
    ["a closure without parameters, begun", "", "const f = async () => { await ctx.sleep(1); return 1; }; const p = f(); await ctx.sleep(2); return await p;", "const p = yield* begin(ctx, ctx.beginRun(f));"],
    ["a wait without a context", "declare function pause(): Promise<void>;\nasync function again<T>(f: () => Promise<T>): Promise<T> { try { return await f(); } catch { await pause(); return f(); } }", "return again(() => ctx.run(() => 1));", "function* again<T>(ctx: Context, f: () => Generator<unknown, T>)"],
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
    ["an async generator asked by hand", "async function* stream(ctx: Context) { yield await ctx.run(() => 1); }", "const s = stream(ctx); return (await s.next()).value;", "R0166"],
    ["an async generator given to a function", "async function* stream(ctx: Context) { yield await ctx.run(() => 1); }\nasync function last(s: AsyncIterable<number>) { let l = 0; for await (const x of s) l = x; return l; }", "return last(stream(ctx));", "R0166"],
    ["an async generator by its type", "async function* stream(ctx: Context) { yield await ctx.run(() => 1); }\nconst table: { go: (ctx: Context) => AsyncGenerator<number> } = { go: stream };", "for await (const x of table.go(ctx)) console.log(x);", "R0118 R0134"],
    ["an async generator behind another type", "type Numbers = AsyncGenerator<number>;\nasync function* stream(ctx: Context): Numbers { yield await ctx.run(() => 1); }", "for await (const x of stream(ctx)) console.log(x);", "R0120"],
    ["a generator that gives durable promises", "function* stream(ctx: Context) { yield ctx.run(() => 1); }", "for (const x of stream(ctx)) console.log(await x);", "R0120"],
    ["for await over what is not durable", "declare const source: AsyncIterable<string>;", "await ctx.sleep(1); for await (const x of source) console.log(x);", "R0134"],
    ["for await over promises that are not durable", "declare function load(x: string): Promise<string>;", "await ctx.sleep(1); for await (const x of xs.map((x) => load(x))) console.log(x);", "R0134"],
    ["reduce that hands its promise on", "declare function watch(p: Promise<string>): void;", "return xs.reduce(async (p, x) => { watch(p); return (await p) + (await ctx.run(() => x)); }, Promise.resolve(''));", "R0119"],
    ["reduce whose promise is awaited later", "", "const p = xs.reduce(async (p, x) => (await p) + (await ctx.run(() => x)), Promise.resolve('')); await ctx.sleep(1); return await p;", "R0119 R0155"],
    ["reduce that begins with an open promise", "declare const open: Promise<string>;", "return xs.reduce(async (p, x) => (await p) + (await ctx.run(() => x)), open);", "R0119"],
    ["reduce that writes outside of itself beside others", "", "let n = 0; return xs.reduce(async (p, x) => { n += await ctx.run(() => x.length); await p; return n; }, Promise.resolve(0));", "R0119"],
    ["flatMap in a step", "", "return ctx.run(() => xs.flatMap((x) => [ctx.run(() => x)]).length);", "R0146"],
    ["a bound method", pay, "const t = new Till(ctx); const f = t.pay.bind(t); return f('x');", "R0161"],
    ["a decorated method", `const log = (...all: any[]): any => all;\n${pay.replace("async pay", "@log async pay")}`, "return new Till(ctx).pay('x');", "R0120"],
    ["a getter", "class Meter { constructor(private ctx: Context) {} get total() { return this.ctx.run(() => 1); } async read() { return await this.ctx.run(() => 2); } }", "return new Meter(ctx).read();", "R0162"],
    ["a call at the top level", "async function time<T>(f: () => Promise<T>): Promise<T> { return await f(); }\nvoid time(async () => 1);", "return time(() => ctx.run(() => 1));", "R0162"],
    ["an object with a context in begun work", api, "const a = makeApi(ctx); return Promise.all(xs.map((x) => use(ctx, a, x)));", "R0163"],
    ["an object of the handler in begun work", pay, "const t = new Till(ctx); return Promise.all(xs.map(async (x) => t.pay(x)));", "R0163"],
    ["a callback of begun work that changes what is outside", "", "const seen: string[] = []; const p = ctx.run(() => 'x').then((x) => { seen.push(x); }); await ctx.sleep(1); await p; return seen;", "R0117"],
    ["an async callback by its name", "declare function save(x: string): Promise<void>;", "await ctx.run(() => 'x').then(save);", "R0117"],
    ["a callback of which nothing is known", "declare const save: any;", "await ctx.run(() => 'x').then(save);", "R0117"],
    ["a closure given by its name to begun work", "", "const twice = async (x: string) => ctx.run(() => x + x); const p = ctx.run(() => 'x').then(twice); await ctx.sleep(1); return await p;", "R0117 R0119"],
    ["a then on what may be absent", "", "const p = xs.length ? ctx.run(() => 'x') : undefined; return await p?.then((x) => x.length);", "R0117"],
    ["a promise that is said to be something else", "", "return ctx.run(() => 'x') as any;", "R0116"],
    ["a call of what is made for it", "function make(): { pay?: (ctx: Context) => Promise<string> } { return { pay: async (ctx) => ctx.run(() => 'a') }; }", "return make().pay?.(ctx);", "R0116"],
    ["a call of nothing that is begun", "interface Step { pay?: (ctx: Context) => Promise<string> }\nconst step: Step = { pay: async (ctx) => ctx.run(() => 'a') };", "const p = step.pay?.(ctx); await ctx.sleep(1); return await p;", "R0116"],
    ["a closure that writes, in begun work", "", "let n = 0; const f = async (x: string) => { n += 1; await ctx.run(() => x); }; await Promise.all(xs.map((x) => f(x))); return n;", "R0116"],
    ["a closure that counts, called by begun work", "", "let n = 0; const add = () => { n += 1; }; await Promise.all(xs.map(async (x) => { await ctx.run(() => x); add(); })); return n;", "R0119"],
    ["a closure that is known by two names, in begun work", "", "const f = async (x: string) => { await ctx.sleep(1); return x; }; const g = f; return Promise.all(xs.map((x) => g(x)));", "R0163"],
    ["a closure of a written type, in begun work", "", "const f: (x: string) => Promise<string> = async (x) => { await ctx.sleep(1); return x; }; return Promise.all(xs.map((x) => f(x)));", "R0163"],
    ["a closure that reads what changes, begun", "", "let n = 0; const f = async () => { await ctx.sleep(1); return n; }; const p = f(); n = 1; return await p;", "R0116"],
    ["a parameter object whose members change, begun", "async function one(d: { ctx: Context; n: number }) { await d.ctx.sleep(1); return d.n; }", "let n = 0; const p = one({ ctx, n }); n = 1; await ctx.sleep(2); return await p;", "R0116"],
    ["a context in a member of a parameter, in begun work", "async function all(d: { ctx: Context; xs: string[] }) { return await Promise.all(d.xs.map(async (x) => d.ctx.run(() => x))); }", "return all({ ctx, xs });", "R0119"],
    ["a wait without a context in one of several of a type", "declare function pause(): Promise<void>;\ntype Again = <T>(f: () => Promise<T>) => Promise<T>;\nconst again: Again = async (f) => { try { return await f(); } catch { await pause(); return f(); } };", "return again(() => ctx.run(() => 1));", "R0164"],
    ["a wait without a context, called from where there is none", "declare function pause(): Promise<void>;\nasync function again<T>(f: () => Promise<T>): Promise<T> { try { return await f(); } catch { await pause(); return f(); } }\nexport const other = async (list: string[]) => list.map(async (x) => again(async () => x));", "return again(() => ctx.run(() => 1));", "R0119 R0164"],
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
