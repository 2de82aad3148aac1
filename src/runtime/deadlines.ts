import type { Change, DurablePromise, Engine } from "./engine.js";

/**
 * When the next thing is due, in ms since epoch: a promise's deadline, the end of a lease, another offer of a pending task,
 * a schedule. Undefined where nothing is. The task of a timer is left out: it names no function, so nobody is to run it
 * (Core.executeUntilBlocked of `@resonatehq/sdk` 0.11.5 drops it), and offering it again every 30 s of a long sleep is idle work.
 */
export function nextDeadline(engine: Engine): number | undefined {
  let next: number | undefined;
  const consider = (timeout: number): void => {
    if (next === undefined || timeout < next) next = timeout;
  };
  for (const { timeout } of engine.pTimeouts) consider(timeout);
  for (const { timeout } of engine.sTimeouts) consider(timeout);
  for (const { id, timeout } of engine.tTimeouts) if (!isTimer(engine, id)) consider(timeout);
  return next;
}

/** Whether a promise is a durable timer: its deadline resolves it, and no worker has to do anything. */
export function isTimer(engine: Engine, id: string): boolean {
  return engine.promises.get(id)?.tags["resonate:timer"] === "true";
}

/**
 * Lets a promise expire that a task may await and that has no target: one marked as external, or a timer. Resonate on
 * Postgres expires both (SEMANTICS A5b); the SDK's local server schedules deadlines for promises with a target only.
 * Gives the changes this made.
 */
export function scheduleExternalDeadline(engine: Engine, id: string): Change[] {
  const promise = engine.promises.get(id);
  if (promise?.state !== "pending" || !isExternal(promise)) return [];
  if (engine.pTimeouts.some((timeout) => timeout.id === id)) return [];
  const timeout = { id, timeout: promise.timeoutAt };
  engine.pTimeouts.push(timeout);
  return [{ kind: "ptimeout.set", timeout }];
}

function isExternal({ tags }: DurablePromise): boolean {
  return tags["resonate:external"] === "true" || tags["resonate:timer"] === "true";
}
