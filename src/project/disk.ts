import { type Dirent, existsSync, readdirSync, readFileSync } from "node:fs";
import { UsageError } from "../errors.js";
import { parentOf } from "./paths.js";

/** A text as it stands in a file, and whether a byte order mark stood before it. */
export interface FileText {
  readonly text: string;
  readonly bom: boolean;
}

/** The file system as one run sees it: every folder is listed once and every file read once. */
export class Disk {
  readonly #listings = new Map<string, readonly Dirent[]>();
  readonly #fileNames = new Map<string, ReadonlySet<string> | "unreadable">();
  readonly #texts = new Map<string, FileText | undefined>();

  /** Lists a folder; empty where there is none. Throws UsageError where it may not be read. */
  list(dir: string): readonly Dirent[] {
    let entries = this.#listings.get(dir);
    if (entries === undefined) {
      entries = unlessMissing(dir, () => readdirSync(dir, { withFileTypes: true })) ?? [];
      this.#listings.set(dir, entries);
    }
    return entries;
  }

  /** True where `path` is a file, or a link that may lead to one. */
  hasFile(path: string): boolean {
    const dir = parentOf(path);
    let names = this.#fileNames.get(dir);
    if (names === undefined) {
      names = this.#namesIn(dir);
      this.#fileNames.set(dir, names);
    }
    return names === "unreadable" ? existsSync(path) : names.has(path.slice(path.lastIndexOf("/") + 1));
  }

  /** Reads a file as UTF-8; `undefined` where there is none. Throws UsageError where it may not be read. */
  read(path: string): FileText | undefined {
    if (!this.#texts.has(path)) this.#texts.set(path, readText(path));
    return this.#texts.get(path);
  }

  #namesIn(dir: string): ReadonlySet<string> | "unreadable" {
    try {
      const files = this.list(dir).filter((entry) => entry.isFile() || entry.isSymbolicLink());
      return new Set(files.map((entry) => entry.name));
    } catch (error) {
      // A folder above the project may be closed to listing and still lead to files that are open.
      if (error instanceof UsageError) return "unreadable";
      throw error;
    }
  }
}

function readText(path: string): FileText | undefined {
  const text = unlessMissing(path, () => readFileSync(path, "utf8"));
  if (text === undefined) return undefined;
  const bom = text.charCodeAt(0) === 0xfeff;
  return { text: bom ? text.slice(1) : text, bom };
}

const MISSING = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);

function unlessMissing<T>(path: string, attempt: () => T): T | undefined {
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    const code = String(error.code);
    if (MISSING.has(code)) return undefined;
    throw new UsageError(`${path} cannot be read (${code}).`, { cause: error });
  }
}
