import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CompiledChild, compileChild } from "../tools/compiled-child.js";
import { migrateTexts } from "../tools/migrate-texts.js";
import { typeErrorsIn, violations } from "../tools/program-checks.js";
import { type ConcurrencyOptions, type ConcurrencyProgram, concurrencyPrograms, named } from "./concurrency-program.js";
import { type Batch, callable, expectedCalls, migrateBatch, verifyBatch } from "./concurrency-run.js";
import { reduced } from "./reduce.js";

/** Random programs of durable promises as values, the same in every run unless PROPERTY_SEED says otherwise; PROPERTY_RUNS of them. */
const seed = Number(process.env["PROPERTY_SEED"] ?? 20_261_122);
const runs = Number(process.env["PROPERTY_RUNS"] ?? 32);
const virtual = new URL("virtual", import.meta.url).pathname;
/** How long a program that fails is made smaller, in ms. */
const reducing = 60_000;
const timeout = 60_000 + reducing + runs * 3_000;

let child: CompiledChild;
beforeAll(async () => {
  child = await compileChild();
});

const counts = { programs: 0, whole: 0, calls: 0, made: 0, lost: 0 };
afterAll(() => {
  child.remove();
  const { programs, whole, calls, made, lost } = counts;
  console.log(`concurrency: ${programs} generated programs, ${whole} of them wholly rewritten, seed ${seed}; ${made} of ${calls} calls compared, ${lost} runs with a fault`);
});

/** Gives one line for each violation; a line names the program's folder. */
type Law = (batch: Batch) => Promise<string[]> | string[];

const hasLeft = ({ migrated }: Batch, dir: string): boolean => migrated.migration.diagnostics.some(({ severity, file }) => severity === "error" && file.includes(`/${dir}/`));

/** It parses, comments and all that is no business of the tool's stay, and each thing that is left has its marker. */
const keeps: Law = ({ placed, migrated }) => violations(placed, migrated);

const settles: Law = ({ migrated }) => migrateTexts(migrated.after).migration.changes.map(({ path }) => `a second run changes ${path}`);

/** What was rewritten wholly type-checks; what was left in part at least binds each name once. */
const checks: Law = (batch) => {
  const { before, after } = batch.migrated;
  const wrong = typeErrorsIn(virtual, before);
  if (wrong.length > 0) throw new Error(`the generator writes what does not type-check: ${wrong[0]}`);
  return typeErrorsIn(virtual, after).filter((line) => /TS(2300|2451|2440):/.test(line) || !hasLeft(batch, line.split("/", 1)[0] ?? ""));
};

/** A handler that is not registered after the migration is left, and an error in its program says so. */
const says: Law = async (batch) => {
  const calls = await expectedCalls(batch);
  const made = new Set(callable(batch, calls).map(({ service, handler }) => `${service}.${handler}`));
  return calls.flatMap(({ dir, service, handler }) => (made.has(`${service}.${handler}`) || hasLeft(batch, dir) ? [] : [`${dir}/app.ts: ${service}.${handler} is gone, and nothing is said`]));
};

/** Same results, errors and effects as in the model of Restate, without faults and where a worker is lost. */
const agrees: Law = async (batch) => {
  const calls = await expectedCalls(batch);
  const made = callable(batch, calls);
  if (made.length === 0) return [];
  const report = await verifyBatch(batch, calls, 1, child.path);
  counts.calls += calls.length;
  counts.made += made.length;
  counts.lost += report.runs - 2;
  const errors = report.problems.filter(({ severity }) => severity === "error");
  return errors.map(({ code, function: func, message, reason, fault }) => `${made.find(({ registeredAs }) => registeredAs === func)?.dir ?? ""}/ ${code} ${func}: ${message} ${reason ?? ""} (${fault})`);
};

/** Checks laws on batches of programs. Where one is broken, the message shows a program that breaks it, made smaller. */
async function hold(options: ConcurrencyOptions, count: number, laws: readonly Law[]): Promise<void> {
  const size = Math.min(40, count);
  const property = fc.asyncProperty(concurrencyPrograms(size, options), async (programs) => {
    const batch = migrateBatch(programs);
    counts.programs += programs.length;
    counts.whole += batch.placed.filter(({ dir }) => !hasLeft(batch, dir)).length;
    for (const law of laws) {
      const found = await law(batch);
      if (found.length > 0) expect.fail(`${found.slice(0, 10).join("\n")}\n${await smallest(programs, law, found)}`);
    }
  });
  // Batches are not made smaller: the program is.
  await fc.assert(property, { seed, numRuns: Math.ceil(count / size), endOnFailure: true });
}

/** The first program that a line names, made as small as it breaks the law. */
async function smallest(programs: readonly ConcurrencyProgram[], law: Law, found: readonly string[]): Promise<string> {
  const index = Number(/\bq(\d+)[/_]/.exec(found.join("\n"))?.[1]);
  const program = programs[index];
  if (program === undefined) return "";
  const breaks = async (one: ConcurrencyProgram): Promise<boolean> => {
    try {
      return (await law(migrateBatch([one]))).length > 0;
    } catch {
      return false; // without what was taken out it is no program any more
    }
  };
  if (!(await breaks(program))) return `only in its batch: q${index}`;
  const small = await reduced(program, breaks, reducing);
  const { migrated } = migrateBatch([small]);
  return Object.entries(named(small, 0).files).map(([path, text]) => `----- ${path}\n${text}\n----- becomes\n${migrated.after[`q0/${path}`] ?? ""}`).join("\n");
}

describe("programs of durable promises as values", { timeout }, () => {
  it("come to the same after they were rewritten, and all that is promised holds", () => hold({ size: 2 }, runs, [keeps, settles, checks, says, agrees]));

  it("are left with a word where they cannot be rewritten", () => hold({ size: 2, left: true }, Math.ceil(runs / 2), [keeps, settles, checks, says, agrees]));
});
