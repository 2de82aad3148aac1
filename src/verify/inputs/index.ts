import type { Json } from "../scenario.js";
import { closureKey } from "./closure-key.js";
import { placeOf } from "./place.js";
import { createTypesProgram, projectSources } from "./program.js";
import { findRegistrations, handlerInputs } from "./registrations.js";
import { findSites } from "./sites.js";

// Values made from TypeScript types: what `verify` hands to handlers, and gives for leaf steps, when no scenario says better.

/** What a made value does not say by itself. */
export interface Note {
  /**
   * `unknown`: the type says nothing (`any`, `unknown`, an unbound type parameter), so the value is null;
   * `not-json`: the type does not survive JSON (SEMANTICS A4), so the value is what JSON would make of it;
   * `cut`: a recursive type whose required member was cut off with null.
   */
  readonly kind: "unknown" | "not-json" | "cut";
  /** Where in the value, as one would write it: `order.items[0].at`. */
  readonly at: string;
  /** A sentence for the user. */
  readonly text: string;
}

/** One deterministic value of a type. */
export interface Made {
  readonly value: Json;
  /** Empty when the value is a full member of its type. */
  readonly notes: readonly Note[];
}

/** A place in a source file as a stack trace (after source maps) names it: absolute path, line and column counted from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A function registered with Resonate, with one made value per argument after the context. */
export interface MadeInputs {
  /** The name it is registered as. */
  readonly name: string;
  /** The `register` call. */
  readonly place: Place;
  readonly args: readonly Made[];
}

/**
 * A call on a context that waits for something the types can stand in for:
 * `step`, a plain function given to `ctx.run` or `ctx.beginRun`; `promise`, a `ctx.promise<T>()` that somebody outside has to settle;
 * `call`, a `ctx.rpc<T>("name")` by name, of use where nobody registers that name.
 */
export interface MadeSite {
  readonly kind: "step" | "promise" | "call";
  /** Where the method is named: the `run` of `ctx.run(...)`, which is what V8 gives as the position of a method call. */
  readonly place: Place;
  /** The step's function by its `name` at run time, or the name that is called; absent for closures without a name and for promises. */
  readonly name?: string;
  /** A step's function, as `closureKey` of its source gives it. Absent where the source is not at hand (imported declarations). */
  readonly key?: string;
  /** A value of the awaited result's type. */
  readonly made: Made;
}

/** All that was made for one project. Plain data: it can be sent to another process. */
export interface MadeValues {
  readonly inputs: readonly MadeInputs[];
  readonly sites: readonly MadeSite[];
  /** `register` calls whose name or function could not be told from the types, for the report. */
  readonly unclear: readonly Place[];
}

/**
 * Makes inputs and results from the types of a project.
 *
 * @param entries absolute paths of the modules to start from; what they import belongs to the project too. The options come from the
 *   nearest tsconfig.json (or jsconfig.json) above the first of them. JavaScript with JSDoc counts.
 * @returns one value per argument of every registered function and one per awaited result, the same on every call
 * @throws when the nearest tsconfig.json cannot be read; the message names it
 */
export function makeValues(entries: readonly string[]): MadeValues {
  const program = createTypesProgram(entries);
  const checker = program.getTypeChecker();
  const inputs: MadeInputs[] = [];
  const unclear: Place[] = [];
  const sites: MadeSite[] = [];
  for (const source of projectSources(program)) {
    for (const found of findRegistrations(source, checker)) {
      const args = found.name === undefined ? undefined : handlerInputs(found.handler, program);
      if (found.name === undefined || args === undefined) unclear.push(placeOf(found.call));
      else inputs.push({ name: found.name, place: placeOf(found.call), args });
    }
    sites.push(...findSites(source, program));
  }
  return { inputs, sites, unclear };
}

/** What the runtime knows of a step when its context is asked to run it. */
export interface SeenStep {
  /** Where `ctx.run` was called, from the stack trace after source maps, when it could be told. */
  readonly place?: Place;
  /** The function's `name`. */
  readonly name: string;
  /** The function's `toString()`. */
  readonly source: string;
}

/**
 * Finds the value made for a step: by the place of its call, else by its source, else by its name where that names one step only.
 *
 * @returns undefined when nothing was made for it
 */
export function valueForStep(values: MadeValues, seen: SeenStep): Made | undefined {
  const steps = values.sites.filter((site) => site.kind === "step");
  const { place } = seen;
  // A generic helper's own `ctx.run(f)` knows nothing of the result; what is known of that function elsewhere says more.
  const here = place && siteAt(steps, place);
  if (here && here.made.notes.length === 0) return here.made;
  const key = closureKey(seen.source);
  const candidates = [steps.filter((site) => site.key === key), seen.name === "" ? [] : steps.filter((site) => site.name === seen.name)];
  return (candidates.find((found) => sameValue(found))?.[0] ?? here)?.made;
}

/** Finds the value made for a `ctx.promise` or `ctx.rpc` by the place of its call; undefined when nothing was made for it. */
export function valueAt(values: MadeValues, place: Place): Made | undefined {
  return siteAt(
    values.sites.filter((site) => site.kind !== "step"),
    place,
  )?.made;
}

/** The site of a call: by line and column, else the only one on that line, since a source map's columns may be coarse. */
function siteAt(sites: readonly MadeSite[], place: Place): MadeSite | undefined {
  const onLine = sites.filter((site) => site.place.file === place.file && site.place.line === place.line);
  return onLine.find((site) => site.place.column === place.column) ?? (onLine.length === 1 ? onLine[0] : undefined);
}

/** Whether all sites found for one function agree on its result. */
function sameValue(sites: readonly MadeSite[]): boolean {
  const [first, ...rest] = sites.map((site) => JSON.stringify(site.made.value) ?? "undefined");
  return first !== undefined && rest.every((value) => value === first);
}
