import type { DefinitionFact, HandlerFact } from "./analysis/definition-model.js";
import type { RemarkFact } from "./analysis/said-model.js";
import type { Plan } from "./plan.js";
import { isSourceName } from "./project/source-files.js";
import { type IngressPath, ingressPaths, mayMentionServer, serverMentions } from "./restate-server.js";

/** A place that needs a word, and which. */
interface Remark {
  readonly code: "R0244" | "R0245" | "R0246" | "R0331";
  readonly start: number;
  readonly subject: string;
}

/**
 * What beside the analysed code calls migrated handlers by HTTP, starts Restate's server or feeds it from Kafka: code, scripts,
 * documentation, deployment files. Found by looking at the text; nothing of it is rewritten.
 */
export function outsideCalls(plan: Plan): RemarkFact[] {
  if (plan.definitions.length === 0) return [];
  const services = new Map(plan.definitions.map((definition) => [definition.name, definition]));
  return plan.project.documents().flatMap(({ path, text }) =>
    (mayMentionServer(text) ? remarksIn(path, text, services, plan) : []).map(({ code, start, subject }) => ({ code, file: path, range: { start, end: start + 1 }, subject })),
  );
}

/** One for each line at most: of Kafka, of the server, of a call. */
function remarksIn(path: string, text: string, services: ReadonlyMap<string, DefinitionFact>, plan: Plan): Remark[] {
  const isSource = isSourceName(path);
  const mentions = serverMentions(text, () => false, true);
  const found: Remark[] = [];
  let start = 0;
  for (const line of text.split("\n")) {
    const mention = mentions.find((candidate) => candidate.start >= start && candidate.start <= start + line.length);
    if (mention?.kind === "subscription") found.push({ code: "R0246", start: mention.start, subject: mention.text });
    else if (mention?.kind === "server" && !isSource) found.push({ code: "R0245", start: mention.start, subject: mention.text });
    else found.push(...callsIn(line, isSource, services, plan).map((call) => ({ ...call, start: start + call.start })));
    start += line.length + 1;
  }
  return found;
}

function callsIn(line: string, isSource: boolean, services: ReadonlyMap<string, DefinitionFact>, plan: Plan): Remark[] {
  const mayCall = /\bhttps?:|\$\{|\bcurl\b|:8080\b|^\s*(GET|POST) /i.test(line) && !/^\s*import\b|\bfrom ["']/.test(line);
  const code = isSource && !/\bcurl\b/.test(line) ? "R0244" : "R0331";
  for (const path of mayCall ? ingressPaths(line) : []) {
    const now = replacementFor(path, services, plan);
    if (now !== undefined) return [{ code, start: path.start, subject: `${path.path} (now ${now})` }];
  }
  return [];
}

function replacementFor({ service, segments }: IngressPath, services: ReadonlyMap<string, DefinitionFact>, plan: Plan): string | undefined {
  if (service === "restate") return segments[0] === "awakeables" ? "resolveAwakeableWith, rejectAwakeableWith or `resonate promises resolve`" : "resonate.get(id)";
  const definition = services.get(service);
  const handler = definition?.handlers.find(({ name }) => name === segments[definition.kind === "service" ? 0 : 1]);
  return definition && handler && replacement(definition, handler, segments.includes("send"), plan);
}

function replacement(definition: DefinitionFact, handler: HandlerFact, sends: boolean, plan: Plan): string {
  const id = handler.mode === "run" ? `"${definition.name}/<key>"` : "id";
  const args = [id, `"${plan.registeredAs(definition, handler)}"`, ...(definition.kind === "service" ? [] : ["key"]), ...(handler.takesInput ? ["input"] : [])];
  return `resonate.${sends ? "beginRpc" : "rpc"}(${args.join(", ")})`;
}
