import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

test("time, chance and I/O between steps are found", () => {
  const source = `${SDK}import { randomUUID as uuid } from "node:crypto"; import nodeCrypto from "crypto";
  export function* order(ctx: Context) {
    const at = Date.now();
    const day = new Date();
    const dice = globalThis.Math.random();
    const id = crypto.randomUUID() + uuid() + nodeCrypto.randomUUID();
    const page = fetch("http://x.example");
    yield* ctx.run(() => [at, day, dice, id, page]);
  }`;
  expect(found(source)).toEqual([4, 5, 6, 7, 7, 7, 8].map((line) => `C0104 app.ts:${line}`));
});

test("inside of steps, in other functions, with arguments, or of the program's own making they are not", () => {
  const source = `${SDK}import { fetch } from "./own.js";
  export function* order(ctx: Context, Date2: { now(): number }) {
    const at = yield* ctx.date.now();
    const id = yield* ctx.run(() => crypto.randomUUID() + Math.random());
    fetch("x"); Date2.now();
    return new Date(at);
  }
  export function leaf(ctx: Context) { return Date.now(); }
  export function* shadowed(ctx: Context) { const Math = { random: () => 4 }; return Math.random(); }`;
  expect(found(source)).toEqual([]);
});

const lines = (body: string, rest = ""): string[] => found(`${SDK}import fs, { readFileSync } from "node:fs"; import { v4 } from "uuid"; import * as ids from "uuid";
export function* order(ctx: Context, items: string[]) {
${body}
}
${rest || 'resonate.register("order", order);'}`).filter((finding) => finding.startsWith("C0104"));

test.each([
  ["before a step, on one branch", "let at = 0; if (items[0])\nat = Date.now();\nyield* ctx.sleep(at);", "5"],
  ["in a loop that comes around to a step", "for (const item of items) { yield* ctx.run(() => item);\nconst at = Date.now(); }", "5"],
  ["in the arguments of a step", "return yield* ctx.rpc('a',\nDate.now());", "5"],
  ["in a callback that is called at once", "const drawn = items.map((item) =>\n[item, Math.random()]);\nyield* ctx.run(() => drawn);", "5"],
  ["in a function of the program", "const id =\nmake();\nyield* ctx.run(() => id);", "5"],
  ["I/O, wherever it stands", "yield* ctx.sleep(1);\nreturn fs.readFileSync('a') + readFileSync('b');", "5,5"],
  ["ids of packages", "const id = v4() +\nids.v7();\nyield* ctx.run(() => id);", "4,5"],
  ["a timer", "\nsetTimeout(() => undefined, 1000);", "5"],
])("%s", (_name, body, at) => {
  expect(lines(body, `function make() { return prefix() + inner(); } const inner = () => Math.random().toString(36); function prefix() { return "x"; } resonate.register("order", order);`)).toEqual(at.split(",").map((line) => `C0104 app.ts:${line}`));
});

test("after the last step nothing is replayed, where the invocation ends there", () => {
  const body = "const sum = yield* ctx.run(() => 1);\nif (sum > 1) throw new Error(`at ${Date.now()}`);\nreturn { sum, at: new Date().toISOString() };";
  expect(lines(body)).toEqual([]);
  expect(lines(body, "export function* parent(ctx: Context) { yield* ctx.run(order, []); }")).toEqual([]);
  // A caller in the same invocation goes on with it; who calls an exported function is not known.
  expect(lines(body, 'resonate.register("order", order); export function* parent(ctx: Context) { const { at } = yield* order(ctx, []); yield* ctx.run(() => at); }')).toEqual(["C0104 app.ts:5", "C0104 app.ts:6"]);
  expect(lines(body, "export const more = 1;")).toEqual(["C0104 app.ts:5", "C0104 app.ts:6"]);
});

test("what only looks like it is not", () => {
  const body = "log(); const sorted = items.map((item) => new Date(item)).sort(); const text = pure(); const steps = items.map((item) => ctx.run(() => Math.random() + item));\nconst made = ids.v5(text, ids.DNS);\nfor (const step of steps) yield* step;\nyield* ctx.run(async () => readFileSync('a'));\nreturn sorted + made;";
  expect(lines(body, 'function log() { console.log(new Date()); } function pure() { const clock = () => Date.now(); return "x"; } resonate.register("order", order);')).toEqual([]);
});
