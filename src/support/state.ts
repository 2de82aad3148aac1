import type { Context } from "@resonatehq/sdk";
import { store } from "./store.js";

/** The state of one object: of any entries, or of known ones, `ObjectState<{ count: number }>`. Each operation is one durable step: `yield* account.set("balance", 5)`. */
export type ObjectState<Entries = never> = [Entries] extends [never] ? UntypedObjectState : TypedObjectState<Entries>;

export interface UntypedObjectState {
  readonly key: string;
  /** A copy of an entry, `null` when it is missing. */
  get<T = unknown>(name: string): Generator<unknown, T | null>;
  /** Sets an entry to what JSON makes of the value as it is now. */
  set<T>(name: string, value: T): Generator<unknown, void>;
  clear(name: string): Generator<unknown, void>;
  clearAll(): Generator<unknown, void>;
  /** The names of the entries, sorted. */
  stateKeys(): Generator<unknown, string[]>;
}

export interface TypedObjectState<Entries> extends Pick<UntypedObjectState, "key" | "clearAll" | "stateKeys"> {
  get<Name extends keyof Entries & string>(name: Name): Generator<unknown, Entries[Name] | null>;
  set<Name extends keyof Entries & string>(name: Name, value: Entries[Name]): Generator<unknown, void>;
  clear(name: keyof Entries & string): Generator<unknown, void>;
}

/**
 * The state of an object's key. Any handler reads it; writing takes the turn that `exclusive` gives, and throws without,
 * so that a worker that lost its call to another one cannot overwrite what came after.
 */
export function stateOf(ctx: Context, object: string, key: string): UntypedObjectState;
// biome-ignore lint/suspicious/noExplicitAny: an interface is a record of any, and not of unknown
export function stateOf<Entries extends Record<string, any>>(ctx: Context, object: string, key: string): TypedObjectState<Entries>;
export function stateOf(ctx: Context, object: string, key: string): UntypedObjectState {
  return {
    key,
    *get<T>(name: string): Generator<unknown, T | null> {
      // The step's result is the text: what is read is the same in the pass that read it and in every replay.
      const text = yield* ctx.run(readState, object, key, name);
      return text === null ? null : parsed<T>(text);
    },
    // Turned into text when it is called, not when the step runs.
    set: (name, value) => write(ctx, object, key, name, JSON.stringify(value) ?? ""),
    clear: (name) => write(ctx, object, key, name, null),
    *clearAll(): Generator<unknown, void> {
      demandTurn(yield* ctx.run(clearState, object, key, ctx.branchId), object, key);
    },
    *stateKeys(): Generator<unknown, string[]> {
      return yield* ctx.run(listState, object, key);
    },
  };
}

function* write(ctx: Context, object: string, key: string, name: string, text: string | null): Generator<unknown, void> {
  demandTurn(yield* ctx.run(writeState, object, key, ctx.branchId, name, text), object, key);
}

/** An entry that was set to `undefined` is there, as an empty text. */
function parsed<T>(text: string): T {
  return text === "" ? (undefined as T) : (JSON.parse(text) as T);
}

function demandTurn(written: boolean, object: string, key: string): void {
  if (!written) throw new Error(`${object} "${key}" is written outside its turn: register the handler with exclusive(resonate, "${object}", ...)`);
}

async function readState(_: Context, object: string, key: string, name: string): Promise<string | null> {
  return (await store()).read(object, key, name);
}

async function listState(_: Context, object: string, key: string): Promise<string[]> {
  return (await (await store()).names(object, key)).sort();
}

async function writeState(_: Context, object: string, key: string, task: string, name: string, text: string | null): Promise<boolean> {
  return (await store()).write(object, key, task, name, text);
}

async function clearState(_: Context, object: string, key: string, task: string): Promise<boolean> {
  return (await store()).clear(object, key, task);
}
