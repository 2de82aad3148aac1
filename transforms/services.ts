import type { DefinitionFact, DefinitionUseFact, HandlerFact, SchemaFact } from "../src/analysis/definition-model.js";
import type { FunctionFact } from "../src/analysis/model.js";
import { commentsIn } from "../src/edits/comments.js";
import type { TextRange } from "../src/edits/edit.js";
import type { Output } from "../src/edits/output.js";
import { outdented } from "../src/edits/splice.js";
import { indentationAt, lineStart, type TextStyle } from "../src/edits/style.js";
import { removeStatement, writeGenerator } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { importSupport } from "./_support.js";
import { copiedInputs, keyTag, registered, statePrologue } from "./objects.js";

/** `restate.service` dissolves: one exported generator function per handler, registered under its name. */
export function services(plan: Plan, out: Output): void {
  const byStatement = new Map<string, DefinitionFact[]>();
  for (const definition of plan.definitions) {
    const key = `${definition.file}#${definition.statement.start}`;
    byStatement.set(key, [...(byStatement.get(key) ?? []), definition]);
  }
  for (const definitions of byStatement.values()) dissolve(definitions, plan, out);
  for (const use of plan.facts.uses) {
    if (!plan.regions.migrated.has(use.definition)) continue;
    const { text } = plan.file(use.file);
    if (use.kind === "statement") removeStatement(out, use.file, text, use.range);
    else if (use.kind === "name" || use.kind === "named") out.replace(use.file, use.range, nameText(use, plan));
    else if (use.list) removeFromList(use, use.list, plan, out, text);
    else out.replace(use.file, use.range, exportedNames(use.definition, plan).map((name) => (use.alias === "inline" ? `type ${name}` : name)).join(", "));
  }
}

export default asJscodeshift("services");

/** The name under which a definition was served, where it is read. */
function nameText({ definition, file, kind }: DefinitionUseFact, plan: Plan): string {
  const { quote } = plan.style(file);
  const name = `${quote}${plan.facts.definitions.get(definition)?.name ?? ""}${quote}`;
  return kind === "named" ? `{ name: ${name} }` : name;
}

/** The functions are exported where they stand: the definition's name leaves the module's export list. */
function removeFromList(use: DefinitionUseFact, list: NonNullable<DefinitionUseFact["list"]>, plan: Plan, out: Output, text: string): void {
  const gone = plan.facts.uses.filter((other) => other.list?.range.start === list.range.start && other.file === use.file && plan.regions.migrated.has(other.definition));
  if (gone.length === list.names) return removeStatement(out, use.file, text, list.range);
  out.replace(use.file, use.range, "");
  const after = /^(?:\s|\/\*[\s\S]*?\*\/)*,[ \t]*/.exec(text.slice(use.range.end))?.[0];
  const comma = after === undefined ? text.lastIndexOf(",", use.range.start) : use.range.end + after.indexOf(",");
  // The last name of a list takes the comma before it along, if the names before it stay.
  const taken = gone.some((other) => other.range.start < use.range.start && text.slice(other.range.end, use.range.start).trim() === ",");
  if (comma > list.range.start && !(after === undefined && taken)) out.replace(use.file, { start: comma, end: comma + 1 + (after === undefined ? 0 : after.length - after.indexOf(",") - 1) }, "");
}

/** A handler in the order of the file, with the definition it belongs to. */
interface Placed {
  readonly definition: DefinitionFact;
  readonly handler: HandlerFact;
  readonly fn: FunctionFact;
}

/** Replaces a statement by the functions written in it. What stands between them goes, except for comments. */
function dissolve(definitions: readonly DefinitionFact[], plan: Plan, out: Output): void {
  const [first] = definitions;
  if (!first) return;
  const { file, statement } = first;
  const facts = plan.file(file);
  const style = plan.style(file);
  const placed = definitions.flatMap((definition) => definition.handlers.flatMap((handler) => place(definition, handler, plan)));
  const inline = placed.filter(({ handler }) => handler.place === "inline").sort((a, b) => a.fn.shape.range.start - b.fn.shape.range.start);
  const registrations = (items: readonly Placed[]): string => items.map((item) => registration(item, plan, out, style)).filter((line) => line !== "").join(style.eol);
  const column = indentationAt(facts.text, statement.start).length;
  // A comment that moves with its handler takes its types along.
  const types = inline.flatMap(({ fn }): CommentEdit[] => [
    ...(fn.context?.jsDocType && !fn.context.aliased ? [{ range: fn.context.jsDocType, text: `import("@resonatehq/sdk").Context` }] : []),
    ...(fn.context?.jsDocTag ? [{ range: { start: fn.context.jsDocTag.end, end: fn.context.jsDocTag.end }, text: keyTag(fn, plan) ?? "" }] : []),
  ]);
  let from = statement.start;
  inline.forEach((item, index) => {
    const { range } = item.fn.shape;
    const previous = inline[index - 1];
    const gap = { start: from, end: range.start };
    const lead = previous ? after(registration(previous, plan, out, style), style) + style.eol + style.eol : "";
    out.replace(file, gap, gapText(facts.text, gap, lead, style, previous !== undefined, types));
    writeHandler(item, indentationAt(facts.text, statement.start), plan, out, facts.text, style);
    out.dedent(file, { range, columns: indentationAt(facts.text, range.start).length - column });
    from = range.end;
  });
  const last = inline.at(-1);
  const references = registrations(placed.filter(({ handler }) => handler.place === "reference"));
  const chained = plan.endpoints.find((endpoint) => endpoint.complete && endpoint.fact.services.some((service) => service.definition === first.id))?.fact.chained;
  const waits = first.place === "inline" ? chained : undefined;
  const tail = { start: from, end: waits ? waits.call.end : statement.end };
  const lines = [last ? registration(last, plan, out, style) : "", references].filter((line) => line !== "");
  const text = last ? lines.map((line) => after(line, style)).join("") : lines.join(style.eol);
  if (!last && text === "") removeStatement(out, file, facts.text, statement);
  else out.replace(file, tail, gapText(facts.text, tail, text, style, last !== undefined, types) + (waits ? `${style.eol}${style.eol}Promise.resolve(${waits.port})` : ""));
  if (plan.registration === "beside" && placed.length > 0) out.import(file, { name: "resonate", as: plan.localName(file, "resonate"), from: { file: plan.resonateModule(file) } });
}

function place(definition: DefinitionFact, handler: HandlerFact, plan: Plan): Placed[] {
  const fn = plan.facts.functions.get(handler.function);
  return fn ? [{ definition, handler, fn }] : [];
}

function after(line: string, style: TextStyle): string {
  return line === "" ? "" : style.eol + line;
}

/** `resonate.register("greet", greet);`, or nothing where the process's entry registers. */
function registration({ definition, handler, fn }: Placed, plan: Plan, out: Output, style: TextStyle): string {
  const name = handler.place === "inline" ? plan.functionName(fn.id) : (handler.reference ?? "");
  const lines = plan.registration === "entry" ? [] : [registerLine(plan.localName(definition.file, "resonate"), { definition, handler, name, file: definition.file }, plan, out)];
  if (plan.file(definition.file).commonjs && definition.exported && handler.place === "inline") lines.unshift(`exports.${name} = ${name}${style.semicolon}`);
  return lines.join(style.eol);
}

/** A handler as a file registers it, under the name it has there. */
export interface Registration {
  readonly file: string;
  readonly definition: DefinitionFact;
  readonly handler: HandlerFact;
  readonly name: string;
}

/** The line that registers a handler on a client. */
export function registerLine(client: string, { file, definition, handler, name }: Registration, plan: Plan, out: Output): string {
  const { quote, semicolon } = plan.style(file);
  return `${client}.register(${quote}${plan.registeredAs(definition, handler)}${quote}, ${registered(client, name, file, definition, handler, plan, out)})${semicolon}`;
}

/** What takes the place of the text between two handlers: a comment on the line of the one before stays there, the others stand before the next. */
function gapText(text: string, gap: TextRange, middle: string, style: TextStyle, afterFunction: boolean, changes: readonly CommentEdit[]): string {
  const comments = commentsIn(text, gap);
  const firstBreak = text.indexOf("\n", gap.start);
  const trailing = afterFunction ? comments.filter((comment) => firstBreak < 0 || comment.start < firstBreak) : [];
  const leading = comments.filter((comment) => !trailing.includes(comment));
  const same = trailing.map((comment) => ` ${text.slice(comment.start, comment.end)}`).join("");
  const own = leading.map((comment) => outdented(text, { start: comment.start, end: comment.end }, changed(comment, text, changes)));
  const ends = gap.end === lineStart(text, gap.end) || afterFunction;
  if (own.length === 0) return same + middle;
  const block = own.join(style.eol);
  const atEnd = /\S/.test(middle) && !middle.endsWith(style.eol);
  return ends && atEnd ? `${same}${middle}${style.eol}${block}` : `${same}${middle}${block}${style.eol}`;
}

/** A change inside of a comment that moves with its handler: Resonate's context in the place of Restate's, a line for the key. */
interface CommentEdit {
  readonly range: TextRange;
  readonly text: string;
}

function changed(comment: TextRange, text: string, edits: readonly CommentEdit[]): string {
  return edits
    .filter(({ range }) => comment.start <= range.start && range.end <= comment.end)
    .sort((a, b) => b.range.start - a.range.start)
    .reduce((all, edit) => all.slice(0, edit.range.start - comment.start) + edit.text + all.slice(edit.range.end - comment.start), text.slice(comment.start, comment.end));
}

function writeHandler({ handler, fn }: Placed, indent: string, plan: Plan, out: Output, text: string, style: TextStyle): void {
  const exported = !plan.file(fn.file).commonjs;
  const inputs = handler.input ? [writeSchema(handler.input, fn, plan, out, text, style)] : copiedInputs(fn, plan);
  const statements = [...inputs, statePrologue(fn, plan, out)].filter((statement) => statement !== undefined);
  const prologue = statements.length > 0 ? statements.join(`${style.eol}${indent}${style.indent}`) : undefined;
  writeGenerator(out, fn.file, text, fn.shape, { name: plan.functionName(fn.id), exported, typescript: fn.typescript, prologue, indent, resultType: fn.resultType }, style);
  if (handler.input || !fn.typescript) return;
  for (const parameter of fn.parameters) if (!parameter.type && !parameter.initializer) out.insert(fn.file, parameter.binding.end, ": any");
}

/**
 * The input is validated before the handler sees it: defaults are filled, unknown members go, a violation fails the call.
 * Gives the statement that the body begins with.
 */
function writeSchema(schema: SchemaFact, fn: FunctionFact, plan: Plan, out: Output, text: string, style: TextStyle): string {
  const [parameter] = fn.parameters;
  const { file } = fn;
  const expression = text.slice(schema.range.start, schema.range.end);
  const constant = `${plan.functionName(fn.id)}Input`;
  const name = schema.entity ? expression : constant;
  if (!schema.entity) out.insert(file, fn.shape.range.start, `const ${constant} = ${expression}${style.semicolon}${style.eol}${style.eol}`, Number.MIN_SAFE_INTEGER);
  const parseInput = importSupport("schema", "parseInput", file, plan, out);
  const input = plan.file(file).names.has("input") ? "rawInput" : "input";
  const typed = parameter?.type && text.slice(parameter.type.start, parameter.type.end);
  const annotation = fn.typescript ? `: ${typed ?? `${importSupport("schema", "InputOf", file, plan, out, true)}<typeof ${name}>`}` : "";
  const parse = `${parseInput}(${name}, ${input})${style.semicolon}`;
  if (!parameter) {
    const context = fn.context ? ", " : `_ctx${fn.typescript ? `: ${plan.contextType(file)}` : ""}, `;
    out.insert(file, fn.shape.parameters.end - 1, `${context}${input}${annotation}`, 2);
    return parse;
  }
  const initializer = parameter.initializer ? ` = ${text.slice(parameter.initializer.start, parameter.initializer.end)}` : "";
  // What was an optional parameter is a constant that may be undefined.
  const written = text.slice(parameter.binding.start, parameter.binding.end);
  const binding = /^[\w$]+\s*\?/.test(written) ? `${written.replace(/^([\w$]+)\s*\?/, "$1")}${typed === undefined ? "" : " | undefined"}` : written;
  const assigned = parameter.name !== "" && new RegExp(`\\b${parameter.name}\\s*=[^=>]`).test(text.slice(fn.shape.body.start, fn.shape.body.end));
  out.replace(file, parameter.range, `${input}${annotation}${initializer}`);
  return `${assigned ? "let" : "const"} ${binding} = ${parse}`;
}

/** The functions that stand for a definition where it was exported. */
function exportedNames(id: string, plan: Plan): string[] {
  const definition = plan.definitions.find((candidate) => candidate.id === id);
  return (definition?.handlers ?? []).map((handler) => (handler.place === "inline" ? plan.functionName(handler.function) : (handler.reference ?? "")));
}
