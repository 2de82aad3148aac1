import { UsageError } from "../errors.js";
import { durationOf } from "./durations.js";
import type { Scenario } from "./scenario.js";

const KINDS = ["call", "send", "parallel", "attach", "resolve", "reject", "wait"] as const;
const OF_ANY_STEP = ["effects", "anyOrder"];
const OF_START = ["id", "key", "args", "timeout"];
const ALLOWED: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  call: [...OF_START, "result", "error"],
  send: OF_START,
  parallel: [],
  attach: ["result", "error"],
  resolve: ["value"],
  reject: ["error"],
  wait: [],
};
const MEMBERS = ["about", "entries", "env", "replace", "effects", "steps"];

/** Checks what a scenario file exports by default. Throws UsageError that names the file, the step and what is wrong with it. */
export function checkScenario(value: unknown, file: string): Scenario {
  const wrong = wrongScenario(value);
  if (wrong !== undefined) throw new UsageError(`${file}: ${wrong}`);
  return value as Scenario;
}

function wrongScenario(value: unknown): string | undefined {
  if (!isRecord(value)) return "it has to export a scenario by default: export default defineScenario({ steps: [...] }).";
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) return `a scenario has no "${unknown}"; it has ${MEMBERS.join(", ")}.`;
  if (!Array.isArray(value.steps) || value.steps.length === 0) return "it needs `steps`, a list with at least one step.";
  return (
    wrongList(value.entries, "entries") ??
    wrongTexts(value.env, "env") ??
    wrongTexts(value.replace, "replace") ??
    wrongEffects(value.effects) ??
    firstOf(value.steps, (step, index) => wrongStep(step, String(index + 1)))
  );
}

function wrongStep(step: unknown, path: string): string | undefined {
  if (!isRecord(step)) return `step ${path} is no object; a step is one of ${KINDS.join(", ")}.`;
  const kinds = KINDS.filter((kind) => kind in step && !(kind === "resolve" && "reject" in step));
  const [kind] = kinds;
  if (kind === undefined) return `step ${path} is none of ${KINDS.join(", ")}; it has ${Object.keys(step).join(", ") || "nothing"}.`;
  if (kinds.length > 1) return `step ${path} is ${kinds.join(" and ")} at once; make it two steps, or one \`parallel\`.`;
  const unknown = Object.keys(step).find((name) => name !== kind && !ALLOWED[kind].includes(name) && !OF_ANY_STEP.includes(name));
  if (unknown !== undefined) return `step ${path} (${kind}) has no "${unknown}"; it has ${[...ALLOWED[kind], ...OF_ANY_STEP].join(", ")}.`;
  return wrongKind(step, kind, path) ?? wrongMembers(step, path);
}

function wrongKind(step: Record<string, unknown>, kind: (typeof KINDS)[number], path: string): string | undefined {
  const value = step[kind];
  if (kind === "parallel") {
    if (!Array.isArray(value) || value.length === 0) return `step ${path}: \`parallel\` is a list of steps.`;
    return firstOf(value, (inner, index) => wrongStep(inner, `${path}.${index + 1}`));
  }
  if (kind === "wait") return durationOf(value as string) === undefined ? `step ${path}: ${JSON.stringify(value)} is no duration; write "3 days", "90s" or milliseconds.` : undefined;
  if (typeof value === "function" && (kind === "resolve" || kind === "reject")) return undefined;
  return typeof value === "string" && value !== "" ? undefined : `step ${path}: \`${kind}\` is a name or an id, in quotes.`;
}

function wrongMembers(step: Record<string, unknown>, path: string): string | undefined {
  if (step.args !== undefined && !Array.isArray(step.args)) return `step ${path}: \`args\` is the list of all arguments after the context.`;
  if (step.effects !== undefined && !Array.isArray(step.effects)) return `step ${path}: \`effects\` is a list.`;
  if (step.timeout !== undefined && durationOf(step.timeout as string) === undefined) return `step ${path}: ${JSON.stringify(step.timeout)} is no duration; write "30 days" or milliseconds.`;
  if (typeof step.id === "string" && step.id.includes(":")) return `step ${path}: the id ${JSON.stringify(step.id)} holds a ":", which the SDK keeps for the ids below it.`;
  if ("result" in step && "error" in step) return `step ${path} expects a result and an error; it can have only one.`;
  return undefined;
}

function wrongEffects(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return isRecord(value) && typeof value.module === "string" && typeof value.export === "string" ? undefined : '`effects` names an array of the program: { module: "./effects.ts", export: "effects" }.';
}

function wrongList(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string") ? undefined : `\`${name}\` is a list of paths, relative to the scenario's folder.`;
}

function wrongTexts(value: unknown, name: string): string | undefined {
  if (value === undefined) return undefined;
  return isRecord(value) && Object.values(value).every((one) => typeof one === "string") ? undefined : `\`${name}\` maps texts to texts.`;
}

function firstOf<T>(items: readonly T[], find: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
