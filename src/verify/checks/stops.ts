import type { Pass } from "../../runtime/recording.js";
import type { Finding, ProblemCode } from "../problems.js";
import type { RunRecord, Stop } from "../run-record.js";
import { errorText, functionOf, operationAt, operationName, place, short } from "../words.js";

/** Says why a run was stopped before its end. */
export function earlyStop(run: RunRecord): Finding[] {
  const { stop } = run;
  if (stop === undefined) return [];
  switch (stop.kind) {
    case "unreadable":
      return [unreadable(run, stop)];
    case "refused":
      return [refused(run, stop)];
    case "spinning":
      return [spinning(run, stop)];
    case "endless":
      return [endless(run, stop)];
    case "exited":
      return [finding("exited", "", stop.code, `${stop.code} was called: the worker is gone, and with a restart it would be again.`, { at: stop.at })];
  }
}

/** Rejections that nobody handles in a run without faults. A lost answer makes some of itself. */
export function unhandledRejections(run: RunRecord): Finding[] {
  if (run.plan.fault.kind !== "none") return [];
  return run.unhandled.map((reason) =>
    finding("unhandled", "", errorText(reason), `A promise was rejected and nobody handles it (${errorText(reason)}): Node ends the process then.`, { at: reason instanceof Error ? reason : undefined }),
  );
}

type Of<Kind extends Stop["kind"]> = Extract<Stop, { readonly kind: Kind }>;

function finding(code: ProblemCode, func: string, subject: string, message: string, more: { readonly at?: Error; readonly reason?: string } = {}): Finding {
  return { code, severity: "error", function: func, subject, message, ...more };
}

function unreadable(run: RunRecord, { promise, error, pass }: Of<"unreadable">): Finding {
  const operation = operationAt(run, promise);
  const encodes = ["06", "08"].includes(String(Reflect.get(error, "code")));
  const what = operation === undefined ? (pass === undefined ? promise : `the result of ${functionOf(run, promise)} (${promise})`) : operationName(operation);
  const cause = error.cause instanceof Error ? ` (${error.cause.message.split("\n", 1)[0]})` : "";
  const message = encodes
    ? `The value of ${what} cannot be stored${cause}: the task is given back, and runs again, for ever.`
    : `The value of ${what} cannot be read${cause}: it was not settled through the SDK's codec, and whoever waits for it runs again, for ever.`;
  return finding(encodes ? "not-json" : "undecodable", functionOf(run, promise), place(promise, pass?.root ?? promise.split(":", 1)[0] ?? ""), message, { at: operation?.at });
}

function refused(run: RunRecord, { request, status, text }: Of<"refused">): Finding {
  const operation = operationAt(run, request.id) ?? run.passes.findLast(({ root }) => root === request.root)?.journals[0]?.operations.at(-1);
  const what = request.action ?? request.kind;
  return finding("refused", functionOf(run, request.root), text, `A server refuses ${what} of ${request.id} (${status}): ${text}`, { at: operation?.at });
}

function spinning(run: RunRecord, { pass, times }: Of<"spinning">): Finding {
  const func = functionOf(run, pass.root);
  const missing = /^Function '(.*?)'.* is not registered/.exec(pass.error instanceof Error ? pass.error.message : "");
  if (missing !== null) return notRegistered(run, pass, missing[1] ?? func);
  const last = lastOperation(pass);
  const where = last === undefined ? "" : ` after ${operationName(last)}`;
  return finding("spinning", func, errorText(pass.error), `${func || pass.root} was given back ${times} times in a row${where}: ${errorText(pass.error)}`, { at: last?.at });
}

function notRegistered(run: RunRecord, pass: Pass, name: string): Finding {
  const group = run.groups.get(pass.root) ?? "default";
  const elsewhere = run.registrations.filter((one) => one.name === name).map((one) => one.group);
  const there = elsewhere.length > 0 ? ` Group ${elsewhere.join(", ")} has it.` : ` Registered are ${run.registrations.map((one) => one.name).join(", ") || "no functions"}.`;
  const caller = operationAt(run, pass.root);
  const parent = pass.root.split(":", 1)[0] ?? "";
  return finding("not-registered", caller === undefined ? name : functionOf(run, parent), name, `Nobody in group ${group} registered ${short(name)}, which ${pass.root} runs: a worker drops the task, and gets it again, for ever.${there}`, { at: caller?.at });
}

function endless(run: RunRecord, { what, limit, pass, step }: Of<"endless">): Finding {
  const last = step?.operation ?? (pass === undefined ? undefined : lastOperation(pass));
  const func = pass === undefined ? "" : functionOf(run, pass.root);
  const names = pass === undefined ? "" : ` Its last operations: ${lastOperations(pass)}.`;
  return finding("endless", func, what, `${func || "The program"} came to no end within ${limit} ${what}.${names}`, { at: last?.at });
}

function lastOperation(pass: Pass) {
  return pass.journals.findLast(({ operations }) => operations.length > 0)?.operations.at(-1);
}

function lastOperations(pass: Pass): string {
  const operations = pass.journals.findLast((journal) => journal.operations.length > 0)?.operations ?? [];
  return operations.slice(-4).map(operationName).join(", ");
}
