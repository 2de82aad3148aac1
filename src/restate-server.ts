/** What a text has to do with Restate's server. */
export type MentionKind =
  /** It is started, or told of a deployment. */
  | "server"
  /** It is fed from Kafka. */
  | "subscription"
  /** It is called: the ingress or the admin API. */
  | "address"
  /** It is named in another way: a service, a variable. */
  | "name";

/** A place in a text that is about Restate's server; `start` and `end` are offsets in it. */
export interface Mention {
  readonly kind: MentionKind;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A path of the ingress as it stands in a text: `/Greeter/greet`, `/Cart/${id}/add/send`, `/restate/awakeables/x/resolve`. */
export interface IngressPath {
  readonly start: number;
  readonly path: string;
  /** `restate` for the paths that every server has. */
  readonly service: string;
  /** What follows the service's name. */
  readonly segments: readonly string[];
}

/** A look at the whole text first: most have nothing of the kind. */
const TELLING = /restate|:8080|:9070|ingress|kafka:/i;

/** True for a text that may be about Restate's server. */
export function mayMentionServer(text: string): boolean {
  return TELLING.test(text);
}

/**
 * What each line of a script or a configuration file has to do with Restate's server, the most telling of it. `isHandler`: whether a
 * path calls a handler of the codebase. Comments of lines count only where `withComments` says so.
 */
export function serverMentions(text: string, isHandler: (path: IngressPath) => boolean, withComments = false): Mention[] {
  if (!mayMentionServer(text)) return [];
  const found: Mention[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    const mention = mentionIn(withComments ? line : line.replace(/(^|\s)(#|\/\/).*/, ""), isHandler);
    if (mention) found.push({ ...mention, start: start + mention.start, end: start + mention.end });
    start += line.length + 1;
  }
  return found;
}

function mentionIn(line: string, isHandler: (path: IngressPath) => boolean): Mention | undefined {
  return (
    matched("subscription", /kafka:\/\/[^\s"'`]+/, line) ??
    matched("server", /\brestatedev\/restate(:[\w.-]+)?|\brestate-server\b|\brestate (deployments|dp|deployment) register\b|:9070\/deployments\b/, line) ??
    addressIn(line, isHandler) ??
    // `restate`, `RESTATE_INGRESS_URL`; not the name of this tool.
    matched("name", /(?<![\w-])@?restate(?!-to-resonate)[\w/@:.-]*/i, line)
  );
}

/**
 * The address of Restate's server in a text: its admin port, a host that is named after it, or its ingress with a path that `isHandler`
 * knows or that has the form of one.
 */
export function addressIn(text: string, isHandler: (path: IngressPath) => boolean): Mention | undefined {
  const server = matched("address", /:9070\b|\bhttps?:\/\/(?![^/\s"'`]*\brestate\.dev\b)[^/\s"'`@]*\brestate\b(?!-to-)[^/\s"'`$]*/, text);
  if (server) return server;
  for (const { start, path, service, segments } of ingressPaths(text)) {
    const before = text.slice(0, start);
    // Not a folder of that name.
    const isOwn = service === "restate" && /(^|["'`}\s]|:\d+|\w\.\w+)$/.test(before);
    const isIngress = /:8080$/.test(before) || /\$\{[^}]*(ingress|restate)[^}]*\}$/i.test(before);
    const isCall = isIngress && (isHandler({ start, path, service, segments }) || /^[A-Z]\w*$/.test(service)) && segments.length <= 3;
    if (isOwn || isCall) return { kind: "address", start, end: start + path.length, text: path };
  }
  return undefined;
}

/** Everything in a text that could be a path of the ingress, from the left. */
export function ingressPaths(text: string): IngressPath[] {
  const paths: IngressPath[] = [];
  const own = /\/restate\/((?:awakeables|workflow|invocation)\/[^\s"'`]*)/.exec(text);
  if (own) paths.push({ start: own.index, path: own[0], service: "restate", segments: (own[1] ?? "").split("/") });
  for (const match of text.matchAll(/\/([A-Za-z_][\w.-]*)(?=\/)/g)) {
    const rest = /^[^\s"'`?]*/.exec(text.slice(match.index + match[0].length + 1))?.[0] ?? "";
    if (match[1] !== undefined && rest !== "") paths.push({ start: match.index, path: `${match[0]}/${rest}`, service: match[1], segments: rest.split("/") });
  }
  return paths;
}

function matched(kind: MentionKind, pattern: RegExp, text: string): Mention | undefined {
  const found = pattern.exec(text);
  return found ? { kind, start: found.index, end: found.index + found[0].length, text: found[0] } : undefined;
}
