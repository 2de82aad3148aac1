import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { type Context, Resonate } from "@resonatehq/sdk";

/**
 * A worker that writes down each step it executes, as `step <promise id> <worker>`. The line is one write to a file
 * opened for appending, so it is there or it is not, whenever the process is killed.
 */
const [effects = "", name = "", ttl = ""] = process.argv.slice(2);
const resonate = new Resonate({ pid: name, ttl: Number(ttl), logLevel: "error" });

async function step(ctx: Context, value: number): Promise<number> {
  await pause(4);
  appendFileSync(effects, `step ${ctx.id} ${name}\n`);
  await pause(4);
  return value;
}

function* packing(ctx: Context, items: number) {
  const labels = yield* ctx.beginRun(step, 100);
  const boxes = yield* ctx.beginRun(step, items * 10);
  return (yield* labels) + (yield* boxes);
}

function* price(ctx: Context, items: number) {
  const base = yield* ctx.run(step, items);
  yield* ctx.sleep(20);
  return base + (yield* ctx.run(step, 1_000));
}

function* order(ctx: Context, items: number) {
  const reserved = yield* ctx.run(step, items);
  const packed = yield* ctx.run(packing, reserved);
  yield* ctx.sleep(30);
  const priced = yield* ctx.rpc<number>("price", reserved);
  const sent = yield* ctx.run(step, 10_000);
  return packed + priced + sent;
}

resonate.register("order", order);
resonate.register("price", price);
process.stdout.write("ready\n");
