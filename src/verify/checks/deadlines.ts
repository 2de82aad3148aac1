import { durationText } from "../durations.js";
import type { Finding } from "../problems.js";
import type { RunRecord } from "../run-record.js";
import type { Journal, Operation } from "../../runtime/recording.js";
import { functionOf, operationName, place } from "../words.js";

/** Finds sleeps that end before their time, and promises whose timeout nothing fires (SEMANTICS A11, A12). */
export function impossibleDeadlines(run: RunRecord): Finding[] {
  return eachOperation(run, (operation, journal) => [...cutSleep(run, operation, journal), ...deafPromise(run, operation, journal)]);
}

/** Finds retry policies that were given to generators, which are never retried (SEMANTICS A7). */
export function ignoredPolicies(run: RunRecord): Finding[] {
  return eachOperation(run, (operation, { context, pass }) => {
    if (!operation.isGenerator || operation.policy === undefined || operation.policy === "Never") return [];
    return [
      {
        code: "policy-ignored",
        severity: "error",
        function: functionOf(run, context),
        subject: place(operation.id, pass.root),
        at: operation.at,
        message: `The retry policy (${operation.policy}) of ${operationName(operation)} is ignored: a generator function is never retried.`,
      },
    ];
  });
}

function cutSleep(run: RunRecord, operation: Operation, { context, pass, deadline }: Journal): Finding[] {
  const { kind, requested, timeoutAt } = operation;
  if (kind !== "sleep" || requested === undefined || requested <= timeoutAt) return [];
  return [
    {
      code: "sleep-cut",
      severity: "error",
      function: functionOf(run, context),
      subject: place(operation.id, pass.root),
      at: operation.at,
      message: `The sleep ${operation.id} ends ${durationText(requested - timeoutAt)} early: no promise outlives its parent, and ${context} expires at ${new Date(deadline).toISOString()}.`,
    },
  ];
}

function deafPromise(run: RunRecord, operation: Operation, { context, pass }: Journal): Finding[] {
  const { kind, requested, tags } = operation;
  const fires = tags["resonate:timer"] === "true" || tags["resonate:external"] === "true" || "resonate:target" in tags;
  if (kind !== "promise" || requested === undefined || fires) return [];
  return [
    {
      code: "never-times-out",
      severity: "error",
      function: functionOf(run, context),
      subject: place(operation.id, pass.root),
      at: operation.at,
      message: `The timeout of the promise ${operation.id} never fires: it has neither a timer, nor a target, nor the tag resonate:external.`,
    },
  ];
}

/** Looks at each operation once, in the first pass that asked for it. */
function eachOperation(run: RunRecord, look: (operation: Operation, journal: Journal) => Finding[]): Finding[] {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const { journals } of run.passes) {
    for (const journal of journals) {
      for (const operation of journal.operations) {
        if (seen.has(operation.id)) continue;
        seen.add(operation.id);
        findings.push(...look(operation, journal));
      }
    }
  }
  return findings;
}
