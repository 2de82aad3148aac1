import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { FileChange } from "../../src/migration.js";
import { unifiedDiff } from "../../src/report/unified-diff.js";
import { layTree } from "../project/temporary-tree.js";
import { readTree } from "../tools/fixture-tree.js";

const LINES = Array.from({ length: 20 }, (_, index) => `line ${index}`);

test("git applies it: CRLF, no newline at the end, a mark, created and deleted files", () => {
  const before = {
    "src/a.ts": `${LINES.join("\n")}\n`,
    "src/crlf file.ts": "\uFEFFone\r\ntwo\r\nthree",
    "gone.ts": "x\ny",
  };
  const after = {
    "src/a.ts": `${LINES.join("\n").replace("line 3", "LINE 3").replace("line 19", "")}`,
    "src/crlf file.ts": "\uFEFFone\r\nTWO\r\nthree",
    "made/b.ts": "new\n",
  };
  const dir = layTree(before);
  const changes: FileChange[] = [
    { path: `${dir}/src/a.ts`, change: "edited", before: before["src/a.ts"], after: after["src/a.ts"] },
    { path: `${dir}/src/crlf file.ts`, change: "edited", before: before["src/crlf file.ts"], after: after["src/crlf file.ts"] },
    { path: `${dir}/made/b.ts`, change: "created", before: null, after: "new\n" },
    { path: `${dir}/gone.ts`, change: "deleted", before: "x\ny", after: null },
  ];
  const patch = unifiedDiff(changes, dir, false);
  expect(patch).toContain("--- a/src/a.ts\n+++ b/src/a.ts\n@@ -1,7 +1,7 @@\n");
  expect(patch).toContain("--- /dev/null\n+++ b/made/b.ts\n");
  expect(patch).toContain("\\ No newline at end of file");
  writeFileSync(`${dir}/patch`, patch);
  execFileSync("git", ["apply", "patch"], { cwd: dir, env: { ...process.env, GIT_CEILING_DIRECTORIES: dir } });
  expect(Object.fromEntries([...readTree(dir)].filter(([path]) => path !== "patch"))).toEqual(after);
});

test("in colour: the same text, added lines green, a `--` line of code no header", () => {
  const change: FileChange = { path: "/r/a.sql.ts", change: "edited", before: "-- old\r\nsame\r\n", after: "-- new\r\nsame\r\n" };
  const coloured = unifiedDiff([change], "/r", true);
  expect(coloured.replace(/\x1b\[\d+m/g, "")).toBe(unifiedDiff([change], "/r", false).replaceAll("\r", ""));
  expect(coloured).toContain("\x1b[32m+-- new\x1b[39m");
  expect(coloured).toContain("\x1b[31m--- old\x1b[39m");
});

test("nothing to show is no text", () => {
  expect(unifiedDiff([], "/r", true)).toBe("");
});
