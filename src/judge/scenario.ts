/** A handler of the program, by all its names. */
export interface Target {
  readonly service: string;
  readonly handler: string;
  /** The key of an object or a workflow. */
  readonly key?: string;
  /** True for the `run` of a workflow, which happens once per key. */
  readonly isRun: boolean;
  /** The name under which the migrated function is registered. */
  readonly registeredAs: string;
  /** The id under which a workflow's `run` is started on Resonate. */
  readonly id?: string;
  /** The worker group that serves it on Resonate; "default" unless given. */
  readonly group?: string;
}

/** What a step says of the effects. */
interface Effects {
  /** How many effects this step has in the end: they are waited for. Without it, its effects are compared with those of other such steps. */
  readonly effects?: number;
  /** True where effects may come in any order. */
  readonly anyOrder?: boolean;
}

/** One thing that happens to the program from outside, in words that belong to no engine. */
export type Step = (
  | { readonly kind: "call"; readonly target: Target; readonly input: readonly unknown[]; readonly background?: boolean }
  | { readonly kind: "wait"; readonly milliseconds: number }
) &
  Effects & { readonly label: string };

/** What came of a step: of a call a value or an error, `undefined` where there is no answer. */
export type Outcome = { readonly value?: unknown } | { readonly error: string; readonly code?: number } | { readonly silent: true };

/** What a run of the steps showed. It survives JSON. */
export interface RunRecord {
  /** By step; null for steps that have no outcome. */
  readonly outcomes: readonly (Outcome | null)[];
  /** By step: its effects, sorted where they may come in any order; null for steps that do not speak of effects. */
  readonly effects: readonly (readonly unknown[] | null)[];
  /** The effects that no step speaks of, sorted. */
  readonly others: readonly unknown[];
}

/** An engine with the program on it. */
export interface Side {
  readonly name: "Restate" | "Resonate";
  /** Starts the engine and the program; resolves when calls are taken. */
  start(): Promise<void>;
  /** Makes a call. `id` tells it apart from the others of a run. */
  call(target: Target, input: readonly unknown[], id: string): Promise<Outcome>;
  /** The effects so far. */
  effects(): readonly unknown[];
  /** Has all processes of the program die at once; they are started again by themselves. */
  lose(): void;
  /** What its processes said last, for a report of something unexpected. */
  lastWords(): string;
  stop(): Promise<void>;
}
