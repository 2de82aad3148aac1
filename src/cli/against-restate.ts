import { existsSync, statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { UsageError } from "../errors.js";
import type { ServedHandler } from "../judge/steps.js";
import { planMigration } from "../migrate.js";
import { discoverProject } from "../project/discover.js";
import type { Io } from "./io.js";
import { progressLine } from "./progress.js";

/** What `verify --against-restate` is told. */
export interface AgainstRestateFlags {
  /** A folder, or a git commit, branch or tag. */
  readonly before?: string;
  readonly entries?: readonly string[];
  readonly limit?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** At how many effects of a scenario a worker is lost, unless said otherwise: each takes a few seconds. */
const LOSSES = 10;

/**
 * Plays the scenarios at `paths` with the original on a real Restate server and with the migrated program on the bundled runtime, and prints
 * where they differ. Gives the exit code: 0 where nowhere, 1 where somewhere. Throws UsageError where the server, the original, its SDK or a
 * scenario is missing or cannot be used.
 */
export async function verifyAgainstRestate(paths: readonly string[], flags: AgainstRestateFlags, io: Io): Promise<number> {
  const { before } = flags;
  if (before === undefined) throw new UsageError("--against-restate needs the program as it was: --before <folder>, or --before <commit> of the same git repository (--before HEAD while the migration is not committed).");
  // Loaded only here: the other commands work without the SDKs.
  const [{ judgeScenario, versionOf }, { demandRestateServer }, { scenariosOf }] = await Promise.all([import("../judge/against-restate.js"), import("../judge/restate-server.js"), import("../verify/verify.js")]);
  const [{ originalOf }] = await Promise.all([import("../judge/original.js")]);
  const progress = progressLine(io, flags.quiet !== true && flags.json !== true);
  const scenarios = scenariosOf(paths);
  if (scenarios.length === 0) throw new UsageError(`There is no scenario (*.scenario.ts) at ${paths.join(", ")}: what happens to both programs has to be said. See the README.`);
  const reports = [];
  let server = "";
  try {
    for (const { scenario, root } of scenarios) {
      progress.show("", relative(process.cwd(), scenario));
      const binary = demandRestateServer(root);
      server = versionOf(binary);
      const original = originalOf(before, folderOf(root));
      try {
        reports.push(await judgeScenario({ binary, scenario, root, entries: flags.entries, limit: flags.limit ?? LOSSES, original: { root: original.dir, ...served(original.dir) } }));
      } finally {
        original.remove();
      }
    }
  } finally {
    progress.end();
  }
  io.out(flags.json === true ? `${JSON.stringify({ version: 1, server, scenarios: reports }, null, 2)}\n` : textOf(reports, server));
  return reports.some(({ differences }) => differences.length > 0) ? 1 : 0;
}

function folderOf(path: string): string {
  return existsSync(path) && statSync(path).isDirectory() ? resolve(path) : dirname(resolve(path));
}

/** What the original serves, under the names that migrating it gives: short ones, unless they collide. */
function served(dir: string): { readonly entries: readonly string[]; readonly handlers: readonly ServedHandler[] } {
  const { packages } = planMigration(discoverProject([dir]), { names: "short" });
  const entries = packages.flatMap((pkg) => pkg.entries).filter((entry) => existsSync(entry));
  if (entries.length === 0) throw new UsageError(`The original in ${dir} serves nothing that this tool knows how to start: no module with an endpoint was found.`);
  const handlers = packages.flatMap(({ services }) =>
    services.flatMap(({ name: service, group, workflowId, handlers: all }) =>
      all.flatMap(({ name, mode, registeredAs, takesKey }) => {
        const one = { service, name, mode, takesKey, ...(group === undefined ? {} : { group }), ...(workflowId === undefined ? {} : { workflowId }) };
        // --names qualified registers it so.
        const qualified = `${service}.${name}`;
        return qualified === registeredAs ? [{ ...one, registeredAs }] : [{ ...one, registeredAs }, { ...one, registeredAs: qualified }];
      }),
    ),
  );
  return { entries, handlers };
}

type Report = Awaited<ReturnType<(typeof import("../judge/against-restate.js"))["judgeScenario"]>>;

function textOf(reports: readonly Report[], server: string): string {
  const blocks = reports.map(({ file, about, skipped, runs, lost, differences }) => {
    const title = `${relative(process.cwd(), file)}${about === undefined ? "" : ` ${about}`}`;
    if (skipped !== undefined) return `${title}\n  skipped: ${skipped}`;
    const found = differences.map(({ number, step, what, restate, resonate, crash }) => {
      const at = crash === undefined ? "" : `, with the worker lost ${crash.when} effect ${crash.effect + 1}`;
      return `  step ${number}, ${step}${at}: another ${what}\n    Restate  ${restate}\n    Resonate ${resonate}`;
    });
    return [`${title}\n  ${count(runs, "run")} on each side, ${lost} of them with a lost worker: ${differences.length === 0 ? "the same" : count(differences.length, "difference")}`, ...found].join("\n");
  });
  const different = reports.filter(({ differences }) => differences.length > 0).length;
  const skipped = reports.filter((report) => report.skipped !== undefined).length;
  const summary = `${count(reports.length, "scenario")} against Restate's server ${server}: ${reports.length - different - skipped} the same, ${different} different, ${skipped} skipped.`;
  return `${[...blocks, summary].join("\n\n")}\n`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
