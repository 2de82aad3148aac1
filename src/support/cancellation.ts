import type { Context, Resonate } from "@resonatehq/sdk";
import { CancellationPoint, watch } from "./cancellation-point.js";
import { clientOf } from "./client.js";
import { CancelledError } from "./errors.js";
import { createExternal, externalPromise } from "./external.js";
import type { Handler, Work } from "./work.js";

/**
 * Cancels an invocation whose handler is `cancellable`; others take no notice. From outside: `await cancel(resonate, id)`;
 * in a handler: `yield* ctx.run(() => cancel(resonate, id))`. Cancelling twice, or too late, changes nothing.
 */
export async function cancel(resonate: Resonate, id: string): Promise<void> {
  const flag = flagOf(id);
  await createExternal(resonate, flag);
  await resonate.promises.resolve(flag);
}

/**
 * A handler that can be cancelled: `resonate.register("order", cancellable(order))`.
 *
 * The wait it is in, or comes to next, throws a `CancelledError`, once: a wait for a call, a sleep or a promise, while a step
 * runs to its end. Calls that are under way are cancelled as well, messages are not. Where it threw is recorded, so that each
 * replay takes the same way. It stands around the other wrappers: `cancellable(exclusive(resonate, "Desk", retrying(handler)))`;
 * a call that is cancelled while it waits for its turn never begins, and a pause between attempts is not cut short.
 */
export function cancellable<A extends unknown[], R>(handler: Handler<A, R>): Handler<A, R> {
  return function* (ctx, ...args) {
    const flag = externalPromise<void>(aside(ctx), flagOf(ctx.id));
    // The server sends what is in the invocation's own branch along with the task.
    flag.createReq.data.tags["resonate:branch"] = ctx.branchId;
    const looked = yield* flag;
    let listening = false;
    function* listen(): Work<void> {
      // Asked for again in this mode, it is among what ends the suspension. Once: the server refuses to hear of a promise twice.
      flag.mode = "attached";
      if (!listening) yield* flag;
      listening = true;
    }
    const cancellation = { cancelled: looked.value?.kind === "value", listen, awaited: new Set<string>(), Begun: looked.constructor as ClassOf<Begun> };
    return yield* watched(cancellation, ctx, handler(ctx, ...args));
  };
}

/** What the generators of one invocation know about its cancellation, in one pass. */
interface Cancellation {
  /** Whether it was cancelled when the pass began. */
  readonly cancelled: boolean;
  /** Has the suspension that follows end with the cancellation, too. */
  readonly listen: () => Work<void>;
  /** What was waited for in this pass, so that it is among what ends the suspension. */
  readonly awaited: Set<string>;
  /** The SDK's class of what has begun. */
  readonly Begun: ClassOf<Begun>;
}

type Begun = { readonly id: string; readonly state: "pending" | "completed"; readonly mode?: "attached" | "detached" };
type ClassOf<T> = abstract new (...args: never[]) => T;

/** Runs the work, and throws into it at the wait where it is cancelled. */
function* watched<R>(cancellation: Cancellation, ctx: Context, work: Work<R>): Work<R> {
  const { Step, BegunStep, Call, BegunCall } = operationsOf(ctx);
  const local = new WeakMap<Begun, "step" | "child">();
  const known = new Set<string>();
  const callsUnderWay = new Set<string>();
  let thrown = false;

  /** Hands on what the work yields, and gives what the work is to be given back. A call that is awaited at once is begun and awaited. */
  function* handOn(operation: unknown): Work<unknown> {
    if (operation instanceof CancellationPoint) return yield* throwIfCancelled(operation);
    if (operation instanceof Step || operation instanceof BegunStep) {
      const kind = isGenerator(operation.func) ? "child" : "step";
      if (kind === "child") operation.func = watchedChild(thrown ? { ...cancellation, cancelled: false, listen: ignore } : cancellation, operation.func);
      if (thrown || (kind === "step" && operation instanceof Step)) return yield operation;
      const begun: Begun = yield operation instanceof Step ? as(BegunStep, operation) : operation;
      local.set(begun, kind);
      return operation instanceof Step ? yield* wait(begun) : begun;
    }
    if (thrown || isPause(operation)) return yield operation;
    if (operation instanceof Call || operation instanceof BegunCall) {
      const called = isCall(operation);
      const again = known.has(operation.id);
      known.add(operation.id);
      // What is detached holds up no return, and can be awaited all the same.
      const begun: Begun = yield again ? operation : as(BegunCall, operation, { mode: "detached" });
      if (called && begun.state === "pending") callsUnderWay.add(begun.id);
      return operation instanceof Call ? yield* wait(begun) : begun;
    }
    return operation instanceof cancellation.Begun ? yield* wait(operation) : yield operation;
  }

  function* wait(begun: Begun): Work<unknown> {
    if (local.get(begun) === "step") return yield begun;
    const pending = begun.state === "pending";
    yield* throwIfCancelled({ id: begun.id, pending });
    // A child listens where it waits itself; if it does not, there is no suspension.
    if (!pending || local.has(begun)) return yield begun;
    if (!cancellation.cancelled) yield* cancellation.listen();
    const again = cancellation.awaited.has(begun.id);
    cancellation.awaited.add(begun.id);
    return yield again ? as(cancellation.Begun, begun, { mode: "attached" }) : begun;
  }

  function* throwIfCancelled({ id, pending }: CancellationPoint): Work<void> {
    if (thrown || !cancellation.cancelled || !(yield* recorded(`${id}.%cancelled`, () => pending, ctx))) return;
    thrown = true;
    for (const call of callsUnderWay) yield* recorded(`${call}.%cancelling`, () => cancel(clientOf(ctx), call), ctx);
    throw new CancelledError();
  }

  watch(ctx);
  let next = work.next();
  while (!next.done) {
    let given: unknown;
    try {
      given = yield* handOn(next.value);
    } catch (error) {
      next = work.throw(error);
      continue;
    }
    next = work.next(given);
  }
  return next.value;
}

/** A generator that runs as a child of the invocation: it is cancelled with it. */
function watchedChild(cancellation: Cancellation, child: Handler<unknown[], unknown>): Handler<unknown[], unknown> {
  return function* (ctx, ...args) {
    return yield* watched(cancellation, ctx, child(ctx, ...args));
  };
}

// biome-ignore lint/correctness/useYield: what is thrown already is not listened for
function* ignore(): Work<void> {}

/** The pause before the next attempt of a handler: see `./retrying.js`. */
function isPause(operation: unknown): boolean {
  return typeof operation === "object" && operation !== null && "id" in operation && /[.:]%retry-\d+$/.test(String(operation.id));
}

/** The value that `make` gave when it was first asked under this id, which is outside of the call sequence. */
function* recorded<T>(id: string, make: () => T | Promise<T>, ctx: Context): Work<T> {
  const step = aside(ctx).lfc(async () => make());
  step.id = id;
  step.createReq.data.id = id;
  step.createReq.data.tags["resonate:parent"] = ctx.originId;
  return (yield* step) as T;
}

/** The invocation's context for what is not counted in its call sequence. */
function aside(ctx: Context): Context {
  return Object.create(ctx) as Context;
}

/** The SDK's classes of what a handler yields: it exports none of them. */
function operationsOf(ctx: Context): { Step: ClassOf<Step>; BegunStep: ClassOf<Step>; Call: ClassOf<Call>; BegunCall: ClassOf<Call> } {
  const any = aside(ctx);
  const nothing = (): void => undefined;
  const classOf = <T extends object>(operation: T) => operation.constructor as ClassOf<T>;
  return { Step: classOf(any.lfc(nothing)), BegunStep: classOf(any.lfi(nothing)), Call: classOf(any.sleep(0)), BegunCall: classOf(any.promise()) };
}

type Step = ReturnType<Context["lfi"]> | ReturnType<Context["lfc"]>;
type Call = ReturnType<Context["rfi"]> | ReturnType<Context["rfc"]>;

/** The same operation of another class, with changes. */
function as<T extends object>(kind: ClassOf<T>, operation: T, changes: Partial<T> = {}): T {
  return Object.assign(Object.create(kind.prototype) as T, operation, changes);
}

/** Whether it calls a handler as a child of this invocation, rather than by a message, or sleeps, or waits for a promise. */
function isCall({ id, createReq }: Call): boolean {
  const data: unknown = createReq.data.param.data;
  return /[:.]\d+$/.test(id) && typeof data === "object" && data !== null && "func" in data;
}

// biome-ignore lint/suspicious/noExplicitAny: any function
function isGenerator(func: (...args: any[]) => unknown): boolean {
  return func instanceof Object.getPrototypeOf(watched).constructor;
}

/** The id of the promise that resolves when an invocation is cancelled; no promise of a workflow has such a name. */
function flagOf(id: string): string {
  return `${id}${id.includes(":") ? "." : ":"}%cancel`;
}
