import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "../errors.js";
import { isRecord, parseJsonFile, stringsOf } from "../project/json-file.js";
import type { Io } from "./io.js";
import { progressLine } from "./progress.js";

/** The options of `restate-to-resonate verify`, as commander gives them. */
export interface VerifyFlags {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly seed?: string;
  readonly limit?: number;
  readonly maxRequests?: number;
  readonly manifest?: string;
  readonly entry?: readonly string[];
  readonly againstRestate?: boolean;
  readonly before?: string;
}

/** The oldest Node that runs `@resonatehq/sdk` 0.11.5. */
const OLDEST_NODE = 22;

/**
 * Verifies the migrated programs and scenarios at `paths` and prints what was found. Gives the exit code: 0 where nothing is wrong,
 * 1 where something is. Throws UsageError for paths, scenarios, manifests and programs that cannot be used, and where Node is too old.
 */
export async function verify(paths: readonly string[], flags: VerifyFlags, io: Io, node = process.versions.node): Promise<number> {
  if (Number.parseInt(node, 10) < OLDEST_NODE) {
    throw new UsageError(`verify runs Resonate's SDK, which needs Node ${OLDEST_NODE} or newer; this is Node ${node}.`);
  }
  const entries = flags.entry ?? entriesOf(flags.manifest, paths);
  if (flags.againstRestate === true) {
    const { verifyAgainstRestate } = await import("./against-restate.js");
    return verifyAgainstRestate(paths, { ...flags, entries: entries?.map((entry) => resolve(entry)) }, io);
  }
  if (flags.before !== undefined) throw new UsageError("--before goes with --against-restate.");
  // Loaded only here: the other commands work without the SDK, and on an older Node.
  const { verifyProgram } = await import("../verify/verify.js");
  const { reportText } = await import("../verify/text-report.js");
  const progress = progressLine(io, flags.quiet !== true && flags.json !== true);
  try {
    const report = await verifyProgram({
      paths,
      entries,
      limit: flags.limit,
      seed: flags.seed,
      requests: flags.maxRequests,
      onProgress: (what, done, total) => progress.show(`${done} of ${total}`, what),
    });
    progress.end();
    io.out(flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : reportText(report, { colour: io.colour, base: process.cwd(), quiet: flags.quiet === true }));
    return report.scenarios.some(({ problems }) => problems.some(({ severity }) => severity === "error")) ? 1 : 0;
  } finally {
    progress.end();
  }
}

/** The entries that a manifest of `migrate --json` names. Its paths are relative to the package: it lies there, or `paths` names it. */
function entriesOf(manifest: string | undefined, paths: readonly string[]): string[] | undefined {
  if (manifest === undefined) return undefined;
  const { value, problem } = parseJsonFile(manifest, textOf(manifest), false);
  const entries = isRecord(value) ? stringsOf(value.entries) : [];
  if (problem !== undefined || entries.length === 0) throw new UsageError(`${manifest} is no manifest: ${problem ?? "it has no `entries`"}. migrate --json prints one.`);
  const bases = [dirname(manifest), ...paths];
  return entries.map((entry) => {
    const found = bases.map((base) => resolve(base, entry)).find((file) => existsSync(file));
    if (found === undefined) throw new UsageError(`${manifest} names the entry ${entry}, which is neither beside it nor in ${paths.join(", ")}.`);
    return found;
  });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
