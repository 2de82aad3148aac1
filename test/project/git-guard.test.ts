import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.js";
import { assertCleanGitTree } from "../../src/project/git-guard.js";
import { layTree } from "./temporary-tree.js";

function repository(files: Readonly<Record<string, string>>): string {
  const dir = layTree(files);
  const git = (...args: string[]): void => void execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: dir });
  git("init", "-q");
  git("add", ".");
  git("commit", "-q", "-m", "start");
  return dir;
}

describe("a write is refused", () => {
  test("where a tracked file is changed and not committed", () => {
    const dir = repository({ "app/a.ts": "a" });
    writeFileSync(`${dir}/app/a.ts`, "b");
    expect(() => assertCleanGitTree(`${dir}/app`)).toThrow(UsageError);
    expect(() => assertCleanGitTree(`${dir}/app`)).toThrow(/app\/a\.ts[^]*[Cc]ommit[^]*--force/);
  });

  test("where a file is untracked", () => {
    const dir = repository({ "app/a.ts": "a" });
    writeFileSync(`${dir}/app/new.ts`, "b");
    expect(() => assertCleanGitTree(`${dir}/app`)).toThrow(/app\/new\.ts/);
  });

  test("where a changed file elsewhere is about to be written", () => {
    const dir = repository({ "package.json": "{}", "src/a.ts": "a" });
    writeFileSync(`${dir}/package.json`, "{ }");
    expect(() => assertCleanGitTree(`${dir}/src`)).not.toThrow();
    expect(() => assertCleanGitTree(`${dir}/src`, [`${dir}/package.json`, `${dir}/src/a.ts`])).toThrow(/package\.json/);
  });

  test("where git itself cannot say", () => {
    const dir = layTree({ ".git": "nonsense", "a.ts": "" });
    expect(() => assertCleanGitTree(dir)).toThrow(/git cannot say[^]*--force/);
  });
});

describe("a write goes ahead", () => {
  test("where all is committed, also beside changes in other folders", () => {
    const dir = repository({ "app/a.ts": "a", "other/b.ts": "b" });
    writeFileSync(`${dir}/other/b.ts`, "c");
    expect(() => assertCleanGitTree(`${dir}/app`)).not.toThrow();
  });

  test("outside of a repository", () => {
    expect(() => assertCleanGitTree(layTree({ "a.ts": "" }))).not.toThrow();
  });
});
