// A small model of Restate, for programs that come to the same in every run: what handlers give, and what their steps do, in one process and no time.
import { setImmediate as allMicrotasks } from "node:timers/promises";

/** Thrown where a program does what the model has no answer to: such a program says nothing about the tool. */
export class OutsideOfModel extends Error {}

type Handler = (ctx: unknown, input?: unknown) => unknown;

/** A service or an object, as it was defined. */
export interface Definition {
  readonly name: string;
  readonly kind: "service" | "object";
  readonly handlers: Readonly<Record<string, Handler>>;
}

/** How often time may move within a call. */
const MOVES = 2_000;

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** One world of definitions, state and time. */
export class RestateModel {
  readonly #definitions = new Map<string, Definition>();
  readonly #state = new Map<string, Map<string, string>>();
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #background: Promise<unknown>[] = [];
  #timers: Timer[] = [];
  #now = 0;

  /** What stands for `@restatedev/restate-sdk` in a program of this world. */
  sdk(): Record<string, unknown> {
    const define = (kind: Definition["kind"]) => ({ name, handlers }: Omit<Definition, "kind">): Definition => {
      const definition = { name, kind, handlers };
      this.#definitions.set(name, definition);
      return definition;
    };
    const wrapper = (options: object | Handler, handler?: Handler): Handler => handler ?? (options as Handler);
    return {
      service: define("service"),
      object: define("object"),
      handlers: { handler: wrapper, object: { exclusive: wrapper, shared: wrapper } },
      serve: () => undefined,
      RestatePromise: ModelPromise,
      CombineablePromise: ModelPromise,
      TerminalError,
      TimeoutError,
    };
  }

  /** What was defined, in the order of the modules. */
  get definitions(): readonly Definition[] {
    return [...this.#definitions.values()];
  }

  /** Calls a handler, lets time pass until it has answered and all that it sent is done. Throws what the handler throws. */
  async call(service: string, handler: string, key: string | undefined, input: unknown): Promise<unknown> {
    const call = this.invoke(service, handler, key, input);
    const done = call.then(async (value) => {
      while (this.#background.length > 0) await this.#background.shift();
      return value;
    });
    done.catch(() => undefined);
    await this.#passTime(done);
    return done;
  }

  /** The end of an invocation; those of one object's key come after each other. */
  async invoke(service: string, handler: string, key: string | undefined, input: unknown): Promise<unknown> {
    const definition = this.#definitions.get(service);
    const action = definition?.handlers[handler];
    if (definition === undefined || action === undefined) throw new OutsideOfModel(`there is no ${service}.${handler}`);
    const run = (): Promise<unknown> => this.#attempt(definition, action, key, input);
    if (definition.kind === "service") return run();
    const place = `${service}/${key}`;
    const turn = (this.#turns.get(place) ?? Promise.resolve()).then(run, run);
    this.#turns.set(place, turn);
    return turn;
  }

  send(service: string, handler: string, key: string | undefined, input: unknown): void {
    this.#background.push(this.invoke(service, handler, key, input).catch((error: unknown) => onlyTerminal(error)));
  }

  stateOf(service: string, key: string): Map<string, string> {
    const place = `${service}/${key}`;
    const state = this.#state.get(place) ?? new Map<string, string>();
    this.#state.set(place, state);
    return state;
  }

  timer(milliseconds: number): Promise<void> {
    return new Promise((ring) => this.#timers.push({ at: this.#now + milliseconds, ring }));
  }

  async #attempt(definition: Definition, action: Handler, key: string | undefined, input: unknown): Promise<unknown> {
    try {
      return throughJson(await action(new ModelContext(this, definition.name, key), throughJson(input)));
    } catch (error) {
      onlyTerminal(error);
      throw new TerminalError((error as Error).message, { errorCode: (error as TerminalError).code });
    }
  }

  /** Time moves only where nothing else does. */
  async #passTime(work: Promise<unknown>): Promise<void> {
    let over = false;
    work.then(() => (over = true), () => (over = true));
    for (let moves = 0; moves < MOVES; moves++) {
      await allMicrotasks();
      if (over) return;
      const next = this.#timers.reduce<Timer | undefined>((first, timer) => (first === undefined || timer.at < first.at ? timer : first), undefined);
      if (next === undefined) throw new OutsideOfModel("it waits for what never comes");
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
    throw new OutsideOfModel("it goes on for ever");
  }
}

/** Restate would try anything else again, for ever. */
function onlyTerminal(error: unknown): void {
  if (!(error instanceof TerminalError)) throw error instanceof OutsideOfModel ? error : new OutsideOfModel(`a handler fails with what is not terminal: ${String(error)}`);
}

class TerminalError extends Error {
  override name = "TerminalError";
  readonly code: number;

  constructor(message: string, { errorCode = 500 }: { errorCode?: number } = {}) {
    super(message);
    this.code = errorCode;
  }
}

class TimeoutError extends TerminalError {
  override name = "TimeoutError";

  constructor() {
    super("Timeout occurred", { errorCode: 408 });
  }
}

interface Duration {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

function millis(duration: number | Duration): number {
  if (typeof duration === "number") return duration;
  const { days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = duration;
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
}

/** What a value becomes on its way through Restate's journal. */
function throughJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

type Mapper = (value: unknown, failure: TerminalError | undefined) => unknown;

/** A durable promise: `begin` starts what waits to be started, and is called when somebody awaits. */
class ModelPromise {
  #ended: Promise<unknown> | undefined;
  readonly [Symbol.toStringTag] = "RestatePromise";

  constructor(
    private readonly model: RestateModel | undefined,
    private readonly begin: () => void,
    private readonly end: () => Promise<unknown>,
  ) {}

  /** Its end, without awaiting it. */
  get ended(): Promise<unknown> {
    if (this.#ended === undefined) {
      this.#ended = this.end();
      this.#ended.catch(() => undefined);
    }
    return this.#ended;
  }

  then(onValue?: (value: unknown) => unknown, onError?: (error: unknown) => unknown): Promise<unknown> {
    this.begin();
    return this.ended.then(onValue, onError);
  }

  catch(onError: (error: unknown) => unknown): Promise<unknown> {
    return this.then(undefined, onError);
  }

  finally(onEnd: () => void): Promise<unknown> {
    this.begin();
    return this.ended.finally(onEnd);
  }

  map(mapper: Mapper): ModelPromise {
    const mapped = (): Promise<unknown> => this.ended.then((value) => mapper(value, undefined), (error: unknown) => mapper(undefined, error as TerminalError));
    return new ModelPromise(this.model, this.begin, mapped);
  }

  orTimeout(duration: number | Duration): ModelPromise {
    const { model } = this;
    if (model === undefined) return this;
    const late = model.timer(millis(duration)).then(() => Promise.reject(new TimeoutError()));
    late.catch(() => undefined);
    const both = Promise.race([this.ended, late]);
    both.catch(() => undefined);
    return new ModelPromise(model, this.begin, () => both);
  }

  static resolve(value: unknown): ModelPromise {
    return new ModelPromise(undefined, () => undefined, () => Promise.resolve(value));
  }

  static reject(error: unknown): ModelPromise {
    return new ModelPromise(undefined, () => undefined, () => Promise.reject(error as Error));
  }

  static all(promises: readonly ModelPromise[]): ModelPromise {
    return combined(promises, Promise.all(promises.map(({ ended }) => ended)));
  }

  static allSettled(promises: readonly ModelPromise[]): ModelPromise {
    return combined(promises, Promise.allSettled(promises.map(({ ended }) => ended)));
  }

  static any(promises: readonly ModelPromise[]): ModelPromise {
    return combined(promises, Promise.any(promises.map(({ ended }) => ended)));
  }

  static race(promises: readonly ModelPromise[]): ModelPromise {
    return combined(promises, Promise.race(promises.map(({ ended }) => ended)));
  }

  get of(): RestateModel | undefined {
    return this.model;
  }

  start(): void {
    this.begin();
  }
}

function combined(promises: readonly ModelPromise[], end: Promise<unknown>): ModelPromise {
  end.catch(() => undefined);
  const begin = (): void => {
    for (const promise of promises) promise.start();
  };
  return new ModelPromise(promises.find((promise) => promise.of !== undefined)?.of, begin, () => end);
}

interface RunOptions {
  readonly maxRetryAttempts?: number;
}

/** What a handler is given. */
class ModelContext {
  /** Steps that wait until somebody awaits something. */
  #waiting: (() => void)[] = [];

  constructor(
    private readonly model: RestateModel,
    private readonly service: string,
    readonly key: string | undefined,
  ) {}

  readonly console = { log: () => undefined, info: () => undefined };

  run(...args: unknown[]): ModelPromise {
    const action = args.find((argument) => typeof argument === "function") as () => unknown;
    const { maxRetryAttempts } = (args.find((argument) => typeof argument === "object") ?? {}) as RunOptions;
    const end = new Promise((resolve) => this.#waiting.push(() => resolve(perform(action, maxRetryAttempts))));
    return this.#promise(end);
  }

  sleep(duration: number | Duration): ModelPromise {
    return this.#promise(this.model.timer(millis(duration)));
  }

  awakeable(): { id: string; promise: ModelPromise } {
    return { id: "awakeable", promise: this.#promise(new Promise(() => undefined)) };
  }

  serviceClient({ name }: Definition): unknown {
    return handlersOf((handler, input) => this.#promise(this.model.invoke(name, handler, undefined, input)));
  }

  objectClient({ name }: Definition, key: string): unknown {
    return handlersOf((handler, input) => this.#promise(this.model.invoke(name, handler, key, input)));
  }

  serviceSendClient({ name }: Definition): unknown {
    return handlersOf((handler, input) => this.model.send(name, handler, undefined, input));
  }

  objectSendClient({ name }: Definition, key: string): unknown {
    return handlersOf((handler, input) => this.model.send(name, handler, key, input));
  }

  async get(name: string): Promise<unknown> {
    const text = this.#state.get(name);
    return text === undefined ? null : JSON.parse(text);
  }

  set(name: string, value: unknown): void {
    this.#state.set(name, JSON.stringify(value));
  }

  clear(name: string): void {
    this.#state.delete(name);
  }

  clearAll(): void {
    this.#state.clear();
  }

  async stateKeys(): Promise<string[]> {
    return [...this.#state.keys()].sort();
  }

  get #state(): Map<string, string> {
    if (this.key === undefined) throw new OutsideOfModel("a service has no state");
    return this.model.stateOf(this.service, this.key);
  }

  #promise(end: Promise<unknown>): ModelPromise {
    end.catch(() => undefined);
    return new ModelPromise(this.model, () => this.#beginSteps(), () => end);
  }

  #beginSteps(): void {
    for (const begin of this.#waiting.splice(0)) begin();
  }
}

function handlersOf(call: (handler: string, input: unknown) => unknown): unknown {
  return new Proxy({}, { get: (_, handler) => (typeof handler === "string" ? (input: unknown) => call(handler, input) : undefined) });
}

/** A step's attempts, and what the journal keeps of their end. */
async function perform(action: () => unknown, attempts = Number.POSITIVE_INFINITY): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    try {
      return throughJson(await action());
    } catch (error) {
      if (error instanceof TerminalError) throw new TerminalError(error.message, { errorCode: error.code });
      if (attempt >= attempts) throw new TerminalError(error instanceof Error ? error.message : `Non-Error value: ${JSON.stringify(error)}`);
      if (attempt > 20) throw new OutsideOfModel("a step fails for ever");
    }
  }
}
