// Times the whole migration against jscodeshift doing one rewrite on the same files, in the same run: npm run bench
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateMixedProject, generateRestateProject, type GeneratedCorpus } from "./generate-corpus.js";
import { table } from "./table.js";

const REPO = fileURLToPath(new URL("../../", import.meta.url));
const HOOK = join(REPO, "test/tools/measure-hook.cjs");
const ROUNDS = 3;
/** How far a goal may be missed before the run fails: machines differ. */
const TOLERANCE = 1.2;

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
}

interface Goal {
  readonly what: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: string;
}

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "restate-to-resonate-bench-")));
try {
  main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function main(): void {
  console.log(`Node ${process.version}, ${cpus().length} cores, medians of ${ROUNDS} dry runs, order alternating.\n`);
  const all = generateRestateProject(join(scratch, "all"), 1000);
  const mixed = generateMixedProject(join(scratch, "mixed"), 5000, 500);
  const a = compare(all);
  const b = compare(mixed);
  const growth = [250, 500].map((count) => ({ count, ours: medianOf(repeat(() => migrate(generateRestateProject(join(scratch, `grow${count}`), count)))) }));
  growth.push({ count: 1000, ours: a.ours });

  console.log(
    table([
      ["", "ours s", "jscodeshift s", "ratio", "our peak MB", "sites", "left"],
      ["(a) 1,000 Restate files", ...figures(a)],
      ["(b) 5,000 files, 500 with Restate; jscodeshift on the 500", ...figures(b)],
    ]),
  );
  console.log(`\n${table([["growth", "ours s", "ms a file"], ...growth.map(({ count, ours }) => [`${count} files`, ours.seconds.toFixed(2), ((ours.seconds / count) * 1000).toFixed(2)])])}`);

  const goals: Goal[] = [
    { what: "(a) ours / jscodeshift", value: a.ours.seconds / a.theirs.seconds, limit: 0.5, unit: "" },
    { what: "(b) ours / jscodeshift on its 500 Restate files", value: b.ours.seconds / b.theirs.seconds, limit: 0.4, unit: "" },
    { what: "(a) peak memory", value: a.ours.megabytes, limit: 500, unit: " MB" },
    { what: "(b) peak memory", value: b.ours.megabytes, limit: 500, unit: " MB" },
    { what: "growth: time at 1,000 files / time at 500", value: a.ours.seconds / secondsAt(growth, 500), limit: 2, unit: "" },
  ];
  console.log(`\n${goals.map(describe).join("\n")}`);
  if (goals.some(({ value, limit }) => value > limit * TOLERANCE)) process.exitCode = 1;
}

interface Comparison {
  readonly ours: Measured;
  readonly theirs: Measured;
  readonly sites: number;
  readonly left: number;
}

function compare(corpus: GeneratedCorpus): Comparison {
  const ours: Measured[] = [];
  const theirs: Measured[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const turns = [() => ours.push(migrate(corpus)), () => theirs.push(jscodeshift(corpus))];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) turn();
  }
  return { ours: medianOf(ours), theirs: medianOf(theirs), ...sitesOf(manifestPath(corpus)) };
}

/** Our whole migration as a dry run with the manifest as output. */
function migrate(corpus: GeneratedCorpus): Measured {
  return measure([join(REPO, "bin/restate-to-resonate.js"), "migrate", corpus.dir, "--json", "--quiet"], "", manifestPath(corpus), [0, 1]);
}

function jscodeshift({ restateFiles }: GeneratedCorpus): Measured {
  const options = ["--run-in-band", "--dry", "--silent", "--fail-on-error", "--no-babel", "--parser=ts", "--extensions=ts", "--stdin"];
  const transform = join(REPO, "test/tools/await-to-yield.cjs");
  return measure([join(REPO, "node_modules/jscodeshift/bin/jscodeshift.js"), "-t", transform, ...options], restateFiles.join("\n"), join(scratch, "jscodeshift.out"), [0]);
}

/**
 * Runs Node on a script in a child process, with its output in a file.
 * Throws where it ends with a code that is not among `accepted`.
 */
function measure(args: readonly string[], input: string, output: string, accepted: readonly number[]): Measured {
  const memory = join(scratch, "memory");
  const out = openSync(output, "w");
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, ["--require", HOOK, ...args], {
    input,
    stdio: ["pipe", out, "pipe"],
    encoding: "utf8",
    env: { ...process.env, MEASURE_TO: memory },
  });
  const seconds = (performance.now() - start) / 1000;
  closeSync(out);
  if (status === null || !accepted.includes(status)) throw new Error(`${args.join(" ")} ended with ${status}:\n${stderr}`);
  return { seconds, megabytes: Number(readFileSync(memory, "utf8")) / 1024 };
}

function manifestPath({ dir }: GeneratedCorpus): string {
  return `${dir}.manifest.json`;
}

function sitesOf(manifest: string): { sites: number; left: number } {
  const { sites } = JSON.parse(readFileSync(manifest, "utf8")) as { sites: Record<"migrated" | "migrated-with-note" | "left", number> };
  return { sites: sites.migrated + sites["migrated-with-note"] + sites.left, left: sites.left };
}

function repeat<T>(action: () => T): T[] {
  return Array.from({ length: ROUNDS }, action);
}

/** Median time and highest memory. */
function medianOf(runs: readonly Measured[]): Measured {
  const sorted = runs.map(({ seconds }) => seconds).sort((a, b) => a - b);
  return { seconds: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, megabytes: Math.max(...runs.map(({ megabytes }) => megabytes)) };
}

function secondsAt(growth: readonly { count: number; ours: Measured }[], count: number): number {
  return growth.find((at) => at.count === count)?.ours.seconds ?? Number.NaN;
}

function figures({ ours, theirs, sites, left }: Comparison): string[] {
  return [ours.seconds.toFixed(2), theirs.seconds.toFixed(2), (ours.seconds / theirs.seconds).toFixed(2), ours.megabytes.toFixed(0), String(sites), String(left)];
}

function describe({ what, value, limit, unit }: Goal): string {
  const verdict = value <= limit ? "met" : value <= limit * TOLERANCE ? "missed by less than 20 %" : "MISSED";
  return `${what}: ${value.toFixed(unit === "" ? 2 : 0)}${unit} (goal ${limit}${unit}): ${verdict}`;
}
