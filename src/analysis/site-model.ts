import type { TextRange } from "../edits/edit.js";
import type { FunctionShape } from "./shape-model.js";
import type { SweepMember } from "./sweeps.js";

// What was found in the bodies of functions: a fact for each place that changes.

/** Where and how a `yield*` goes: in place of `await`, or before an expression that was not awaited. */
export interface Yielding {
  /** The function that the value is handed to, by its name. */
  readonly within?: string;
  /** The `await` keyword up to its operand; empty where there was none. */
  readonly keyword: TextRange;
  readonly end: number;
  /** The grammar needs parentheses around the whole `yield*` expression. */
  readonly parens: boolean;
  /** A `(` at the start of this statement would continue the line before it: it needs a `;`. */
  readonly guard: boolean;
  /** It is handed to what waits for it: no `yield*` stands here. */
  readonly bare?: true;
}

/** A length of time in milliseconds, as it can be written in the output. */
export type DurationFact =
  | { readonly kind: "number"; readonly range: TextRange; /** Known to be less than a day. */ readonly short: boolean }
  | { readonly kind: "literal"; readonly range: TextRange; readonly milliseconds: number }
  | { readonly kind: "sum"; readonly range: TextRange; readonly parts: readonly { readonly value: TextRange; readonly factor: number; readonly parens: boolean }[] }
  | { readonly kind: "dynamic"; readonly range: TextRange };

export type ActionFact =
  /** A function literal that is kept; `insert` says what is added to it (a return type, `async`). */
  | { readonly kind: "closure"; readonly range: TextRange; readonly insert: readonly { readonly at: number; readonly text: string }[] }
  /** An expression that evaluates to a function; `bare` if it can be handed over as it is because it takes nothing. */
  | { readonly kind: "reference"; readonly range: TextRange; readonly bare: boolean; /** Its value has a type that only an async closure keeps. */ readonly isOpen: boolean }
  /** `() => f(a, b)`, where `f` is a function of the project that may be able to take the context first. */
  | { readonly kind: "call"; readonly range: TextRange; readonly callee: TextRange; readonly target: string; readonly args: readonly TextRange[]; readonly closure: Extract<ActionFact, { kind: "closure" }> };

/** What of a step's options is known when it is written as a literal: expressions in milliseconds or counts. */
export type StepOptionsFact =
  | { readonly kind: "literal"; readonly range: TextRange; readonly attempts?: NumberText; readonly initial?: NumberText; readonly max?: NumberText; readonly factor?: NumberText; /** Its attempts have an end. */ readonly limited: boolean }
  | { readonly kind: "dynamic"; readonly range: TextRange };

/** A number, as a value where it is known and as source text where not. */
export type NumberText = number | string;

interface SiteBase {
  readonly file: string;
  /** The whole expression with its `await`. */
  readonly range: TextRange;
  readonly yielding: Yielding;
  /** The context as it is written there. */
  readonly context: string;
  /** It is not awaited here: what stands here is a handle. */
  readonly begins?: true;
}

export interface StepSite extends SiteBase {
  /** Somebody gets its value at once, and may change something in it. */
  readonly givesObject: boolean;
  readonly concept: "step";
  readonly typeArguments?: TextRange;
  /** From the name to the action: removed. */
  readonly name?: TextRange;
  /** `run`, where it is called. */
  readonly member: TextRange;
  readonly action: ActionFact;
  readonly options?: StepOptionsFact;
  /** A terminal error can come out of it, which must not be retried; or an error that says when to try again. */
  readonly throws?: "terminal" | "retryable";
}
export interface SleepSite extends SiteBase {
  readonly concept: "sleep";
  /** From the context to the opening parenthesis. */
  readonly head: TextRange;
  readonly duration: DurationFact;
  /** The name argument with its comma: removed. */
  readonly name?: TextRange;
}
export interface DateSite extends SiteBase {
  readonly concept: "date";
  /** It stands in a list of promises that are combined. */
  readonly listed?: true;
  readonly member: "now" | "toJSON";
  readonly call: TextRange;
}
export interface RandomSite extends SiteBase {
  readonly concept: "random";
  readonly member: "random" | "uuidv4";
  readonly call: TextRange;
  /** `ctx.rand`, replaced where no `yield*` can stand. */
  readonly receiver: TextRange;
  readonly mode: "step" | "seeded";
}
export interface ConsoleSite extends SiteBase {
  readonly concept: "console";
  /** `ctx.console`. */
  readonly receiver: TextRange;
  readonly call: TextRange;
  /** Recorded, so that a replay prints nothing; plain inside of a step; `repeated` where neither is possible. */
  readonly mode: "step" | "plain" | "repeated";
}
export interface RequestIdSite extends SiteBase {
  readonly concept: "request";
  /** `request().id`, after the context and its dot; or `.request()` where only its id is taken. */
  readonly member: TextRange;
  readonly text: "id" | "";
}
export interface PlainAwaitSite extends SiteBase {
  readonly concept: "plain-await";
  readonly operand: TextRange;
  readonly used: boolean;
  /** A `catch` around it is to see its failure, so that it is not retried. */
  readonly caught: boolean;
  /** The operand itself contains an `await`, or has a type that only an async closure keeps. */
  readonly async: boolean;
  /** The operand starts with `{`. */
  readonly objectLiteral: boolean;
  /** A terminal error can come out of it, which must not be retried. */
  readonly throws?: "terminal";
}
/** `return Promise.resolve(value)` and `return Promise.reject(error)`: the function gives the value, or throws. */
export interface SettledPromiseSite extends SiteBase {
  readonly concept: "settled-promise";
  readonly member: "resolve" | "reject";
  /** Up to the opening parenthesis, with it; and from the end of the argument on. */
  readonly head: TextRange;
  readonly tail: TextRange;
  readonly hasValue: boolean;
  /** The value needs parentheses where it stands. */
  readonly parens: boolean;
  /** From `return` to the value, where it is the whole of what a statement returns. */
  readonly statement?: TextRange;
}
/** `await step.undo?.();`: the call is made where there is something to call. */
export interface OptionalFact {
  /** What has to be there. */
  readonly condition: TextRange;
  /** Each `?.` of the chain, with what stands there once it is known to be there. */
  readonly questions: readonly { readonly range: TextRange; readonly text: string }[];
  /** Nobody looks at what it gives. */
  readonly isStatement: boolean;
}
export interface HelperCallSite extends SiteBase {
  readonly concept: "helper-call";
  readonly target: string;
  /** The context among the arguments. */
  readonly argument: TextRange;
  /** The called function, where it can be begun: by name, with the context first. */
  readonly callee?: TextRange;
  /** The object that the called function needs as its `this`. */
  readonly receiver?: TextRange;
  readonly optional?: OptionalFact;
}
export interface RemoteCallSite extends SiteBase {
  readonly concept: "call" | "send";
  /** From the start of the call to its opening parenthesis. */
  readonly head: TextRange;
  readonly argument?: TextRange;
  /** The options argument with the comma before it: removed. */
  readonly options?: TextRange;
  readonly delay?: DurationFact;
  /** What makes calls one call, where it stands in the options. */
  readonly idempotencyKey?: TextRange;
  /** Of an object or a workflow. */
  readonly key?: KeyFact;
  /** It stands in a loop. */
  readonly repeats: boolean;
  /** It stands in a closure of the function, and waits for its turn under a key that all calls of the closure have. */
  readonly queuesBesideItself: boolean;
  readonly definition: string;
  readonly handler: string;
}
/** `const client = ctx.serviceClient(...)`: the statement goes away with the calls on it, or keeps a computed key. */
export interface ClientSite extends SiteBase {
  readonly concept: "client";
  readonly statement: TextRange;
  readonly keyConstant?: { readonly name: TextRange; readonly as: string; readonly initializer: TextRange; readonly key: TextRange };
}
/** The key of an object or workflow that is called. */
export interface KeyFact {
  readonly range: TextRange;
  /** `ctx.key`: the caller's own key. */
  readonly own: boolean;
  /** It can be evaluated again at each call. */
  readonly plain: boolean;
  /** Evaluating it twice does nothing else and gives the same. */
  readonly repeatable: boolean;
  /** Where `ctx.key` stands in it. */
  readonly owns: readonly TextRange[];
  /** The constant in which a computed key of a client is kept. */
  readonly constant?: string;
}
/** `ctx.get`, `ctx.set` and their kind: the state of the key. */
export interface StateSite extends SiteBase {
  readonly concept: "state";
  readonly member: "get" | "set" | "clear" | "clearAll" | "stateKeys";
  /** A serialiser that means JSON, with the comma before it: removed. */
  readonly serde?: TextRange;
  /** The context, in whose place the state stands. */
  readonly receiver: TextRange;
  /** It stands in a list of promises that are combined. */
  readonly listed?: true;
  /** The type argument that the place implied. */
  readonly type?: { readonly at: number; readonly text: string };
}
/** `ctx.key`. */
export interface KeySite extends SiteBase {
  readonly concept: "key";
  readonly access: TextRange;
  /** The property whose value it is. */
  readonly property?: { readonly name: string; readonly range: TextRange };
}
/** `items.forEach((item) => ...)` with durable operations in the callback. */
export interface LoopSite extends SiteBase {
  readonly concept: "loop";
  /** Up to the end of the call. */
  readonly statement: TextRange;
  /** What ends the statement on the same line. */
  readonly semicolon?: TextRange;
  readonly items: TextRange;
  readonly item?: TextRange;
  readonly index?: TextRange;
  /** The callback does not assign to its parameters. */
  readonly constant: boolean;
  readonly body: TextRange;
  readonly block: boolean;
  /** `return;` in the callback: goes on with the next item. */
  readonly returns: readonly TextRange[];
}
/** `handle.invocationId` of a message that was sent. */
export interface InvocationIdSite extends SiteBase {
  readonly concept: "invocation-id";
  readonly member: TextRange;
  /** The `await` before it: removed. */
  readonly keyword?: TextRange;
}
/** A function literal that becomes a generator function: a closure, or the callback of `items.map`, which begins work for each item. */
export interface CallbackSite extends SiteBase {
  readonly concept: "callback";
  readonly shape: FunctionShape;
  readonly items?: TextRange;
  /** The items are made by a call that is to be closed after them: `Array.from({ length: 3 }`. */
  readonly opens?: boolean;
  /** The field of `this` that holds the context: each item's work has the object with a context of its own. */
  readonly own?: string;
  /** It runs where it stands, for one item after the other: `items.flatMap((item) => [ctx.run(...)])`. */
  readonly sweep?: SweepMember;
  /** It uses the `this` around it, which is given to what runs it: after this argument. */
  readonly thisAfter?: number;
  readonly reduction?: ReductionFact;
  /** An error that is not terminal can leave it, and then certainly leaves the function as well: the work of an item runs again then. */
  readonly retries: boolean;
  /** There is no loop in it. */
  readonly straight?: true;
  /** A callback of `then` or its like in work that begins: what goes behind its parameters, so that it gets the context of that work. */
  readonly chained?: string;
  /** A closure that is handed the context by whoever calls it. */
  readonly takesContext?: boolean;
}
/** `for await (const page of pages(ctx))`: over the items of a durable generator, over durable promises, or over plain values. */
export interface ForAwaitSite extends SiteBase {
  readonly concept: "for-await";
  readonly kind: "items" | "promises" | "values";
  /** From `await` to what is iterated. */
  readonly head: TextRange;
  /** `await`, up to the next token. */
  readonly keyword: TextRange;
  /** What an item is given to: `const page`. */
  readonly item: string;
  /** A free name for what is iterated. */
  readonly name: string;
  /** Where the loop begins, if leaving it early runs code of the generator. */
  readonly closes?: number;
  readonly body: TextRange;
  readonly block: boolean;
}
/** `yield value` in an async generator. */
export interface ItemSite extends SiteBase {
  readonly concept: "item";
  /** `yield`, up to its operand. */
  readonly keyword: TextRange;
  readonly hasValue: boolean;
  /** `yield*` of a list of items. */
  readonly all: boolean;
}
/** `items.reduce(async (before, item) => ..., Promise.resolve())`: each callback is given what the one before it gives. */
export interface ReductionFact {
  /** One after the other, or beside each other. */
  readonly order: "in-turn" | "begun";
  /** `Promise.resolve(value)`, and the value in it. */
  readonly initial?: { readonly range: TextRange; readonly value?: TextRange };
  /** The parameter for what the callback before gives, and its type where one is known by a name. */
  readonly before: { readonly name: TextRange; readonly type?: TextRange; readonly written?: string };
  /** Waits that go away as a whole statement, or of which the name stays. */
  readonly statements: readonly TextRange[];
  readonly awaits: readonly TextRange[];
  /** `(before, item) => before.then((value) => ...)`: the function around, the other parameters of it, and those of the one in it. */
  readonly around?: { readonly range: TextRange; readonly rest?: TextRange; readonly value?: TextRange };
}
/** The methods of promises that go on with what they give. */
export type ChainMember = "then" | "catch" | "finally";
/** The type of a closure in an annotation. */
export interface ClosureTypeSite extends SiteBase {
  readonly concept: "closure-type";
  readonly returns: NonNullable<FunctionShape["returnType"]>;
}
/** A durable promise that was created before and is awaited here. */
export interface HandleSite extends SiteBase {
  readonly concept: "handle";
  readonly optional?: OptionalFact;
  /** There may be none. */
  readonly absent?: true;
  /** A call that hands the context over, to what took none before. */
  readonly given?: GivenFact;
  /** What is begun is a generator function around the call, whose own context the call is handed. */
  readonly isWrapped?: boolean;
  /** A call of a durable function that takes no context. */
  readonly bare?: GivenFact & { readonly target: string };
}
/** Where the context goes in a call: what is called, and just after its opening parenthesis. */
export interface GivenFact {
  readonly callee: TextRange;
  readonly at: number;
  readonly isEmpty: boolean;
}
/** `RestatePromise.all([...])`, `promise.orTimeout(ms)`: durable promises made of others. */
export interface CombineSite extends SiteBase {
  readonly concept: "combine";
  readonly member: "all" | "allSettled" | "any" | "race" | "resolve" | "reject" | "orTimeout" | "map";
  /** Up to the opening parenthesis: from the start of the call, or from the end of the receiver. */
  readonly head: TextRange;
  readonly receiver?: TextRange;
  readonly duration?: DurationFact;
}
/** `promise.then(...).catch(...)`: what goes on with what a durable promise gives. */
export interface ChainSite extends SiteBase {
  readonly concept: "chain";
  /** The promise itself. */
  readonly receiver: TextRange;
  readonly links: readonly { readonly member: ChainMember; readonly name: TextRange; /** Type arguments: removed. */ readonly typeArguments?: TextRange }[];
  /** Nobody looks at what it gives. */
  readonly unobserved?: true;
}
/** `ctx.awakeable()` and what completes one. */
export interface AwakeableSite extends SiteBase {
  readonly concept: "awakeable";
  readonly callee: TextRange;
  readonly name: string;
  readonly open: number;
  readonly isEmpty: boolean;
}
/** `ctx.cancel(id)`, `ctx.attach(id)`, and both of `ctx.invocation(id)`. */
export interface InvocationSite extends SiteBase {
  readonly concept: "invocation";
  readonly member: "cancel" | "attach";
  /** Before the id and after it. */
  readonly head: TextRange;
  readonly tail: TextRange;
  readonly typeArguments: TextRange | undefined;
}
/** What becomes an id by itself: `ctx.invocation(id)` in a constant, `InvocationIdParser.fromString(id)`. */
export interface BareIdSite extends SiteBase {
  readonly concept: "bare-id";
  readonly head: TextRange;
  readonly tail: TextRange;
}
/** `ctx.promise(name)`. */
export interface WorkflowPromiseSite extends SiteBase {
  readonly concept: "workflow-promise";
  readonly callee: TextRange;
  readonly open: number;
  /** Behind the name. */
  readonly end: number;
  readonly awaited: boolean;
}
/** A method of a workflow's promise. */
export interface DurablePromiseSite extends SiteBase {
  readonly concept: "promise-method";
  readonly member: "get" | "peek" | "resolve" | "reject";
  readonly name: TextRange;
  /** Nobody waits for it, so nobody learns that the promise was settled before. */
  readonly floating: boolean;
  /** `.get()`, which goes where its promise is awaited. */
  readonly dropped: TextRange;
}
export type Site =
  | CallbackSite
  | ClosureTypeSite
  | ForAwaitSite
  | ItemSite
  | HandleSite
  | SettledPromiseSite
  | CombineSite
  | ChainSite
  | AwakeableSite
  | InvocationSite
  | WorkflowPromiseSite
  | DurablePromiseSite
  | StepSite
  | SleepSite
  | DateSite
  | RandomSite
  | ConsoleSite
  | RequestIdSite
  | PlainAwaitSite
  | HelperCallSite
  | ClientSite
  | StateSite
  | KeySite
  | InvocationIdSite
  | BareIdSite
  | LoopSite
  | RemoteCallSite;
