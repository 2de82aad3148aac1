import type { VirtualClock } from "../runtime/clock.js";
import type { DurableServer } from "../runtime/server.js";

/** What a timeline needs to know of the run whose time it is. */
export interface Happenings {
  /** What code of the program runs that may wait for something real, such as a file or a socket. */
  running(): "loading" | "steps" | undefined;
  /** True once the run is over early. */
  stopped(): boolean;
  /** Told before and after time moves to something that is due at the server. */
  beforeDeadline(time: number): void;
  afterDeadline(time: number): void;
}

/** How long something real is waited for, in ms of real time. An idle connection cannot be told from a busy one. */
const PATIENCE = { requests: 10_000, connections: 1_000, loading: 50 };
const CONNECTION = /Socket|TLSWrap|PipeWrap|Server|HTTP/i;

const real = { setImmediate, setTimeout, now: performance.now.bind(performance) };

/** One turn of the event loop: all promises that are settled have had their effect. */
export function turn(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}

/** Moves virtual time on, from one thing that is due to the next, and never while something still happens. */
export class Timeline {
  private readonly idle = resourceCounts();
  private jumps = 0;

  /** `limit` is the greatest number of moves in time. */
  constructor(
    private readonly clock: VirtualClock,
    private readonly server: DurableServer,
    private readonly happenings: Happenings,
    private readonly limit: number,
  ) {}

  /** True once time has been moved as often as it may. */
  get exhausted(): boolean {
    return this.jumps >= this.limit;
  }

  /** Lets things happen until `done`. False where that does not come: nothing more is due, or the run was stopped. */
  async until(done: () => boolean): Promise<boolean> {
    for (;;) {
      await this.settle(done);
      if (done()) return true;
      if (this.happenings.stopped() || this.exhausted) return false;
      const next = this.next();
      if (next === undefined) return false;
      this.jumps++;
      this.moveTo(next);
    }
  }

  /** Waits until nothing happens any more without time moving on. */
  private async settle(done: () => boolean): Promise<void> {
    let waitedSince: number | undefined;
    for (;;) {
      await turn();
      const running = this.happenings.running();
      if (done() || running === undefined) return;
      const busy = this.busyWith() ?? (running === "loading" ? running : undefined);
      if (busy === undefined) return;
      const now = real.now();
      waitedSince ??= now;
      if (now - waitedSince > PATIENCE[busy]) return;
      if (now - waitedSince > 2) await new Promise((resolve) => real.setTimeout(resolve, 1));
    }
  }

  private busyWith(): "requests" | "connections" | undefined {
    let connections = false;
    for (const [type, count] of resourceCounts()) {
      if (type === "Timeout" || count <= (this.idle.get(type) ?? 0)) continue;
      if (!CONNECTION.test(type)) return "requests";
      connections = true;
    }
    return connections ? "connections" : undefined;
  }

  /** Intervals count while a task is held only: a worker's heartbeat has nothing to say otherwise. */
  private next(): number | undefined {
    const due = [this.server.nextDeadline(), this.clock.nextTimer(this.server.busy)].filter((time) => time !== undefined);
    // The server's time has fractions, the clock's has none.
    return due.length === 0 ? undefined : Math.ceil(Math.min(...due));
  }

  private moveTo(time: number): void {
    const due = this.server.nextDeadline();
    if (due === undefined || due > time) return this.clock.advanceTo(time);
    // A timer's request can be what makes the server see that something is due.
    this.happenings.beforeDeadline(time);
    this.clock.advanceTo(time);
    this.server.tick();
    this.happenings.afterDeadline(time);
  }
}

/** What keeps Node's event loop alive, by kind. */
function resourceCounts(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}
