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
