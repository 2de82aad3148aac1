import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";

/** Gives the file of a run's folder that holds its effects: one line of JSON each. */
function effectsFile(folder: string): string {
  return join(folder, "effects.jsonl");
}

/** Reads the effects of a run as far as there are some. A line is one write, so it is there or not, whenever its writer was lost. */
export function readEffects(folder: string): unknown[] {
  const file = effectsFile(folder);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8").split("\n").filter((line) => line !== "").map((line) => (JSON.parse(line) as [unknown])[0]);
}

/**
 * What outlives a worker, as its process sees it: the effects, the state in place of a database, and what stand-ins remember.
 * State and memories are saved at the moment at which the process is lost, and read by the next one of the same name.
 */
export class OutsideWorld {
  readonly state: Map<string, unknown>;
  private readonly memories: Map<string, unknown>;
  private readonly kept: string;

  constructor(
    private readonly folder: string,
    name: string,
  ) {
    this.kept = join(folder, `${name}.kept`);
    const saved = existsSync(this.kept) ? (deserialize(readFileSync(this.kept)) as { state: Map<string, unknown>; memories: Map<string, unknown> }) : undefined;
    this.state = saved?.state ?? new Map();
    this.memories = saved?.memories ?? new Map();
  }

  /** The number of effects so far, of all processes. */
  get count(): number {
    return readEffects(this.folder).length;
  }

  effect(value: unknown): void {
    appendFileSync(effectsFile(this.folder), `${JSON.stringify([value ?? null])}\n`);
  }

  remembered<T>(name: string, begin: () => T): T {
    if (!this.memories.has(name)) this.memories.set(name, begin());
    return this.memories.get(name) as T;
  }

  /** True the first time in this run that it is asked with this name, whichever process asks. */
  firstTime(name: string): boolean {
    const mark = join(this.folder, `${name}.done`);
    const isFirst = statSync(mark, { throwIfNoEntry: false }) === undefined;
    if (isFirst) writeFileSync(mark, "");
    return isFirst;
  }

  save(): void {
    writeFileSync(this.kept, serialize({ state: this.state, memories: this.memories }));
  }
}
