import { type Context, Exponential, Never, type Resonate, type RetryPolicy } from "@resonatehq/sdk";
import { cancellationPoint } from "./cancellation-point.js";
import { clientOf } from "./client.js";
import { asTerminalError, TerminalError } from "./errors.js";
import { asStored, externalPromise, isUnknown, type Result, resultOf, settle } from "./external.js";

/** What a generator of Resonate yields and is given back is the SDK's own. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Work<T> = Generator<any, T, any>;

/** How something ended, and at which place in the order of what this invocation has noticed. The same on every replay. */
export interface Outcome<T> {
  readonly at: number;
  readonly result: Result<T>;
}

/**
 * A durable promise that has begun. `yield* handle` waits for it, as often as one likes. It goes into variables, lists, fields and
 * parameters, into `all`, `race` and their like; nobody need wait for it.
 */
export abstract class Durable<out T> {
  /** The id of its promise on the server; what is combined of others has none. */
  get id(): string | undefined {
    return undefined;
  }

  /** How it ended, as far as this invocation has noticed. */
  abstract outcome(): Outcome<T> | undefined;
  /** What has to settle before there is an outcome. */
  abstract pending(): readonly Begun[];
  abstract [Symbol.iterator](): Work<T>;
}

/** A request of the SDK: what `ctx.beginRun`, `ctx.beginRpc` and `ctx.promise` give. */
interface Request<T> {
  readonly id: string;
  [Symbol.iterator](): Work<Future<T>>;
}

interface RemoteRequest<T> extends Request<T> {
  mode: "attached" | "detached";
  readonly createReq: { readonly data: { readonly tags: Readonly<Record<string, string>> } };
}

interface LocalRequest<T> extends Request<T> {
  func: Func;
  readonly args: readonly unknown[];
  retryPolicy: Pick<RetryPolicy, "next">;
  readonly nonRetryableErrors: readonly (abstract new (...args: never[]) => unknown)[];
  readonly createReq: { readonly data: { timeoutAt: number } };
}

// biome-ignore lint/suspicious/noExplicitAny: any function can be a step
type Func = (ctx: Context, ...args: any[]) => any;

/** What becomes of a result that was read from the store. */
export type Reading = (result: Result<unknown>) => Result<unknown>;

/** The SDK's own handle. */
interface Future<T> {
  readonly state: "pending" | "completed";
  readonly value?: Result<T> | undefined;
  [Symbol.iterator](): Work<T>;
}

/** How and when (ms since epoch) something ended. */
interface End {
  readonly at: number;
  readonly result: Result<unknown>;
}

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

/** Something begun that settles by itself, and has a promise of the server under its id. */
export abstract class Begun<out T = unknown> extends Durable<T> {
  abstract override get id(): string;
  /** Whether it has ended, as far as this pass knows without asking. */
  abstract readonly ended: boolean;
  /** Whether it runs in this process, so that the invocation must not suspend to wait for it. */
  abstract readonly runsHere: boolean;
  #outcome: Outcome<T> | undefined;

  /** Sees to it that it runs, or has run. */
  *start(): Work<void> {}
  /** Puts it among what the invocation is suspended on. */
  abstract enlist(): Work<readonly Future<unknown>[]>;
  /** Its end, `undefined` while it is open. */
  abstract look(client: Resonate): Promise<End | undefined>;
  /** Resolves when it ends; `ctx` is of the step that waits. */
  abstract end(client: Resonate, ctx: Context): Promise<void>;
  /** Told that the invocation goes on without it. */
  leave(): void {}
  readonly isTimer: boolean = false;

  outcome(): Outcome<T> | undefined {
    return this.#outcome;
  }

  pending(): readonly Begun[] {
    return this.#outcome === undefined ? [this] : [];
  }

  /** Takes note of its end. In every pass the notes are taken in the same order. */
  note(result: Result<unknown>): void {
    this.#outcome ??= { at: ++notes, result: this.read(result) };
  }

  protected read(result: Result<unknown>): Result<T> {
    if (result.kind === "value") return result as Result<T>;
    return { kind: "error", error: result.error === undefined ? new TerminalError(`${this.id} was cancelled, or took longer than it may`) : asTerminalError(result.error) };
  }
}

let notes = 0;

/** The place in that order which the last note has. */
export function lastNote(): number {
  return notes;
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
    if (this.#stored !== undefined) this.note(this.#stored);
    while (this.outcome() === undefined) yield* noteEnds(this.ctx, this.request, this.#turn++, [this]);
    return unwrap(this);
  }
}

/** What is stored for a step that was left running. */
const leftRunning = { "left running": true };

/** A step's run in this process. Its result is stored as soon as it is there: the SDK would do so when the invocation next suspends or returns. */
class StepRun {
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
function runsOf(client: Resonate): Map<string, StepRun> {
  const known = runs.get(client) ?? new Map<string, StepRun>();
  runs.set(client, known);
  return known;
}

function isLeftRunning(stored: Result<unknown> | undefined): boolean {
  return stored?.kind === "value" && typeof stored.value === "object" && stored.value !== null && "left running" in stored.value;
}

/** The promise of a nested generator cannot be waited for when the invocation suspends, so it settles another one when it ends. */
function* beginChild<T>(ctx: Context, request: LocalRequest<T>): Work<Durable<T>> {
  const ending = externalPromise<T>(ctx);
  const future = yield* ending;
  const handle = new Remote<T>(ctx, ending, future);
  // In every pass, so that what lets go of the rest asks for the same.
  scopeOf(ctx).children.push(handle);
  if (future.state === "completed") return handle;
  const work = lettingGo(request.func);
  request.func = function* (child, ...args): Work<void> {
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

/**
 * Waits until some of what is pending has ended, and notes which, in the order in which they ended. What is noted is recorded:
 * a replay notes the same. A cancellation ends the wait, not what is waited for. What a timer has overtaken is left to itself. `turn` counts the calls with one `record`, whose id the records extend.
 * Of what had ended when the invocation last waited for something else, the first in the list comes first where `inTurn`, as in Restate.
 */
export function* noteEnds(ctx: Context, record: Request<unknown>, turn: number, pending: readonly Begun[], inTurn = false): Work<void> {
  for (const begun of pending) yield* begun.start();
  const before = inTurn && turn === 0 ? idBefore(record.id) : undefined;
  yield* cancellationPoint(ctx, `${record.id}.${turn}`, !pending.some((begun) => begun.ended));
  if (!pending.some((begun) => begun.ended || begun.runsHere)) yield* suspendOn(pending);
  const ends = yield* yield* like<readonly { id: string; result: Result<unknown> }[]>(record, `${record.id}.${turn}`, (step) => endsOf(step, pending, before));
  for (const { id, result } of ends) for (const begun of pending) if (begun.id === id) begun.note(result);
  if (!pending.some((begun) => begun.isTimer && begun.outcome() !== undefined)) return;
  for (const begun of pending) if (begun.outcome() === undefined) begun.leave();
}

function* suspendOn(pending: readonly Begun[]): Work<void> {
  const futures: Future<unknown>[] = [];
  for (const begun of pending) futures.push(...(yield* begun.enlist()));
  for (const future of futures) yield* resultFrom(future);
}

/** The id of what the invocation did before: what it does is numbered. */
function idBefore(id: string): string | undefined {
  const [number = "0"] = /\d+$/.exec(id) ?? [];
  return Number(number) === 0 ? undefined : id.slice(0, -number.length) + (Number(number) - 1);
}

/** When a promise was settled, in ms since epoch; 0 while it is open, or where there is none. */
async function endOf(client: Resonate, id: string): Promise<number> {
  try {
    return (await client.promises.get(id)).settledAt ?? 0;
  } catch (error) {
    if (isUnknown(error)) return 0;
    throw error;
  }
}

/** What has ended, the earliest first, but up to the end of the promise `before` in the order of the list; waits for the first. */
async function endsOf(ctx: Context, pending: readonly Begun[], before: string | undefined): Promise<{ id: string; result: Result<unknown> }[]> {
  const client = clientOf(ctx);
  const since = before === undefined || pending.some(({ id }) => id === before) ? 0 : await endOf(client, before);
  for (;;) {
    const looks = await Promise.all(pending.map(async (begun) => ({ id: begun.id, end: await begun.look(client) })));
    const ends = looks.flatMap(({ id, end }) => (end === undefined ? [] : [{ id, ...end }]));
    if (ends.length > 0) return ends.sort((one, other) => Math.max(one.at, since) - Math.max(other.at, since)).map(({ id, result }) => ({ id, result }));
    await Promise.race(pending.map((begun) => begun.end(client, ctx)));
  }
}

/** What a handle is worth once it has an outcome. */
export function unwrap<T>(handle: Durable<T>): T {
  const result = handle.outcome()?.result;
  if (result === undefined) throw new Error("A durable promise was read before it was settled");
  if (result.kind === "error") throw result.error;
  return result.value;
}

/** Waits for something and gives how it ended. */
export function* resultFrom<T>(work: { [Symbol.iterator](): Work<T> }): Work<Result<T>> {
  try {
    return { kind: "value", value: yield* work };
  } catch (error) {
    return { kind: "error", error };
  }
}

/** A request as a given one, but for another function and under another id: so it does not disturb the call sequence, whenever it is made. */
function like<T>(request: Request<unknown>, id: string, func: Func): Request<T> {
  if (!isLocal(request)) throw new TypeError(`${request.id} is not a step`);
  const { createReq } = request;
  const data = { ...createReq.data, id, timeoutAt: Number.MAX_SAFE_INTEGER, param: { headers: {}, data: { func: func.name, version: 1 } } };
  const changes = { id, func, createReq: { ...createReq, data } };
  return Object.assign(Object.create(Object.getPrototypeOf(request)), request, changes, { args: [], retryPolicy: new Exponential(), nonRetryableErrors: [] }) as Request<T>;
}

function isRemote<T>(request: Request<T>): request is RemoteRequest<T> {
  return "mode" in request;
}

function isLocal<T>(request: Request<T>): request is LocalRequest<T> {
  return "func" in request && typeof request.func === "function";
}

function isGenerator(func: Func): boolean {
  return Object.prototype.toString.call(func) === "[object GeneratorFunction]";
}
