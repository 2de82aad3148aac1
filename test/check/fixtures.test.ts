import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkProject } from "../../src/check/check.js";
import { discoverProject } from "../../src/project/discover.js";
import { loadFixtures } from "../tools/fixture.js";

/** What is truly there in fixtures that are migrated, and why. */
const TRUE_FINDINGS: Readonly<Record<string, readonly string[]>> = {
  // It shows that a class does not cross a step or a call: three tests of a subclass, which are false for what comes from there.
  "errors/subclasses": ["C0109 src/app.ts", "C0109 src/app.ts", "C0109 src/app.ts"],
  // Re-exports of Restate's SDK stay for code outside of what was searched, so the dependency stays as well.
  "packages/aliases-and-namespaces": ["C0001 src/sdk.ts", "C0001 src/sdk.ts", "C0003 package.json"],
};

const fixtures = await loadFixtures();
const migrated = fixtures.filter(({ scenario }) => scenario.left !== true && scenario.diagnostics?.every((code) => /^R0[23]/.test(code)) === true);

function foundIn(dir: string): string[] {
  const { findings } = checkProject(discoverProject([dir]), [dir]);
  return findings.map(({ code, file }) => `${code} ${file.slice(dir.length + 1)}`).sort();
}

test("there are fixtures to look at", () => {
  expect(migrated.length).toBeGreaterThan(80);
  expect(migrated.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(TRUE_FINDINGS)));
});

test.each(migrated)("$name gives no false alarm", ({ name, after }) => {
  expect(foundIn(after)).toEqual(TRUE_FINDINGS[name] ?? []);
});

describe("what was left", () => {
  const left = fixtures.filter(({ name }) => name.startsWith("left/"));

  test.each(left)("$name: every marker is found, and nothing is called unsafe", ({ after }) => {
    const files = readdirSync(after, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const markers = files.flatMap((file) => [...readFileSync(join(after, file), "utf8").matchAll(/\/\/ restate-to-resonate\[R\d{4}\]/g)].map(() => `C0002 ${file}`));
    const found = foundIn(after);
    expect(markers.length).toBeGreaterThan(0);
    expect(found.filter((finding) => finding.startsWith("C0002"))).toEqual(markers.sort());
    expect(found.filter((finding) => finding.startsWith("C01"))).toEqual([]);
  });
});
