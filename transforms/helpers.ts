import type { FunctionFact } from "../src/analysis/model.js";
import type { HelperCallSite } from "../src/analysis/site-model.js";
import type { Output } from "../src/edits/output.js";
import { indentationAt } from "../src/edits/style.js";
import { writeGenerator } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { writeBegun, writeOptionalCall } from "./_begun.js";
import { copiedInputs, statePrologue } from "./objects.js";

/** Functions that take a context become generator functions, and calls to them `yield*`. */
export function helpers(plan: Plan, out: Output): void {
  const handlers = new Set(plan.definitions.flatMap((definition) => definition.handlers.map((handler) => handler.function)));
  const inline = new Set(plan.definitions.flatMap((definition) => definition.handlers.filter((handler) => handler.place === "inline").map((handler) => handler.function)));
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    if (!inline.has(fn.id) && !fn.plain) writeHelper(fn, plan, out, text);
    if (handlers.has(fn.id) && !inline.has(fn.id)) exportIt(fn, plan, out);
    writeContextType(fn, inline, plan, out);
    for (const site of fn.sites) if (site.concept === "helper-call") writeHelperCall(site, plan, out, text);
  }
  for (const alias of plan.facts.aliases.values()) {
    if (!plan.functions.some((fn) => fn.aliases.includes(alias.id))) continue;
    const type = plan.contextType(alias.file);
    out.replace(alias.file, alias.type, type);
    out.import(alias.file, { name: "Context", as: type, from: { package: "@resonatehq/sdk" }, typeOnly: true });
  }
}

export default asJscodeshift("helpers");

/** A helper that is not awaited runs beside its caller, as a child. */
function writeHelperCall(site: HelperCallSite, plan: Plan, out: Output, text: string): void {
  if (plan.facts.functions.get(site.target)?.plain) return writePlainCall(site, out);
  if (site.optional) return writeOptionalCall(site, site.optional, out, text);
  writeBegun(site, site.yielding, plan, out, text);
  if (!site.begins || !site.callee) return;
  out.insert(site.file, site.callee.start, `${site.context}.beginRun(`, -site.yielding.end + 1);
  const rest = /^\s*,\s*/.exec(text.slice(site.argument.end))?.[0].length ?? 0;
  const bound = site.receiver ? `.bind(${text.slice(site.receiver.start, site.receiver.end)})` : "";
  out.replace(site.file, { start: site.callee.end, end: site.argument.end + rest }, `${bound}${rest > 0 ? ", " : ""}`);
}

/** What gives its value at once needs no `yield*`, and no `await`. */
function writePlainCall({ file, yielding: { keyword } }: HelperCallSite, out: Output): void {
  if (keyword.end > keyword.start) out.replace(file, keyword, "");
}

function writeHelper(fn: FunctionFact, plan: Plan, out: Output, text: string): void {
  const { shape } = fn;
  const style = plan.style(fn.file);
  const { variable } = shape;
  const inner = indentationAt(text, (variable?.statement ?? shape.range).start) + style.indent;
  const prologue = [...copiedInputs(fn, plan), statePrologue(fn, plan, out)].filter((statement) => statement !== undefined).join(style.eol + inner) || undefined;
  if (shape.kind === "arrow" && variable) {
    writeGenerator(out, fn.file, text, shape, { name: text.slice(variable.name.start, variable.name.end), typescript: fn.typescript, resultType: fn.resultType, prologue }, style);
    // The constant's own semicolon goes with the constant.
    const end = shape.range.end;
    if (variable.statement.end > end) out.replace(fn.file, { start: end, end: variable.statement.end }, text.slice(end, variable.statement.end).replace(/;$/, ""));
  } else writeGenerator(out, fn.file, text, shape, { typescript: fn.typescript, resultType: fn.resultType, prologue }, style);
}

/** A handler is exported, so that others can call it by its function. */
function exportIt(fn: FunctionFact, plan: Plan, out: Output): void {
  const isDeclared = fn.shape.kind === "declaration" || fn.shape.variable !== undefined;
  if (fn.exported || fn.exportName === undefined || !isDeclared || plan.file(fn.file).commonjs) return;
  out.insert(fn.file, fn.shape.variable?.statement.start ?? fn.shape.range.start, "export ", Number.MIN_SAFE_INTEGER);
}

/** Restate's context becomes Resonate's; a function that needs one and had none gets it. */
function writeContextType(fn: FunctionFact, inline: ReadonlySet<string>, plan: Plan, out: Output): void {
  const type = plan.contextType(fn.file);
  const { context, shape } = fn;
  const annotate = (): void => out.import(fn.file, { name: "Context", as: type, from: { package: "@resonatehq/sdk" }, typeOnly: true });
  if (!context) {
    if (!fn.takesContext || !fn.sites.some((site) => site.concept !== "helper-call")) return;
    out.insert(fn.file, shape.parameters.start + 1, `${fn.contextName}${fn.typescript ? `: ${type}` : ""}${fn.parameters.length > 0 ? ", " : ""}`);
    if (fn.typescript) annotate();
  } else if (context.type && !context.aliased) {
    out.replace(fn.file, context.type, type);
    annotate();
  } else if (context.jsDocType && !context.aliased && !inline.has(fn.id)) out.replace(fn.file, context.jsDocType, `import("@resonatehq/sdk").Context`);
  else if (!context.type && fn.typescript) {
    const name = { start: context.parameter.start, end: context.parameter.start + context.name.length };
    out.insert(fn.file, name.end, `: ${type}`, -1);
    annotate();
  }
}
