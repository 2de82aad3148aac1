/** The time in ms, a hundred years, for what is not to time out: `resonate.options({ timeout: noDeadline })`. Without it an invocation, and what it waits for, ends after a day. */
export const noDeadline = 3_155_760_000_000;

/** The id of a workflow, under which its `run` is started: one per key, and legal whatever the key contains. */
export function workflowId(workflow: string, key: string): string {
  return `${workflow}/${legal(key)}`;
}

/** The id of a workflow's promise. From a shell: `resonate promises resolve <this id> --value '{"data": <JSON value>}'`. */
export function workflowPromiseId(workflow: string, name: string): string {
  const [first = "", ...rest] = name;
  return `${workflow}:${reserved.test(name) ? `%${first.charCodeAt(0).toString(16)}${rest.length === 0 ? "" : legal(rest.join(""))}` : legal(name)}`;
}

/** What the SDK calls the children of an invocation, and its detached calls. */
const reserved = /^(\d+|d[0-9a-f]{14})(\.|$)/;

/** A text as it is, or escaped where it could not stand in an id: ':' separates, '%' escapes. No two texts become the same. */
function legal(text: string): string {
  if (text === "") return "%";
  return /[:%\0]/.test(text) ? encodeURIComponent(text) : text;
}
