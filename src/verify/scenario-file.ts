import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { UsageError } from "../errors.js";
import { bundleProgram, loadModule } from "./bundle.js";
import type { Scenario } from "./scenario.js";
import { checkScenario } from "./scenario-check.js";

/** Where a scenario belongs. Paths are absolute. */
export interface ScenarioPlace {
  /** The folder of the program's package. */
  readonly root: string;
  readonly scenario?: string;
}

/** Loads a scenario file. `root` is the folder that messages are relative to. Throws UsageError where it is none. */
export async function loadScenario(file: string, root: string): Promise<Scenario> {
  const bundle = await bundleProgram({ root, modules: [file], replace: new Map() });
  try {
    return checkScenario((await loadModule(bundle, file)).default, file);
  } finally {
    await rm(dirname(bundle.file), { recursive: true, force: true });
  }
}

/** Gives the files to load in place of others, as a scenario names them. Throws UsageError where one is missing. */
export function replacements(job: ScenarioPlace, scenario: Scenario | undefined): Map<string, string> {
  return new Map(Object.entries(scenario?.replace ?? {}).map(([original, standIn]) => [besideScenario(job, original, "replace"), besideScenario(job, standIn, "replace")]));
}

/** Gives the file that a scenario means by a path; sources are written with the name that is compiled too. Throws UsageError where there is none. */
export function besideScenario({ scenario, root }: ScenarioPlace, path: string, what: string): string {
  const file = resolve(scenario === undefined ? root : dirname(scenario), path);
  const found = [file, file.replace(/\.([cm]?)js(x?)$/, ".$1ts$2"), file.replace(/\.js$/, ".tsx")].find((candidate) => existsSync(candidate));
  if (found === undefined) throw new UsageError(`${scenario ?? root}: \`${what}\` names ${path}, and there is no ${file}.`);
  return found;
}
