import { AsyncLocalStorage } from "node:async_hooks";
import type { HandlerView } from "./ambient.js";
import { chanceOf } from "./chance.js";
import type { Journal, Operation, Outcome, Pass, StepExecution } from "./recording.js";

/** Gets what happens in the workers of one run. */
export interface Recorder {
  /** Numbers the passes of a task: how often it was begun before in this run. */
  passesOf(root: string): number;
  /** Told of each pass as it begins; what it does is added to it. */
  began(pass: Pass): void;
  /** Told of each operation as its generator asks for it, and may throw to end the pass. */
  asked(operation: Operation, journal: Journal): void;
  /** Told of each generator as it ends. */
  returned(journal: Journal): void;
  /** Told of each attempt of a step as it begins, and may throw to end the pass. */
  attempted(step: StepExecution): void;
  /** Told where the SDK cannot encode or decode the value of a promise. */
  unreadable(promise: string, error: unknown): void;
  /** Gives what a step is to give in place of running it; undefined to run it. */
  standIn?(operation: Operation): { readonly value: unknown } | undefined;
  /** Told of each attempt of a step as it ends. */
  finished(step: StepExecution): void;
  /** What a handler gets in place of what an operation came to. */
  handOver?(operation: Operation, outcome: Outcome): Outcome;
  /** The time that handler code reads in every pass, in ms since epoch; undefined where time and chance are to differ from pass to pass. */
  readonly sameTime: number | undefined;
  /** Begins the names of what belongs to chance. */
  readonly seed: string;
}

/** The parts of `@resonatehq/sdk` 0.11.5 that are built on: `Core` is exported, what its computations are made of is not. */
interface Computation {
  processGenerator(func: Handler, config: unknown, args: unknown[], root: unknown): Promise<unknown>;
  processFunction(id: string, func: PlainFunction, ctx: unknown, args: unknown[]): Promise<unknown>;
  executeUntilBlocked(root: unknown): Promise<{ readonly kind: "done" | "suspended" }>;
}
interface Effects {
  promiseCreate(request: CreateRequest, func?: string): Promise<unknown>;
  promiseSettle(request: CreateRequest, func?: string): Promise<unknown>;
}
interface CorePrototype {
  createComputation(this: { readonly pid: string }, id: string, effects: Effects): Computation;
}
interface CreateRequest {
  readonly data: { readonly id: string; readonly timeoutAt: number; readonly tags: Record<string, string>; readonly param?: { readonly data?: unknown } };
}
interface Context {
  readonly id: string;
  readonly info: { readonly timeout: number; readonly attempt: number };
}
interface Asked {
  readonly id: string;
  func: unknown;
  readonly args?: unknown[];
  readonly mode?: string;
  readonly retryPolicy?: object;
  readonly createReq: CreateRequest;
}
type PlainFunction = (ctx: Context, ...args: unknown[]) => unknown;
type Handler = (ctx: Context, ...args: unknown[]) => Generator<unknown, unknown, unknown>;

/** The methods of a context, by which the SDK's own code is told from the handler's. */
const CONTEXT_METHODS = ["run", "rpc", "beginRun", "beginRpc", "lfi", "lfc", "rfi", "rfc", "detached", "promise", "sleep", "panic", "assert", "options"];

const steps = new AsyncLocalStorage<StepExecution>();
const journals = new AsyncLocalStorage<Journal>();
const callSites = new WeakMap<object, { readonly at: Error; readonly requested?: number }>();
let running: { readonly journal: Journal; readonly view: HandlerView } | undefined;

/** The step that the calling code belongs to, also after it has waited for something. */
export function runningStep(): StepExecution | undefined {
  return steps.getStore();
}

/** The journal of the handler code that is running, also after it has waited for something on the side; undefined in a step. */
export function runningJournal(): Journal | undefined {
  return steps.getStore() === undefined ? journals.getStore() : undefined;
}

/** What the handler code that is running right now sees; undefined where none is. */
export function handlerView(): HandlerView | undefined {
  return running?.view;
}

/**
 * Lets a recorder see what the SDK's workers do: each pass, what it asks for and gets, each step. `recorderOf` gives the recorder
 * of a worker by its process id. Works on the generator that stands between the SDK and a handler, so that nothing that is
 * not asked for is recorded. Throws an Error where this version of the SDK is built differently.
 */
export function instrumentSdk(core: { readonly prototype: object }, recorderOf: (pid: string) => Recorder | undefined): void {
  const prototype = core.prototype as CorePrototype;
  const create = prototype.createComputation;
  if (typeof create !== "function") throw unknownSdk("Core.createComputation");
  prototype.createComputation = function (id, effects) {
    const recorder = recorderOf(this.pid);
    if (recorder === undefined) return create.call(this, id, effects);
    return observed(create.call(this, id, watchedEffects(effects, recorder)), id, this.pid, recorder);
  };
}

function observed(computation: Computation, root: string, pid: string, recorder: Recorder): Computation {
  for (const name of ["processGenerator", "processFunction", "executeUntilBlocked"] as const) {
    if (typeof computation[name] !== "function") throw unknownSdk(`Computation.${name}`);
  }
  const pass: Pass = { root, pid, number: recorder.passesOf(root), journals: [] };
  const { processGenerator, processFunction, executeUntilBlocked } = computation;
  computation.processGenerator = (func, ...rest) => processGenerator.call(computation, watchedHandler(func, pass, recorder), ...rest);
  computation.processFunction = (id, func, ...rest) => processFunction.call(computation, id, watchedStep(func, { id, name: func.name }, pass, recorder), ...rest);
  computation.executeUntilBlocked = async (promise) => {
    recorder.began(pass);
    try {
      const status = await executeUntilBlocked.call(computation, promise);
      Object.assign(pass, { end: status.kind, endedAt: Date.now() });
      return status;
    } catch (error) {
      Object.assign(pass, { end: "failed", error, endedAt: Date.now() });
      throw error;
    }
  };
  return computation;
}

function watchedEffects(effects: Effects, recorder: Recorder): Effects {
  const watch = async (request: CreateRequest, done: Promise<unknown>): Promise<unknown> => {
    try {
      return await done;
    } catch (error) {
      if (isEncodingError(error)) recorder.unreadable(request.data.id, error);
      throw error;
    }
  };
  return {
    promiseCreate: (request, func) => watch(request, effects.promiseCreate(request, func)),
    promiseSettle: (request, func) => watch(request, effects.promiseSettle(request, func)),
  };
}

function isEncodingError(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, "type") === "Encoding";
}

function watchedHandler(func: Handler, pass: Pass, recorder: Recorder): Handler {
  const watched = function* (ctx: Context, ...args: unknown[]): Generator<unknown, unknown, unknown> {
    const journal: Journal = { context: ctx.id, func: func.name, deadline: ctx.info.timeout, pass, operations: [], reads: [], awaited: [] };
    pass.journals.push(journal);
    markSdkCode(ctx);
    const view = viewOf(journal, recorder);
    const generator = inHandler(journal, view, () => func(ctx, ...args));
    return yield* watchedGenerator(generator, journal, view, recorder);
  };
  Object.defineProperty(watched, "name", { value: func.name });
  return watched;
}

function viewOf(journal: Journal, { sameTime, seed }: Recorder): HandlerView {
  return {
    pass: journal.pass.number,
    ...(sameTime === undefined ? {} : { same: { now: sameTime, chance: chanceOf(`${seed} ${journal.context}`) } }),
    read: (source) => journal.reads.push({ source, at: new Error(), before: journal.operations.length }),
  };
}

/** Code of a handler runs without a pause until it asks for something, so one variable tells that it is running. */
function inHandler<T>(journal: Journal, view: HandlerView, work: () => T): T {
  const outer = running;
  running = { journal, view };
  try {
    return journals.run(journal, work);
  } finally {
    running = outer;
  }
}

function outsideHandler<T>(work: () => T): T {
  const outer = running;
  running = undefined;
  try {
    return work();
  } finally {
    running = outer;
  }
}

function watchedGenerator(generator: Generator<unknown, unknown, unknown>, journal: Journal, view: HandlerView, recorder: Recorder): Generator<unknown, unknown, unknown> {
  let pending: Operation | undefined;
  const futures = new Map<string, Operation>();
  const advance = (resume: () => IteratorResult<unknown, unknown>): IteratorResult<unknown, unknown> => {
    let result: IteratorResult<unknown, unknown>;
    try {
      result = inHandler(journal, view, resume);
    } catch (error) {
      ended({ kind: "error", error });
      throw error;
    }
    if (result.done === true) ended({ kind: "value", value: result.value });
    else pending = asked(result.value);
    return result;
  };
  const ended = (end: Outcome): void => {
    Object.assign(journal, { end, endedAt: Date.now() });
    recorder.returned(journal);
  };
  const asked = (value: unknown): Operation | undefined => {
    if (!isAsked(value)) return isFuture(value) ? awaited(value) : undefined;
    const operation = operationOf(value, journal);
    journal.operations.push(operation);
    futures.set(operation.id, operation);
    recorder.asked(operation, journal);
    if (typeof value.func === "function") value.func = watchedLocal(value.func as PlainFunction, operation, journal.pass, recorder);
    if (waits(value)) journal.awaited.push(operation.id);
    return operation;
  };
  const awaited = (future: { readonly id: string }): Operation | undefined => {
    journal.awaited.push(future.id);
    return futures.get(future.id);
  };
  const got = (outcome: Outcome): Outcome => {
    if (pending === undefined || isFuture(valueOf(outcome))) return outcome;
    pending.outcome = recorder.handOver?.(pending, outcome) ?? outcome;
    return pending.outcome;
  };
  const resume = (outcome: Outcome): IteratorResult<unknown, unknown> => {
    const seen = got(outcome);
    return advance(() => (seen.kind === "value" ? generator.next(seen.value) : generator.throw(seen.error)));
  };
  const watched = {
    next: (value?: unknown) => resume({ kind: "value", value }),
    throw: (error: unknown) => resume({ kind: "error", error }),
    return: (value: unknown) => inHandler(journal, view, () => generator.return(value)),
    [Symbol.iterator]: () => watched,
  };
  return watched as unknown as Generator<unknown, unknown, unknown>; // `yield*` asks for no more than these four
}

function valueOf(outcome: Outcome): unknown {
  return outcome.kind === "value" ? outcome.value : undefined;
}

function watchedLocal(func: PlainFunction, operation: Operation, pass: Pass, recorder: Recorder): unknown {
  if (isGeneratorFunction(func)) return watchedHandler(func as unknown as Handler, pass, recorder);
  return watchedStep(func, { id: operation.id, name: operation.name, operation }, pass, recorder);
}

interface StepKnown {
  readonly id: string;
  readonly name: string;
  readonly operation?: Operation;
}

function watchedStep(func: PlainFunction, known: StepKnown, pass: Pass, recorder: Recorder): PlainFunction {
  let step: StepExecution | undefined;
  const watched = async (ctx: Context, ...args: unknown[]): Promise<unknown> => {
    step ??= { ...known, pass, chance: chanceOf(`${recorder.seed} ${known.id}`), attempts: 0 };
    return attempt(step, () => func(ctx, ...args), recorder);
  };
  Object.defineProperty(watched, "name", { value: func.name });
  return watched;
}

async function attempt(step: StepExecution, run: () => unknown, recorder: Recorder): Promise<unknown> {
  step.attempts++;
  step.end = undefined;
  recorder.attempted(step);
  try {
    const standIn = step.operation === undefined ? undefined : recorder.standIn?.(step.operation);
    const value = standIn === undefined ? await steps.run(step, () => outsideHandler(run)) : standIn.value;
    endAttempt(step, { kind: "value", value }, recorder);
    return value;
  } catch (error) {
    endAttempt(step, { kind: "error", error }, recorder);
    throw error;
  }
}

function endAttempt(step: StepExecution, end: Outcome, recorder: Recorder): void {
  Object.assign(step, { end, endedAt: Date.now() });
  recorder.finished(step);
}

function operationOf(value: Asked, journal: Journal): Operation {
  const { id, func, args, createReq } = value;
  const { tags, timeoutAt, param } = createReq.data;
  const kind = kindOf(value, tags);
  const silent = kind === "promise" || kind === "sleep";
  const called = kind === "call" || kind === "send" ? (param?.data as { func?: string; args?: unknown[] } | undefined) : undefined;
  return {
    id,
    kind,
    name: silent ? "" : typeof func === "function" ? func.name : String(func),
    ...(typeof func === "function" ? { source: String(func) } : {}),
    isGenerator: isGeneratorFunction(func),
    args: silent ? "" : jsonOf(called?.args ?? args ?? []),
    counted: isCounted(id, journal) || (kind === "send" && /:d[0-9a-f]{14}$/.test(id)),
    tags: { ...tags },
    timeoutAt,
    ...(value.retryPolicy === undefined ? {} : { policy: value.retryPolicy.constructor.name }),
    ...callSites.get(value),
  };
}

function kindOf(value: Asked, tags: Record<string, string>): Operation["kind"] {
  if (typeof value.func === "function") return "run";
  if (value.func === "sleep" && tags["resonate:timer"] === "true") return "sleep";
  if (value.func === "unknown") return "promise";
  return value.mode === "detached" ? "send" : "call";
}

/** As `seqid` of the SDK's context makes them: `<root>:<n>`, deeper `<context>.<n>`. */
function isCounted(id: string, { context }: Journal): boolean {
  return id.startsWith(context) && /^[:.]\d+$/.test(id.slice(context.length));
}

/** Gives a value as JSON; errors as their message, and what JSON does not take as `?`. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value, (_, member: unknown) => (member instanceof Error ? `${member.name}: ${member.message}` : member)) ?? "";
  } catch {
    return "?";
  }
}

/** Marks the code of the SDK that a handler calls, so that what it reads of time and chance is not taken for the handler's. */
function markSdkCode(ctx: Context): void {
  const methods = ctx as unknown as Record<string, unknown>;
  for (const name of CONTEXT_METHODS) {
    const method = methods[name];
    if (typeof method === "function") methods[name] = (...args: unknown[]): unknown => calledFrom(ctx, name, method as (...args: unknown[]) => unknown, args);
  }
}

function calledFrom(ctx: Context, name: string, method: (...args: unknown[]) => unknown, args: unknown[]): unknown {
  if (running === undefined) return method.apply(ctx, args);
  const at = new Error();
  return outsideHandler(() => {
    const made = method.apply(ctx, args);
    if (typeof made === "object" && made !== null) callSites.set(made, { at, ...requestedOf(name, args, made) });
    return made;
  });
}

/** The deadline a sleep or a promise was asked to have, in ms since epoch. The default of a promise is a day (SEMANTICS A11). */
function requestedOf(name: string, [first]: unknown[], made: object): { requested?: number } {
  const asked = made as Partial<Asked>;
  if (name === "sleep") return { requested: sleepUntil(first) };
  if (name !== "promise" || asked.createReq === undefined) return {};
  const timeout = (first as { timeout?: number } | undefined)?.timeout;
  return timeout === undefined ? {} : { requested: Date.now() + timeout };
}

function sleepUntil(asked: unknown): number {
  if (typeof asked === "number") return Date.now() + asked;
  const { for: duration, until } = asked as { for?: number; until?: Date };
  return duration === undefined ? (until?.getTime() ?? 0) : Date.now() + duration;
}

function isAsked(value: unknown): value is Asked {
  return typeof value === "object" && value !== null && "createReq" in value && "func" in value;
}

/** `ctx.run`, `ctx.rpc` and `ctx.sleep` wait for the value they make; `beginRun` and `beginRpc` give a future. */
function waits(value: object): boolean {
  return value.constructor.name === "LFC" || value.constructor.name === "RFC";
}

function isFuture(value: unknown): value is { readonly id: string } {
  return typeof value === "object" && value !== null && value.constructor?.name === "Future" && "getValue" in value;
}

function isGeneratorFunction(func: unknown): boolean {
  return Object.prototype.toString.call(func) === "[object GeneratorFunction]";
}

function unknownSdk(what: string): Error {
  return new Error(`This version of @resonatehq/sdk is built differently: it has no ${what}. restate-to-resonate was made for 0.11.5; install that version.`);
}
