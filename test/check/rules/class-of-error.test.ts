import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

const WORK = `yield* ctx.run(() => 1);`;

test("tests of the class of an error that came out of durable work are found", () => {
  const source = `${SDK}class Declined extends Error {}
  export function* order(ctx: Context) {
    try { ${WORK} } catch (error) {
      if (error instanceof Declined) return "declined";
      if (error instanceof TypeError) return "bug";
    }
  }`;
  expect(found(source)).toEqual(["C0109 app.ts:5", "C0109 app.ts:6"]);
});

test("tests by name, of classes that know what was stored, and of errors of local code are not", () => {
  const source = `${SDK}import { TerminalError, TimeoutError } from "./errors.js"; class Declined extends Error {}
  export function* order(ctx: Context) {
    try { ${WORK} } catch (error) {
      if (error instanceof Error && error.name === "Declined") return;
      if (error instanceof TerminalError || error instanceof TimeoutError) return;
    }
    try { JSON.parse("{"); } catch (error) { return error instanceof Declined; }
  }
  export function step() { try { JSON.parse("{"); } catch (error) { return error instanceof Declined; } }`;
  const errors = `export class TerminalError extends Error { static override [Symbol.hasInstance](value: unknown) { return true; } } export class TimeoutError extends TerminalError {}`;
  expect(found({ "app.ts": source, "errors.ts": errors })).toEqual([]);
});
