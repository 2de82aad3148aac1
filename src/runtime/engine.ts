import { LocalNetwork, type Message, type PromiseRecord, type Request, type ScheduleRecord, type TaskRecord, type Value } from "@resonatehq/sdk";

/** A durable promise as the engine keeps it. Times are ms since epoch. */
export interface DurablePromise {
  readonly id: string;
  readonly state: PromiseRecord["state"];
  readonly param: Value;
  readonly value: Value;
  readonly tags: Record<string, string>;
  readonly timeoutAt: number;
  readonly createdAt: number;
  readonly settledAt: number | null;
  /** The ids of the tasks that wait for it. */
  readonly callbacks: Set<string>;
  /** The addresses that are told when it settles. */
  readonly listeners: Set<string>;
}

/** A task as the engine keeps it: the right to run the function of the promise with the same id. */
export interface Task {
  readonly id: string;
  readonly state: TaskRecord["state"];
  readonly version: number;
  /** The worker that holds it. */
  readonly pid?: string;
  /** How long the worker holds it without a heartbeat, in ms. */
  readonly ttl?: number;
  readonly resumes: Set<string>;
}

/** A schedule as the engine keeps it. */
export type Schedule = Omit<ScheduleRecord, "nextRunAt">;

/** When a promise expires or a schedule is due, in ms since epoch. */
export interface Timeout {
  readonly id: string;
  readonly timeout: number;
}

/** When a pending task is offered again (type 0), or the lease on an acquired one ends (type 1). */
export interface TaskTimeout extends Timeout {
  readonly type: 0 | 1;
}

/** What a request changed, as the engine reports it. */
export type Change =
  | { readonly kind: "promise.set"; readonly promise: { readonly id: string } }
  | { readonly kind: "task.set"; readonly task: { readonly id: string } }
  | { readonly kind: "schedule.set"; readonly schedule: { readonly id: string } }
  | { readonly kind: "schedule.del"; readonly id: string }
  | { readonly kind: "ptimeout.set" | "ttimeout.set" | "stimeout.set"; readonly timeout: { readonly id: string } }
  | { readonly kind: "ptimeout.del" | "ttimeout.del" | "stimeout.del"; readonly id: string }
  | { readonly kind: "message.send"; readonly address: string; readonly message: Message };

/** An engine's answer; what its head lacks (`corrId`, `version`) is the transport's to add. */
export interface Answer {
  readonly kind: string;
  readonly head: { readonly status: number };
  readonly data: unknown;
}

/** The state machine inside the SDK's LocalNetwork, as far as it is used here. */
export interface Engine {
  readonly promises: Map<string, DurablePromise>;
  readonly tasks: Map<string, Task>;
  readonly schedules: Map<string, Schedule>;
  pTimeouts: Timeout[];
  tTimeouts: TaskTimeout[];
  sTimeouts: Timeout[];
  /** Messages for a reader that does not exist here: it only grows. */
  outgoing: unknown[];
  apply(now: number, request: Request): { readonly response: Answer; readonly changes: Change[] };
}

const MAPS = ["promises", "tasks", "schedules"] as const;
const LISTS = ["pTimeouts", "tTimeouts", "sTimeouts", "outgoing"] as const;

/**
 * Takes the state machine out of a fresh LocalNetwork of the SDK, where it is the field `server`: public at run time,
 * private in the types. Throws an Error where this version of the SDK keeps it differently.
 */
export function createEngine(): Engine {
  const engine: unknown = Reflect.get(new LocalNetwork(), "server");
  const missing = missingParts(engine);
  if (missing.length > 0) {
    throw new Error(
      `This version of @resonatehq/sdk keeps its local server differently: LocalNetwork has no ${missing.join(", ")}. ` +
        `restate-to-resonate's runtime was made for 0.11.5; install that version.`,
    );
  }
  return engine as Engine;
}

function missingParts(engine: unknown): string[] {
  if (typeof engine !== "object" || engine === null) return ["server"];
  return [
    ...(typeof Reflect.get(engine, "apply") === "function" ? [] : ["server.apply"]),
    ...MAPS.filter((name) => !(Reflect.get(engine, name) instanceof Map)).map((name) => `server.${name}`),
    ...LISTS.filter((name) => !Array.isArray(Reflect.get(engine, name))).map((name) => `server.${name}`),
  ];
}
