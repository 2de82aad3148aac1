import { type Context, Resonate } from "@resonatehq/sdk";
import { afterAll, expect, it } from "vitest";
import type { ResultOf } from "../../src/support/result-of.js";

type Delayed = (ctx: Context, milliseconds: number) => Generator<unknown, ReturnType<Context["options"]>>;
// Not by a static import: under `declaration: true` the module does not type-check, which is known.
const { delayed } = (await import(new URL("../../src/support/delay.ts", import.meta.url).href)) as { delayed: Delayed };

const resonate = new Resonate();
afterAll(() => resonate.stop());

const starts = new Map<string, number>();
const arrived: ((name: string) => void)[] = [];

function* note(_ctx: Context, name: string) {
  starts.set(name, Date.now());
  for (const tell of arrived) tell(name);
  return name;
}

function* sender(ctx: Context, milliseconds: number) {
  yield* ctx.detached(note, "late", yield* delayed(ctx, milliseconds));
  yield* ctx.detached(note, "at once");
  return "sent";
}

resonate.register("note", note);
resonate.register("sender", sender);

it("defers the start of a detached call, and not its sender", async () => {
  const late = new Promise<void>((resolve) => arrived.push((name) => (name === "late" ? resolve() : undefined)));
  const begin = Date.now();
  const sent: ResultOf<typeof sender> = await resonate.rpc("delay-test", "sender", 1_500);
  const end = Date.now();
  expect(sent).toBe("sent");
  expect(end - begin).toBeLessThan(1_400);
  expect(starts.has("late")).toBe(false);
  await late;
  expect((starts.get("late") ?? 0) - begin).toBeGreaterThanOrEqual(1_490);
  expect(starts.get("at once") ?? Number.POSITIVE_INFINITY).toBeLessThan(starts.get("late") ?? 0);
}, 15_000);
