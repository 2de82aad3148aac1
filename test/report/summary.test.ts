import { describe, expect, test } from "vitest";
import { summarise, type SummaryOptions } from "../../src/report/summary.js";
import { diagnosticAt, migrationOf, packageOf } from "./migrations.js";

const PLAIN: SummaryOptions = { written: false, colour: false, verbose: false, quiet: false, base: "/repo" };

const MIGRATION = migrationOf({
  packages: [packageOf("/repo/a"), { ...packageOf("/repo/b"), manager: "pnpm" }],
  changes: [
    { path: "/repo/a/src/app.ts", change: "edited", before: "a", after: "// restate-to-resonate[R0001]: decide\nb" },
    { path: "/repo/a/src/resonate.ts", change: "created", before: null, after: "" },
  ],
  rewrites: [
    { concept: "steps", from: "await ctx.run(...)", to: "yield* ctx.run(...)", count: 12 },
    { concept: "time", from: "await ctx.sleep(...)", to: "yield* ctx.sleep(...)", count: 0 },
  ],
  diagnostics: [
    ...[1, 2, 3, 4, 5, 6, 7].map((line) => diagnosticAt("/repo/a/src/app.ts", line)),
    diagnosticAt("/repo/b/src/app.ts", 9, { code: "R0002", severity: "warning", message: "ids differ" }),
    diagnosticAt("/repo/b/src/app.ts", 10, { code: "R0003", severity: "note", message: "by the way" }),
  ],
});

describe("a summary says", () => {
  const text = summarise(MIGRATION, PLAIN);

  test("how much, and whether it is written", () => {
    expect(text).toMatch(/^Restate to Resonate: 2 services, 2 files in 2 packages \(1 edited, 1 created; dry run, nothing written\)\n3 files searched/);
    expect(summarise(MIGRATION, { ...PLAIN, written: true })).toContain("1 created; written)");
  });

  test("what became what", () => {
    expect(text).toContain("12  steps  await ctx.run(...)  -> yield* ctx.run(...)");
    expect(text).not.toContain("sleep");
  });

  test("what needs you, by code, with places, and what differs after it", () => {
    expect(text).toContain("What needs you (7)\n  R0001 ctx.awakeable was left\n    a/src/app.ts:1\n");
    expect(text).toContain("a/src/app.ts:5\n    ... and 2 more (--verbose)\n    help: Decide.");
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
      `  5. Settle the 1 marked place: search for "restate-to-resonate[".`,
    ]);
  });
});

test("quiet: the first line and what needs you", () => {
  const text = summarise(MIGRATION, { ...PLAIN, quiet: true });
  expect(text).toContain("R0001");
  expect(text).not.toMatch(/R0002|What next|What became|note/);
});

test("no colour codes unless asked", () => {
  expect(summarise(MIGRATION, PLAIN)).not.toContain("\x1b");
  expect(summarise(MIGRATION, { ...PLAIN, colour: true })).toContain("\x1b[31mR0001");
});

test("a run that changes nothing says so, and that places are left", () => {
  const text = summarise(migrationOf({ sites: { migrated: 0, "migrated-with-note": 0, left: 2 } }), PLAIN);
  expect(text).toMatch(/^Nothing to change\./);
  expect(text).toContain("2 places left as they were");
  expect(text).not.toContain("What next");
});
