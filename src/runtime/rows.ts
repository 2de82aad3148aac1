import type { Change, DurablePromise, Engine, Schedule, Task, TaskTimeout, Timeout } from "./engine.js";

/** The parts of an engine's state. */
export const TABLES = ["promises", "tasks", "schedules", "pTimeouts", "tTimeouts", "sTimeouts"] as const;
export type Table = (typeof TABLES)[number];

/** What one part of the state holds under an id, as JSON; null where it holds nothing any more. */
export type Row = readonly [table: Table, id: string, value: unknown];

/** The rows that `changes` touched, as they are now, each once. */
export function changedRows(engine: Engine, changes: readonly Change[]): Row[] {
  const rows = new Map<string, Row>();
  for (const change of changes) {
    const row = rowOf(engine, change);
    if (row !== undefined) rows.set(`${row[0]} ${row[1]}`, row);
  }
  return [...rows.values()];
}

function rowOf(engine: Engine, change: Change): Row | undefined {
  switch (change.kind) {
    case "promise.set":
      return promiseRow(found(engine.promises.get(change.promise.id)));
    case "task.set":
      return taskRow(found(engine.tasks.get(change.task.id)));
    case "schedule.set":
      return ["schedules", change.schedule.id, found(engine.schedules.get(change.schedule.id))];
    case "schedule.del":
      return ["schedules", change.id, null];
    case "ptimeout.set":
      return ["pTimeouts", change.timeout.id, change.timeout];
    case "ttimeout.set":
      return ["tTimeouts", change.timeout.id, change.timeout];
    case "stimeout.set":
      return ["sTimeouts", change.timeout.id, change.timeout];
    case "ptimeout.del":
      return ["pTimeouts", change.id, null];
    case "ttimeout.del":
      return ["tTimeouts", change.id, null];
    case "stimeout.del":
      return ["sTimeouts", change.id, null];
    case "message.send":
      return undefined;
  }
}

/** All rows of the state: a snapshot. */
export function* allRows(engine: Engine): Iterable<Row> {
  for (const promise of engine.promises.values()) yield promiseRow(promise);
  for (const task of engine.tasks.values()) yield taskRow(task);
  for (const schedule of engine.schedules.values()) yield ["schedules", schedule.id, schedule];
  for (const table of ["pTimeouts", "tTimeouts", "sTimeouts"] as const) {
    for (const timeout of engine[table]) yield [table, timeout.id, timeout];
  }
}

/** Puts rows into a fresh engine. The rows are the ones this module made, and each id stands once in its table. */
export function restoreRows(engine: Engine, rows: Iterable<Row>): void {
  for (const [table, id, value] of rows) {
    if (table === "promises") engine.promises.set(id, promiseOf(value as StoredPromise));
    else if (table === "tasks") engine.tasks.set(id, taskOf(value as StoredTask));
    else if (table === "schedules") engine.schedules.set(id, value as Schedule);
    else if (table === "tTimeouts") engine.tTimeouts.push(value as TaskTimeout);
    else engine[table].push(value as Timeout);
  }
}

type StoredPromise = Omit<DurablePromise, "callbacks" | "listeners"> & { readonly callbacks: string[]; readonly listeners: string[] };
type StoredTask = Omit<Task, "resumes"> & { readonly resumes: string[] };

function promiseRow(promise: DurablePromise): Row {
  const stored: StoredPromise = { ...promise, callbacks: [...promise.callbacks], listeners: [...promise.listeners] };
  return ["promises", promise.id, stored];
}

function promiseOf(stored: StoredPromise): DurablePromise {
  return { ...stored, callbacks: new Set(stored.callbacks), listeners: new Set(stored.listeners) };
}

function taskRow(task: Task): Row {
  const stored: StoredTask = { ...task, resumes: [...task.resumes] };
  return ["tasks", task.id, stored];
}

function taskOf(stored: StoredTask): Task {
  return { ...stored, resumes: new Set(stored.resumes) };
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("The SDK's local server reported a change of something it does not hold.");
  return value;
}
