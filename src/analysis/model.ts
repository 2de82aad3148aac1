import type { TextRange } from "../edits/edit.js";
import type { DefinitionFact, DefinitionUseFact, EndpointFact } from "./definition-model.js";
import type { FileFacts } from "./file-model.js";
import type { IngressFacts } from "./ingress-model.js";
import type { LeftFact, RemarkFact } from "./said-model.js";
import type { FunctionShape } from "./shape-model.js";
import type { Site } from "./site-model.js";

// The facts that the analysis ends in: plain data about ranges of text. The compiler is gone once they exist.

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
  /** A handler without a context gets one where it needs it; so does a helper that records something. */
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
  /** Functions that may run where they are called in it. */
  readonly runs: readonly string[];
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
  /** No durable function has to do with it: it keeps Restate's class, and this is said, as long as anything is left on Restate. */
  readonly stray?: LeftFact;
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
