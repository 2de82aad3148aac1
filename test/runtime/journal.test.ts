import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import type { Request } from "@resonatehq/sdk";
import fc from "fast-check";
import { afterAll, describe, expect, test, vi } from "vitest";
import { Journal } from "../../src/runtime/journal.js";
import type { Row } from "../../src/runtime/rows.js";
import { DurableServer, type ServerSnapshot } from "../../src/runtime/server.js";
import { acquire, create, externalTags, get, handDriven, invoke, listen, rootTags, settle, suspend } from "./requests.js";

const FOLDER = mkdtempSync(join(tmpdir(), "journal-"));
afterAll(() => rmSync(FOLDER, { recursive: true }));

let files = 0;
const freshFile = (): string => join(FOLDER, `${(files += 1)}.journal`);

/** What a server that starts from the file holds. */
function stateIn(file: string): { readonly snapshot: ServerSnapshot; readonly nextDeadline: number | undefined } {
  const journal = Journal.open(file);
  try {
    const server = new DurableServer({ journal, now: () => 0, schedule: () => undefined });
    return { snapshot: server.snapshot(), nextDeadline: server.nextDeadline() };
  } finally {
    journal.close();
  }
}

/** Opens the file, applies the requests, and closes it as a process that ends does. */
function record(file: string, requests: readonly Request[]): ServerSnapshot {
  const journal = Journal.open(file);
  const server = new DurableServer({ journal, now: () => 0, schedule: () => undefined });
  for (const request of requests) server.handle(request);
  journal.close();
  return server.snapshot();
}

const ids = fc.constantFrom("a", "b", "c");
const child = (id: string): string => `${id}:0`;
const anyRequest: fc.Arbitrary<Request> = fc.oneof(
  ids.map((id) => invoke(id, "f", [{ text: "ü\n\u2028\ud800" }])),
  ids.map((id) => create(child(id), { timeoutAt: 50_000, tags: externalTags(child(id), id) })),
  ids.map((id) => create(id, { tags: { ...rootTags(id), "resonate:delay": "40000" } })),
  fc.tuple(ids, fc.nat(3)).map(([id, version]) => acquire(id, version, "p1", 20_000)),
  fc.tuple(ids, fc.nat(3)).map(([id, version]) => suspend(id, version, [child(id)])),
  ids.map((id) => settle(child(id), { done: true })),
  ids.map((id) => settle(id, "failed", "rejected")),
  ids.map((id) => listen(id, "local://uni@callers/p1")),
  fc.tuple(ids, fc.nat(3)).map(([id, version]): Request => ({ kind: "task.release", head: HEAD, data: { id, version } })),
  ids.map((id): Request => ({ kind: "task.halt", head: HEAD, data: { id } })),
  ids.map((id): Request => ({ kind: "schedule.create", head: HEAD, data: { id, cron: "*/1 * * * *", promiseId: "{{.id}}-{{.timestamp}}", promiseTimeout: 1_000, promiseParam: {}, promiseTags: { "resonate:target": "default" } } })),
  ids.map((id): Request => ({ kind: "schedule.delete", head: HEAD, data: { id } })),
);
const HEAD = { corrId: "", version: "" };

test("whatever was asked, and however time passed, a server that starts from the file holds the same and goes on the same", () => {
  const steps = fc.array(fc.oneof({ weight: 5, arbitrary: anyRequest }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 60_000 }) }), { maxLength: 40 });
  fc.assert(
    fc.property(steps, steps, (before, after) => {
      const file = freshFile();
      let now = 0;
      const play = (server: DurableServer, script: typeof before): unknown[] =>
        script.map((step) => {
          if (typeof step === "object") return server.handle(step);
          now += step;
          return server.tick();
        });
      const journal = Journal.open(file);
      const one = new DurableServer({ journal, now: () => now, schedule: () => undefined });
      play(one, before);
      journal.close();
      const reopened = Journal.open(file);
      const other = new DurableServer({ journal: reopened, now: () => now, schedule: () => undefined });
      try {
        expect(other.snapshot()).toEqual(one.snapshot());
        expect([other.nextDeadline(), other.busy]).toEqual([one.nextDeadline(), one.busy]);
        // The first goes on in memory, from the same moment.
        Reflect.set(one, "journal", undefined);
        const start = now;
        const answers = play(one, after);
        now = start;
        expect(play(other, after)).toEqual(answers);
        expect(other.snapshot()).toEqual(one.snapshot());
      } finally {
        reopened.close();
      }
    }),
    { numRuns: 150 },
  );
});

test("an answer leaves after its changes are in the file; a request that changes nothing adds nothing", () => {
  const file = freshFile();
  const journal = Journal.open(file, { fsync: true });
  const server = new DurableServer({ journal, schedule: () => undefined });
  const size = statSync(file).size;
  server.handle(create("a"));
  expect(readFileSync(file, "utf8").slice(size)).toMatch(/^[0-9a-f]{8} \[\["promises","a",\{.*\}\]\]\n$/);
  const grown = statSync(file).size;
  server.handle(get("a"));
  expect(statSync(file).size).toBe(grown);
  journal.close();
});

test("tasks that were on offer are offered again, delayed ones in their time", () => {
  const file = freshFile();
  record(file, [
    invoke("a", "f"),
    create("later", { tags: { ...rootTags("later"), "resonate:delay": "5000" } }),
    invoke("held", "f"),
    acquire("held", 0, "p1", 60_000),
  ]);
  const journal = Journal.open(file);
  const { at, deliver, worker } = handDriven({ journal });
  const { inbox } = worker("default", "p2");
  deliver();
  expect(inbox).toEqual(["execute a 0"]);
  at(5_000);
  expect(inbox).toEqual(["execute a 0", "execute later 0"]);
  journal.close();
});

describe("a damaged file", () => {
  test("torn at any byte of its last record, it loses that record only, and says so", () => {
    const file = freshFile();
    const before = record(file, [create("a"), create("b")]);
    const whole = readFileSync(file);
    record(file, [create("c")]);
    const full = readFileSync(file);
    // Opening rewrites a file that holds replaced rows; these hold none, so that the one begins the other.
    expect(full.subarray(0, whole.length)).toEqual(whole);
    for (let size = whole.length + 1; size < full.length; size += 1) {
      writeFileSync(file, full.subarray(0, size));
      const journal = Journal.open(file);
      expect(journal.repaired).toBe(`The last record of ${file} was torn and has been cut off (${size - whole.length} bytes at offset ${whole.length}).`);
      journal.close();
      expect(readFileSync(file)).toEqual(whole);
    }
    expect(stateIn(file).snapshot).toEqual(before);
    expect(record(file, [create("d")]).promises.map(({ id }) => id)).toEqual(["a", "b", "d"]);
    expect(stateIn(file).snapshot.promises.map(({ id }) => id)).toEqual(["a", "b", "d"]);
  });

  test("its making may have been interrupted at any byte", () => {
    const header = '{"journal":"restate-to-resonate","version":1}\n';
    for (let size = 0; size <= header.length; size += 1) {
      const file = freshFile();
      writeFileSync(file, header.slice(0, size));
      expect(stateIn(file).snapshot.promises).toEqual([]);
      expect(readFileSync(file, "utf8")).toBe(header);
    }
  });

  test("changed at any byte before its last record, it is refused, with the file and the offset", () => {
    const file = freshFile();
    record(file, [create("a"), create("b")]);
    const whole = readFileSync(file);
    const [header = "", first = ""] = whole.toString("utf8").split("\n");
    const offset = header.length + 1;
    for (let at = offset; at < offset + first.length; at += 1) {
      const changed = Buffer.from(whole);
      changed[at] = changed[at] === 0x20 ? 0x21 : 0x20;
      writeFileSync(file, changed);
      expect(() => Journal.open(file)).toThrow(`The journal ${file} is damaged: its record at offset ${offset} does not match its checksum.`);
      expect(readFileSync(file)).toEqual(changed);
    }
    writeFileSync(file, whole);
    expect(stateIn(file).snapshot.promises).toHaveLength(2);
  });

  test("a last record that is whole and wrong is no torn one", () => {
    const file = freshFile();
    record(file, [create("a")]);
    const size = statSync(file).size;
    appendFileSync(file, "00000000 []\n");
    expect(() => Journal.open(file)).toThrow(`its record at offset ${size} does not match its checksum`);
  });

  test("of another version, or no journal at all, it is refused and left as it is", () => {
    const file = freshFile();
    writeFileSync(file, '{"journal":"restate-to-resonate","version":2}\n');
    expect(() => Journal.open(file)).toThrow(`${file} is a journal of version 2, and this program reads version 1; use the release that wrote it, or another file.`);
    for (const text of ["# notes\n", "notes", '{"version":1}\n', `{"journal":"restate-to-resonate","version":1}x`]) {
      writeFileSync(file, text);
      expect(() => Journal.open(file)).toThrow(`${file} is not a journal of restate-to-resonate; choose another file.`);
      expect(readFileSync(file, "utf8")).toBe(text);
    }
    expect(existsSync(`${file}.lock`)).toBe(false);
  });
});

describe("compaction", () => {
  test("on opening drops what was replaced, in one step", () => {
    const file = freshFile();
    const changes = Array.from({ length: 50 }, (_, at) => [invoke("a", "f"), acquire("a", at, "p1"), { kind: "task.release", head: HEAD, data: { id: "a", version: at + 1 } } as const]);
    const before = record(file, changes.flat());
    const size = statSync(file).size;
    expect(stateIn(file).snapshot).toEqual(before);
    expect(statSync(file).size).toBeLessThan(size / 20);
    expect(stateIn(file).snapshot).toEqual(before);
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  test("happens while in use when the file has grown, and records follow the snapshot", () => {
    const file = freshFile();
    const journal = Journal.open(file);
    const grown = vi.spyOn(journal, "hasGrown", "get").mockReturnValue(true);
    const server = new DurableServer({ journal, schedule: () => undefined });
    server.handle(create("a"));
    server.handle(settle("a", 1));
    expect(readFileSync(file, "utf8").split("\n")).toHaveLength(3);
    grown.mockRestore();
    expect(journal.hasGrown).toBe(false);
    server.handle(create("b"));
    journal.close();
    expect(stateIn(file).snapshot).toEqual(server.snapshot());
  });

  test("is due once the file has grown by 16 MB and to four times its snapshot", () => {
    const journal = Journal.open(freshFile());
    const row: Row = ["promises", "a", "x".repeat(1 << 20)];
    const due = Array.from({ length: 20 }, () => {
      journal.append([row]);
      return journal.hasGrown;
    });
    expect(due.indexOf(true)).toBe(15);
    journal.close();
  });
});

test("50,000 records are read in a few seconds, however often one promise was written", () => {
  const file = freshFile();
  const journal = Journal.open(file);
  for (let at = 0; at < 50_000; at += 1) journal.append([["promises", `p${at % 1_000}`, { at, state: "resolved", tags: {}, callbacks: [], listeners: [] }]]);
  journal.close();
  const start = performance.now();
  const read = Journal.open(file);
  const rows = [...read.takeRows()];
  read.close();
  expect(rows).toHaveLength(1_000);
  expect(rows.at(-1)).toMatchObject(["promises", "p999", { at: 49_999 }]);
  expect(performance.now() - start).toBeLessThan(5_000);
});

describe("the lock", () => {
  test("keeps a second writer out, of this process and of another, and names the first", () => {
    const file = freshFile();
    const journal = Journal.open(file);
    expect(() => Journal.open(file)).toThrow(`The journal ${file} is in use by process ${process.pid}. Stop that process, use another journal, or delete ${file}.lock`);
    journal.close();
    writeFileSync(`${file}.lock`, `${process.ppid}\n`);
    expect(() => Journal.open(file)).toThrow(`in use by process ${process.ppid}`);
    rmSync(`${file}.lock`);
    Journal.open(file).close();
  });

  test.each([
    ["a process that has ended", () => spawnSync(process.execPath, ["--version"]).pid],
    ["an earlier process with our number, as in a container", () => process.pid],
  ])("of %s is taken over", (_, pid) => {
    const file = freshFile();
    writeFileSync(`${file}.lock`, `${pid()}\n`);
    Journal.open(file).close();
    expect(existsSync(`${file}.lock`)).toBe(false);
  });
});

test("a server whose journal cannot be written answers nothing more", () => {
  const file = freshFile();
  const journal = Journal.open(file);
  const server = new DurableServer({ journal, schedule: () => undefined });
  server.handle(create("a"));
  vi.spyOn(journal, "append").mockImplementation(() => {
    throw new Error("ENOSPC: no space left on device");
  });
  const message = `The journal ${file} could not be written: ENOSPC: no space left on device`;
  expect(() => server.handle(create("b"))).toThrow(message);
  expect(() => server.handle(get("a"))).toThrow(message);
  expect(() => server.expireLeases("p1")).not.toThrow();
  journal.close();
  expect(stateIn(file).snapshot.promises.map(({ id }) => id)).toEqual(["a"]);
});
