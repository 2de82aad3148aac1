import fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { Suspects } from "../../src/analysis/suspects.js";
import { concurrencyPrograms, named } from "../properties/concurrency-program.js";
import { migrateTexts } from "../tools/migrate-texts.js";

const sdk = 'import * as restate from "@restatedev/restate-sdk";';
const handler = (body: string, name = "S"): string => `export const s${name} = restate.service({ name: "${name}", handlers: { go: async (ctx: restate.Context, n: number) => { ${body} } } });`;

/** Programs in which functions and promises that are durable travel by many names. */
const programs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "a function under other names": {
    "app.ts": `${sdk} import { again as more } from "./lib.js"; const r = more; const table = { again: r }; const { again: renamed } = table;
      ${handler('const work = async () => { await ctx.run(() => n); }; await renamed(work); await table["again"](async () => { await ctx.sleep(1); });')}`,
    "lib.ts": "export async function again(fn: () => Promise<void>): Promise<void> { await fn(); await fn(); } export const other = again; export async function plain() { await other(async () => {}); }",
  },
  "methods of an interface": {
    "app.ts": `${sdk} interface Step { undo(): Promise<void> } class Plain implements Step { async undo() {} }
      class Durable implements Step { constructor(private ctx: restate.Context) {} async undo() { await this.ctx.run(() => 1); } }
      async function all(steps: Step[]) { for (const s of steps) await s.undo(); } ${handler("await all([new Plain(), new Durable(ctx)]); return n;")}`,
  },
  "a type with a name": {
    "app.ts": `${sdk} type Undo = () => Promise<void>; type Undos = Undo[]; const plain: Undo = async () => {}; const known = new Map<string, Undo>();
      async function runAll(undos: Undos) { for (const u of undos) await u(); } export async function others() { await plain(); await known.get("x")?.(); }
      ${handler("const undos: Undos = []; undos.push(async () => { await ctx.run(() => n); }); await runAll(undos);")}`,
  },
  "parameters whose type comes of their place": {
    "app.ts": `${sdk} type Undo = () => Promise<void>; type Use = (undo: Undo) => Promise<void>; const use: Use = async (u) => { await u(); }; const users = { all: [async (v) => { await v(); }] } satisfies { all: Use[] };
      async function each(call: (u: Undo) => Promise<void>, undo: Undo) { await call(undo); } ${handler("const undo: Undo = async () => { await ctx.run(() => n); }; await use(undo); await each(async (w) => w(), undo); for (const user of users.all) await user(undo);")}`,
  },
  "members of what functions give": {
    "app.ts": `${sdk} function make(c: restate.Context) { return { save: async (n: number) => { await c.run(() => n); }, pure: (n: number) => n + 1 }; }
      function pick<T>(x: T): T { return x; } const hold = <A,>(a: A) => ({ inner: { a } });
      ${handler("const api = pick(make(ctx)); const { inner: { a } } = hold(api); await a.save(api.pure(n)); const f = (() => api.save)(); await f(2); const g = n > 1 ? f : a.save; await g(3);")}`,
  },
  "promises by other names": {
    "app.ts": `${sdk} async function quiet<T>(p: Promise<T>): Promise<T | undefined> { try { return await p; } catch { return undefined; } } const q = quiet; export const plainly = () => q(fetch("x"));
      ${handler("const p = ctx.run(() => n); const waits = async () => (await p) + 1; const box = { p }; const later = async () => { const { p: same } = box; return same; }; return [await waits(), await later(), await q(ctx.run(() => 2))];")}`,
  },
  "JavaScript modules": {
    "app.js": `const restate = require("@restatedev/restate-sdk"); const { again } = require("./lib"); const lib = require("./lib");
      /** @param {restate.Context} ctx */ async function helper(ctx, n) { return ctx.run(() => n); }
      module.exports = restate.service({ name: "S", handlers: { go: async (ctx, n) => { const f = () => helper(ctx, n); await again(f); await lib.again(async () => { await ctx.sleep(1); }); for (const g of [f, () => 1]) await g(); } } });`,
    "lib.js": "async function again(fn) { await fn(); return fn(); } module.exports = { again };",
  },
  "default exports": {
    "app.ts": `${sdk} import make, * as all from "./lib.js"; ${handler("const api = make(ctx); await api.save(n); await all.twice(() => api.save(n));")}`,
    "lib.ts": `${sdk} export default (c: restate.Context) => ({ save: (n: number) => c.run(() => n) }); export const twice = async <T,>(f: () => Promise<T>) => { await f(); await f(); };`,
  },
  "contexts whose type comes of their place": {
    "app.ts": `${sdk} type Step = (ctx: restate.Context, n: number) => Promise<number>;
      const steps: Record<string, Step> = { a: async (c, n) => { const p = c.run(() => n); const w = async () => await p; return (await w()) + 1; }, b: async (c) => c.date.now() };
      const pipeline: Step[] = [steps.a!, async (q, n) => q.run(() => n)]; ${handler("let v = n; for (const step of pipeline) v = await step(ctx, v); return v;")}`,
  },
  "a class that is extended": {
    "app.ts": `${sdk} abstract class Base { constructor(protected readonly ctx: restate.Context) {} abstract act(n: number): Promise<number>; async twice(n: number) { return (await this.act(n)) + (await this.act(n)); } }
      class A extends Base { async act(n: number) { return this.ctx.run(() => n); } } class B extends Base { async act(n: number) { return n; } }
      const pick = (ctx: restate.Context, n: number): Base => n > 1 ? new A(ctx) : new B(ctx); ${handler("return pick(ctx, n).twice(n);")}`,
  },
  "contexts in fields": {
    "app.ts": `${sdk} class Late { ctx?: restate.Context; async pay() { return await this.ctx!.run(() => 1); } } class Lazy { constructor(private ctx: restate.Context) {} run = async () => { return await this.ctx.run(() => 1); }; async go() { return await this.run(); } }
      ${handler("const l = new Late(); l.ctx = ctx; return (await l.pay()) + (await new Lazy(ctx).go());")}`,
  },
  "something else that is called ctx": {
    "app.ts": `${sdk} import { ctx as things } from "./things.js"; import { ctx } from "./things.js";
      export const s = restate.service({ name: "S", handlers: { go: async (c: restate.Context, n: number) => { const w = ctx.wrap(async () => { await c.run(() => n); }); await w(); return things.name; } } }); ${handler("return ctx.run(() => n);", "T")}`,
    "things.ts": 'export const ctx = { name: "x", wrap: (f: () => Promise<void>) => async () => { await f(); } };',
  },
  "functions of functions": {
    "app.ts": `${sdk} const within = (ctx: restate.Context) => <T,>(name: string, f: () => Promise<T>) => ctx.run(name, f); const step = (ctx: restate.Context) => async (n: number) => { const run = within(ctx); return run("a", async () => n); };
      const compose = <T,>(...fs: ((t: T) => Promise<T>)[]) => async (t: T) => { let v = t; for (const f of fs) v = await f(v); return v; }; ${handler("return compose(step(ctx), async (v: number) => v + 1)(n);")}`,
  },
  "assignments and getters": {
    "app.ts": `${sdk} let current: () => Promise<number>; const o: { f?: () => Promise<number> } = {};
      class Q { #c: restate.Context; constructor(c: restate.Context) { this.#c = c; } get saver() { return async (n: number) => { await this.#c.run(() => n); }; } static of(c: restate.Context) { return new Q(c); } }
      ${handler("current = async () => ctx.run(() => n); o.f = current; Object.assign(o, { f: async () => 1 }); const [g] = [o.f]; const { saver } = Q.of(ctx); await saver(1); return (await current()) + (g ? await g() : 0);")}`,
  },
};

afterEach(() => void vi.restoreAllMocks());

function outcome(files: Readonly<Record<string, string>>): unknown {
  const { migration, after } = migrateTexts(files);
  return { after, diagnostics: migration.diagnostics };
}

function outcomeIfAllIsSuspected(files: Readonly<Record<string, string>>): unknown {
  for (const question of ["holds", "has", "gives", "calls", "mayWait"] as const) vi.spyOn(Suspects.prototype, question).mockReturnValue(true);
  const all = outcome(files);
  vi.restoreAllMocks();
  return all;
}

test.each(Object.entries(programs))("%s: what is not suspected needs no look", (_, files) => {
  expect(outcome(files)).toEqual(outcomeIfAllIsSuspected(files));
});

test("so it is in generated programs", () => {
  const [generated = []] = fc.sample(concurrencyPrograms(Number(process.env["PROPERTY_RUNS"] ?? 10), { left: true }), { numRuns: 1, seed: Number(process.env["PROPERTY_SEED"] ?? 7) });
  for (const [index, program] of generated.entries()) {
    const { files } = named(program, index);
    expect(outcome(files)).toEqual(outcomeIfAllIsSuspected(files));
  }
});

test("plain code is not suspected", () => {
  const asked = vi.spyOn(Suspects.prototype, "holds");
  outcome({ "app.ts": `${sdk} const price = (n: number) => n * 2; ${handler("const p = price(n); const stored = await ctx.run(() => price(p)); return { p, stored };")}` });
  expect(asked.mock.results.filter(({ value }) => value === true)).toHaveLength(0);
});
