import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { crc32 } from "node:zlib";
import { JournalError } from "./journal-error.js";
import { lockFile } from "./journal-lock.js";
import { TABLES, type Row, type Table } from "./rows.js";

/** The first line of every journal. */
const HEADER = { journal: "restate-to-resonate", version: 1 } as const;
const ROWS_PER_SNAPSHOT_RECORD = 500;
/** Eight digits and a blank. */
const SUM_LENGTH = 9;
const READ_BYTES = 1 << 20;
/** A journal that has grown by this much since its last snapshot is rewritten while in use. */
const MIN_GROWTH_BYTES = 16 * 1024 * 1024;

/** How a journal is kept. */
export interface JournalOptions {
  /** Whether each record reaches the disk before its answer leaves: survives a power cut, not only a killed process. False unless given. */
  readonly fsync?: boolean;
}

/**
 * A file that holds a server's state and outlives its process. The first line says what it is; each further line is a
 * record: the CRC-32 of its text, a blank, and the rows that one request changed, as JSON. A row replaces the earlier row
 * of its table and id, so reading takes time in proportion to the file, and needs no state machine.
 */
export class Journal {
  private snapshotBytes: number;

  private constructor(
    readonly file: string,
    private readonly fsync: boolean,
    private readonly unlock: () => void,
    private readonly state: State,
    private descriptor: number,
    private size: number,
    /** What was repaired on opening, in a sentence; undefined where all was well. */
    readonly repaired: string | undefined,
  ) {
    this.snapshotBytes = size;
  }

  /**
   * Opens a journal, or makes one; drops from it what later records replaced. A torn last record, which a killed process
   * leaves, is cut off: its answer never left. Throws a JournalError where another process uses the file, where it is no journal
   * of this version, and where a record before the last is damaged, with its offset in bytes; the file system's Error where the file cannot be read or made.
   */
  static open(file: string, { fsync = false }: JournalOptions = {}): Journal {
    const unlock = lockFile(file);
    let descriptor: number | undefined;
    try {
      descriptor = openSync(file, existsSync(file) ? "r+" : "w+");
      const { state, written, end, torn } = readRecords(file, descriptor);
      if (torn > 0) ftruncateSync(descriptor, end);
      const repaired = torn > 0 ? `The last record of ${file} was torn and has been cut off (${torn} bytes at offset ${end}).` : undefined;
      const journal = new Journal(file, fsync, unlock, state, descriptor, end, repaired);
      if (end === 0 || written > rowsHeld(state)) journal.rewrite(rowsIn(state));
      return journal;
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      unlock();
      throw error;
    }
  }

  /** Hands over the rows the file held when it was opened, each id of a table once; it does not keep them. */
  *takeRows(): Iterable<Row> {
    yield* rowsIn(this.state);
    for (const table of TABLES) this.state[table].clear();
  }

  /** Adds a record; on return it is in the file. Throws the file system's Error, and then the file may end in a torn record. */
  append(rows: readonly Row[]): void {
    this.size += writeAll(this.descriptor, recordOf(rows), this.size);
    if (this.fsync) fsyncSync(this.descriptor);
  }

  /** Whether so much has been added that a snapshot is worth its time. */
  get hasGrown(): boolean {
    return this.size - this.snapshotBytes > Math.max(MIN_GROWTH_BYTES, 3 * this.snapshotBytes);
  }

  /** Replaces the file by a snapshot, in one step: a process killed meanwhile leaves the old file or the new one. */
  rewrite(rows: Iterable<Row>): void {
    const fresh = `${this.file}.new`;
    const descriptor = openSync(fresh, "w+");
    let size = writeAll(descriptor, `${JSON.stringify(HEADER)}\n`, 0);
    for (const batch of batches(rows, ROWS_PER_SNAPSHOT_RECORD)) size += writeAll(descriptor, recordOf(batch), size);
    fsyncSync(descriptor);
    renameSync(fresh, this.file);
    syncFolder(this.file);
    closeSync(this.descriptor);
    this.descriptor = descriptor;
    this.size = size;
    this.snapshotBytes = size;
  }

  /** Ends the use of the file and lets other processes have it. */
  close(): void {
    closeSync(this.descriptor);
    this.unlock();
  }
}

type State = Record<Table, Map<string, unknown>>;

interface Recovered {
  readonly state: State;
  /** How many rows the file holds, replaced ones too. */
  readonly written: number;
  /** Where the last whole record ends, in bytes. */
  readonly end: number;
  /** How many bytes follow it. */
  readonly torn: number;
}

function readRecords(file: string, descriptor: number): Recovered {
  const state = Object.fromEntries(TABLES.map((table) => [table, new Map()])) as State;
  let written = 0;
  let end = 0;
  let torn = 0;
  for (const line of linesOf(descriptor)) {
    if (!line.whole) torn = tornBytes(file, line.bytes, end);
    else if (end === 0) checkHeader(file, line.bytes.toString("utf8"));
    else {
      const rows = recordIn(line.bytes) ?? damaged(file, end);
      for (const row of rows) store(state, row);
      written += rows.length;
    }
    if (line.whole) end += line.bytes.length + 1;
  }
  return { state, written, end, torn };
}

interface Line {
  readonly bytes: Buffer;
  /** Whether it ends in a line feed; only the last may not. */
  readonly whole: boolean;
}

function* linesOf(descriptor: number): Iterable<Line> {
  let parts: Buffer[] = [];
  for (let offset = 0; ; ) {
    const chunk = Buffer.allocUnsafe(READ_BYTES);
    const read = readSync(descriptor, chunk, 0, READ_BYTES, offset);
    if (read === 0) break;
    offset += read;
    let from = 0;
    for (let feed = chunk.indexOf(10, from); feed !== -1 && feed < read; feed = chunk.indexOf(10, from)) {
      yield { bytes: Buffer.concat([...parts, chunk.subarray(from, feed)]), whole: true };
      parts = [];
      from = feed + 1;
    }
    if (from < read) parts.push(chunk.subarray(from, read));
  }
  if (parts.length > 0) yield { bytes: Buffer.concat(parts), whole: false };
}

function checkHeader(file: string, text: string): void {
  const { journal, version } = (parsed(text) ?? {}) as { journal?: unknown; version?: unknown };
  if (journal !== HEADER.journal) throw notAJournal(file);
  if (version === HEADER.version) return;
  throw new JournalError(`${file} is a journal of version ${JSON.stringify(version)}, and this program reads version ${HEADER.version}; use the release that wrote it, or another file.`);
}

/** A file without a whole first line is a journal whose making was interrupted, or none at all and not ours to cut. */
function tornBytes(file: string, bytes: Buffer, offset: number): number {
  if (offset === 0 && !JSON.stringify(HEADER).startsWith(bytes.toString("utf8"))) throw notAJournal(file);
  return bytes.length;
}

function notAJournal(file: string): JournalError {
  return new JournalError(`${file} is not a journal of restate-to-resonate; choose another file.`);
}

function recordIn(bytes: Buffer): Row[] | undefined {
  const text = bytes.subarray(SUM_LENGTH);
  if (`${checksum(text)} ` !== bytes.subarray(0, SUM_LENGTH).toString("latin1")) return undefined;
  const rows = parsed(text.toString("utf8"));
  return Array.isArray(rows) && rows.every(isRow) ? rows : undefined;
}

function isRow(value: unknown): value is Row {
  return Array.isArray(value) && value.length === 3 && TABLES.includes(value[0]) && typeof value[1] === "string";
}

function damaged(file: string, offset: number): never {
  throw new JournalError(
    `The journal ${file} is damaged: its record at offset ${offset} does not match its checksum. ` +
      `Bring the file back from a copy, or start with another one; what stands before that offset is whole.`,
  );
}

function* rowsIn(state: State): Iterable<Row> {
  for (const table of TABLES) for (const [id, value] of state[table]) yield [table, id, value];
}

function store(state: State, [table, id, value]: Row): void {
  if (value === null) state[table].delete(id);
  else state[table].set(id, value);
}

function recordOf(rows: readonly Row[]): string {
  const text = JSON.stringify(rows);
  return `${checksum(text)} ${text}\n`;
}

function checksum(data: string | Buffer): string {
  return crc32(data).toString(16).padStart(8, "0");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller says what is wrong, and where
  }
}

function rowsHeld(state: State): number {
  return TABLES.reduce((sum, table) => sum + state[table].size, 0);
}

function* batches(rows: Iterable<Row>, size: number): Iterable<Row[]> {
  let batch: Row[] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Writes all of a text at a position, however many calls it takes; gives its length in bytes. */
function writeAll(descriptor: number, text: string, position: number): number {
  const bytes = Buffer.from(text, "utf8");
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, position + written);
  }
  return bytes.length;
}

/** Makes a renamed file's new name durable. Windows cannot open folders, and needs nothing here. */
function syncFolder(file: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path.dirname(path.resolve(file)), "r");
  fsyncSync(folder);
  closeSync(folder);
}
