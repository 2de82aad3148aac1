import { inspect } from "node:util";
import type { Journal, Operation, Outcome } from "../runtime/recording.js";
import type { RunRecord } from "./run-record.js";

const LONGEST = 60;

/** Gives a value as one short line. */
export function short(value: unknown, longest = LONGEST): string {
  const text = typeof value === "string" ? JSON.stringify(value) : inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY });
  return shortened(text.replace(/\s+/g, " "), longest);
}

/** Cuts a text that is longer than `longest`. */
export function shortened(text: string, longest = LONGEST): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

/** Names an operation as the source has it: `run charge(5)`, `sleep`, `run () => pay(order)`. */
export function operationText({ kind, name, source, args, isGenerator }: Operation): string {
  if (kind === "promise" || kind === "sleep") return kind;
  const inner = args.replace(/^\[|\]$/g, "");
  if (name !== "") return `${kind} ${name}(${shortened(inner, 40)})`;
  return `${kind} ${shortened((source ?? (isGenerator ? "function*" : "")).replace(/\s+/g, " "), 50)}`;
}

/** Names an operation by its function and id: `run charge (order:0)`. */
export function operationName(operation: Operation): string {
  const { kind, name, source, id } = operation;
  const what = kind === "promise" || kind === "sleep" ? "" : ` ${name === "" ? shortened((source ?? "").replace(/\s+/g, " "), 40) : name}`;
  return `${kind}${what} (${id})`;
}

/** Says what came of something: `→ 240`, `✗ CardDeclined: no`. */
export function outcomeText(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "";
  return outcome.kind === "value" ? `→ ${short(outcome.value, 40)}` : `✗ ${shortened(errorText(outcome.error))}`;
}

/** Gives an error's name and message. */
export function errorText(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : `thrown ${short(error)}`;
}

/** A history's lines: what a generator asked for, and how it ended. */
export function historyLines({ context, operations, end }: Journal): string[] {
  const lines = operations.map((operation) => `${place(operation.id, context)} ${operationText(operation)}${spaced(outcomeText(operation.outcome))}`);
  return end === undefined ? lines : [...lines, end.kind === "value" ? `returns ${short(end.value, 40)}` : `throws ${shortened(errorText(end.error))}`];
}

/** An id without what it shares with its context. */
export function place(id: string, context: string): string {
  return id.startsWith(context) && id.length > context.length ? id.slice(context.length) : id;
}

/** The function that a promise of a run belongs to: the one its root runs, found by the nearest id that is a call's. */
export function functionOf(run: RunRecord, id: string): string {
  for (let current = id; ; ) {
    const found = run.functions.get(current);
    if (found !== undefined) return found;
    const cut = Math.max(current.lastIndexOf("."), current.indexOf(":"));
    if (cut <= 0) return "";
    current = current.slice(0, cut);
  }
}

/** Finds the operation that made a promise. */
export function operationAt(run: RunRecord, id: string): Operation | undefined {
  for (const { journals } of run.passes) for (const { operations } of journals) for (const operation of operations) if (operation.id === id) return operation;
  return undefined;
}

/** Begins a text with a capital letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function spaced(text: string): string {
  return text === "" ? "" : ` ${text}`;
}
