import type { Message, Request, Response } from "@resonatehq/sdk";
import { isTimer, nextDeadline, scheduleExternalDeadline } from "./deadlines.js";
import { createEngine, type Answer, type Change, type Engine } from "./engine.js";
import type { Journal } from "./journal.js";
import { JournalError } from "./journal-error.js";
import { Router } from "./router.js";
import { allRows, changedRows, restoreRows } from "./rows.js";
import { fencedRefusal, refusal } from "./rules.js";
import { snapshotOf, type ServerSnapshot } from "./snapshot.js";

export type { ServerSnapshot } from "./snapshot.js";

/** How a server is made. */
export interface ServerOptions {
  /** The time in ms since epoch; the machine's clock unless given. */
  readonly now?: () => number;
  /** Where the state is kept; without one it ends with the process. The server takes what it holds, and does not close it. */
  readonly journal?: Journal;
  /** Whether the rules of production servers hold that the SDK's local server lets pass (rules.ts). True unless given. */
  readonly strict?: boolean;
  /** Runs a task later, never at once; it brings messages to workers. `setImmediate` unless given. */
  readonly schedule?: (task: () => void) => void;
}

/** A worker as the server sees it. */
export interface Worker {
  readonly group: string;
  readonly pid: string;
  /** Takes a message of the SDK's protocol. */
  deliver(message: Message): void;
}

/** A worker's connection. */
export interface Connection {
  /** Ends it: tasks it was offered and has not acquired go to others; those it holds keep their lease. */
  disconnect(): void;
  readonly unicast: string;
  readonly anycast: string;
}

/**
 * The engine behind workers: durable promises, tasks and schedules by the SDK's own state machine, the rules of
 * production servers on top, and messages to the workers that are connected. Nothing happens by itself: time passes
 * in `tick`, which somebody calls when `nextDeadline` has come.
 */
export class DurableServer {
  private readonly engine: Engine = createEngine();
  private readonly acquired = new Set<string>();
  private readonly router: Router;
  private readonly now: () => number;
  private readonly journal: Journal | undefined;
  private readonly strict: boolean;
  /** The tasks whose last request broke a rule. */
  private readonly rulebreakers = new Set<string>();
  private failure: Error | undefined;

  /** Throws an Error where the SDK's local server is not the one this was made for. */
  constructor({ now = Date.now, journal, strict = true, schedule = (task) => void setImmediate(task) }: ServerOptions = {}) {
    this.now = now;
    this.journal = journal;
    this.strict = strict;
    this.router = new Router({ schedule, isWanted: (message) => this.isWanted(message) });
    if (journal !== undefined) this.recover(journal);
  }

  /**
   * Applies one request of the SDK's protocol and gives its answer; with a journal, what it changed is in the file by then.
   * A request that breaks a rule changes nothing. Throws a JournalError where the file could not be written, and whatever
   * the engine throws, at once and for every later request: what is in memory may be ahead of the file, so nothing may be
   * answered from it.
   */
  handle(request: Request): Response {
    const refused = this.refused(request);
    if (refused !== undefined) this.noteRefusal(request);
    return answered(request, refused ?? this.apply(request));
  }

  /** Fires what is due at `now()`: promise deadlines, leases, offers of pending tasks, and each missed run of a schedule. Throws as `handle` does. */
  tick(): void {
    const now = this.now();
    for (let due = this.nextDeadline(); due !== undefined && due <= now; ) {
      this.apply({ kind: "debug.tick", head: HEAD, data: { time: now } }, now);
      const next = this.nextDeadline();
      if (next === due) return;
      due = next;
    }
  }

  /** When the next thing is due, in ms since epoch; undefined where nothing is. */
  nextDeadline(): number | undefined {
    return nextDeadline(this.engine);
  }

  /** Connects a worker; `deliver` gets its messages later and in order, never from inside `handle`. */
  connect(worker: Worker): Connection {
    this.router.connect(worker);
    return {
      disconnect: () => this.router.disconnect(worker),
      unicast: `local://uni@${worker.group}/${worker.pid}`,
      anycast: `local://any@${worker.group}/${worker.pid}`,
    };
  }

  /** Hands the tasks that a dead worker holds back to the group at once, as the end of its lease would. Throws as `handle` does. */
  expireLeases(pid: string): void {
    for (const id of [...this.acquired]) {
      const task = this.engine.tasks.get(id);
      if (task?.pid === pid) this.apply({ kind: "task.release", head: HEAD, data: { id, version: task.version } });
    }
  }

  /** All promises, tasks and schedules as plain data: for reports and tests. */
  snapshot(): ServerSnapshot {
    return snapshotOf(this.engine);
  }

  /** How many promises there are, and how many of them are still open. */
  get counts(): { readonly promises: number; readonly pending: number } {
    let pending = 0;
    for (const { state } of this.engine.promises.values()) if (state === "pending") pending += 1;
    return { promises: this.engine.promises.size, pending };
  }

  /** True while some task is acquired by a worker. */
  get busy(): boolean {
    return this.acquired.size > 0;
  }

  private refused(request: Request): Answer | undefined {
    if (CLOCK_REQUESTS.has(request.kind)) {
      return { kind: request.kind, head: { status: 501 }, data: `${request.kind} is not for clients: this server keeps its own time and state.` };
    }
    if (!this.strict) return undefined;
    const refused = refusal(this.engine, request);
    return refused === undefined ? fencedRefusal(this.engine, request) : { kind: request.kind, ...refused };
  }

  private apply(request: Request, now = this.now()): Answer {
    if (this.failure !== undefined) throw this.failure;
    try {
      const { response, changes } = this.engine.apply(now, request);
      this.engine.outgoing.length = 0; // each message is also among the changes
      for (const change of [...changes]) changes.push(...this.follow(change));
      this.record(changes);
      if (!this.isGivenUp(request)) this.send(changes);
      return response;
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error));
      throw this.failure;
    }
  }

  private send(changes: readonly Change[]): void {
    for (const change of changes) if (change.kind === "message.send") this.router.send(change.address, change.message);
  }

  private noteRefusal({ kind, data }: Request): void {
    if (kind === "task.suspend" || kind === "task.fence") this.rulebreakers.add(data.id);
  }

  /**
   * Whether a worker gives back a task that broke a rule, as the SDK does. It would break it again at once, hundreds of
   * times in a second; left to the engine's retry it does so every 30 s.
   */
  private isGivenUp({ kind, data }: Request): boolean {
    return kind === "task.release" && this.rulebreakers.delete(data.id);
  }

  /** Keeps what is derived from the engine's state in step with it; gives the changes this made. */
  private follow(change: Change): Change[] {
    if (change.kind === "promise.set") return scheduleExternalDeadline(this.engine, change.promise.id);
    if (change.kind === "task.set") this.noteState(change.task.id);
    return [];
  }

  private noteState(id: string): void {
    const state = this.engine.tasks.get(id)?.state;
    if (state !== "pending") this.router.withdraw(id);
    if (state === "acquired") this.acquired.add(id);
    else this.acquired.delete(id);
  }

  private record(changes: readonly Change[]): void {
    const { journal } = this;
    if (journal === undefined) return;
    const rows = changedRows(this.engine, changes);
    if (rows.length === 0) return;
    try {
      journal.append(rows);
      if (journal.hasGrown) journal.rewrite(allRows(this.engine));
    } catch (error) {
      throw new JournalError(`The journal ${journal.file} could not be written: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Takes the state from the journal, and offers again what was on offer: messages are not in it. */
  private recover(journal: Journal): void {
    restoreRows(this.engine, journal.takeRows());
    const now = this.now();
    for (const { id, state, version } of this.engine.tasks.values()) {
      this.noteState(id);
      const tags = this.engine.promises.get(id)?.tags ?? {};
      const isDeferred = version === 0 && now < Number(tags["resonate:delay"]);
      if (state !== "pending" || isDeferred) continue;
      this.router.send(tags["resonate:target"] ?? "", { kind: "execute", head: {}, data: { task: { id, version } } });
    }
  }

  private isWanted(message: Message): boolean {
    if (message.kind === "unblock") return true;
    const { id, version } = message.data.task;
    const task = this.engine.tasks.get(id);
    return task?.state === "pending" && task.version === version && !isTimer(this.engine, id);
  }
}

const HEAD = { corrId: "", version: "" };

/** Requests that move time or drop the state, which are the server's own. */
const CLOCK_REQUESTS: ReadonlySet<string> = new Set(["debug.start", "debug.reset", "debug.tick", "debug.stop"]);

function answered({ head: { corrId, version } }: Request, { kind, head: { status }, data }: Answer): Response {
  return { kind, head: { corrId, status, version }, data } as Response; // the engine answers each kind with its own data
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
