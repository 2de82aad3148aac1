import { describe, expect, test } from "vitest";
import type { FileChange } from "../../src/migration.js";
import { catalogue, entryOf } from "../../src/report/catalogue.js";
import type { Diagnostic } from "../../src/report/diagnostic.js";
import { summarise, type SummaryOptions } from "../../src/report/summary.js";
import { diagnosticAt, migrationOf, packageOf } from "./migrations.js";

const PLAIN: SummaryOptions = { written: false, colour: false, verbose: false, quiet: false, base: "/repo" };

const MIGRATION = migrationOf({
  packages: [packageOf("/repo/a"), { ...packageOf("/repo/b"), manager: "pnpm" }],
  changes: [
    { path: "/repo/a/src/app.ts", change: "edited", before: "a", after: "// restate-to-resonate[R0001]: decide\nb" },
    { path: "/repo/a/src/resonate.ts", change: "created", before: null, after: "" },
    { path: "/repo/b/src/app.ts", change: "edited", before: "x\n", after: "  // restate-to-resonate[R0113]: decide\nx\n" },
  ],
  rewrites: [
    { concept: "steps", from: "await ctx.run(...)", to: "yield* ctx.run(...)", count: 12 },
    { concept: "time", from: "await ctx.sleep(...)", to: "yield* ctx.sleep(...)", count: 0 },
  ],
  sites: { migrated: 12, "migrated-with-note": 2, left: 7 },
  diagnostics: [
    ...[1, 2, 3, 4, 5, 6, 7].map((line) => diagnosticAt("/repo/a/src/app.ts", line)),
    diagnosticAt("/repo/b/src/app.ts", 9, { code: "R0002", severity: "warning", message: "ids differ" }),
    diagnosticAt("/repo/b/src/app.ts", 10, { code: "R0003", severity: "note", message: "by the way" }),
  ],
});

describe("a summary says", () => {
  const text = summarise(MIGRATION, PLAIN);

  test("how much, and whether it is written", () => {
    expect(text).toMatch(/^Restate to Resonate: 2 services, 3 files in 2 packages \(1 edited, 1 only marked, 1 created; dry run, nothing written\)\n/);
    expect(text).toContain("\n14 places migrated (2 with a note), 7 left; 3 files searched, 2 of them analysed; types from the declarations");
    expect(summarise(MIGRATION, { ...PLAIN, written: true })).toContain("1 created; written)");
  });

  test("what became what", () => {
    expect(text).toContain("12  await ctx.run(...)  -> yield* ctx.run(...)");
    expect(text).not.toContain("sleep");
  });

  test("what needs you, by code, with places, and what differs after it", () => {
    expect(text).toContain("What needs you (7 places)\n  R0001 ctx.awakeable was left\n    a/src/app.ts:1\n");
    expect(text).toContain("a/src/app.ts:3  ... and 4 more\n    help: Decide.\n  --verbose shows every place\n");
    expect(text.indexOf("R0002 ids differ")).toBeGreaterThan(text.indexOf("R0001"));
  });

  test("notes only as a number, unless asked", () => {
    expect(text).toContain("1 note (shown with --verbose)");
    expect(text).not.toContain("by the way");
    const verbose = summarise(MIGRATION, { ...PLAIN, verbose: true });
    expect(verbose).toContain("by the way");
    expect(verbose).toContain("a/src/app.ts:7");
  });

  test("what next, with each package manager and the marked places", () => {
    const steps = text.slice(text.indexOf("What next")).trim().split("\n").slice(1);
    expect(steps).toEqual([
      "  1. Read the diff, then run again with --write.",
      "  2. Install the new dependencies: npm install (for a)",
      "  3. Install the new dependencies: pnpm install (for b)",
      "  4. Run the type checker and your tests.",
      `  5. Settle the 2 marked places: search for "restate-to-resonate[", and run the tool again.`,
    ]);
  });
});

test("quiet: the first line and what needs you", () => {
  const text = summarise(MIGRATION, { ...PLAIN, quiet: true });
  expect(text).toContain("R0001");
  expect(text).not.toMatch(/R0002|What next|What became|1 note/);
});

test("no colour codes unless asked", () => {
  expect(summarise(MIGRATION, PLAIN)).not.toContain("\x1b");
  expect(summarise(MIGRATION, { ...PLAIN, colour: true })).toContain("\x1b[31mR0001");
});

test("a run that changes nothing says so, and that places are left", () => {
  const text = summarise(migrationOf({ sites: { migrated: 0, "migrated-with-note": 0, left: 2 } }), PLAIN);
  expect(text).toMatch(/^Nothing to change: what is on Restate still needs you first\./);
  expect(text).toContain("2 places left as they were");
  expect(text).toContain("What next\n  1. Settle the marked places");
  expect(summarise(migrationOf({}), PLAIN)).toMatch(/^Nothing to change\.\n[^]*analysed[^]*$/);
});

test("a run that only adds markers promises no more, and has nothing to install", () => {
  const change: FileChange = { path: "/repo/src/a.ts", change: "edited", before: "x\r\n", after: "// restate-to-resonate[R0101]: decide\r\nx\r\n" };
  const text = summarise(migrationOf({ packages: [{ ...packageOf("/repo"), services: [] }], changes: [change], sites: { migrated: 0, "migrated-with-note": 0, left: 1 } }), PLAIN);
  expect(text).toMatch(/^Restate to Resonate: no service yet, 1 file \(1 only marked; dry run/);
  expect(text).toContain("--write, which only adds the markers.");
  expect(text).not.toMatch(/Install|type checker/);
});

test("--only: no counts of the whole plan, and that the code does not run", () => {
  const text = summarise(MIGRATION, { ...PLAIN, only: ["steps", "time"] });
  expect(text).toContain("Only steps, time: the other edits of the plan are left out");
  expect(text).toContain("run the tool without --only");
  expect(text).not.toMatch(/What became what|places migrated|Install/);
});

describe("many places", () => {
  const at = (code: string, line: number, subject: string): Diagnostic => {
    const { severity, help, message } = entryOf(code);
    return diagnosticAt("/repo/src/app.ts", line, { code, severity, help, message: message(subject) });
  };

  test("of one code stand together, each with what it is about, on one line", () => {
    const text = summarise(migrationOf({ diagnostics: [at("R0128", 9, "ctx.signal(1)"), at("R0128", 10, "ctx\n  .signal(2)")] }), PLAIN);
    expect(text).toContain("  R0128 Signals are left on Restate.\n    src/app.ts:9   ctx.signal(1)\n    src/app.ts:10  ctx .signal(2)\n    help: ");
    expect(text).not.toContain("--verbose");
  });

  test("of many codes: one place each, shared help once, files that were skipped first", () => {
    const codes = Object.keys(catalogue).filter((code) => entryOf(code).severity === "error");
    const diagnostics = codes.flatMap((code) => [1, 2, 3, 4].map((line) => at(code, line, "this")));
    const lines = summarise(migrationOf({ diagnostics }), { ...PLAIN, quiet: true }).split("\n");
    expect(lines.length).toBeLessThan(codes.length * 3 + 10);
    expect(lines.filter((line) => line.includes("... and 3 more")).length).toBe(codes.length);
    expect(lines.filter((line) => line.includes("help for R0125, R0139")).length).toBe(1);
    expect(lines.findIndex((line) => line.startsWith("  R0901"))).toBeLessThan(lines.findIndex((line) => line.startsWith("  R0101")));
    expect(summarise(migrationOf({ diagnostics }), { ...PLAIN, quiet: true, verbose: true }).match(/src\/app\.ts:4/g)).toHaveLength(codes.length);
  });
});
