import { randomBytes } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { UsageError } from "../errors.js";
import type { FileChange } from "../migration.js";

/**
 * Applies all changes, or none: new texts go to temporary files beside their targets, then all are renamed into place.
 * A file that is edited keeps its mode; a link stays a link to the file that is edited.
 *
 * Throws UsageError, with the file's name, where a file is no longer what it was when it was read, where a created file
 * exists by now, and where the file system refuses; everything is as it was before then. Where even that fails, the
 * message says which file's original stands where.
 */
export function writeAll(changes: readonly FileChange[]): void {
  const transaction = new Transaction();
  let current = "";
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  // With a listener, a Ctrl-C in the middle does not end the process before everything is in place.
  const hold = (): void => undefined;
  for (const signal of signals) process.on(signal, hold);
  try {
    const staged = changes.map((change) => {
      current = change.path;
      return transaction.stage(change);
    });
    for (const entry of staged) {
      current = entry.target;
      transaction.commit(entry);
    }
    transaction.finish();
  } catch (error) {
    const stranded = transaction.rollBack();
    throw new UsageError(failure(current, error, stranded), { cause: error });
  } finally {
    for (const signal of signals) process.off(signal, hold);
  }
}

interface Staged {
  readonly target: string;
  /** The new text; absent for a deletion. */
  readonly fresh?: string;
  /** The original under another name; absent for a created file. */
  readonly backup?: string;
}

class Transaction {
  readonly #temporary: string[] = [];
  readonly #folders: string[] = [];
  readonly #committed: Staged[] = [];

  stage({ path: file, before, after }: FileChange): Staged {
    if (before === null && existsSync(file)) throw new Error("it exists already");
    const target = before === null ? file : realpathSync(file);
    if (before !== null && withoutMark(readFileSync(target, "utf8")) !== withoutMark(before)) {
      throw new Error("it changed since it was read");
    }
    this.#makeFolder(path.dirname(target));
    const backup = before === null ? undefined : this.#temporaryBeside(target);
    if (backup !== undefined) keepCopy(target, backup);
    const fresh = after === null ? undefined : this.#temporaryBeside(target);
    if (fresh !== undefined && after !== null) {
      writeFileSync(fresh, after, { flag: "wx" });
      if (before !== null) chmodSync(fresh, statSync(target).mode);
    }
    return { target, fresh, backup };
  }

  commit(entry: Staged): void {
    if (entry.fresh === undefined) rmSync(entry.target);
    else renameSync(entry.fresh, entry.target);
    // Only now: what another program put in the way is not ours to take back.
    this.#committed.push(entry);
  }

  /** Removes what is no longer needed. */
  finish(): void {
    // Everything is in place from here on: a failure to remove a copy must not undo it.
    this.#committed.length = 0;
    this.#folders.length = 0;
    for (const file of this.#temporary.splice(0)) rmSync(file, { force: true });
  }

  /** Puts everything back, and gives a line for each original that could not be. */
  rollBack(): string[] {
    const stranded: string[] = [];
    const kept = new Set<string>();
    for (const { target, backup } of this.#committed.reverse()) {
      try {
        if (backup === undefined) rmSync(target, { force: true });
        else renameSync(backup, target);
      } catch (error) {
        stranded.push(`${target}: ${messageOf(error)}${backup === undefined ? "" : `; its original is ${backup}`}`);
        if (backup !== undefined) kept.add(backup);
      }
    }
    for (const file of this.#temporary) if (!kept.has(file)) rmSync(file, { force: true });
    for (const folder of this.#folders.reverse()) removeIfEmpty(folder);
    return stranded;
  }

  #temporaryBeside(target: string): string {
    const name = `.${path.basename(target)}.${randomBytes(6).toString("hex")}.tmp`;
    const file = path.join(path.dirname(target), name);
    this.#temporary.push(file);
    return file;
  }

  #makeFolder(dir: string): void {
    const missing: string[] = [];
    for (let folder = dir; !existsSync(folder); folder = path.dirname(folder)) missing.unshift(folder);
    for (const folder of missing) {
      mkdirSync(folder);
      this.#folders.push(folder);
    }
  }
}

/** A second name for the same file brings back owner and times as well; not every file system has them. */
function keepCopy(file: string, copy: string): void {
  try {
    linkSync(file, copy);
  } catch {
    copyFileSync(file, copy);
  }
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else put a file there meanwhile; then it is theirs to keep.
  }
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

function failure(file: string, error: unknown, stranded: readonly string[]): string {
  const reason = `${file} could not be written: ${messageOf(error)}.`;
  if (stranded.length === 0) return `${reason} Nothing was changed.`;
  return `${reason} These files could not be put back:\n${stranded.map((line) => `  ${line}`).join("\n")}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
