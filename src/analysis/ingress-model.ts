import type { TextRange } from "../edits/edit.js";
import type { LeftFact, RemarkFact } from "./said-model.js";
import type { DurationFact } from "./site-model.js";

// The facts about Restate's ingress clients. An ingress is a connection or a declaration that holds one; those that hand it
// on to each other, and the definitions that they call, migrate together.

/** `connect({ url })`. */
export interface ConnectionFact {
  /** The id of the ingress that it makes. */
  readonly id: string;
  readonly file: string;
  readonly range: TextRange;
  /** What is called, as it is written. */
  readonly subject: string;
  /** It initialises a variable at the top level of its module. */
  readonly topLevel: boolean;
  /** Constants that only its arguments mention: their statements. */
  readonly constants: readonly TextRange[];
  /** Files that are loaded wherever this one is, and files that load it. */
  readonly process: ReadonlySet<string>;
}

/** How a site names its ingress: where it stands, or, for a client that a constant holds, by text. */
export type IngressReceiver = { readonly kind: "here"; readonly range: TextRange; /** The connection that stands there itself. */ readonly connects: boolean } | { readonly kind: "text"; readonly text: string };

interface IngressSiteBase {
  /** The ingress that it belongs to. */
  readonly owner: string;
  readonly file: string;
  /** The call without an `await` before it. */
  readonly range: TextRange;
  readonly receiver: IngressReceiver;
  /** Just after the parenthesis that opens the arguments. */
  readonly open: number;
}

/** A call of a handler, or of what a workflow's client offers beside its handlers. */
export interface IngressCallSite extends IngressSiteBase {
  readonly concept: "ingress-call";
  readonly kind: "call" | "send" | "submit" | "attach" | "output";
  readonly definition: string;
  /** `run` for what concerns the workflow as a whole. */
  readonly handler: string;
  /** The key, as text that can stand at the call. */
  readonly key?: string;
  readonly input?: TextRange;
  readonly idempotencyKey?: TextRange;
  readonly delay?: DurationFact;
  /** What the call gives is used. */
  readonly used: boolean;
}

/** `ingress.result(handle)`, `ingress.resolveAwakeable(id, payload)`, `ingress.rejectAwakeable(id, reason)`. */
export interface IngressMemberSite extends IngressSiteBase {
  readonly concept: "ingress-member";
  readonly member: "result" | "resolveAwakeable" | "rejectAwakeable";
}

/** `const client = ingress.objectClient(...)`: the statement goes, or keeps the ingress or a computed key. */
export interface IngressClientSite {
  readonly concept: "ingress-client";
  readonly owner: string;
  readonly file: string;
  readonly statement: TextRange;
  readonly keeps?: { readonly kind: "ingress"; readonly initializer: TextRange; readonly receiver: TextRange } | { readonly kind: "key"; readonly name: TextRange; readonly as: string; readonly initializer: TextRange; readonly key: TextRange };
}

export type IngressSite = IngressCallSite | IngressMemberSite | IngressClientSite;

/** A name of Restate's clients that gives its place to one of ours: a type, the class of errors, a member of such an error. */
export interface IngressNameFact {
  /** The ingress it goes with. */
  readonly owner: string;
  readonly file: string;
  readonly range: TextRange;
  readonly name: "Ingress" | "Sent" | "Output" | "HttpCallError" | "status" | "message";
}

export interface IngressFacts {
  readonly connections: readonly ConnectionFact[];
  readonly sites: readonly IngressSite[];
  readonly names: readonly IngressNameFact[];
  /** Pairs of ids that go together: of ingresses, functions and definitions. */
  readonly links: readonly (readonly [string, string])[];
  readonly left: readonly { readonly owner: string; readonly fact: LeftFact }[];
  readonly remarks: readonly { readonly owner: string; readonly fact: RemarkFact }[];
}
