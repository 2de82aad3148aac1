import type { Fate } from "../runtime/worker.js";
import type { Outcome, Pass, StepExecution } from "../runtime/recording.js";
import type { Loss } from "./losses.js";

/** What goes wrong in a run, and when. */
export type Fault =
  | { readonly kind: "none" }
  /** Something happens to a worker at its `at`-th request of the run, from 0. */
  | { readonly kind: "request"; readonly at: number; readonly fate: Fate }
  /** Every message arrives twice. */
  | { readonly kind: "twice" }
  /** Each process runs as two workers that compete. */
  | { readonly kind: "competing" };

/** How a run differs from what really happens, to find out what a failure comes from. */
export interface Experiment {
  /** Handlers read the same time and the same chance in every pass. */
  readonly sameReads?: boolean;
  /** Every pass runs in a fresh worker. */
  readonly freshPasses?: boolean;
  /** Handlers get the values, or the errors, that steps made, also where they are read back. */
  readonly live?: "values" | "errors";
}

/** All that a run depends on. The same plan gives the same run. */
export interface RunPlan {
  readonly fault: Fault;
  readonly experiment?: Experiment;
  /** When the run begins, in ms since epoch. */
  readonly epoch: number;
  /** Begins the names of what belongs to chance. */
  readonly seed: string;
}

/** Something the program did to the outside world. */
export interface Effect {
  readonly value: unknown;
  /** The step that did it; undefined for code outside of steps. */
  readonly step?: StepExecution;
  /** The pass whose handler code did it, outside of any step. */
  readonly pass?: Pass;
  readonly context?: string;
  readonly at: Error;
}

/** A request that a worker made. */
export interface MadeRequest {
  /** In the protocol's words: `task.fence`. */
  readonly kind: string;
  /** For a fenced request what it does: `promise.create`. */
  readonly action?: string;
  /** The promise it is about. */
  readonly id: string;
  /** The root of the task on whose behalf it was made. */
  readonly root: string;
}

/** A promise that expired though somebody waited for it, and what was awaited meanwhile. */
export interface Expiry {
  readonly id: string;
  /** When, in ms since epoch. */
  readonly at: number;
  readonly task: "pending" | "acquired" | "suspended" | "halted" | "fulfilled";
  readonly awaited: readonly { readonly id: string; readonly hasTask: boolean }[];
  /** True where it expired after the last step of the scenario. */
  readonly late: boolean;
}

/** Why a run was stopped early. */
export type Stop =
  | { readonly kind: "unreadable"; readonly promise: string; readonly error: Error; readonly pass?: Pass }
  | { readonly kind: "refused"; readonly request: MadeRequest; readonly status: number; readonly text: string }
  | { readonly kind: "spinning"; readonly pass: Pass; readonly times: number }
  | { readonly kind: "endless"; readonly what: "requests" | "operations" | "moves in time" | "attempts"; readonly limit: number; readonly pass?: Pass; readonly step?: StepExecution }
  | { readonly kind: "exited"; readonly code: string; readonly at: Error };

/** What came of one step of the scenario. */
export interface StepRecord {
  /** Where it stands: `2`, inside of `parallel` `2.1`. */
  readonly path: string;
  readonly outcome?: Outcome;
  /** True where it never came. */
  readonly missing?: boolean;
  /** The id of the invocation or the promise. */
  readonly id?: string;
  /** How many effects there were when it began and when it was over. */
  readonly effects: readonly [from: number, to: number];
}

/** A function that a worker registered. */
export interface Registration {
  readonly name: string;
  readonly group: string;
  readonly at: Error;
}

/** Everything that is known of one run. */
export interface RunRecord {
  readonly plan: RunPlan;
  readonly registrations: readonly Registration[];
  readonly passes: readonly Pass[];
  readonly steps: readonly StepExecution[];
  readonly effects: readonly Effect[];
  readonly requests: readonly MadeRequest[];
  readonly outcomes: readonly StepRecord[];
  readonly expired: readonly Expiry[];
  /** The function that a root promise runs, by its id. */
  readonly functions: ReadonlyMap<string, string>;
  /** Whom a root promise is for, by its id. */
  readonly groups: ReadonlyMap<string, string>;
  /** The root promises that processes made by themselves, outside of any invocation. */
  readonly selfStarted: ReadonlySet<string>;
  /** The request at which the fault happened. */
  readonly struck?: MadeRequest;
  readonly stop?: Stop;
  /** Rejections that nobody handles: they would end a process of Node. */
  readonly unhandled: readonly unknown[];
  /** What steps gave that does not survive the store, by the step's id. Looked for in runs without a fault. */
  readonly losses: ReadonlyMap<string, Loss>;
}
