import { planMigration } from "../migrate.js";
import { discoverProject } from "../project/discover.js";
import { assertCleanGitTree } from "../project/git-guard.js";
import { writeAll } from "../project/write.js";
import { processIo } from "./io.js";
import { packageInfo } from "./package-info.js";
import { run } from "./program.js";
import type { Tools } from "./tools.js";

/** Runs the process's own command line and sets its exit code; what is still to be printed is printed first. */
export async function main(): Promise<void> {
  const tools: Tools = {
    ...packageInfo(),
    discover: discoverProject,
    plan: planMigration,
    guard: assertCleanGitTree,
    write: writeAll,
  };
  process.exitCode = await run(process.argv.slice(2), processIo(), tools);
}
