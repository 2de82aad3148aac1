import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { MigrateOptions } from "../../src/migration.js";

/** What a handler takes and gives: JSON, or nothing. */
export type Json = null | undefined | string | number | boolean | readonly Json[] | { readonly [member: string]: Json };

/** One call of a handler from outside, and what is expected of it. A call without `result` and `error` expects no result. */
export interface ScenarioCall {
  /** `Service.handler`, as Restate names it. */
  readonly handler: string;
  /** The key of the object or workflow that is called. */
  readonly key?: string;
  /** Left out for a handler that is called without input. */
  readonly input?: Json;
  /** The expected result, or a function that throws unless the result is right. */
  readonly result?: Json | ((value: unknown) => void);
  /** The call fails with this message, or with one that matches. */
  readonly error?: string | RegExp;
  /** The effects that this call adds. */
  readonly effects?: readonly string[];
  /** True where how many effects the call adds depends on how fast things go; they are not compared with those on Restate. */
  readonly effectsVary?: true;
  /** True where `effects` may come in any order: work that runs beside the caller. */
  readonly anyOrder?: boolean;
  /** True for a call that goes on beside those after it; what comes of it is looked at in the end. Its effects count for the call during which they appear. */
  readonly background?: true;
  /** Number of effects that this call adds in the end: what it sent is waited for until they are there. */
  readonly waitForEffects?: number;
}

/** A place where the original does something else on Restate, and a diagnostic of the fixture says so. */
export interface PinnedDifference {
  readonly code: string;
  /** The number of the call, from 1; one more than there are calls for effects that no call speaks of. */
  readonly call: number;
  readonly why: string;
  /** True where it shows only when a worker is lost. */
  readonly whenLost?: true;
}

/** What a fixture expects, in words that belong to no engine. */
export interface Scenario {
  /** One sentence: what this fixture is about. */
  readonly about: string;
  /** Run in order, in one process. */
  readonly calls?: readonly ScenarioCall[];
  /** All effects in order, after the last call. */
  readonly effects?: readonly string[];
  /** False where the result cannot run in one process without a server. */
  readonly execute?: boolean;
  /** True where nothing may change but marker comments. Such a fixture is not executed. */
  readonly left?: boolean;
  /** Exit code of `migrate` (and of `check` on what it wrote): 0 unless stated, 1 where `left`. */
  readonly exitCode?: 0 | 1;
  /** Codes of the expected diagnostics, sorted, one entry for each diagnostic; not compared when absent. */
  readonly diagnostics?: readonly string[];
  /** Words of `before/` that must also stand in `after/`, each as often as before: comments that may not be lost. */
  readonly keeps?: readonly string[];
  /** Why the original cannot be run on a real Restate server: such a fixture is skipped by `npm run equivalence`, and counted. */
  readonly notOnRestate?: string;
  /** All differences that the judge finds (`npm run equivalence`). */
  readonly differs?: readonly PinnedDifference[];
  readonly options?: Partial<Pick<MigrateOptions, "names" | "only">>;
}

/** A fixture on disk with its scenario. */
export interface Fixture {
  /** `<concept>/<case>`. */
  readonly name: string;
  readonly dir: string;
  readonly before: string;
  readonly after: string;
  readonly scenario: Scenario;
}

/** The folder that holds `<concept>/<case>/`. */
export const fixturesDir = fileURLToPath(new URL("../../fixtures/", import.meta.url));

/** Gives every fixture whose name contains `filter`, by name. Throws where a scenario cannot be loaded. */
export async function loadFixtures(filter = ""): Promise<Fixture[]> {
  const names = foldersIn(fixturesDir)
    .flatMap((concept) => foldersIn(join(fixturesDir, concept)).map((name) => `${concept}/${name}`))
    .filter((name) => name.includes(filter) && existsSync(join(fixturesDir, name, "scenario.ts")));
  return Promise.all(names.map(loadFixture));
}

async function loadFixture(name: string): Promise<Fixture> {
  const dir = join(fixturesDir, name);
  const module = (await import(pathToFileURL(join(dir, "scenario.ts")).href)) as { default: Scenario };
  return { name, dir, before: join(dir, "before"), after: join(dir, "after"), scenario: module.default };
}

function foldersIn(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
