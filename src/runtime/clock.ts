import { AsyncResource } from "node:async_hooks";
import { syncBuiltinESMExports } from "node:module";
import { type Clock, install } from "@sinonjs/fake-timers";

/** Whoever sets timers: those of one owner can be dropped together. */
export type Owner = object;

/** What fake-timers keeps of a timer. `callAt` in ms since epoch. */
interface FakeTimer {
  readonly type: "Timeout" | "Interval" | "Immediate";
  readonly callAt: number;
}

/**
 * The timers of a process under control: `setTimeout` and `setInterval` (also those of `node:timers` and
 * `node:timers/promises`) follow it, and it moves when it is told to. `setImmediate`, `process.nextTick` and promises stay as
 * they are. What the program reads of the time is in ambient.ts. There is one for a process; make it before code that keeps
 * a reference to a timer function is loaded.
 */
export class VirtualClock {
  private readonly clock: Clock;
  private readonly timersOf = new WeakMap<Owner, Set<unknown>>();
  private readonly dropped = new WeakSet<Owner>();

  /**
   * Takes the time over at `epoch`, in ms since epoch; `ownerOf` gives the owner of the code that is running.
   * Throws where this version of fake-timers keeps its timers differently.
   */
  constructor(
    epoch: number,
    private readonly ownerOf: () => Owner | undefined = () => undefined,
  ) {
    this.clock = install({ now: epoch, toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
    this.keepOwners();
    syncBuiltinESMExports();
    this.checkTimers();
  }

  /** The time in ms since epoch. */
  now(): number {
    return this.clock.now;
  }

  /** When the next timer is due, in ms since epoch; intervals count only where asked for. */
  nextTimer(intervals: boolean): number | undefined {
    let next: number | undefined;
    for (const { type, callAt } of this.timers?.values() ?? []) {
      if (type === "Interval" && !intervals) continue;
      if (next === undefined || callAt < next) next = callAt;
    }
    return next;
  }

  /** Moves to a later time, and fires what is due by then; an interval fires once, however often it was due. */
  advanceTo(time: number): void {
    if (time > this.clock.now) this.clock.jump(time - this.clock.now);
    else this.clock.tick(0);
  }

  /** Takes the timers of an owner away, and those it sets from now on do nothing. */
  drop(owner: Owner): void {
    for (const timer of this.timersOf.get(owner) ?? []) this.clock.clearTimeout(timer as number);
    this.timersOf.delete(owner);
    this.dropped.add(owner);
  }

  /** Takes all timers away and begins at `epoch`. */
  restart(epoch: number): void {
    this.clock.reset();
    this.clock.setSystemTime(epoch);
  }

  /** Gives the time back. */
  uninstall(): void {
    this.clock.uninstall();
    syncBuiltinESMExports();
  }

  /** Not in the types of fake-timers; the constructor checks that it is there. */
  private get timers(): Map<number, FakeTimer> | undefined {
    return Reflect.get(this.clock, "timers") as Map<number, FakeTimer> | undefined;
  }

  /** A timer runs in the asynchronous context it was set in, as Node's own do. */
  private keepOwners(): void {
    for (const name of ["setTimeout", "setInterval"] as const) {
      const set = this.clock[name].bind(this.clock) as (...args: unknown[]) => unknown;
      const owned = (callback: (...args: unknown[]) => void, ...rest: unknown[]): unknown => {
        const owner = this.ownerOf();
        const timer = set(typeof callback === "function" ? AsyncResource.bind(callback) : callback, ...rest);
        if (owner !== undefined) this.keep(owner, timer);
        return timer;
      };
      Object.assign(this.clock, { [name]: owned });
    }
  }

  private keep(owner: Owner, timer: unknown): void {
    if (this.dropped.has(owner)) return this.clock.clearTimeout(timer as number);
    const timers = this.timersOf.get(owner) ?? new Set();
    this.timersOf.set(owner, timers.add(timer));
  }

  private checkTimers(): void {
    const timer = this.clock.setTimeout(() => undefined, 1);
    const known = this.timers instanceof Map && this.timers.size === 1;
    this.clock.clearTimeout(timer);
    if (!known) {
      this.uninstall();
      throw new Error("This version of @sinonjs/fake-timers keeps its timers differently; restate-to-resonate was made for 15.5.0.");
    }
  }
}
