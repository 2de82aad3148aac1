import type { TextRange } from "./edit.js";
import type { Edit } from "./edit.js";
import type { ImportRequest } from "./imports.js";
import type { Dedent } from "./splice.js";

/** What the transforms emit: edits by file, names to import, support modules to write. */
export class Output {
  readonly edits = new Map<string, Edit[]>();
  readonly dedents = new Map<string, Dedent[]>();
  readonly imports = new Map<string, ImportRequest[]>();
  /** Support modules in use: by their path, the name of the one in `src/support`. */
  readonly support = new Map<string, string>();

  replace(file: string, range: TextRange, text: string): void {
    this.#edits(file).push({ start: range.start, end: range.end, text });
  }

  /** Inserts text; where several insertions meet, the lower order comes first. */
  insert(file: string, at: number, text: string, order = 0): void {
    this.#edits(file).push({ start: at, end: at, text, order });
  }

  dedent(file: string, dedent: Dedent): void {
    listOf(this.dedents, file).push(dedent);
  }

  /** Makes a name available in a file. */
  import(file: string, request: ImportRequest): void {
    listOf(this.imports, file).push(request);
  }

  #edits(file: string): Edit[] {
    return listOf(this.edits, file);
  }
}

function listOf<T>(map: Map<string, T[]>, key: string): T[] {
  const list = map.get(key);
  if (list) return list;
  const created: T[] = [];
  map.set(key, created);
  return created;
}
