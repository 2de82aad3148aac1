import type { Chance } from "./chance.js";

/** A call on a context that makes a durable promise. */
export interface Operation {
  /** The id of its durable promise. */
  readonly id: string;
  readonly kind: "run" | "call" | "send" | "promise" | "sleep";
  /** The function it runs or calls; empty for a closure without a name, a promise and a sleep. */
  readonly name: string;
  /** The source of the function that it runs in this process. */
  readonly source?: string;
  /** Whether that function is a generator. */
  readonly isGenerator: boolean;
  /** The arguments as JSON; empty for a promise and a sleep. */
  readonly args: string;
  /** Whether its id counts from its place in the sequence of calls. */
  readonly counted: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** The promise's deadline, in ms since epoch. */
  readonly timeoutAt: number;
  /** The deadline that was asked for, in ms since epoch, where one was. */
  readonly requested?: number;
  /** The retry policy that was asked for, where one was. */
  readonly policy?: string;
  /** Where the call was made: its stack is made into text only when it is read. */
  readonly at?: Error;
  /** What came of it in this pass, once the handler got it. */
  outcome?: Outcome;
}

/** A value or an error that handler code got from the SDK. */
export type Outcome = { readonly kind: "value"; readonly value: unknown } | { readonly kind: "error"; readonly error: unknown };

/** Something of the time or of chance that handler code read outside of a step. */
export interface Read {
  /** As in the source: `Date.now()`. */
  readonly source: string;
  readonly at: Error;
  /** How many operations of its journal came before. */
  readonly before: number;
}

/** What one generator did in one pass. */
export interface Journal {
  /** The id of its context: the durable promise that it settles. */
  readonly context: string;
  readonly func: string;
  /** When its promise expires, in ms since epoch. */
  readonly deadline: number;
  readonly pass: Pass;
  readonly operations: Operation[];
  readonly reads: Read[];
  /** Its return value or its error, once it has ended. */
  end?: Outcome;
  /** When it ended, in ms since epoch. */
  endedAt?: number;
  /** The promises whose values it asked for, in order. */
  readonly awaited: string[];
}

/** One execution of a task by a worker, from its begin until it is blocked or done. */
export interface Pass {
  /** The id of the task and its root promise. */
  readonly root: string;
  /** The worker's process id. */
  readonly pid: string;
  /** How many passes of this task came before in this run. */
  readonly number: number;
  readonly journals: Journal[];
  end?: "done" | "suspended" | "failed";
  /** When it ended, in ms since epoch. */
  endedAt?: number;
  /** Why it failed. */
  error?: unknown;
}

/** One execution of a step by a pass, with all its attempts. */
export interface StepExecution {
  /** The id of the step's durable promise. */
  readonly id: string;
  readonly name: string;
  readonly pass: Pass;
  readonly operation?: Operation;
  /** The numbers that chance gives it. */
  readonly chance: Chance;
  attempts: number;
  /** True where it was given to the SDK once more in the same pass, while it ran. */
  joined?: boolean;
  /** How its last attempt ended, undefined while it runs. */
  end?: Outcome;
  /** When its last attempt ended, in ms since epoch. */
  endedAt?: number;
}
