import { pendingAtExit } from "../pending.js";
import type { Rule } from "../rule.js";

const PROMISE = new Set(["promise"]);

/** A function does not complete before what it began: a promise that is still pending holds it up (SEMANTICS A8). */
export const pendingAtReturn: Rule = {
  code: "C0111",
  message: (s) => `A promise that is not waited for may be pending when the function is left, which then does not complete before somebody settles it: ${s}.`,
  why: "A function does not complete before what it began: its result, or its error, is only recorded when the promise is settled. Whoever waits for the function waits as long.",
  help: "Wait for the promise or settle it on every path; or make it one that is not waited for: `const request = ctx.promise(); request.mode = \"detached\"; const promise = yield* request;`.",
  find: (file, code) => pendingAtExit(file, PROMISE, code),
};
