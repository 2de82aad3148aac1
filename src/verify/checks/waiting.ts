import type { Journal } from "../../runtime/recording.js";
import { durationText } from "../durations.js";
import type { Finding } from "../problems.js";
import type { Expiry, RunRecord } from "../run-record.js";
import { functionOf, operationAt, operationName, place } from "../words.js";

/** How late a return may be before somebody should know, in ms. */
const LONG = 60_000;

/** Finds functions that expired while they waited for what does not come. */
export function expiredFunctions(run: RunRecord): Finding[] {
  return run.expired.flatMap((expiry) => (expiry.task === "suspended" ? stuck(run, expiry) : expiry.task === "pending" ? unserved(run, expiry) : []));
}

/** Finds returns that were held up by a step nobody awaits and that failed in the end (SEMANTICS A7, A8). */
export function lateReturns(run: RunRecord): Finding[] {
  return run.passes.flatMap((pass) => {
    const [root] = pass.journals;
    if (root?.endedAt === undefined || pass.endedAt === undefined || pass.endedAt - root.endedAt < LONG) return [];
    const failed = run.steps.find((step) => step.pass === pass && step.end?.kind === "error" && !root.awaited.includes(step.id) && (step.endedAt ?? 0) > (root.endedAt ?? 0));
    if (failed?.operation === undefined) return [];
    const message = `${functionOf(run, pass.root)} returned, and ${operationName(failed.operation)}, which nobody awaits, held its result up for ${durationText(pass.endedAt - root.endedAt)}: it failed ${failed.attempts} times.`;
    return [heldUp(run, root, failed.id, message)];
  });
}

function stuck(run: RunRecord, { id, awaited, late }: Expiry): Finding[] {
  const journal = run.passes.findLast((pass) => pass.root === id)?.journals.find(({ context }) => context === id);
  const open = awaited.filter(({ hasTask }) => !hasTask);
  return open.map((promise) => {
    const operation = operationAt(run, promise.id);
    const what = operation === undefined ? promise.id : operationName(operation);
    if (journal?.end?.kind === "value" && !journal.awaited.includes(promise.id)) {
      return heldUp(run, journal, promise.id, `${functionOf(run, id)} returned, and ${what}, which nobody awaits and nobody settles, held its result up until it expired.`);
    }
    const message = `Nobody settles ${what}, which ${functionOf(run, id)} (${id}) waits for${late ? " at the end of the scenario" : ""}: it expired.`;
    return { code: "never-settled", severity: late ? "warning" : "error", function: functionOf(run, id), subject: place(promise.id, id), at: operation?.at, message };
  });
}

function heldUp(run: RunRecord, { context }: Journal, id: string, message: string): Finding {
  return { code: "held-up", severity: "error", function: functionOf(run, context), subject: place(id, context), at: operationAt(run, id)?.at, message };
}

/** A task that no worker took: there is no worker in its group. */
function unserved(run: RunRecord, { id }: Expiry): Finding[] {
  const group = run.groups.get(id) ?? "default";
  if (run.registrations.some((one) => one.group === group)) return [];
  const func = run.functions.get(id) ?? id;
  const operation = operationAt(run, id);
  const groups = [...new Set(run.registrations.map((one) => one.group))].join(", ") || "none";
  const parent = operation === undefined ? func : functionOf(run, id.split(":", 1)[0] ?? "");
  const message = `Nobody serves group ${group}, where ${func} (${id}) is to run. Groups of the program: ${groups}.`;
  return [{ code: "not-registered", severity: "error", function: parent, subject: func, at: operation?.at, message }];
}
