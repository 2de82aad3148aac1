import type { ProblemCode } from "./problems.js";
import type { Histories } from "./problems.js";

/** What `verify` reports: plain data, for the text report, for `--json` and for tests. */
export interface VerifyReport {
  readonly version: 1;
  /** The version of `@resonatehq/sdk` that the program ran on. */
  readonly sdk: string;
  /** False where the project has no SDK installed and the tool's own was taken. */
  readonly sdkOfProject: boolean;
  readonly scenarios: readonly ScenarioReport[];
}

/** What was found with one scenario. */
export interface ScenarioReport {
  /** The scenario's file, absolute; undefined where there was none and inputs were made from types. */
  readonly file?: string;
  readonly about?: string;
  /** The modules that were loaded, absolute: one list for each process. */
  readonly processes: readonly (readonly string[])[];
  readonly functions: readonly FunctionReport[];
  /** Requests of the program's workers in the run without faults: at each a worker can be lost. */
  readonly crashPoints: number;
  /** How many of them were tried. */
  readonly tried: number;
  /** The seed by which they were taken where not all were. */
  readonly seed: string;
  readonly runs: number;
  /** Real time in ms. */
  readonly milliseconds: number;
  readonly problems: readonly Problem[];
  /** What a reader has to know of how it was run. */
  readonly notes: readonly string[];
}

/** A registered function. */
export interface FunctionReport {
  readonly name: string;
  readonly group: string;
  readonly file?: string;
  readonly line?: number;
  /** What it asks for in the run without faults: steps, calls, promises, sleeps. None where nothing called it. */
  readonly steps: number;
  readonly crashPoints: number;
  readonly runs: number;
  readonly milliseconds: number;
  readonly called: boolean;
}

/** Something that is wrong. */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: "error" | "warning";
  /** The registered function; empty where it belongs to none. */
  readonly function: string;
  readonly message: string;
  readonly reason?: string;
  readonly help: string;
  /** What went wrong in the run that shows it. */
  readonly fault: string;
  /** Absolute. */
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly histories?: Histories;
}
