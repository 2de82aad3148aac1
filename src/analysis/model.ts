import type { TextRange } from "../edits/edit.js";
import type { IngressFacts } from "./ingress-model.js";

// The facts that the analysis ends in: plain data about ranges of text. The compiler is gone once they exist.

/** Something of Restate that no transform rewrites, or code that stands in the way of rewriting. */
export interface LeftFact {
  /** Code of the catalogue. */
  readonly code: string;
  readonly file: string;
  readonly range: TextRange;
  /** What it is, in the words of the code: `ctx.awakeable`, `restate.object`. */
  readonly subject: string;
}

/** A difference in behaviour that stays after rewriting and has to be said at its place. */
export interface RemarkFact {
  readonly code: string;
  readonly file: string;
  readonly range: TextRange;
  readonly subject: string;
}

/** Where and how a `yield*` goes: in place of `await`, or before an expression that was not awaited. */
export interface Yielding {
  /** The `await` keyword up to its operand; empty where there was none. */
  readonly keyword: TextRange;
  readonly end: number;
  /** The grammar needs parentheses around the whole `yield*` expression. */
  readonly parens: boolean;
  /** A `(` at the start of this statement would continue the line before it: it needs a `;`. */
  readonly guard: boolean;
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
  | { readonly kind: "reference"; readonly range: TextRange; readonly bare: boolean; /** Its value has the type `any`, which only an async closure keeps. */ readonly isAny: boolean }
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
  /** The operand itself contains an `await`. */
  readonly nested: boolean;
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
  readonly callee: TextRange;
  /** `?.` before the arguments. */
  readonly question: TextRange;
}
export interface HelperCallSite extends SiteBase {
  readonly concept: "helper-call";
  readonly target: string;
  /** The context among the arguments. */
  readonly argument: TextRange;
  /** The called function, where it can be begun: by name, with the context first. */
  readonly callee?: TextRange;
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
  /** Of an object or a workflow. */
  readonly key?: KeyFact;
  /** It stands in a loop. */
  readonly repeats: boolean;
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
  /** An error that is not terminal can leave it, and then certainly leaves the function as well: the work of an item runs again then. */
  readonly retries: boolean;
}
/** The type of a closure in an annotation. */
export interface ClosureTypeSite extends SiteBase {
  readonly concept: "closure-type";
  readonly returns: NonNullable<FunctionShape["returnType"]>;
}
/** A durable promise that was created before and is awaited here. */
export interface HandleSite extends SiteBase {
  readonly concept: "handle";
  readonly optional?: OptionalFact;
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
  | HandleSite
  | SettledPromiseSite
  | CombineSite
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

/** The pieces of a function that change when it becomes a generator function. */
export interface FunctionShape {
  readonly kind: "declaration" | "expression" | "arrow" | "method";
  readonly range: TextRange;
  /** `async` up to the next token. */
  readonly async?: TextRange;
  /** End of the `function` keyword; start of a method's name. */
  readonly asterisk?: number;
  readonly name?: TextRange;
  /** Where type parameters or else parameters begin. */
  readonly signature: number;
  readonly parameters: TextRange;
  /** An arrow function's only parameter without parentheses. */
  readonly bareParameter: boolean;
  /** End of the parameters or of the return type. */
  readonly headEnd: number;
  readonly returnType?: { readonly range: TextRange; /** An alias of a promise. */ readonly thenable: boolean; readonly promise?: { readonly name: TextRange; readonly argument: TextRange } };
  readonly body: TextRange;
  readonly bodyKind: "block" | "expression";
  /** For a concise body: the value without needless parentheses around an object literal. */
  readonly bodyValue: TextRange;
  /** A `const f = ...` statement of which this function is the only declarator. */
  readonly variable?: { readonly statement: TextRange; readonly keyword: TextRange; readonly name: TextRange; readonly exported: boolean };
  /** A property of an object literal whose value this function is: `name: async () => {}`. */
  readonly property?: { readonly range: TextRange };
}

export interface ParameterFact {
  readonly name: string;
  readonly range: TextRange;
  /** The binding with its type annotation and initializer as written. */
  readonly binding: TextRange;
  readonly type?: TextRange;
  readonly initializer?: TextRange;
}

/** A function that takes a context, and so becomes a generator function. */
export interface FunctionFact {
  readonly id: string;
  readonly file: string;
  readonly name: string;
  readonly shape: FunctionShape;
  readonly context?: { readonly name: string; readonly parameter: TextRange; readonly type?: TextRange; readonly jsDocType?: TextRange; /** `@param ctx ...` in a comment of several lines. */ readonly jsDocTag?: TextRange; /** Its type is written in another place: one of `aliases`. */ readonly aliased: boolean };
  /** A handler without a context: where it needs one, it gets one. */
  readonly takesContext: boolean;
  readonly parameters: readonly ParameterFact[];
  /** It waits for nothing itself, and stays a plain function: what it makes waits. */
  readonly plain: boolean;
  /** How this function writes its context: its parameter's name, a member of what it was given, or a free name. */
  readonly contextName: string;
  /** Where types of contexts are written that it uses, other than its own parameters: ids of `aliases`. */
  readonly aliases: readonly string[];
  readonly sites: readonly Site[];
  /** `return` of a durable promise that was not awaited is part of a site; these are functions it calls or is called by. */
  readonly calls: readonly string[];
  readonly left: readonly LeftFact[];
  readonly remarks: readonly RemarkFact[];
  readonly typescript: boolean;
  readonly exported: boolean;
  /** The name under which other modules can import it. */
  readonly exportName?: string;
  /** The names of a handler's input, as far as it changes what they hold: each pass needs its own. */
  readonly changedInputs: readonly string[];
  /** An error that is not terminal can leave it, other than out of a step: Restate runs the handler again. */
  readonly retries: boolean;
  /** What it has to do with the key of an object or workflow, if anything. */
  readonly keyed?: KeyedFact;
  /** For a recursive function without an annotation: the type of its result. */
  readonly resultType?: string;
}

/** A function that runs under the key of an object or workflow: a handler gets the key, a helper the state of the key. */
export interface KeyedFact {
  readonly role: "handler" | "helper";
  /** Names for the two that nothing in the function has. */
  readonly keyName: string;
  readonly stateName: string;
  readonly usesKey: boolean;
  /** It reads or writes state, or calls a helper that needs it. */
  readonly usesState: boolean;
  /** The workflow whose promises a helper names. */
  readonly workflow?: string;
  /** The type of the state as the context's annotation states it: `ObjectContext<Cart>`. */
  readonly stateType?: string;
}

/** `type Ctx = restate.Context`, `interface Args { ctx: Context }`: rewritten with the functions that use it. */
export interface ContextAliasFact {
  readonly id: string;
  readonly file: string;
  readonly type: TextRange;
}

/** A project function that is used in steps and can take the context first at every use. */
export interface StepFunctionFact {
  readonly id: string;
  readonly file: string;
  readonly name: string;
  /** A name for the context that none of its parameters has. */
  readonly context: string;
  /** Just after the opening parenthesis of its parameters. */
  readonly parameters: number;
  readonly parameterCount: number;
  readonly typescript: boolean;
  /** A JSDoc comment that documents its parameters gets none for the context: TypeScript reads the signature. */
  readonly uses: number;
}

export interface SchemaFact {
  /** The schema expression and whether it can be named in a type. */
  readonly range: TextRange;
  readonly entity: boolean;
  /** How Restate validates with it: Standard Schema, or zod's own `parse`. */
  readonly how: "standard" | "zod";
}

export interface HandlerFact {
  readonly name: string;
  /** The property in the definition, with its leading comments outside. */
  readonly property: TextRange;
  /** The function, an id of `functions`. */
  readonly function: string;
  /** `inline`: written in the definition; `reference`: named there, declared elsewhere. */
  readonly place: "inline" | "reference";
  /** For a reference: the expression in the definition. */
  readonly reference?: string;
  readonly input?: SchemaFact;
  readonly takesInput: boolean;
  /** `exclusive`: one at a time per key; `shared`: beside it; `run`: a workflow's own. */
  readonly mode: "service" | "exclusive" | "shared" | "run";
  /** How it is run again after a failure, as its options or its definition's say: an object literal. */
  readonly retryPolicy?: string;
}

export interface DefinitionFact {
  readonly id: string;
  readonly file: string;
  readonly kind: "service" | "object" | "workflow";
  readonly name: string;
  readonly variable?: string;
  /** The statement that is replaced, and where the definition's expression begins. */
  readonly statement: TextRange;
  readonly expression: TextRange;
  /** `statement`: `const x = restate.service(...)`, `export default ...`; `inline`: inside an endpoint's list. */
  readonly place: "statement" | "inline";
  readonly exported: boolean;
  readonly handlers: readonly HandlerFact[];
  readonly left: readonly LeftFact[];
  readonly remarks: readonly RemarkFact[];
}

/** A reference to a definition that vanishes with it: a type alias, a stub constant, an export specifier. */
export interface DefinitionUseFact {
  readonly file: string;
  readonly definition: string;
  readonly range: TextRange;
  /** The statement to remove when the definition migrates; `specifier` uses are the imports' business. */
  readonly kind: "statement" | "specifier" | "property";
  /** For an export list in the module of the definition itself: the list's statement, and how many names it has. */
  readonly list?: { readonly range: TextRange; readonly names: number };
  /** A barrel's specifier of the definition's type; `inline`: it says `type` itself. */
  readonly alias?: "inline" | "list";
}

export interface EndpointFact {
  readonly id: string;
  readonly file: string;
  /** The statements that make up the endpoint: removed when nothing is left in it. */
  readonly statements: readonly TextRange[];
  readonly services: readonly { readonly definition: string; readonly range: TextRange; readonly local?: string }[];
  readonly left: readonly LeftFact[];
  readonly remarks: readonly RemarkFact[];
  /** Starts of statements that are the whole body of an `if` or the like, or stand in a `case`: a block takes their place. */
  readonly bodies: readonly number[];
  /** Something waits for the endpoint: `serve(...).then(...)`. The call is replaced, its statement stays. */
  readonly chained?: { readonly call: TextRange; readonly port: string };
}

/** A name that an import or `require` binds in a file. */
export interface BindingFact {
  readonly local: string;
  readonly imported: string | "*" | "default" | "=";
  readonly module: string;
  /** The module as a file of the project, if it is one. */
  readonly resolved?: string;
  readonly specifier: TextRange;
  readonly declaration: TextRange;
  readonly form: "named" | "default" | "namespace" | "equals" | "require" | "require-named" | "alias" | "reexport";
  readonly typeOnly: boolean;
  readonly references: readonly number[];
  /** The definition it stands for, if it does. */
  readonly definition?: string;
}

export interface FileFacts {
  readonly path: string;
  readonly text: string;
  readonly typescript: boolean;
  readonly commonjs: boolean;
  readonly bindings: readonly BindingFact[];
  readonly declarations: readonly TextRange[];
  /** How often each name is declared in the file, in any scope. */
  readonly declared: ReadonlyMap<string, number>;
  /** Files whose exports it exports on. */
  readonly reexports: readonly string[];
  /** Names declared anywhere in the file, and names that reach for something global. */
  readonly names: ReadonlySet<string>;
  /** Where a first import can go: after shebang, directives and header comment. */
  readonly importAnchor: number;
  /** Ranges of template literals and block comments, whose lines keep their indentation. */
  readonly verbatim: readonly TextRange[];
  /** Starts of the nodes above which a marker comment can stand: statements, members, properties. */
  readonly anchors: readonly number[];
  readonly syntaxError?: { readonly message: string; readonly at: number };
}

/** A type of Restate's SDK that a support module has as well. */
export interface SdkTypeFact {
  readonly file: string;
  readonly range: TextRange;
  readonly name: "Duration" | "RunOptions" | "Durable" | "WorkflowPromise" | "InvocationId";
}

/** One of Restate's error classes in code that goes with durable functions: the support module has the same. */
export interface ErrorUseFact {
  readonly file: string;
  readonly range: TextRange;
  readonly name: "TerminalError" | "RetryableError" | "TimeoutError" | "CancelledError";
  /** An error is asked for its class there: none is made. */
  readonly tested: boolean;
  /** The function, or the statement at the top of its module, that it goes with. */
  readonly owner: string;
}

export interface Facts {
  /** `full` where the types of installed packages were needed and asked. */
  readonly typeLevel: "bundled" | "full";
  readonly files: ReadonlyMap<string, FileFacts>;
  readonly functions: ReadonlyMap<string, FunctionFact>;
  readonly definitions: ReadonlyMap<string, DefinitionFact>;
  readonly endpoints: readonly EndpointFact[];
  readonly aliases: ReadonlyMap<string, ContextAliasFact>;
  readonly stepFunctions: ReadonlyMap<string, StepFunctionFact>;
  readonly uses: readonly DefinitionUseFact[];
  readonly types: readonly SdkTypeFact[];
  readonly errors: readonly ErrorUseFact[];
  /** Pairs of functions and statements that go together because errors pass between them. */
  readonly errorLinks: readonly (readonly [string, string])[];
  readonly ingress: IngressFacts;
  /** What is left outside of functions, definitions and endpoints. */
  readonly left: readonly LeftFact[];
}
