import type { DurableServer } from "./server.js";

/** The longest time `setTimeout` takes, in ms. */
const MAX_DELAY = 2 ** 31 - 1;

/** Lets a server's time pass: sleeps until the next thing is due, fires it, and sleeps again. */
export class WakeTimer {
  private timer: NodeJS.Timeout | undefined;
  private deadline: number | undefined;
  private stopped = false;

  /** `onFailure` gets what `tick` throws. */
  constructor(
    private readonly server: DurableServer,
    private readonly onFailure: (error: Error) => void,
  ) {}

  /** Sets the timer anew; to be called after each request, which may have brought the next deadline forward. */
  wake(): void {
    const next = this.stopped ? undefined : this.server.nextDeadline();
    if (next === this.deadline && this.timer !== undefined) return;
    clearTimeout(this.timer);
    this.deadline = next;
    this.timer = next === undefined ? undefined : setTimeout(() => this.fire(), Math.min(Math.max(next - Date.now(), 1), MAX_DELAY));
  }

  /** Ends it for good. */
  stop(): void {
    this.stopped = true;
    this.wake();
  }

  private fire(): void {
    this.timer = undefined;
    try {
      this.server.tick();
    } catch (error) {
      this.onFailure(error as Error);
    }
    this.wake();
  }
}
