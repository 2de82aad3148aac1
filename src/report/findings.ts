import type { FileFacts } from "../analysis/file-model.js";
import type { LeftFact, RemarkFact } from "../analysis/said-model.js";
import type { Plan } from "../plan.js";
import { entryOf } from "./catalogue.js";
import type { Diagnostic } from "./diagnostic.js";

/** Everything to be said about a plan: what is left and why, and what differs where code was rewritten. */
export interface Findings {
  readonly left: readonly LeftFact[];
  readonly remarks: readonly RemarkFact[];
}

/** Collects what is left and what differs, each place once, in the order of the files. */
export function findingsOf(plan: Plan, skipped: readonly LeftFact[], more: readonly RemarkFact[]): Findings {
  const { facts, regions } = plan;
  const own = [...facts.functions.values(), ...facts.definitions.values()].flatMap((item) => item.left);
  const strays = facts.errors.flatMap(({ stray, owner }) => (stray && !regions.errors.has(owner) ? [stray] : []));
  const left = [...skipped, ...facts.left, ...strays, ...own, ...facts.endpoints.flatMap((endpoint) => endpoint.left), ...facts.ingress.left.map(({ fact }) => fact), ...neighbours(plan)];
  const migrated = [...plan.functions, ...plan.definitions].flatMap((item) => item.remarks);
  const served = plan.endpoints.filter((endpoint) => endpoint.complete && endpoint.migrated.length > 0).flatMap((endpoint) => endpoint.fact.remarks)
    // Where the entry registers, it does so under the same condition as before.
    .filter((remark) => remark.code !== "R0206" || plan.registration === "beside");
  const types = facts.uses.filter((use) => regions.migrated.has(use.definition) && /^export\s+type\b/.test(facts.files.get(use.file)?.text.slice(use.range.start) ?? ""));
  const gone = types.map((use) => ({ code: "R0212", file: use.file, range: use.range, subject: (facts.files.get(use.file)?.text ?? "").slice(use.range.start, use.range.end).replace(/\s+/g, " ") }));
  return { left: once(left), remarks: once([...migrated, ...served, ...gone, ...plan.clients.remarks, ...more]) };
}

/** Definitions and helpers that nothing is wrong with, but that are connected with something left. */
function neighbours({ facts, regions }: Plan): LeftFact[] {
  const definitions = [...facts.definitions.values()].filter((definition) => definition.left.length === 0 && definition.handlers.every((handler) => (facts.functions.get(handler.function)?.left.length ?? 0) === 0));
  const handlers = new Set([...facts.definitions.values()].flatMap((definition) => definition.handlers.map((handler) => handler.function)));
  const helpers = [...facts.functions.values()].filter((fn) => fn.left.length === 0 && !handlers.has(fn.id));
  const connections = facts.ingress.connections.filter(({ id }) => !facts.ingress.left.some(({ owner }) => owner === id)).map(({ id, file, range, subject }) => ({ id, file, range, name: subject }));
  const found: LeftFact[] = [];
  for (const item of [...definitions.map((definition) => ({ id: definition.id, file: definition.file, range: definition.statement, name: definition.name })), ...helpers.map((fn) => ({ id: fn.id, file: fn.file, range: fn.shape.range, name: fn.name })), ...connections]) {
    const cause = regions.blockedBy.get(item.id);
    if (cause) found.push({ code: "R0150", file: item.file, range: item.range, subject: `${item.name}; see ${cause.code} for ${cause.subject} at ${cause.file.split("/").at(-1)}:${lineOf(facts.files.get(cause.file), cause.range.start)}` });
  }
  return found;
}

function once<T extends LeftFact>(facts: readonly T[]): T[] {
  const seen = new Map(facts.map((fact) => [`${fact.file}#${fact.range.start}#${fact.code}`, fact]));
  return [...seen.values()].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.range.start - b.range.start));
}

/** A fact as a diagnostic with its position. `text`: the file's text, for files the analysis did not read. */
export function diagnosticOf(fact: LeftFact | RemarkFact, text: string): Diagnostic {
  const entry = entryOf(fact.code);
  const before = text.slice(0, fact.range.start);
  return {
    code: fact.code,
    severity: entry.severity,
    message: entry.message(fact.subject),
    file: fact.file,
    line: before.split("\n").length,
    column: before.length - before.lastIndexOf("\n"),
    help: entry.help,
  };
}

function lineOf(file: FileFacts | undefined, offset: number): number {
  return (file?.text.slice(0, offset) ?? "").split("\n").length;
}
