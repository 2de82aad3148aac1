import type { Journal, Operation } from "../../runtime/recording.js";
import type { Finding, Histories } from "../problems.js";
import type { RunRecord } from "../run-record.js";
import { functionOf, historyLines, operationText, place } from "../words.js";

/**
 * Finds generators that asked for something else when they ran again. The SDK answers a known id without looking at
 * what is asked for (`promiseCreate` of `buildEffects`, `@resonatehq/sdk` 0.11.5), so nothing else notices.
 */
export function divergedHistories(run: RunRecord): Finding[] {
  const findings: Finding[] = [];
  for (const [context, journals] of byContext(run)) {
    const parting = firstParting(journals);
    if (parting !== undefined) findings.push(findingOf(run, context, parting));
  }
  return findings;
}

/** Where a pass asks for something else than an earlier one did. */
interface Parting {
  readonly earlier: Journal;
  readonly later: Journal;
  readonly was: Operation;
  /** Undefined where the later pass ended instead. */
  readonly is?: Operation;
}

function byContext(run: RunRecord): Map<string, Journal[]> {
  const groups = new Map<string, Journal[]>();
  for (const { journals } of run.passes) {
    for (const journal of journals) {
      const group = groups.get(journal.context);
      if (group === undefined) groups.set(journal.context, [journal]);
      else group.push(journal);
    }
  }
  return groups;
}

function firstParting(journals: readonly Journal[]): Parting | undefined {
  if (journals.length < 2) return undefined;
  const known = new Map<string, { readonly operation: Operation; readonly journal: Journal }>();
  for (const later of journals) {
    // An id may be asked for again, to wait for what was only started before: the second time is compared with the second.
    const times = new Map<string, number>();
    for (const is of later.operations) {
      const time = (times.get(is.id) ?? 0) + 1;
      times.set(is.id, time);
      const key = `${is.id} ${time}`;
      const before = known.get(key);
      if (before === undefined) known.set(key, { operation: is, journal: later });
      else if (!isSame(before.operation, is)) return { earlier: before.journal, later, was: before.operation, is };
    }
    const left = later.end === undefined ? undefined : leftOut(later, known);
    if (left !== undefined) return { earlier: left.journal, later, was: left.operation };
  }
  return undefined;
}

/**
 * An operation that an earlier pass asked for after all that this one, which came to its end, did. What is left out in between
 * is none: a program may know its outcome by another promise, and ids are counted as operations are made.
 */
function leftOut(later: Journal, known: ReadonlyMap<string, { readonly operation: Operation; readonly journal: Journal }>): { readonly operation: Operation; readonly journal: Journal } | undefined {
  const last = Math.max(-1, ...later.operations.filter(({ counted }) => counted).map(placeInSequence));
  for (const before of known.values()) if (before.operation.counted && placeInSequence(before.operation) > last) return before;
  return undefined;
}

/** The number at the end of a counted id; a detached call has a hash there. */
function placeInSequence({ id }: Operation): number {
  const [, number] = /[:.](\d+)$/.exec(id) ?? [];
  return number === undefined ? -1 : Number(number);
}

function isSame(a: Operation, b: Operation): boolean {
  return a.kind === b.kind && a.name === b.name && a.source === b.source && a.args === b.args;
}

function findingOf(run: RunRecord, context: string, { earlier, later, was, is }: Parting): Finding {
  const function_ = functionOf(run, context);
  const instead = is === undefined ? "ended" : `asked for ${operationText(is)}`;
  return {
    code: "diverged",
    severity: "error",
    function: function_,
    subject: place(was.id, run.passes[0]?.root ?? ""),
    context,
    at: is?.at ?? was.at,
    message: `${earlier.func || function_} asked for ${operationText(was)} as ${was.id}, and ${instead} there when it ran again: a recorded result is taken for another's.`,
    histories: sideBySide(earlier, later, was.id),
  };
}

function sideBySide(earlier: Journal, later: Journal, id: string): Histories {
  const parting = Math.max(0, earlier.operations.findIndex((operation) => operation.id === id));
  return {
    left: { title: title(earlier), lines: historyLines(earlier) },
    right: { title: title(later), lines: historyLines(later) },
    parting,
  };
}

/** A worker's process id is its name and the number of the client in it. */
function title({ pass }: Journal): string {
  return `pass ${pass.number + 1}, ${pass.pid.replace(/\.\d+$/, "")}`;
}
