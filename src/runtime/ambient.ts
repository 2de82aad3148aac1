import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { type Chance, uuidOf } from "./chance.js";

/** Handler code that is running: outside of any step, so all that it reads has to be the same on every replay. */
export interface HandlerView {
  /** Which pass over its history this is, from 0. */
  readonly pass: number;
  /** The time and the chance that it sees in every pass alike, where they are to be the same. */
  readonly same?: { readonly now: number; readonly chance: Chance };
  /** Told of each read, in the words of the source: `Date.now()`. */
  read(source: string): void;
}

/** What the ambient functions need to know about the code that calls them. */
export interface Ambience {
  /** The time in ms since epoch. */
  now(): number;
  /** The handler that is running, undefined where a step, the SDK or anything else runs. */
  handler(): HandlerView | undefined;
  /** The chance of the code that is running. */
  chance(): Chance;
}

/** How far apart the clocks of two passes are: enough to change the hour, the half of the day and, after two, the date. */
const SHIFT = (13 * 60 + 17) * 60_000;

/**
 * Replaces what a program reads of time and chance: `Date`, `performance.now`, `process.hrtime`, `Math.random`, and the random
 * functions of `crypto`. Steps see the virtual time, and random numbers that belong to the step, so that a step that runs again
 * makes the same ones. Handler code sees another time and other numbers in each pass: a handler that only prints them does
 * not mind, and one that depends on them parts from its history. Gives a function that takes the replacements back.
 */
export function installAmbience(ambience: Ambience): () => void {
  const undo: (() => void)[] = [];
  const replace = (target: object, name: string, make: (original: never) => unknown): void => {
    const own = Object.getOwnPropertyDescriptor(target, name);
    if (own?.configurable === false) return; // node:crypto's getRandomValues stays as it is; it is the global crypto's own
    const value = make(Reflect.get(target, name) as never);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    undo.push(() => (own === undefined ? Reflect.deleteProperty(target, name) : Object.defineProperty(target, name, own)));
  };
  replaceTime(ambience, replace);
  replaceChance(ambience, replace);
  syncBuiltinESMExports();
  return () => {
    for (const step of undo.reverse()) step();
    syncBuiltinESMExports();
  };
}

type Replace = (target: object, name: string, make: (original: never) => unknown) => void;

function replaceTime(ambience: Ambience, replace: Replace): void {
  const seen = (source: string): number => {
    const handler = ambience.handler();
    handler?.read(source);
    return handler?.same?.now ?? ambience.now() + (handler?.pass ?? 0) * SHIFT;
  };
  const begin = ambience.now();
  const nanoseconds = (source: string): bigint => BigInt(Math.round((seen(source) - begin) * 1_000_000));
  const hrtime = (earlier?: [number, number]): [number, number] => {
    const passed = nanoseconds("process.hrtime()") - (earlier ? BigInt(earlier[0]) * 1_000_000_000n + BigInt(earlier[1]) : 0n);
    return [Number(passed / 1_000_000_000n), Number(passed % 1_000_000_000n)];
  };
  replace(globalThis, "Date", (native: DateConstructor) => dateOf(native, seen));
  replace(Date.prototype, "constructor", () => Date);
  replace(performance, "now", () => () => seen("performance.now()") - begin);
  replace(process, "hrtime", () => Object.assign(hrtime, { bigint: () => nanoseconds("process.hrtime.bigint()") }));
}

function dateOf(native: DateConstructor, seen: (source: string) => number): DateConstructor {
  const now = (): number => seen("Date.now()");
  return new Proxy(native, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [seen("new Date()")] : args, newTarget) as Date,
    apply: () => new native(seen("Date()")).toString(),
    get: (target, name) => (name === "now" ? now : (Reflect.get(target, name) as unknown)),
  });
}

function replaceChance(ambience: Ambience, replace: Replace): void {
  const seen = (source: string): Chance => {
    const handler = ambience.handler();
    handler?.read(source);
    if (handler?.same !== undefined) return handler.same.chance;
    const chance = ambience.chance();
    return handler !== undefined && handler.pass % 2 === 1 ? () => 1 - Number.EPSILON - chance() * (1 - Number.EPSILON) : chance;
  };
  const fill = <T extends NodeJS.ArrayBufferView>(source: string, view: T): T => {
    const chance = seen(source);
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let index = 0; index < bytes.length; index++) bytes[index] = chance() * 256;
    return view;
  };
  replace(Math, "random", () => () => seen("Math.random()")());
  for (const target of [globalThis.crypto, crypto]) {
    replace(target, "randomUUID", () => () => uuidOf(seen("crypto.randomUUID()")));
    replace(target, "getRandomValues", () => <T extends NodeJS.ArrayBufferView>(view: T) => fill("crypto.getRandomValues()", view));
  }
  replace(crypto, "randomFillSync", () => <T extends NodeJS.ArrayBufferView>(view: T) => fill("crypto.randomFillSync()", view));
  replace(crypto, "randomBytes", () => answering((size: number) => fill("crypto.randomBytes()", Buffer.alloc(size))));
  replace(crypto, "randomInt", () => answering((first: number, second?: number) => integerOf(seen("crypto.randomInt()"), first, second)));
}

function integerOf(chance: Chance, first: number, second?: number): number {
  const [low, high] = second === undefined ? [0, first] : [first, second];
  return low + Math.floor(chance() * (high - low));
}

/** Node's functions take a callback as the last argument, or answer at once. */
function answering<Args extends unknown[], T>(make: (...args: Args) => T): (...args: [...Args, ...unknown[]]) => T | undefined {
  return (...args) => {
    const callback = args.at(-1);
    if (typeof callback !== "function") return make(...(args as unknown as Args));
    const value = make(...(args.slice(0, -1) as Args));
    setImmediate(() => (callback as (error: null, value: T) => void)(null, value));
    return undefined;
  };
}
