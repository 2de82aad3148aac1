import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { JudgedRun } from "../../src/judge/judge.js";
import type { RunRecord } from "../../src/judge/scenario.js";
import type { CrashPoint } from "../../src/judge/worker-job.js";
import type { Fixture } from "./fixture.js";

/** What a fixture's original did on Restate, kept beside it for machines without the server. */
export interface KeptRecord {
  readonly server: string;
  readonly sdk: string;
  readonly clean: RunRecord;
  /** The runs in which the worker was lost; with a record only where it is not the same as the run without a loss. */
  readonly losses: readonly (CrashPoint & { readonly record?: RunRecord })[];
}

/** Gives the record that is kept beside a fixture, undefined where there is none. */
export function readRecord({ dir }: Fixture): KeptRecord | undefined {
  const file = join(dir, "restate.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as KeptRecord) : undefined;
}

/** Writes the record beside its fixture. */
export function writeRecord({ dir }: Fixture, record: KeptRecord): void {
  writeFileSync(join(dir, "restate.json"), `${JSON.stringify(record, null, 2)}\n`);
}

/** Makes a record of runs on Restate, the first of which is without a loss. Throws where there is none. */
export function recordOf(runs: readonly JudgedRun[]): KeptRecord {
  const [clean, ...lost] = runs;
  if (clean === undefined) throw new Error("There is no run to keep.");
  const losses = lost.flatMap(({ crash, record }) => {
    if (crash === undefined) return [];
    return [{ ...crash, ...(isDeepStrictEqual(record, clean.record) ? {} : { record }) }];
  });
  return { server: versionOf("@restatedev/restate-server"), sdk: versionOf("@restatedev/restate-sdk"), clean: clean.record, losses };
}

/** Gives the runs that a record was made of, `limit` of those with a loss at most. */
export function runsOf({ clean, losses }: KeptRecord, limit = losses.length): JudgedRun[] {
  return [{ record: clean }, ...losses.slice(0, limit).map(({ effect, when, record }) => ({ crash: { effect, when }, record: record ?? clean }))];
}

function versionOf(name: string): string {
  return (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
}
