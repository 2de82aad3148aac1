import { type Context, Never, type Resonate } from "@resonatehq/sdk";
import { cancellationPoint } from "./cancellation-point.js";
import { clientOf } from "./client.js";
import { Begun, type Durable, type End, type Reading, resultFrom, unwrap } from "./durable.js";
import { noteEnds } from "./ends.js";
import { TerminalError } from "./errors.js";
import { externalPromise, type Result, resultOf, settle } from "./external.js";
import { type Future, isGenerator, isLocal, isRemote, type LocalRequest, type RemoteRequest, type Request } from "./requests.js";
import { goOnFrom, progressOf } from "./progress.js";
import { isLeftRunning, runsOf, StepRun } from "./step-runs.js";
import type { Work } from "./work.js";

/**
 * Begins a step, a nested generator, a call or a promise, and gives its handle:
 * `const charge = yield* begin(ctx, ctx.beginRun(chargeCard, order))`.
 * A nested generator, a call and a promise are under way then; a step starts when somebody waits for it.
 * The SDK's own handles hold up the return until they are settled, and cannot be raced. A step and a nested generator may take as long as
 * the invocation; a call as long as its options say, a day if they say nothing: `ctx.options({ timeout: noDeadline })`.
 */
export function* begin<T>(ctx: Context, request: Request<T>): Work<Durable<T>> {
  if (isRemote(request)) return yield* beginRemote(ctx, request);
  if (!isLocal(request)) throw new TypeError(`${request.id} is neither a step, nor a call, nor a promise`);
  // Else it would end after a day.
  request.createReq.data.timeoutAt = ctx.info.timeout;
  return isGenerator(request.func) ? yield* beginChild(ctx, request) : new Step(ctx, request);
}

/** Begins what others settle; `read` makes of its result what its waiters get. */
export function* beginRemote<T>(ctx: Context, request: RemoteRequest<T>, read?: Reading): Work<Durable<T>> {
  request.mode = "detached";
  return new Remote(ctx, request, yield* request, read);
}

/**
 * Lets a handler return while steps and nested generators that it has begun still run, and nobody waits for them: they lost a race, or
 * a timeout overtook them. `resonate.register("order", lettingGo(order))`, outside of what runs the handler again after a failure.
 * Without it the return waits for them.
 */
export function lettingGo<Args extends unknown[], R>(handler: (ctx: Context, ...args: Args) => Work<R>): (ctx: Context, ...args: Args) => Work<R> {
  return function* (ctx, ...args) {
    try {
      return yield* handler(ctx, ...args);
    } finally {
      yield* letGo(ctx);
    }
  };
}

/** What others settle: a call, a timer, a promise. */
class Remote<T> extends Begun<T> {
  readonly runsHere = false;
  override readonly isTimer: boolean;

  constructor(
    private readonly ctx: Context,
    private readonly request: RemoteRequest<T>,
    private readonly future: Future<T>,
    private readonly reading: Reading = (result) => result,
  ) {
    super();
    progressOf(ctx).begun.add(this.id);
    this.isTimer = request.createReq.data.tags["resonate:timer"] === "true";
  }

  override get id(): string {
    return this.request.id;
  }

  get ended(): boolean {
    return this.future.state === "completed";
  }

  /** Asked for once more, and attached, it is what the SDK waits for when it suspends. Once: the server refuses to hear of it twice. */
  *enlist(): Work<readonly Future<unknown>[]> {
    return [yield* this.#attached()];
  }

  *#attached(): Work<Future<unknown>> {
    const { enlisted } = scopeOf(this.ctx);
    const known = enlisted.get(this.id);
    if (known !== undefined) return known;
    this.request.mode = "attached";
    const future = yield* this.request;
    enlisted.set(this.id, future);
    return future;
  }

  async look(client: Resonate): Promise<End | undefined> {
    const promise = await client.promises.get(this.id);
    const result = resultOf(promise);
    return result && { at: promise.settledAt ?? 0, result };
  }

  async end(client: Resonate): Promise<void> {
    const handle = await client.get(this.id);
    await handle.result().catch(() => undefined);
  }

  *[Symbol.iterator](): Work<T> {
    if (this.outcome() === undefined) {
      // A cancellation ends the wait, not what is waited for.
      yield* cancellationPoint(this.ctx, this.id, !this.ended);
      this.note(yield* resultFrom<unknown>(this.ended ? this.future : yield* this.#attached()));
      progressOf(this.ctx).waited.add(this.id);
    }
    return unwrap(this);
  }

  protected override read(result: Result<unknown>): Result<T> {
    return this.reading(super.read(result)) as Result<T>;
  }
}

/**
 * A step, which runs in this process unless it has ended before. It starts when somebody waits for it, or for a combination that it is
 * part of: what its function reads is read then, and one that nobody waits for never runs.
 */
class Step<T> extends Begun<T> {
  #turn = 0;
  #isStarted = false;
  #stored: Result<unknown> | undefined;
  #run: StepRun | undefined;

  constructor(
    private readonly ctx: Context,
    private readonly request: LocalRequest<T>,
  ) {
    super();
    progressOf(ctx).begun.add(this.id);
  }

  override get id(): string {
    return this.request.id;
  }

  get ended(): boolean {
    return this.#stored !== undefined || this.#run?.end !== undefined;
  }

  get runsHere(): boolean {
    return !this.ended;
  }

  /** Two nested generators may come here at once: the server gives both the same promise, and both wait for the same run. */
  override *start(): Work<void> {
    if (this.#isStarted) return;
    const run = this.#runHere();
    const { value } = yield* this.request;
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#stored = isLeftRunning(value) ? undefined : value;
    this.#run = run;
    scopeOf(this.ctx).steps.push(this);
  }

  #runHere(): StepRun {
    if (this.#run !== undefined) return this.#run;
    const { ctx, request } = this;
    const run = runsOf(clientOf(ctx)).get(request.id) ?? new StepRun({ ...request });
    request.func = (step) => run.attend(step);
    request.retryPolicy = new Never();
    return (this.#run = run);
  }

  // biome-ignore lint/correctness/useYield: the SDK waits for what runs in this process
  *enlist(): Work<readonly Future<unknown>[]> {
    return [];
  }

  async look(client: Resonate): Promise<End | undefined> {
    if (this.#stored === undefined) return this.#run?.end;
    return { at: (await client.promises.get(this.id)).settledAt ?? 0, result: this.#stored };
  }

  async end(_: Resonate, ctx: Context): Promise<void> {
    await this.#run?.start(ctx);
  }

  /** So that the invocation may suspend or return before it ends. It runs on, and can be waited for; elsewhere it would run again. */
  override leave(): void {
    if (this.#run === undefined || this.ended) return;
    runsOf(clientOf(this.ctx)).set(this.id, this.#run);
    this.#run.leave();
  }

  *[Symbol.iterator](): Work<T> {
    yield* this.start();
    if (this.#stored !== undefined) {
      this.note(this.#stored);
      progressOf(this.ctx).waited.add(this.id);
    }
    while (this.outcome() === undefined) yield* noteEnds(this.ctx, this.request, this.#turn++, [this]);
    return unwrap(this);
  }
}

/** The promise of a nested generator cannot be waited for when the invocation suspends, so it settles another one when it ends. */
function* beginChild<T>(ctx: Context, request: LocalRequest<T>): Work<Durable<T>> {
  const ending = externalPromise<T>(ctx);
  const future = yield* ending;
  const handle = new Remote<T>(ctx, ending, future);
  // In every pass, so that what lets go of the rest asks for the same.
  scopeOf(ctx).children.push(handle);
  progressOf(ctx).begun.add(request.id);
  if (future.state === "completed") return handle;
  const work = lettingGo(request.func);
  request.func = function* (child, ...args): Work<void> {
    goOnFrom(ctx, child);
    scopes.set(child, { steps: [], children: [], enlisted: scopeOf(ctx).enlisted });
    const result = yield* resultFrom<unknown>(work(child, ...args));
    yield* child.run(async (step: Context) => void (await settle(clientOf(step), ending.id, result)));
  };
  yield* request;
  return handle;
}

/** What a handler has begun. */
interface Scope {
  /** What the invocation will be suspended on after this pass; one list with its nested generators. */
  readonly enlisted: Map<string, Future<unknown>>;
  readonly steps: Begun[];
  readonly children: Begun[];
}

const scopes = new WeakMap<Context, Scope>();

function scopeOf(ctx: Context): Scope {
  const known = scopes.get(ctx) ?? { steps: [], children: [], enlisted: new Map() };
  scopes.set(ctx, known);
  return known;
}

/** Leaves what still runs. Nested generators that nobody waited for are not begun again in the pass that this brings about. */
function* letGo(ctx: Context): Work<void> {
  const { steps, children } = scopeOf(ctx);
  for (const step of steps) step.leave();
  for (const { id } of steps) runsOf(clientOf(ctx)).delete(id);
  const left = children.filter((child) => child.outcome() === undefined);
  if (left.length === 0) return;
  const error = new TerminalError("The invocation ended without waiting for this");
  yield* ctx.run(async () => {
    for (const { id } of left) await settle(clientOf(ctx), id, { kind: "error", error });
  });
  for (const child of left) yield* child.enlist();
}
