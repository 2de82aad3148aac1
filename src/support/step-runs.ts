import type { Context, Resonate, RetryPolicy } from "@resonatehq/sdk";
import { clientOf } from "./client.js";
import type { End } from "./durable.js";
import { asStored, type Result, settle } from "./external.js";
import type { Func, LocalRequest } from "./requests.js";

/** What is stored for a step that was left running. */
const leftRunning = { "left running": true };

/** A step's run in this process. Its result is stored as soon as it is there: the SDK would do so when the invocation next suspends or returns. */
export class StepRun {
  end: End | undefined;
  leave: () => void = () => undefined;
  readonly #left = new Promise<void>((resolve) => (this.leave = resolve));
  readonly #func: Func;
  readonly #retryPolicy: Pick<RetryPolicy, "next">;
  #work: Promise<void> | undefined;

  constructor(private readonly request: LocalRequest<unknown>) {
    this.#func = request.func;
    this.#retryPolicy = request.retryPolicy;
  }

  /** Runs the step, unless it runs already. Resolves when it has ended. */
  start(ctx: Context): Promise<void> {
    return (this.#work ??= this.#run(ctx));
  }

  /** The step as the SDK runs it: until it has ended or is left. */
  async attend(ctx: Context): Promise<unknown> {
    await Promise.race([this.start(ctx), this.#left]);
    if (this.end === undefined) return leftRunning;
    if (this.end.result.kind === "error") throw this.end.result.error;
    return this.end.result.value;
  }

  async #run(ctx: Context): Promise<void> {
    const result = await this.#attempts(ctx);
    const at = Date.now();
    // Should this fail, then the SDK stores it later.
    const promise = await settle(clientOf(ctx), this.request.id, result).catch(() => undefined);
    this.end = { at: promise?.settledAt ?? at, result };
  }

  /** The attempts that the SDK would make. */
  async #attempts(ctx: Context): Promise<Result<unknown>> {
    for (;;) {
      try {
        return asStored({ kind: "value", value: await this.#func(ctx, ...this.request.args) });
      } catch (error) {
        const pause = this.#retryPolicy.next(ctx.info.attempt);
        const isFinal = pause === null || Date.now() + pause >= ctx.info.timeout || this.request.nonRetryableErrors.some((type) => error instanceof type);
        if (isFinal) return asStored({ kind: "error", error });
        Object.assign(ctx.info, { attempt: ctx.info.attempt + 1 });
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }
}

const runs = new WeakMap<Resonate, Map<string, StepRun>>();

/** The steps of this process that were left running, by their ids. */
export function runsOf(client: Resonate): Map<string, StepRun> {
  const known = runs.get(client) ?? new Map<string, StepRun>();
  runs.set(client, known);
  return known;
}

/** Whether what is stored says no more than that the step was left running. */
export function isLeftRunning(stored: Result<unknown> | undefined): boolean {
  return stored?.kind === "value" && typeof stored.value === "object" && stored.value !== null && "left running" in stored.value;
}
