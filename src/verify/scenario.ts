// Exported as "restate-to-resonate/scenario": what a scenario file is written with.
import { hostOf } from "./host.js";

/** What a function takes and gives: JSON, or nothing. */
export type Json = null | undefined | string | number | boolean | readonly Json[] | { readonly [member: string]: Json };

/** What a step expects of the effects. */
interface Effects {
  /** The effects since the last step that names some, in this order; what is still to come is waited for. */
  readonly effects?: readonly Json[];
  /** True where `effects` may come in any order: work that runs beside the caller. */
  readonly anyOrder?: boolean;
}

/** What a step expects to come of a call. Without `result` and `error` the call has to succeed, with any result. */
interface Outcome {
  /** The expected result, or a function that throws unless the result is right. */
  readonly result?: Json | ((value: unknown) => void);
  /** The call fails with this message, or with one that matches. */
  readonly error?: string | RegExp;
}

/** Starts a registered function by its name. */
interface Start {
  /** The invocation's id; made from the name unless given. */
  readonly id?: string;
  /** The key of an object or a workflow: the first argument after the context. */
  readonly key?: string;
  /** The arguments after the context, and after the key where there is one. */
  readonly args?: readonly Json[];
  /** How long the invocation may take: "30 days", or milliseconds. A day unless given, as Resonate has it. */
  readonly timeout?: string | number;
}

/** The id of a durable promise, or a function that finds it among the effects so far: what a program tells others of it. */
export type PromiseId = string | ((effects: readonly Json[]) => string);

/** One thing that happens to the program from outside. */
export type ScenarioStep =
  /** Calls a registered function and waits for its result. */
  | ({ readonly call: string } & Start & Outcome & Effects)
  /** Starts a registered function and goes on. */
  | ({ readonly send: string } & Start & Effects)
  /** All at once; waits for all. */
  | ({ readonly parallel: readonly ScenarioStep[] } & Effects)
  /** Waits for the result of an invocation by its id. */
  | ({ readonly attach: string } & Outcome & Effects)
  /** Resolves a durable promise by its id, as soon as it exists. */
  | ({ readonly resolve: PromiseId; readonly value?: Json } & Effects)
  /** Rejects a durable promise by its id, as soon as it exists, with an error of this message. */
  | ({ readonly reject: PromiseId; readonly error: string } & Effects)
  /** Lets time pass: "3 days", or milliseconds. */
  | ({ readonly wait: string | number } & Effects);

/** What happens to a program from outside, in order, and what is expected of it. */
export interface Scenario {
  /** One sentence, for the report. */
  readonly about?: string;
  /** The modules to load, relative to the scenario's folder. Found by looking unless given. */
  readonly entries?: readonly string[];
  /** Environment variables for the program. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files to load in place of others, both relative to the scenario's folder: stand-ins for steps that must not run. */
  readonly replace?: Readonly<Record<string, string>>;
  /** An exported array of the program to which it appends its effects; `effect(...)` needs none. */
  readonly effects?: { readonly module: string; readonly export: string };
  readonly steps: readonly ScenarioStep[];
}

/** Gives the scenario as it is: the place where its type is checked. */
export function defineScenario(scenario: Scenario): Scenario {
  return scenario;
}

/** Records something that the program did to the outside world. Does nothing outside of `verify`. */
export function effect(value: Json): void {
  hostOf()?.effect(value);
}

/**
 * Gives what the world outside of the program remembers under a name, made by `begin` the first time in each run: unlike a
 * variable of a stand-in, it survives the worker's death. Outside of `verify` it is made anew at each call.
 */
export function outside<T>(name: string, begin: () => T): T {
  const host = hostOf();
  return host === undefined ? begin() : host.outside(name, begin);
}
