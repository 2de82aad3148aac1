/** Where a message goes: to one worker by its process id, or to any worker of a group. */
export interface Address {
  readonly mode: "unicast" | "anycast";
  readonly group: string;
  /** The worker's process id; for `anycast` the worker that is preferred while it is connected. */
  readonly pid?: string;
}

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/(uni|any)@([^/]*)(?:\/(.*))?$/;

/**
 * Reads an address of any transport: `local://any@group`, `poll://uni@group/pid`. A text without a scheme is the name of
 * a group, as in a `resonate:target` written by hand. The forms are those of LocalNetwork and PollMessageSource in
 * `@resonatehq/sdk` 0.11.5. Gives undefined where the scheme is one that no worker connects with (`https://...`).
 */
export function parseAddress(text: string): Address | undefined {
  const match = ADDRESS.exec(text);
  if (match === null) return text === "" || text.includes("://") ? undefined : { mode: "anycast", group: text };
  const [, mode, group = "", pid = ""] = match;
  return { mode: mode === "uni" ? "unicast" : "anycast", group, ...(pid === "" ? {} : { pid }) };
}
