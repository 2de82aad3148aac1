// What the analysis knows of @restatedev/restate-sdk 1.17: every export by name, with the shapes it needs.
// It stands in for the SDK itself, so that results are the same with and without node_modules.

export interface Duration { days?: number; hours?: number; minutes?: number; seconds?: number; milliseconds?: number }
export interface Serde<T> { contentType?: string; jsonSchema?: object; serialize(value: T): Uint8Array; deserialize(data: Uint8Array): T }
export interface StandardSchemaLike<I, O> { readonly "~standard": { readonly types?: { readonly input: I; readonly output: O } | undefined } }
export declare const serde: {
  json: Serde<any>; binary: Serde<Uint8Array>; empty: Serde<void>; JsonSerde: any;
  schema<I, O>(schema: StandardSchemaLike<I, O>): Serde<O>;
};
export interface JournalValueCodec { encode(value: any): any; decode(value: any): any }

export type InvocationId = string & { __brand: "InvocationId" };
export declare const InvocationIdParser: { fromString(id: string): InvocationId };
export interface InvocationHandle { readonly invocationId: Promise<InvocationId> }
export interface RestatePromise<T> extends Promise<T> {
  orTimeout(duration: Duration | number): RestatePromise<T>;
  map<U>(mapper: (value?: T, failure?: TerminalError) => U): RestatePromise<U>;
}
export interface InvocationPromise<T> extends RestatePromise<T>, InvocationHandle {}
type Settled<T extends readonly unknown[]> = { -readonly [P in keyof T]: PromiseSettledResult<Awaited<T[P]>> };
type Values<T extends readonly unknown[]> = { -readonly [P in keyof T]: Awaited<T[P]> };
export declare const RestatePromise: {
  resolve<T>(value: T): RestatePromise<Awaited<T>>; reject<T = never>(reason: TerminalError): RestatePromise<T>;
  all<const T extends readonly RestatePromise<any>[]>(values: T): RestatePromise<Values<T>>; race<const T extends readonly RestatePromise<any>[]>(values: T): RestatePromise<Awaited<T[number]>>;
  any<const T extends readonly RestatePromise<any>[]>(values: T): RestatePromise<Awaited<T[number]>>; allSettled<const T extends readonly RestatePromise<any>[]>(values: T): RestatePromise<Settled<T>>;
};
export type CombineablePromise<T> = RestatePromise<T>;
export declare const CombineablePromise: typeof RestatePromise;
export declare function isRestatePromise(promise: any): boolean;
export interface DurablePromise<T> extends Promise<T> {
  peek(): Promise<T | undefined>; resolve(value?: T): Promise<void>; reject(message: string): Promise<void>; get(): RestatePromise<T>;
}
export interface InvocationReference { signal<T>(name: string, serde?: Serde<T>): SignalReference<T>; cancel(): void; attach<T>(serde?: Serde<T>): RestatePromise<T> }
export interface SignalReference<T> { resolve(payload?: T): void; reject(reason: any): void }

export interface Target { service: string; handler: string; key?: string }
export interface Request {
  readonly target: Target; readonly id: InvocationId; readonly headers: ReadonlyMap<string, string>; readonly attemptHeaders: ReadonlyMap<string, any>;
  readonly body: Uint8Array; readonly extraArgs: unknown[]; readonly idempotencyKey?: string; readonly scope?: string; readonly limitKey?: string;
  readonly attemptCompletedSignal: any;
}
export interface Rand { random(): number; uuidv4(): string }
export interface ContextDate { now(): Promise<number>; toJSON(): Promise<string> }
export type RunAction<T> = (() => Promise<T>) | (() => T);
export interface RunOptions<T> {
  serde?: Serde<T>; maxRetryAttempts?: number; maxRetryDuration?: Duration | number; initialRetryInterval?: Duration | number;
  maxRetryInterval?: Duration | number; retryIntervalFactor?: number;
}
export type TypedState = Record<string, any>;
export type UntypedState = { _: never };
export interface KeyValueStore<S = UntypedState> {
  get<V, K extends keyof S = any>(name: S extends UntypedState ? string : K, serde?: Serde<any>): Promise<(S extends UntypedState ? V : S[K]) | null>; stateKeys(): Promise<string[]>;
  set<T = any>(name: any, value: any, serde?: Serde<any>): void; clear(name: any): void; clearAll(): void;
}
export interface ContextConsole { log(...data: any[]): void; info(...data: any[]): void; warn(...data: any[]): void; error(...data: any[]): void; debug(...data: any[]): void; trace(...data: any[]): void; [other: string]: any }

type HandlersOf<D> = D extends { readonly "~handlers"?: infer H } ? H : D;
type CallOf<F> = F extends (ctx: any) => Promise<infer O> ? (opts?: Opts<any, any>) => InvocationPromise<O>
  : F extends (ctx: any, input: infer I) => Promise<infer O> ? (input: I, opts?: Opts<any, any>) => InvocationPromise<O>
  : (...args: any[]) => InvocationPromise<any>;
export type Client<D> = { [K in keyof HandlersOf<D>]: CallOf<HandlersOf<D>[K]> };
export type SendClient<D> = { [K in keyof HandlersOf<D>]: (...args: any[]) => InvocationHandle };
export type ClientFromDescriptors<H> = any;
export type SendClientFromDescriptors<H> = any;

export interface Context {
  rand: Rand; console: ContextConsole; date: ContextDate;
  run<T>(action: () => T): RestatePromise<Awaited<T>>;
  run<T>(name: string, action: () => T, options?: RunOptions<any>): RestatePromise<Awaited<T>>;
  sleep(duration: Duration | number, name?: string): RestatePromise<void>;
  awakeable<T>(serde?: Serde<T>): { id: string; promise: RestatePromise<T> };
  resolveAwakeable<T>(id: string, payload?: T, serde?: Serde<T>): void;
  rejectAwakeable(id: string, reason: any): void;
  serviceClient<D>(definition: D | { name: string }): Client<D>;
  objectClient<D>(definition: D | { name: string }, key: string): Client<D>;
  workflowClient<D>(definition: D | { name: string }, key: string): Client<D>;
  serviceSendClient<D>(definition: D | { name: string }): SendClient<D>;
  objectSendClient<D>(definition: D | { name: string }, key: string): SendClient<D>;
  workflowSendClient<D>(definition: D | { name: string }, key: string): SendClient<D>;
  client(descriptor: any, key?: string): any;
  sendClient(descriptor: any, key?: string): any;
  scope(key: string): ScopedContext;
  genericCall<I = Uint8Array, O = Uint8Array>(call: GenericCall<I, O>): InvocationPromise<O>;
  genericSend<I = Uint8Array>(send: GenericSend<I>): InvocationHandle;
  request(): Request;
  cancel(id: InvocationId): void;
  attach<T>(id: InvocationId, serde?: Serde<T>): RestatePromise<T>;
  signal<T>(name: string, serde?: Serde<T>): RestatePromise<T>;
  invocation(id: InvocationId): InvocationReference;
}
export type ScopedContext = Pick<Context, "serviceClient" | "serviceSendClient" | "objectClient" | "objectSendClient" | "workflowClient" | "workflowSendClient" | "client" | "sendClient">;
export interface ObjectContext<S = UntypedState> extends Context, KeyValueStore<S> { key: string }
export interface ObjectSharedContext<S = UntypedState> extends Context { key: string; get<V, K extends keyof S = any>(name: S extends UntypedState ? string : K, serde?: Serde<any>): Promise<(S extends UntypedState ? V : S[K]) | null>; stateKeys(): Promise<string[]> }
export interface WorkflowSharedContext<S = UntypedState> extends ObjectSharedContext<S> { promise<T>(name: string, serde?: Serde<T>): DurablePromise<T> }
export interface WorkflowContext<S = UntypedState> extends Context, KeyValueStore<S> { key: string; promise<T>(name: string, serde?: Serde<T>): DurablePromise<T> }
export interface RestateContext {}
export interface RestateObjectContext {}
export interface RestateObjectSharedContext {}
export interface RestateWorkflowContext {}
export interface RestateWorkflowSharedContext {}
export type GenericCall<I, O> = { service: string; method: string; parameter: I; [field: string]: any };
export type GenericSend<I> = { service: string; method: string; parameter: I; [field: string]: any };

type AnyHandlers<C> = Record<string, (ctx: C, input?: any) => any>;
export interface ServiceDefinition<P extends string, M> { readonly name: P; readonly "~handlers"?: M }
export interface VirtualObjectDefinition<P extends string, M> { readonly name: P; readonly "~handlers"?: M }
export interface WorkflowDefinition<P extends string, M> { readonly name: P; readonly "~handlers"?: M }
interface DefinitionInput<P extends string, M> { name: P; handlers: M; description?: string; metadata?: Record<string, string>; options?: any }
export declare function service<P extends string, M extends Record<string, (ctx: Context, input: any) => any>>(definition: DefinitionInput<P, M>): ServiceDefinition<P, M>;
export declare function object<P extends string, M extends Record<string, (ctx: ObjectContext<any>, input: any) => any>>(definition: DefinitionInput<P, M>): VirtualObjectDefinition<P, M>;
export declare function workflow<P extends string, M extends Record<string, (ctx: WorkflowContext<any>, input: any) => any>>(definition: DefinitionInput<P, M>): WorkflowDefinition<P, M>;
interface TypedHandlerOptions<I> { input?: Serde<I>; output?: Serde<any>; [option: string]: any }
interface Wrap<C> {
  <F extends (ctx: C) => any>(fn: F): F;
  <F extends (ctx: C, input: any) => any>(fn: F): F;
  <I, O>(opts: TypedHandlerOptions<I>, fn: (ctx: C, input: I) => O): (ctx: C, input: I) => O;
}
export declare namespace handlers {
  export const handler: Wrap<Context>;
  export namespace object { export const exclusive: Wrap<ObjectContext<any>>; export const shared: Wrap<ObjectSharedContext<any>> }
  export namespace workflow { export const workflow: Wrap<WorkflowContext<any>>; export const shared: Wrap<WorkflowSharedContext<any>> }
}
  workflow: { workflow: Wrap<WorkflowContext<any>>; shared: Wrap<WorkflowSharedContext<any>> };
};
export declare const createServiceHandler: Wrap<Context>;
export declare const createObjectHandler: Wrap<ObjectContext<any>>;
export declare const createObjectSharedHandler: Wrap<ObjectSharedContext<any>>;
export declare const createWorkflowHandler: Wrap<WorkflowContext<any>>;
export declare const createWorkflowSharedHandler: Wrap<WorkflowSharedContext<any>>;
export declare const iface: any;
export declare function implement(descriptor: any, implementation: any): any;

export declare class Opts<I, O> { static from<I, O>(opts: ClientCallOptions<I, O>): Opts<I, O>; getOpts(): ClientCallOptions<I, O> }
export declare class SendOpts<I> { static from<I>(opts: ClientSendOptions<I>): SendOpts<I>; getOpts(): ClientSendOptions<I> }
export declare namespace rpc {
  export const opts: <I, O>(opts: ClientCallOptions<I, O>) => Opts<I, O>;
  export const sendOpts: <I>(opts: ClientSendOptions<I>) => SendOpts<I>;
}
export interface ClientCallOptions<I, O> { input?: Serde<I>; output?: Serde<O>; idempotencyKey?: string; headers?: Record<string, string>; name?: string; limitKey?: string }
export interface ClientSendOptions<I> { input?: Serde<I>; delay?: Duration | number; idempotencyKey?: string; headers?: Record<string, string>; name?: string; limitKey?: string }

export declare class RestateError extends Error { code: number; metadata?: Record<string, string> }
export declare class TerminalError extends RestateError { constructor(message: string, options?: { errorCode?: number; metadata?: Record<string, string>; cause?: any }) }
export declare class TimeoutError extends TerminalError { constructor() }
export declare class CancelledError extends TerminalError { constructor() }
export declare class RetryableError extends RestateError { constructor(message: string, options?: RetryableErrorOptions); static from(cause: any, options?: RetryableErrorOptions): RetryableError }
export declare class PauseError extends RestateError { constructor(message: string); static from(cause: any): PauseError }
export interface RetryableErrorOptions { retryAfter?: Duration | number }

export interface EndpointOptions { services: any[]; identityKeys?: string[]; defaultServiceOptions?: any; logger?: any; journalValueCodecProvider?: any; bidirectional?: boolean }
export interface RetryPolicy { maxAttempts?: number; onMaxAttempts?: "pause" | "kill"; initialInterval?: Duration | number; maxInterval?: Duration | number; exponentiationFactor?: number }
export type RestateEndpointBase<E> = any;
export type LoggerTransport = any;
export type LogMetadata = any;
export declare const LogSource: any;
export declare const RestateLogLevel: any;
export type LoggerContext = any;
export type Hooks = any;
export type HooksProvider = any;
export type Interceptor = any;
export declare namespace internal {
  export interface ContextInternal extends Context { cancellation(): RestatePromise<void>; cancelPreviousCalls(): RestatePromise<InvocationId[]>; isProcessing(): boolean }
  export function isSuspendedError(error: unknown): boolean;
}
export type Service<D> = HandlersOf<D>;
export type VirtualObject<D> = HandlersOf<D>;
export type Workflow<D> = HandlersOf<D>;
export type ServiceDefinitionFrom<D> = any;
export type VirtualObjectDefinitionFrom<D> = any;
export type WorkflowDefinitionFrom<D> = any;
export type ServiceHandler<F = any, C = Context> = F;
export type ObjectHandler<F = any, C = Context> = F;
export type ObjectSharedHandler<F = any, C = Context> = F;
export type WorkflowHandler<F = any, C = Context> = F;
export type WorkflowSharedHandler<F = any, C = Context> = F;
export type ServiceOpts<M = any> = any;
export type ObjectOpts<M = any> = any;
export type WorkflowOpts<M = any> = any;
export type ServiceOptions = any;
export type ObjectOptions = any;
export type WorkflowOptions = any;
export type ServiceHandlerOpts<I = any, O = any> = any;
export type ObjectHandlerOpts<I = any, O = any> = any;
export type WorkflowHandlerOpts<I = any, O = any> = any;
export type DefaultServiceOptions = any;
export type ServiceImplHandlers = any;
export type ObjectImplHandlers = any;
export type WorkflowImplHandlers = any;
export type Descriptor = any;
export type ServiceDescriptor<P = any, H = any> = any;
export type ObjectDescriptor<P = any, H = any> = any;
export type WorkflowDescriptor<P = any, H = any> = any;
export type HandlerDescriptor = any;
export type InferInput<D> = any;
export type InferOutput<D> = any;
export type InferArg<D> = any;
export type ServiceInterface = any;
export type ImplementedDefinition = any;
