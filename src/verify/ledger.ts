import type { Request } from "@resonatehq/sdk";
import type { DurableServer } from "../runtime/server.js";
import { calledFunction, creationOf, settledBy } from "./requests.js";
import type { Expiry } from "./run-record.js";

/** What is known of the promises of one run, from the requests that took effect. */
export class Ledger {
  /** The function that an invocation runs, by the id of its promise. */
  readonly functions = new Map<string, string>();
  /** The group that an invocation is for, by the id of its promise. */
  readonly groups = new Map<string, string>();
  readonly expired: Expiry[] = [];
  /** The invocations that processes started by themselves, outside of any other. */
  readonly selfStarted = new Set<string>();
  private readonly created = new Set<string>();
  private readonly unfinished = new Set<string>();
  private readonly deadlines = new Map<number, string[]>();
  private readonly expected = new Map<string, (() => void)[]>();
  private expiring: Pick<Expiry, "id" | "task" | "awaited">[] = [];

  constructor(private readonly server: DurableServer) {}

  /** True where every invocation has come to its end. */
  get isFinished(): boolean {
    return this.unfinished.size === 0;
  }

  has(id: string): boolean {
    return this.created.has(id);
  }

  /** Calls `then` once a promise exists: now or as soon as it is made. */
  whenCreated(id: string, then: () => void): void {
    if (this.created.has(id)) then();
    else this.expected.set(id, [...(this.expected.get(id) ?? []), then]);
  }

  /** Notes a request that took effect; `bySelf` where a process made it outside of any invocation. True where it made a promise. */
  note(request: Request, bySelf: boolean): boolean {
    const settled = settledBy(request);
    if (settled !== undefined) this.unfinished.delete(settled);
    const creation = creationOf(request);
    if (creation === undefined || this.created.has(creation.id)) return false;
    this.noteInvocation(creation, bySelf);
    this.created.add(creation.id);
    for (const then of this.expected.get(creation.id) ?? []) then();
    this.expected.delete(creation.id);
    return true;
  }

  /** Notes which invocations a time is the deadline of, and what they wait for. */
  beforeDeadline(time: number): void {
    const due = [...this.deadlines].filter(([at]) => at <= time).flatMap(([, ids]) => ids);
    for (const at of [...this.deadlines.keys()]) if (at <= time) this.deadlines.delete(at);
    if (due.length === 0) return;
    const { promises, tasks } = this.server.snapshot();
    const pending = due.filter((id) => promises.some((promise) => promise.id === id && promise.state === "pending"));
    this.expiring = pending.map((id) => ({
      id,
      task: tasks.find((task) => task.id === id)?.state ?? "pending",
      awaited: promises.filter(({ callbacks }) => callbacks.includes(id)).map((promise) => ({ id: promise.id, hasTask: "resonate:target" in promise.tags })),
    }));
  }

  /** Notes which of them expired; `late` after the last step of the scenario. */
  afterDeadline(late: boolean): void {
    if (this.expiring.length === 0) return;
    const { promises } = this.server.snapshot();
    for (const one of this.expiring) {
      const promise = promises.find(({ id }) => id === one.id);
      this.unfinished.delete(one.id);
      if (promise?.state === "rejected_timedout") this.expired.push({ ...one, at: promise.timeoutAt, late });
    }
    this.expiring = [];
  }

  private noteInvocation({ id, tags, timeoutAt, param }: NonNullable<ReturnType<typeof creationOf>>, bySelf: boolean): void {
    const target = tags["resonate:target"];
    if (target === undefined || tags["resonate:timer"] === "true") return;
    this.unfinished.add(id);
    this.groups.set(id, /@([^/]*)/.exec(target)?.[1] ?? target);
    const func = calledFunction(param.data);
    if (func !== undefined) this.functions.set(id, func);
    if (bySelf) this.selfStarted.add(id);
    this.deadlines.set(timeoutAt, [...(this.deadlines.get(timeoutAt) ?? []), id]);
  }
}
