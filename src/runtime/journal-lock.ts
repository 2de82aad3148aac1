import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { JournalError } from "./journal-error.js";

/** The locks this process holds, so that a file left by an earlier process with the same number is told from our own. */
const held = new Set<string>();

/**
 * Makes this process the only one that writes `file`, by a file `<file>.lock` that holds its process id. Gives a function
 * that lets go. A lock whose process has ended is taken over. Throws a JournalError that names the process which holds it.
 */
export function lockFile(file: string): () => void {
  const lock = `${file}.lock`;
  const mine = `${lock}.${process.pid}`;
  writeFileSync(mine, `${process.pid}\n`);
  try {
    // A link is made whole or not at all, so nobody reads a lock without its number.
    if (!linked(mine, lock) && !(buried(lock, `${mine}.stale`) && linked(mine, lock))) throw inUse(file, lock);
  } finally {
    rmSync(mine);
  }
  held.add(lock);
  return () => {
    held.delete(lock);
    rmSync(lock, { force: true });
  };
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Moves a dead process's lock away; false where its process lives. */
function buried(lock: string, grave: string): boolean {
  if (isHeld(lock, lock)) return false;
  try {
    renameSync(lock, grave);
  } catch (error) {
    // Another process was faster; then linking decides.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return true;
    throw error;
  }
  // Between the look and the move the lock may have become a living process's: give it back.
  const wrong = isHeld(grave, lock);
  if (wrong) linked(grave, lock);
  rmSync(grave);
  return !wrong;
}

function isHeld(path: string, lock: string): boolean {
  const pid = holder(path);
  if (pid === undefined) return false;
  return pid === process.pid ? held.has(lock) : isAlive(pid);
}

function holder(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function inUse(file: string, lock: string): JournalError {
  return new JournalError(
    `The journal ${file} is in use by process ${holder(lock) ?? "unknown"}. ` +
      `Stop that process, use another journal, or delete ${lock} if the process is none of ours.`,
  );
}
