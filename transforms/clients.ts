import type { IngressCallSite, IngressClientSite, IngressMemberSite, IngressNameFact, IngressReceiver } from "../src/analysis/ingress-model.js";
import type { DefinitionFact, HandlerFact } from "../src/analysis/definition-model.js";
import { commentsIn, keepingComments } from "../src/edits/comments.js";
import type { TextRange } from "../src/edits/edit.js";
import type { Output } from "../src/edits/output.js";
import { lineStart } from "../src/edits/style.js";
import { removeStatement } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import type { PlannedConnection } from "../src/plan-clients.js";
import { importSupport } from "./_support.js";
import { isWithinReach } from "./calls.js";
import { writeDuration } from "./time.js";

/** Restate's ingress clients become clients of Resonate, and calls through them calls by registered name. */
export function clients(plan: Plan, out: Output): void {
  const removed = new Set<string>();
  for (const connection of plan.clients.connections) {
    out.replace(connection.fact.file, connection.fact.range, clientText(connection, plan, out));
    for (const statement of connection.fact.constants) {
      const id = `${connection.fact.file}#${statement.start}`;
      if (!removed.has(id) && isUnused(connection, statement, plan)) removeStatement(out, connection.fact.file, plan.file(connection.fact.file).text, statement);
      removed.add(id);
    }
  }
  for (const name of plan.clients.names) writeName(name, plan, out);
  for (const site of plan.clients.sites) {
    if (site.concept === "ingress-client") writeClient(site, plan, out);
    else if (site.concept === "ingress-member") writeMember(site, plan, out);
    else writeCall(site, plan, out);
  }
}

export default asJscodeshift("clients");

/** A constant goes when all connections that its file makes with it go. */
function isUnused({ fact }: PlannedConnection, statement: TextRange, plan: Plan): boolean {
  return plan.facts.ingress.connections.every((other) => other.file !== fact.file || !other.constants.some(({ start }) => start === statement.start) || plan.regions.ingresses.has(other.id));
}

function clientText({ fact, becomes }: PlannedConnection, plan: Plan, out: Output): string {
  const { file } = fact;
  if (becomes === "shared") return `${importSupport("shared-client", "sharedClient", file, plan, out)}()`;
  if (becomes === "package") {
    const name = plan.localName(file, "resonate");
    out.import(file, { name: "resonate", as: name, from: { file: plan.resonateModule(file) } });
    return name;
  }
  const name = plan.localName(file, "Resonate");
  out.import(file, { name: "Resonate", as: name, from: { package: "@resonatehq/sdk" } });
  const { quote } = plan.style(file);
  return `new ${name}({ group: ${quote}clients${quote} })`;
}

function writeName({ file, range, name }: IngressNameFact, plan: Plan, out: Output): void {
  if (name === "Ingress") {
    const local = plan.localName(file, "Resonate");
    out.import(file, { name: "Resonate", as: local, from: { package: "@resonatehq/sdk" }, typeOnly: true });
    return out.replace(file, range, local);
  }
  if (name === "HttpCallError") return out.replace(file, range, importSupport("errors", "TerminalError", file, plan, out));
  if (name === "status") return out.replace(file, range, "code");
  if (name === "message") return out.replace(file, range, "message");
  out.replace(file, range, importSupport("clients", name, file, plan, out, true));
}

/** The constant of a client goes with the calls on it, or keeps what they need: the ingress, or a computed key. */
function writeClient({ file, statement, keeps }: IngressClientSite, plan: Plan, out: Output): void {
  const { text } = plan.file(file);
  const { eol } = plan.style(file);
  if (!keeps) return removeStatement(out, file, text, statement);
  const kept = keeps.kind === "key" ? keeps.key : keeps.receiver;
  if (keeps.kind === "key") out.replace(file, keeps.name, keeps.as);
  for (const gone of [{ start: keeps.initializer.start, end: kept.start }, { start: kept.end, end: keeps.initializer.end }]) if (gone.end > gone.start) out.replace(file, gone, keepingComments(text, gone, "", eol));
}

/** `ingress.result(handle)` becomes `resultOf(resonate, handle)`; awakeables are completed through the client. */
function writeMember(site: IngressMemberSite, plan: Plan, out: Output): void {
  const { file } = site;
  const [support, name] = site.member === "result" ? ["clients", "resultOf"] : ["awakeables", `${site.member}With`];
  const typeArguments = site.member === "result" ? (/<[^()]*>(?=\s*\($)/.exec(plan.file(file).text.slice(headStart(site), site.open))?.[0] ?? "") : "";
  writeHead(site, { before: `${importSupport(support, name, file, plan, out)}${typeArguments}(`, after: ", " }, plan, out);
}

function headStart({ receiver, range }: IngressCallSite | IngressMemberSite): number {
  return receiver.kind === "here" ? receiver.range.end : range.start;
}

/** Replaces what stands before the arguments; the ingress stays where it stands. */
function writeHead(site: IngressCallSite | IngressMemberSite, head: { readonly before: string; readonly after: string }, plan: Plan, out: Output): void {
  const { file, receiver, range, open } = site;
  const { text } = plan.file(file);
  const { eol } = plan.style(file);
  if (receiver.kind === "text") return out.replace(file, { start: range.start, end: open }, keepingComments(text, { start: range.start, end: open }, `${head.before}${receiver.text}${head.after}`, eol));
  if (head.before !== "") out.insert(file, receiver.range.start, head.before, -receiver.range.end);
  const rest = { start: receiver.range.end, end: open };
  const comments = commentsIn(text, rest).map((comment) => text.slice(comment.start, comment.end));
  out.replace(file, rest, head.after + comments.map((comment) => (comment.startsWith("//") ? `${comment}${eol}` : `${comment} `)).join(""));
}

/** A call site with what the plan knows of its callee. */
interface Callee {
  readonly definition: DefinitionFact;
  readonly handler: HandlerFact;
  /** `<ResultOf<typeof f>>` where that can be said. */
  readonly type: string;
  /** The registered name, as a literal. */
  readonly name: string;
  readonly group: string | undefined;
}

function calleeOf(site: IngressCallSite, plan: Plan, out: Output): Callee {
  const definition = plan.facts.definitions.get(site.definition);
  const handler = definition?.handlers.find((candidate) => candidate.name === site.handler);
  if (!definition || !handler) throw new Error(`${site.definition} migrates without ${site.handler}`);
  const { quote } = plan.style(site.file);
  return { definition, handler, type: resultType(site, definition, handler, plan, out), name: `${quote}${plan.registeredAs(definition, handler)}${quote}`, group: plan.groupOf(definition.id) };
}

/** The type of the result follows the handler's function, of which only the type is imported. */
function resultType({ file, kind, used }: IngressCallSite, definition: DefinitionFact, handler: HandlerFact, plan: Plan, out: Output): string {
  const callee = plan.facts.functions.get(handler.function);
  if (!plan.file(file).typescript || !callee?.typescript || (kind !== "call" && !used) || !isWithinReach(file, callee, handler, plan)) return "";
  const resultOf = importSupport("result-of", "ResultOf", file, plan, out, true);
  const { name, exported, from } = plan.reference(file, definition, handler);
  out.import(file, { name: exported, as: name, from, typeOnly: true });
  return `<${resultOf}<typeof ${name}>>`;
}

function writeCall(site: IngressCallSite, plan: Plan, out: Output): void {
  const callee = calleeOf(site, plan, out);
  if (site.kind === "attach" || site.kind === "output") return writeLookUp(site, callee, plan, out);
  const key = site.key === undefined ? "" : `${site.key}, `;
  const id = idText(site, callee, plan, out);
  if (site.kind !== "call" && (site.used || site.delay)) {
    const submit = importSupport("clients", "submit", site.file, plan, out);
    const rest = site.key === undefined ? "" : site.input ? `${site.key}, ` : site.key;
    writeHead(site, { before: `${submit}${callee.type}(`, after: `, ${id}, ${callee.name}, [${rest}` }, plan, out);
    return writeTail(site, submitOptions(site, callee, plan), plan, out, "]");
  }
  const method = site.kind === "call" ? "rpc" : "beginRpc";
  writeHead(site, { before: "", after: `.${method}${callee.type}(${id}, ${callee.name}${site.input ? `, ${key}` : key === "" ? "" : `, ${site.key}`}` }, plan, out);
  writeTail(site, callOptions(site, callee, plan, out), plan, out);
}

/** `workflowAttach` and `workflowOutput` look the workflow up by its id. */
function writeLookUp(site: IngressCallSite, callee: Callee, plan: Plan, out: Output): void {
  const name = importSupport("clients", site.kind === "attach" ? "attachTo" : "outputOf", site.file, plan, out);
  writeHead(site, { before: `${name}${callee.type}(`, after: `, ${idText(site, callee, plan, out)}` }, plan, out);
  writeTail(site, "", plan, out);
}

/** A workflow has its id by its key, a call with an idempotency key one by that; any other call gets a random one. */
function idText(site: IngressCallSite, { definition, handler }: Callee, plan: Plan, out: Output): string {
  const { file } = site;
  const { quote } = plan.style(file);
  if (handler.mode === "run") return `${importSupport("ids", "workflowId", file, plan, out)}(${quote}${definition.name}${quote}, ${site.key})`;
  if (!site.idempotencyKey) return `${plan.file(file).declared.has("crypto") && !hasNodeCrypto(file, plan) ? "globalThis." : ""}crypto.randomUUID()`;
  const text = plan.file(file).text.slice(site.idempotencyKey.start, site.idempotencyKey.end);
  return `${importSupport("clients", "callId", file, plan, out)}(${quote}${definition.name}/${handler.name}${quote}, ${text}${site.key === undefined ? "" : `, ${site.key}`})`;
}

/** `crypto` is Node's module in this file, which has the same function. */
function hasNodeCrypto(file: string, plan: Plan): boolean {
  const facts = plan.file(file);
  return facts.declared.get("crypto") === 1 && facts.bindings.some(({ local, module, typeOnly }) => local === "crypto" && !typeOnly && /^(node:)?crypto$/.test(module));
}

/** The ingress as it can be written once more in the same call. */
function receiverText(receiver: IngressReceiver, file: string, plan: Plan, out: Output): string {
  if (receiver.kind === "text") return receiver.text;
  const connection = receiver.connects ? plan.clients.connections.find(({ fact }) => fact.file === file && receiver.range.start <= fact.range.start && fact.range.end <= receiver.range.end) : undefined;
  return connection ? clientText(connection, plan, out) : plan.file(file).text.slice(receiver.range.start, receiver.range.end);
}

function callOptions(site: IngressCallSite, { handler, group }: Callee, plan: Plan, out: Output): string {
  const { quote } = plan.style(site.file);
  const options = [
    ...(group === undefined ? [] : [`target: ${quote}${group}${quote}`]),
    ...(handler.mode === "run" || plan.waitsLong(handler) ? [`timeout: ${importSupport("ids", "noDeadline", site.file, plan, out)}`] : []),
  ];
  return options.length === 0 ? "" : `, ${receiverText(site.receiver, site.file, plan, out)}.options({ ${options.join(", ")} })`;
}

/** The options of `submit` up to the delay, which stays where it is written. */
function submitOptions({ file, delay }: IngressCallSite, { group }: Callee, plan: Plan): string {
  const { quote } = plan.style(file);
  const target = group === undefined ? "" : `target: ${quote}${group}${quote}`;
  if (delay) return `, { ${target === "" ? "" : `${target}, `}delay: `;
  return target === "" ? "" : `, { ${target} }`;
}

/** What follows the input up to the closing parenthesis: `close`, then options in place of Restate's. Comments are kept. */
function writeTail(site: IngressCallSite, options: string, plan: Plan, out: Output, close = ""): void {
  const { file, input, delay, open, range } = site;
  const { text } = plan.file(file);
  const { eol } = plan.style(file);
  const end = range.end - 1;
  const from = input?.end ?? open;
  if (input && /^\s*$/.test(text.slice(open, input.start)) && input.start > open && !text.slice(input.start, input.end).includes("\n")) out.replace(file, { start: open, end: input.start }, "");
  const comments = (part: TextRange): string => {
    const found = commentsIn(text, part).map((comment) => text.slice(comment.start, comment.end));
    const indent = /^[ \t]*/.exec(text.slice(lineStart(text, part.start)))?.[0] ?? "";
    return found.map((comment) => ` ${comment}${comment.startsWith("//") ? eol + indent : ""}`).join("");
  };
  if (!delay) {
    const tail = { start: from, end };
    const replacement = close + options + comments(tail);
    if (tail.end > tail.start || replacement !== "") out.replace(file, tail, replacement);
    return;
  }
  const [before, after] = [{ start: from, end: delay.range.start }, { start: delay.range.end, end }];
  const kept = comments(before);
  out.replace(file, before, `${close},${kept}${/\n[ \t]*$/.test(kept) ? "" : " "}${options.slice(2)}`);
  writeDuration(out, file, delay, plan, text);
  out.replace(file, after, ` }${comments(after)}`);
}
