import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { UsageError } from "../errors.js";
import { ancestors, isWithin, parentOf } from "./paths.js";

const SHOWN = 5;

/**
 * Makes sure that git could bring back what is about to be written: throws UsageError where files below `root`, or any of
 * `files` elsewhere, are changed and not committed, or untracked. Silent outside of a git repository and without git.
 */
export function assertCleanGitTree(root: string, files: readonly string[] = []): void {
  const outside = files.filter((file) => !isWithin(root, file) && existsSync(file));
  const status = gitStatus(root, [root]) + [...new Set(outside)].map((file) => gitStatus(parentOf(file), [file])).join("");
  const changed = status.split("\n").filter((line) => line !== "");
  if (changed.length === 0) return;
  const more = changed.length > SHOWN ? `\n  ... and ${changed.length - SHOWN} more` : "";
  throw new UsageError(
    `There are uncommitted changes, so the migration could not be told apart from them or undone:\n` +
      `${changed.slice(0, SHOWN).map((line) => `  ${line}`).join("\n")}${more}\n` +
      `Commit or stash them first, or write anyway with --force.`,
  );
}

function gitStatus(dir: string, paths: readonly string[]): string {
  // Without any repository above there is nothing to ask, and git need not be there.
  if (![...ancestors(dir)].some((folder) => existsSync(`${folder}/.git`))) return "";
  const { error, status, stdout, stderr } = spawnSync("git", ["status", "--porcelain", "--untracked-files=normal", "--", ...paths], {
    cwd: dir,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined && "code" in error && error.code === "ENOENT") return "";
  if (error === undefined && status === 0) return stdout;
  const reason = (error?.message ?? stderr).trim();
  throw new UsageError(`git cannot say whether ${dir} has uncommitted changes:\n  ${reason}\nWrite anyway with --force.`);
}
