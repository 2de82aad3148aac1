// Which diagnostic stands for which part of Restate's API that no transform rewrites.

const members: Readonly<Record<string, string>> = {
  get: "R0110", set: "R0110", clear: "R0110", clearAll: "R0110", stateKeys: "R0110",
  key: "R0111", promise: "R0112",
  awakeable: "R0113", resolveAwakeable: "R0114", rejectAwakeable: "R0114",
  objectClient: "R0121", objectSendClient: "R0121",
  workflowClient: "R0122", workflowSendClient: "R0122",
  genericCall: "R0123", genericSend: "R0123",
  client: "R0124", sendClient: "R0124", scope: "R0125",
  attach: "R0127", cancel: "R0127", invocation: "R0127", signal: "R0128",
};

/** The code for a member of a context that is not rewritten, or that is not used as a call. */
export function memberCode(member: string): string {
  return members[member] ?? "R0118";
}

const byPrefix: readonly (readonly [RegExp, string])[] = [
  [/^service$/, "R0104"],
  [/^object$|^handlers\.object|^createObject/, "R0101"],
  [/^workflow$|^handlers\.workflow|^createWorkflow/, "R0102"],
  [/^iface|^implement$|Descriptor/, "R0103"],
  [/^handlers|^createServiceHandler$/, "R0104"],
  [/^(RestatePromise|CombineablePromise|isRestatePromise)/, "R0115"],
  [/(Error|RetryableErrorOptions)(\.|$)/, "R0131"],
  [/^clients\./, "R0135"],
  [/^(fetch|lambda)\./, "R0136"],
  [/^(serve|endpoint|createEndpointHandler)$/, "R0137"],
  [/^(zod\.)?serde/, "R0149"],
  [/^(rpc|Opts|SendOpts)/, "R0129"],
  [/^Invocation/, "R0127"],
  [/^[A-Z]/, "R0140"],
];

/** The code for a reference to an export of Restate's packages that no fact accounts for. */
export function exportCode(name: string): string {
  return byPrefix.find(([pattern]) => pattern.test(name))?.[1] ?? "R0141";
}

/** Restate's error classes: what throws one ends a step or a handler for good. */
export function isErrorClass(name: string): boolean {
  return /^(Terminal|Timeout|Cancelled|Retryable|Pause|Restate)Error(\.|$)/.test(name);
}
