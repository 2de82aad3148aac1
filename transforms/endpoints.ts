import type { TextRange } from "../src/edits/edit.js";
import type { Output } from "../src/edits/output.js";
import { lineEnd, lineStart, type TextStyle } from "../src/edits/style.js";
import { removeStatement } from "../src/edits/yielding.js";
import { clientLines, supportModules } from "../src/modules.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { PlannedEndpoint, Plan } from "../src/plan.js";
import { registerLine } from "./services.js";

/** Endpoints go: a worker is a process that imports (or, with several processes, registers) the functions it serves. */
export function endpoints(plan: Plan, out: Output): void {
  for (const endpoint of plan.endpoints) {
    if (endpoint.migrated.length === 0) continue;
    const replacement = plan.registration === "beside" ? "" : registrations(endpoint, plan, out);
    if (endpoint.complete) removeEndpoint(endpoint, replacement, plan, out);
    else thinEndpoint(endpoint, replacement, plan, out);
    if (plan.registration === "beside") importHandlers(endpoint, plan, out);
  }
}

export default asJscodeshift("endpoints");

/** The process registers what it serves: on a client of its own group where there are several, else on that of its package. */
function registrations(endpoint: PlannedEndpoint, plan: Plan, out: Output): string {
  const { file } = endpoint.fact;
  const style = plan.style(file);
  const { quote, semicolon, eol } = style;
  const lines: string[] = [];
  // A file with two processes, told apart by a condition or not, has a client for each.
  const rank = plan.endpoints.filter((other) => other.group !== undefined && other.fact.file === file).indexOf(endpoint);
  const client = plan.localName(file, "resonate") + (rank > 0 ? String(rank + 1) : "");
  if (endpoint.group === undefined) out.import(file, { name: "resonate", as: client, from: { file: plan.resonateModule(file) } });
  else {
    const constructor = plan.localName(file, "Resonate");
    out.import(file, { name: "Resonate", as: constructor, from: { package: "@resonatehq/sdk" } });
    lines.push(`const ${client} = new ${constructor}({ group: ${quote}${endpoint.group}${quote} })${semicolon}`);
  }
  const registered: string[] = [];
  for (const id of endpoint.migrated) {
    const definition = plan.facts.definitions.get(id);
    for (const handler of definition?.handlers ?? []) {
      if (!definition) continue;
      const { name, exported, from } = plan.reference(file, definition, handler);
      out.import(file, { name: exported, as: name, from });
      registered.push(registerLine(client, { file, definition, handler, name }, plan, out));
    }
  }
  // The client of a package's module gets what it needs there.
  if (endpoint.group !== undefined) lines.push(...neededLines(client, file, plan, out).map((line) => styledLine(line, style)));
  return [...lines, ...registered].join(eol);
}

/** The statements that give a client what the support modules in use need of it. */
function neededLines(client: string, file: string, plan: Plan, out: Output): string[] {
  const used = supportModules(out.support.values(), plan.state);
  if (used.has("forward")) out.import(file, { name: "forward", from: { file: plan.supportModule(file, "forward") } });
  return clientLines(client, { dependency: used.has("client"), forward: used.has("forward") ? "" : undefined });
}

function styledLine(line: string, { quote, semicolon }: TextStyle): string {
  return line.replaceAll('"', quote).replace(/;$/, semicolon);
}

function removeEndpoint(endpoint: PlannedEndpoint, replacement: string, plan: Plan, out: Output): void {
  const { file, statements, services, chained, bodies } = endpoint.fact;
  const { text } = plan.file(file);
  const { eol } = plan.style(file);
  const dissolved = services.some((service) => plan.facts.definitions.get(service.definition)?.place === "inline");
  const ordered = [...new Map(statements.map((statement) => [statement.start, statement])).values()].sort((a, b) => a.start - b.start);
  const last = ordered.at(-1);
  for (const statement of ordered) {
    if (chained && statement.start <= chained.call.start && chained.call.end <= statement.end) {
      if (!dissolved) out.replace(file, chained.call, `Promise.resolve(${chained.port})`);
      // Definitions in the list become functions before the call: what registers them comes after.
      if (replacement !== "" && dissolved) out.insert(file, statement.end, eol + replacement);
      else if (replacement !== "") before(statement, replacement, endpoint, plan, out);
      continue;
    }
    // The services transform replaces the statement that holds definitions by their functions.
    if (dissolved && services.some((service) => statement.start <= service.range.start && service.range.end <= statement.end)) {
      if (replacement !== "") out.insert(file, statement.end, eol + replacement);
      continue;
    }
    const added = statement === last ? replacement : "";
    if (bodies.includes(statement.start)) out.replace(file, statement, added === "" ? "{}" : `{${eol}${added}${eol}}`);
    else if (added !== "") out.replace(file, statement, added);
    else removeStatement(out, file, text, statement);
  }
}

/** What migrates leaves the list; the rest is served as before. */
function thinEndpoint(endpoint: PlannedEndpoint, replacement: string, plan: Plan, out: Output): void {
  const { file, services, statements } = endpoint.fact;
  const { text } = plan.file(file);
  const migrated = new Set(endpoint.migrated);
  for (const service of services) if (migrated.has(service.definition)) out.replace(file, listItem(text, service.range), "");
  const [first] = statements;
  if (replacement !== "" && first) before(first, replacement, endpoint, plan, out);
}

/** Puts lines before a statement; where it is the whole body of an `if` or the like, both go into a block. */
function before(statement: TextRange, lines: string, endpoint: PlannedEndpoint, plan: Plan, out: Output): void {
  const { file, bodies } = endpoint.fact;
  const { eol } = plan.style(file);
  const isBody = bodies.includes(statement.start);
  out.insert(file, statement.start, `${isBody ? `{${eol}` : ""}${lines}${eol}`);
  if (isBody) out.insert(file, statement.end, `${eol}}`);
}

/** An element with its comma and the white space after it; or a whole `.bind(...)` call. */
function listItem(text: string, range: TextRange): TextRange {
  const bind = /\.\s*bind\s*\(\s*$/.exec(text.slice(0, range.start));
  if (bind) return { start: bind.index, end: range.end + (/^\s*\)/.exec(text.slice(range.end))?.[0].length ?? 0) };
  const line = { start: lineStart(text, range.start), end: lineEnd(text, range.end) };
  if (/^[ \t]*$/.test(text.slice(line.start, range.start)) && /^[ \t]*,?[ \t]*\r?\n?$/.test(text.slice(range.end, line.end))) return line;
  const comma = /^\s*,[ \t]*/.exec(text.slice(range.end))?.[0].length;
  if (comma !== undefined) return { start: range.start, end: range.end + comma };
  const before = /,\s*$/.exec(text.slice(0, range.start));
  return { start: before ? before.index : range.start, end: range.end };
}

/** The entry module imports the modules whose functions it served; importing them registers them. */
function importHandlers(endpoint: PlannedEndpoint, plan: Plan, out: Output): void {
  const { file } = endpoint.fact;
  for (const id of endpoint.migrated) {
    const definition = plan.facts.definitions.get(id);
    if (definition && definition.file !== file) out.import(file, { from: { file: definition.file } });
  }
}
