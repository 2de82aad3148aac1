import { pendingAtExit } from "../pending.js";
import type { Rule } from "../rule.js";

const CALLS = new Set(["beginRpc", "rfi"]);

/** A call that was begun is waited for at the end all the same, and its failure goes unnoticed (SEMANTICS A8). */
export const callNotAwaited: Rule = {
  code: "C0112",
  severity: "warning",
  message: (s) => `A call that is begun and not waited for holds up the function until it has ended, and its failure goes unnoticed: ${s}.`,
  why: "A function does not complete before the calls that it began, so this does not send and forget. An error that the call ends with reaches nobody.",
  help: "Wait for its handle (`yield* handle`); or start it with `ctx.detached`, which the function does not wait for.",
  find: (file, code) => pendingAtExit(file, CALLS, code),
};
