import { expect, test } from "vitest";
import { found, SDK } from "./found.js";

// Programs in shapes that nobody would think of first. What is right has to pass in silence.

test.each<[string, Record<string, string>]>([
  [
    "the engine for async functions, which has a module of its own",
    {
      "a.ts": `import { type Context, Resonate } from "@resonatehq/sdk/async"; const resonate = new Resonate();
export async function order(ctx: Context, id: string) { const started = ctx.run(() => id); await ctx.sleep(5); const mail = ctx.promise(); return [await started, await mail]; }
resonate.register("order", order);`,
    },
  ],
  [
    "methods of a class, and a context among other things",
    {
      "a.ts": `${SDK}class Orders {
  *place(ctx: Context, id: string): Generator<unknown, string> { return yield* this.#priced({ ctx, id }); }
  *#priced({ ctx, id }: { ctx: Context; id: string }): Generator<unknown, string> { const price = yield* ctx.run(() => id); return price; }
}
const orders = new Orders();
resonate.register("place", orders.place.bind(orders));`,
    },
  ],
  [
    "yields wherever an expression may stand",
    {
      "a.ts": `${SDK}export function* order(ctx: Context, ids: string[]) {
  for (const id of yield* ctx.run(() => ids)) console.log(\`\${yield* ctx.run(() => id)}\`);
  const { total = yield* ctx.run(() => 1), ...rest } = yield* ctx.run(() => ({ total: undefined as number | undefined }));
  const list = [...(yield* ctx.run(() => ids)), (yield* ctx.sleep(1), "x")];
  return yield* (total ? ctx.run(() => list) : ctx.run(() => [String(rest)]));
}
resonate.register(order);`,
    },
  ],
  [
    "descriptions of work that are kept, made by closures and yielded later",
    {
      "a.ts": `${SDK}export function* order(ctx: Context, wanted: boolean) {
  const step = (name: string) => ctx.run(() => name);
  const maybe = wanted && ctx.run(() => 1);
  const table = { a: ctx.beginRun(() => 1), b: ctx.beginRun(() => 2) };
  if (maybe) yield* maybe;
  const handles = [yield* table.a, yield* table.b];
  for (const handle of handles) yield* handle;
  return yield* step("last");
}
resonate.register("order", order);`,
    },
  ],
  [
    "contexts of other libraries",
    {
      "a.ts": `import type { Context } from "koa"; import "@resonatehq/sdk";
export function* middleware(ctx: Context) { ctx.run("x"); ctx.started = Date.now(); yield fetch("http://x.example"); }
export async function* lines(context: Context) { await context.promise(); yield context.sleep(1); }`,
    },
  ],
  [
    "functions that are registered by a loop",
    {
      "a.ts": `${SDK}const handlers = { place: function* (ctx: Context) { return yield* ctx.rpc<string>("mail"); }, mail: function* (ctx: Context) { return ctx.id; } };
for (const [name, handler] of Object.entries(handlers)) resonate.register(name, handler);`,
    },
  ],
  [
    "one name on two clients, in two versions, and on two branches",
    {
      "a.ts": `${SDK}const other = new Resonate();
export function* order(ctx: Context) { return ctx.id; }
resonate.register("order", order); other.register("order", order); resonate.register("order", order, { version: 2 });
if (process.env.NEW) resonate.register("mail", order); else resonate.register("mail", order);`,
    },
  ],
  [
    "promises that are settled as the codec says, and registries of promises that are the program's own",
    {
      "a.ts": `${SDK}export async function approve(id: string, registry: { promises: { resolve(id: string, value: { data: string }): void } }) {
  const encoded = new Codec().encode(true);
  await resonate.promises.resolve(id, { ...encoded });
  await resonate.promises.resolve(id, { data: encoded.data, headers: encoded.headers });
  await resonate.promises.resolve(id, { data: Buffer.from(JSON.stringify(true)).toString("base64") });
  await resonate.promises.resolve(id);
  registry.promises.resolve(id, { data: JSON.stringify(true) });
}`,
    },
  ],
  [
    "ids with colons where they belong, and texts with colons elsewhere",
    {
      "a.ts": `${SDK}export async function look(id: string) {
  await resonate.promises.get(\`Order/\${id}:approval\`);
  await resonate.get(\`Order/\${id}:approval\`);
  await resonate.run(\`order/\${id.replace(":", "-")}\`, "order", "a:b", { label: "x:y" });
}
export function* order(ctx: Context) { return ctx.id; }
resonate.register("order", order);`,
    },
  ],
  [
    "classes that are not those of an error from durable work",
    {
      "a.ts": `${SDK}class Declined extends Error {}
export function* order(ctx: Context, when: Date | string) {
  const day = when instanceof Date ? when.toISOString() : when;
  try { JSON.parse(day); } catch (error) { if (error instanceof SyntaxError) return "no"; }
  try { yield* ctx.run(async () => { try { return day; } catch (error) { if (error instanceof Declined) return ""; throw error; } }); } catch (error) { return error instanceof Error ? error.message : "?"; }
  return day;
}
resonate.register("order", order);`,
    },
  ],
  [
    "JavaScript with require",
    {
      "a.js": `const { Resonate } = require("@resonatehq/sdk");
const resonate = new Resonate();
exports.order = function* (ctx, id) { const handle = yield* ctx.beginRpc("mail", id); const at = yield* ctx.date.now(); return [at, yield* handle]; };
resonate.register("mail", function* mail(ctx) { yield* ctx.sleep(5); });
resonate.register("order", exports.order);`,
    },
  ],
  [
    "other names for a context",
    {
      "a.ts": `import * as sdk from "@resonatehq/sdk"; import type { Context as C } from "@resonatehq/sdk";
interface Mine extends C { readonly tenant: string }
export function* one(c: C) { return yield* c.run(() => 1); }
export function* two<T extends sdk.Context>(it: T) { return yield* one(it); }
export function* three(mine: Mine) { return yield* two(mine); }`,
    },
  ],
  [
    "plain generators beside durable ones",
    {
      "a.ts": `${SDK}function* range(n: number) { for (let i = 0; i < n; i++) yield i; }
export function* order(ctx: Context) { for (const i of range(3)) yield* ctx.run(() => i); const all = [...range(2)]; return all; }
resonate.register("order", order);`,
    },
  ],
  [
    "clocks and I/O in steps, in functions that steps get, and in code for tests",
    {
      "a.ts": `${SDK}import { readFile } from "node:fs/promises";
async function load(ctx: Context, name: string) { const at = Date.now(); return [at, await readFile(name, "utf8"), await fetch(name)]; }
const now = (): number => Date.now();
export function* order(ctx: Context) { const a = yield* ctx.run(load, "x"); const b = yield* ctx.run(now); const c = yield* ctx.run(() => now()); const d = yield* ctx.run(async () => [1].map(() => Math.random())); return [a, b, c, d]; }
resonate.register("order", order);
export async function main() { const started = Date.now(); await resonate.run(\`order-\${started}\`, order); console.log(Date.now() - started); }`,
    },
  ],
  [
    "sagas of another library, in plain JavaScript",
    {
      "a.js": `import { call, put } from "redux-saga/effects"; import { Resonate } from "@resonatehq/sdk"; export const resonate = new Resonate();
export function* root(context) { yield watch(context); const at = Date.now(); yield put({ at }); }
export function* watch(context) { yield call(context.api); root(context); }`,
    },
  ],
  [
    "handles that are waited for by functions further up or further down",
    {
      "a.ts": `${SDK}export function* order(ctx: Context) {
  const early = function* (): Generator<unknown, unknown> { return yield* p; };
  const p = yield* ctx.promise();
  const q = yield* ctx.promise();
  yield* early();
  return yield* late();
  function* late(): Generator<unknown, unknown> { return yield* q; }
}
resonate.register("order", order);`,
    },
  ],
  [
    "tests that drive a durable function by hand",
    {
      "a.ts": `${SDK}declare const fake: Context; declare function expect(x: unknown): { toEqual(y: unknown): void };
export function* order(ctx: Context) { yield* ctx.sleep(1); }
export function testIt() { const run = order(fake); expect(run.next()).toEqual({}); for (const step of order(fake)) expect(step).toEqual({}); expect([...order(fake)]).toEqual([]); }`,
    },
  ],
  [
    "compensations that are kept as generators",
    {
      "a.ts": `${SDK}export function* saga(ctx: Context) {
  const undo: (() => Generator)[] = [];
  try {
    undo.push(function* () { yield* ctx.run(() => "refund"); });
    yield* ctx.run(() => "charge");
  } catch (error) {
    for (const one of undo.reverse()) yield* one();
    throw error;
  }
}
resonate.register("saga", saga);`,
    },
  ],
])("silent about %s", (_name, files) => {
  expect(found(files)).toEqual([]);
});

test.each<[string, Record<string, string>, string[]]>([
  [
    "a context under another name",
    { "a.ts": `import type { Context as C } from "@resonatehq/sdk";\nexport function* one(c: C) {\n  c.run(() => 1);\n  const done = c.sleep(5);\n}` },
    ["C0101 a.ts:3", "C0101 a.ts:4"],
  ],
  [
    "durable methods and members that are merely called",
    {
      "a.ts": `${SDK}class Orders {
  *place(ctx: Context) {
    this.priced(ctx);
    const handlers = { mail: function* (ctx: Context) { yield* ctx.sleep(1); } };
    void handlers.mail(ctx);
  }
  *priced(ctx: Context) { yield* ctx.sleep(1); }
}`,
    },
    ["C0103 a.ts:4", "C0103 a.ts:6"],
  ],
  [
    "a clock under another name",
    {
      "a.ts": `${SDK}const now = Date.now; const { random } = Math;
export function* order(ctx: Context, at = Date.now()) {
  while (now() < at) yield* ctx.sleep(10);
  const draw = Math.random;
  if (random() > draw()) yield* ctx.sleep(1);
}`,
    },
    ["C0104 a.ts:3", "C0104 a.ts:4", "C0104 a.ts:6", "C0104 a.ts:6"],
  ],
  [
    "generators that take the context from around them",
    {
      "a.ts": `${SDK}export function* order(ctx: Context) {
  const part = function* (): Generator<unknown, number> {
    const at = Date.now();
    ctx.sleep(at);
    yield* ctx.sleep(at);
    return at;
  };
  part();
  return yield* part();
}`,
    },
    ["C0101 a.ts:5", "C0103 a.ts:9", "C0104 a.ts:4"],
  ],
  [
    "raw data by way of variables",
    {
      "a.ts": `${SDK}export async function approve(id: string) {
  const data = JSON.stringify(true);
  await resonate.promises.resolve(id, { data });
  const value = { data: "true" };
  await resonate.promises.resolve(id, value);
  const { promises } = resonate;
  await promises.reject(id, { data: \`\${id}\` });
}`,
    },
    ["C0107 a.ts:4", "C0107 a.ts:6", "C0107 a.ts:8"],
  ],
  [
    "ids that are put together",
    {
      "a.ts": `${SDK}const PREFIX = "order:";
export async function start(key: string) {
  await resonate.run("order:" + key, order);
  await resonate.beginRpc(\`\${PREFIX}\${key}\`, "order");
  const id = \`order:\${key}\`;
  await resonate.rpc(id, "order");
}
export function* order(ctx: Context) { return ctx.id; }
resonate.register("order", order);`,
    },
    ["C0108 a.ts:4", "C0108 a.ts:5", "C0108 a.ts:7"],
  ],
  [
    "names that stand in another file",
    {
      "names.ts": `export const names = { place: "place", mail: "mial" } as const;`,
      "a.ts": `${SDK}import { names } from "./names.js";
export function* place(ctx: Context) { return yield* ctx.rpc(names.mail); }
resonate.register(names.place, place);
resonate.register("mail", place);
export const again = resonate.register("place", place);`,
    },
    ["C0105 a.ts:3", "C0106 a.ts:6"],
  ],
  [
    "an error's class by way of a variable, a function and a chain of conditions",
    {
      "a.ts": `${SDK}class Declined extends Error {}
const isDeclined = (error: unknown): boolean => error instanceof Declined;
export function* order(ctx: Context) {
  try { yield* ctx.run(() => 1); } catch (error) {
    const cause = error;
    if (cause instanceof Declined) return "a";
    if (isDeclined(error)) return "b";
    switch (true) { case error instanceof Declined: return "c"; }
  }
}
resonate.register("order", order);`,
    },
    ["C0109 a.ts:7", "C0109 a.ts:8", "C0109 a.ts:9"],
  ],
  [
    "options of a promise by way of a variable",
    { "a.ts": `${SDK}export function* order(ctx: Context) {\n  const options = { timeout: 5_000 };\n  return yield* (yield* ctx.promise(options));\n}` },
    ["C0110 a.ts:4"],
  ],
  [
    "JavaScript with require",
    { "a.js": `const { Resonate } = require("@resonatehq/sdk");\nconst resonate = new Resonate();\nexports.order = function* (ctx) {\n  ctx.sleep(5);\n  await_(Date.now());\n  yield* ctx.promise();\n};\nresonate.run("a:b", exports.order);\nfunction await_() {}` },
    ["C0101 a.js:4", "C0104 a.js:5", "C0108 a.js:8", "C0111 a.js:6"],
  ],
])("finds %s", (_name, files, expected) => {
  expect(found(files).sort()).toEqual(expected);
});
