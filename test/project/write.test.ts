import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { UsageError } from "../../src/errors.js";
import type { FileChange } from "../../src/migration.js";
import { writeAll } from "../../src/project/write.js";
import { readTree } from "../tools/fixture-tree.js";
import { layTree } from "./temporary-tree.js";

function edited(path: string, before: string, after: string): FileChange {
  return { path, change: "edited", before, after };
}

test("edits, creates with folders, and deletes; keeps modes, CRLF, marks and links; leaves nothing behind", () => {
  const dir = layTree({ "a.sh.ts": "\uFEFFold\r\n", "gone.ts": "x", "real.ts": "one" });
  chmodSync(`${dir}/a.sh.ts`, 0o755);
  symlinkSync("real.ts", `${dir}/link.ts`);
  writeAll([
    edited(`${dir}/a.sh.ts`, "\uFEFFold\r\n", "\uFEFFnew\r\n"),
    { path: `${dir}/x/y/made.ts`, change: "created", before: null, after: "made" },
    { path: `${dir}/gone.ts`, change: "deleted", before: "x", after: null },
    edited(`${dir}/link.ts`, "one", "two"),
  ]);
  expect(Object.fromEntries(readTree(dir))).toEqual({ "a.sh.ts": "\uFEFFnew\r\n", "x/y/made.ts": "made", "real.ts": "two" });
  expect(statSync(`${dir}/a.sh.ts`).mode & 0o777).toBe(0o755);
  expect(lstatSync(`${dir}/link.ts`).isSymbolicLink()).toBe(true);
});

test("a failure in the middle of the renames puts everything back", () => {
  const dir = layTree({ "a.ts": "a", "b.ts": "b", "c.ts": "c" });
  chmodSync(`${dir}/a.ts`, 0o750);
  const before = statSync(`${dir}/a.ts`);
  const changes: FileChange[] = [
    edited(`${dir}/a.ts`, "a", "A"),
    { path: `${dir}/b.ts`, change: "deleted", before: "b", after: null },
    { path: `${dir}/new/made.ts`, change: "created", before: null, after: "made" },
    // Staging the second makes a folder where the first is to be renamed to, after its check.
    { path: `${dir}/blocked`, change: "created", before: null, after: "text" },
    { path: `${dir}/blocked/below.ts`, change: "created", before: null, after: "text" },
  ];
  const error = thrownBy(() => writeAll(changes));
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toMatch(/blocked.* could not be written.*Nothing was changed/);
  expect(Object.fromEntries(readTree(dir))).toEqual({ "a.ts": "a", "b.ts": "b", "c.ts": "c" });
  expect(statSync(`${dir}/a.ts`)).toMatchObject({ mode: before.mode, mtimeMs: before.mtimeMs });
  expect(() => statSync(`${dir}/new`)).toThrow();
  expect(() => statSync(`${dir}/blocked`)).toThrow();
});

test("a file that changed since it was read, or exists by now, is not overwritten", () => {
  const dir = layTree({ "a.ts": "a", "b.ts": "somebody's edit" });
  expect(thrownBy(() => writeAll([edited(`${dir}/a.ts`, "a", "A"), edited(`${dir}/b.ts`, "b", "B")])).message).toContain(
    `${dir}/b.ts could not be written: it changed since it was read`,
  );
  expect(thrownBy(() => writeAll([{ path: `${dir}/a.ts`, change: "created", before: null, after: "A" }])).message).toContain("exists already");
  expect(thrownBy(() => writeAll([edited(`${dir}/none.ts`, "x", "X")])).message).toContain(`${dir}/none.ts`);
  expect(Object.fromEntries(readTree(dir))).toEqual({ "a.ts": "a", "b.ts": "somebody's edit" });
});

test("signal listeners do not outlive the write", () => {
  const dir = layTree({ "a.ts": "a" });
  mkdirSync(`${dir}/sub`);
  const before = process.listenerCount("SIGINT");
  writeAll([edited(`${dir}/a.ts`, "a", "A")]);
  expect(process.listenerCount("SIGINT")).toBe(before);
});

function thrownBy(attempt: () => void): Error {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("expected an error");
}
