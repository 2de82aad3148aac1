import type { PromiseRecord, ScheduleRecord, TaskRecord } from "@resonatehq/sdk";
import type { DurablePromise, Engine, Task } from "./engine.js";

/** All that a server holds, as plain data. Times are ms since epoch. */
export interface ServerSnapshot {
  readonly promises: readonly (PromiseRecord & { readonly callbacks: readonly string[]; readonly listeners: readonly string[] })[];
  readonly tasks: readonly (Omit<TaskRecord, "resumes"> & { readonly resumes: readonly string[] })[];
  readonly schedules: readonly ScheduleRecord[];
}

/** Copies what the engine holds; later requests do not change the copy. */
export function snapshotOf(engine: Engine): ServerSnapshot {
  return structuredClone({
    promises: [...engine.promises.values()].map(promiseRecord),
    tasks: [...engine.tasks.values()].map(taskRecord),
    schedules: [...engine.schedules.values()].map((schedule) => ({
      ...schedule,
      nextRunAt: engine.sTimeouts.find(({ id }) => id === schedule.id)?.timeout ?? schedule.createdAt,
    })),
  });
}

function promiseRecord({ callbacks, listeners, settledAt, ...rest }: DurablePromise): ServerSnapshot["promises"][number] {
  return { ...rest, ...(settledAt === null ? {} : { settledAt }), callbacks: [...callbacks], listeners: [...listeners] };
}

function taskRecord({ resumes, ...rest }: Task): ServerSnapshot["tasks"][number] {
  return { ...rest, resumes: [...resumes] };
}
