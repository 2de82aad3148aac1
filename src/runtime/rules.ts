import type { Request } from "@resonatehq/sdk";
import type { Answer, DurablePromise, Engine } from "./engine.js";

/** Why a production server refuses a request. */
export type Refusal = Pick<Answer, "head" | "data"> & { readonly data: string };

/**
 * What production servers enforce and the SDK's local server lets pass (SEMANTICS A5). The first three are documented in
 * `ids.js` of `@resonatehq/sdk` 0.11.5; the last two were measured on Resonate on Postgres (resonatehq/resonate-pg 54fe651).
 */
export const RULES = {
  root: "The origin of a promise must not contain ':'",
  lineage: "The id of a promise equals or extends the origin, branch and parent that its tags declare (':' below a root, '.' deeper)",
  origin: "An awaiting task and the promise it awaits share one origin (the part of the id before the first ':')",
  awaitable: 'A task may suspend only on a promise that has a target, is a timer, or carries the tag resonate:external: "true"',
  once: "A task that suspends names each promise once",
} as const;

/** Gives the answer for a request that a production server would refuse, and undefined for any other. */
export function refusal(engine: Engine, request: Request): Refusal | undefined {
  switch (request.kind) {
    case "promise.create":
      return refusedPromise(request.data.id, request.data.tags);
    case "task.create":
      return refusedPromise(request.data.action.data.id, request.data.action.data.tags);
    case "promise.register_callback":
      return refusedAwait(engine, request.data.awaiter, request.data.awaited);
    case "task.suspend":
      return holdsTask(engine, request.data) ? refusedSuspension(engine, request.data) : undefined;
    default:
      return undefined;
  }
}

/**
 * Gives the answer of a fence whose action is refused. The fence itself holds, so it is the action's own answer that
 * carries the refusal.
 */
export function fencedRefusal(engine: Engine, request: Request): Answer | undefined {
  if (request.kind !== "task.fence" || !holdsTask(engine, request.data)) return undefined;
  const { action } = request.data;
  const refused = refusal(engine, action);
  if (refused === undefined) return undefined;
  const { corrId, version } = action.head;
  return {
    kind: request.kind,
    head: { status: 200 },
    data: { action: { kind: action.kind, head: { corrId, version, status: refused.head.status }, data: refused.data }, preload: [] },
  };
}

/** A request about a task that somebody else holds is the engine's to answer: existence comes before these rules. */
function holdsTask(engine: Engine, { id, version }: { readonly id: string; readonly version: number }): boolean {
  const task = engine.tasks.get(id);
  return task?.state === "acquired" && task.version === version;
}

function refusedPromise(id: string, tags: Readonly<Record<string, string>>): Refusal | undefined {
  const origin = tags["resonate:origin"];
  if (origin?.includes(":") === true) {
    return refused(400, RULES.root, `"${origin}" does (promise "${id}").`, "Take ':' out of the id that was chosen, for instance with encodeURIComponent.");
  }
  for (const name of ["origin", "branch", "parent"]) {
    const ancestor = tags[`resonate:${name}`];
    if (ancestor === undefined || extendsId(id, ancestor)) continue;
    return refused(400, RULES.lineage, `"${id}" does not extend its ${name} "${ancestor}".`, `Choose an id below "${ancestor}", or set the tag resonate:${name} to what the id says.`);
  }
  return undefined;
}

function refusedSuspension(engine: Engine, { id, actions }: Extract<Request, { kind: "task.suspend" }>["data"]): Refusal | undefined {
  const awaited = actions.map(({ data }) => data.awaited);
  const twice = awaited.find((one, at) => awaited.indexOf(one) !== at);
  if (twice !== undefined) {
    return refused(400, RULES.once, `"${id}" names "${twice}" more than once.`, "Await it in one place and hand its value on.");
  }
  for (const one of awaited) {
    const refusedOne = refusedAwait(engine, id, one);
    if (refusedOne !== undefined) return refusedOne;
  }
  return undefined;
}

function refusedAwait(engine: Engine, awaiter: string, awaited: string): Refusal | undefined {
  const promise = engine.promises.get(awaited);
  if (promise === undefined) return undefined;
  if (originOf(awaiter) !== originOf(awaited)) {
    return refused(422, RULES.origin, `"${awaiter}" awaits "${awaited}".`, "Await a child of this invocation, and have the other one settle it.");
  }
  if (isAwaitable(promise)) return undefined;
  return refused(422, RULES.awaitable, `"${awaited}" has none of the three, so "${awaiter}" cannot await it.`, 'Create it with the tag: ctx.promise({ tags: { "resonate:external": "true" } }).');
}

function refused(status: number, rule: string, found: string, wayOut: string): Refusal {
  return { head: { status }, data: `${rule}: ${found} ${wayOut}` };
}

/** The generated column `external` of resonate-pg's table of promises. */
function isAwaitable({ tags }: DurablePromise): boolean {
  return tags["resonate:target"] !== undefined || tags["resonate:timer"] === "true" || tags["resonate:external"] === "true";
}

function extendsId(id: string, ancestor: string): boolean {
  return id === ancestor || id.startsWith(`${ancestor}${ancestor.includes(":") ? "." : ":"}`);
}

function originOf(id: string): string {
  return id.split(":", 1)[0] ?? id;
}
