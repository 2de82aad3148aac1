import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { UsageError } from "../errors.js";

/** A program as it was before its migration. */
export interface Original {
  /** The folder that corresponds to the migrated one. Absolute. */
  readonly dir: string;
  remove(): void;
}

const SDK = "@restatedev/restate-sdk";

/**
 * Gives the original of the program in `root`: a folder, or what a git commit, branch or tag has in `root`'s place, in a temporary folder with
 * the packages of `root`. Throws UsageError where it is neither, and where Restate's SDK is not installed for it.
 */
export function originalOf(before: string, root: string): Original {
  const found = isFolder(before) ? { dir: resolve(before), remove: () => undefined } : fromGit(before, root);
  try {
    createRequire(join(found.dir, "package.json")).resolve(SDK);
    return found;
  } catch (error) {
    found.remove();
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new UsageError(`${SDK} is not installed for ${before}: the original cannot run without it. Run npm install --no-save ${SDK} in ${isFolder(before) ? before : root}.`);
  }
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

function fromGit(ref: string, root: string): Original {
  const git = (...args: string[]): string => {
    const { status, stdout, stderr, error } = spawnSync("git", ["-C", root, ...args], { encoding: "utf8" });
    if (status === 0) return stdout.trim();
    throw new UsageError(`--before ${ref} is no folder, and git does not know it in ${root}: ${error?.message ?? stderr.trim()}`);
  };
  const commit = git("rev-parse", "--verify", `${ref}^{commit}`);
  const top = git("rev-parse", "--show-toplevel");
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "restate-to-resonate-original-")));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const archive = join(folder, "original.tar");
    git("-C", top, "archive", "--output", archive, commit);
    const { status, stderr } = spawnSync("tar", ["-xf", archive, "-C", folder], { encoding: "utf8" });
    if (status !== 0) throw new Error(`tar could not unpack ${ref}: ${stderr}`);
    rmSync(archive);
    const dir = join(folder, relative(top, realpathSync(root)));
    if (!isFolder(dir)) throw new UsageError(`${ref} has no ${relative(top, realpathSync(root))}.`);
    linkPackages(realpathSync(root), top, folder);
    return { dir, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The packages that are installed for a folder, up to the top of its repository, are those of the same folder in the copy. */
function linkPackages(root: string, top: string, copy: string): void {
  for (let dir = root; ; dir = dirname(dir)) {
    const packages = join(dir, "node_modules");
    const link = join(copy, relative(top, dir), "node_modules");
    if (existsSync(packages) && !existsSync(link)) symlinkSync(packages, link, "junction");
    if (dir === top || dirname(dir) === dir) return;
  }
}
