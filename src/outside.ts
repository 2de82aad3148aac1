import type { DefinitionFact, HandlerFact, RemarkFact } from "./analysis/model.js";
import type { Plan } from "./plan.js";
import { isSourceName } from "./project/source-files.js";

/** What a line of text has to do with Restate's server. */
interface Mention {
  readonly code: "R0244" | "R0245" | "R0246" | "R0331";
  readonly start: number;
  readonly end: number;
  readonly subject: string;
}

/**
 * What beside the analysed code calls migrated handlers by HTTP, starts Restate's server or feeds it from Kafka: code, scripts,
 * documentation, deployment files. Found by looking at the text; nothing of it is rewritten.
 */
export function outsideCalls(plan: Plan): RemarkFact[] {
  if (plan.definitions.length === 0) return [];
  const services = new Map(plan.definitions.map((definition) => [definition.name, definition]));
  return plan.project.documents().flatMap(({ path, text }) => mentionsIn(path, text, services, plan).map(({ code, start, end, subject }) => ({ code, file: path, range: { start, end }, subject })));
}

/** A look at the whole text first: most have nothing of the kind. */
const telling = /restate|:8080|:9070|ingress/i;

function mentionsIn(path: string, text: string, services: ReadonlyMap<string, DefinitionFact>, plan: Plan): Mention[] {
  if (!telling.test(text)) return [];
  const found: Mention[] = [];
  const source = isSourceName(path);
  let start = 0;
  for (const line of text.split("\n")) {
    const mention = mentionIn(line, services, plan, source);
    if (mention) found.push({ ...mention, start: start + mention.start, end: start + mention.end });
    start += line.length + 1;
  }
  return found;
}

function mentionIn(line: string, services: ReadonlyMap<string, DefinitionFact>, plan: Plan, source: boolean): Mention | undefined {
  const kafka = /["']?kafka:\/\/[^\s"']+/.exec(line);
  if (kafka) return mention("R0246", kafka.index, kafka[0].replace(/^["']/, ""));
  const server = source ? null : /\brestatedev\/restate(:[\w.-]+)?|\brestate-server\b|\brestate (deployments|dp|deployment) register\b|:9070\/deployments\b/.exec(line);
  if (server) return mention("R0245", server.index, server[0]);
  const call = /\bhttps?:|\$\{|\bcurl\b|:8080\b|^\s*(GET|POST) /i.test(line) && !/^\s*import\b|\bfrom ["']/.test(line) ? callIn(line, services, plan) : undefined;
  return call && mention(source && !/\bcurl\b/.test(line) ? "R0244" : "R0331", call.start, `${call.url} (now ${call.now})`);
}

function mention(code: Mention["code"], start: number, subject: string): Mention {
  return { code, start, end: start + 1, subject };
}

/** A path of Restate's ingress: `/Service/handler`, `/Object/key/handler/send`, `/restate/awakeables/<id>/resolve`. */
function callIn(line: string, services: ReadonlyMap<string, DefinitionFact>, plan: Plan): { readonly start: number; readonly url: string; readonly now: string } | undefined {
  const own = /\/restate\/(awakeables|workflow|invocation)\/[^\s"'`]*/.exec(line);
  if (own) return { start: own.index, url: own[0], now: own[1] === "awakeables" ? "resolveAwakeableWith, rejectAwakeableWith or `resonate promises resolve`" : "resonate.get(id)" };
  for (const match of line.matchAll(/\/([A-Za-z_][\w.-]*)(?=\/)/g)) {
    const definition = services.get(match[1] ?? "");
    const rest = definition && /^[^\s"'`?]*/.exec(line.slice(match.index + match[0].length + 1))?.[0];
    const segments = rest?.split("/") ?? [];
    const handler = definition?.handlers.find(({ name }) => name === segments[definition.kind === "service" ? 0 : 1]);
    if (definition && handler) return { start: match.index, url: `${match[0]}/${rest ?? ""}`, now: replacement(definition, handler, segments.includes("send"), plan) };
  }
  return undefined;
}

function replacement(definition: DefinitionFact, handler: HandlerFact, sends: boolean, plan: Plan): string {
  const id = handler.mode === "run" ? `"${definition.name}/<key>"` : "id";
  const args = [id, `"${plan.registeredAs(definition, handler)}"`, ...(definition.kind === "service" ? [] : ["key"]), ...(handler.takesInput ? ["input"] : [])];
  return `resonate.${sends ? "beginRpc" : "rpc"}(${args.join(", ")})`;
}
