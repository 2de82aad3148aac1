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
  /** True where how many effects come depends on how fast things go: they are not compared. */
  readonly effectsVary?: boolean;
  /** True where effects may come in any order. */
  readonly anyOrder?: boolean;
}

/** A promise of the program that is settled from outside: its id, or how to find it among the effects. */
export type PromiseId = string | ((effects: readonly unknown[]) => string);

/** One thing that happens to the program from outside, in words that belong to no engine. */
export type Step = (
  /** `background` goes on beside the steps after it, up to the next `join`, or to the end. `id` is what `attach` names it by; `resultVaries` says that what comes of it depends on how fast things go. */
  | { readonly kind: "call"; readonly target: Target; readonly input: readonly unknown[]; readonly background?: boolean; readonly id?: string; readonly resultVaries?: boolean }
  | { readonly kind: "send"; readonly target: Target; readonly input: readonly unknown[]; readonly id?: string }
  /** Waits for the result of what was called or sent before. */
  | { readonly kind: "attach"; readonly target: Target; readonly id: string }
  | { readonly kind: "settle"; readonly promise: PromiseId; readonly how: "resolve" | "reject"; readonly value: unknown }
  | { readonly kind: "wait"; readonly milliseconds: number }
  /** Waits for all that goes on. */
  | { readonly kind: "join" }
  /** All processes of the program are lost, and started again. */
  | { readonly kind: "crash" }
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
  /** Makes a call and waits for its result. `id` tells it apart from the others of a run; a workflow's `run` has one by its key. */
  call(target: Target, input: readonly unknown[], id: string): Promise<Outcome>;
  /** Starts a call and gives nothing, or what it is refused with. */
  send(target: Target, input: readonly unknown[], id: string): Promise<Outcome>;
  /** Waits for the result of a call that was made or sent under this id. */
  attach(target: Target, id: string): Promise<Outcome>;
  /** Completes an awakeable; `reason` rejects it. */
  settle(promise: string, completion: { readonly value: unknown } | { readonly reason: string }): Promise<Outcome>;
  /** The effects so far. */
  effects(): readonly unknown[];
  /** Has all processes of the program die at once; they are started again by themselves. */
  lose(): void;
  /** Resolves when every process that was lost runs again. */
  restarted(): Promise<void>;
  /** What its processes said last, for a report of something unexpected. */
  lastWords(): string;
  stop(): Promise<void>;
}
