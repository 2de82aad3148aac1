// Which diagnostic stands for which part of Restate's API that no transform rewrites.

const members: Readonly<Record<string, string>> = {
  genericCall: "R0123", genericSend: "R0123",
  client: "R0124", sendClient: "R0124", scope: "R0125",
  signal: "R0128",
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
