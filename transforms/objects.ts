import type { DefinitionFact, HandlerFact } from "../src/analysis/definition-model.js";
import type { FunctionFact, KeyedFact } from "../src/analysis/model.js";
import type { HelperCallSite, KeySite, Site, StateSite } from "../src/analysis/site-model.js";
import { separatorAfter } from "../src/edits/layout.js";
import type { Output } from "../src/edits/output.js";
import { writeYield } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { importSupport } from "./_support.js";
import { writeListed } from "./_begun.js";

/** The key of an object becomes a parameter of its handlers, and `ctx.get`, `ctx.set` and their kind operations on the state of that key. */
export function objects(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { keyed } = fn;
    if (!keyed) continue;
    const { text } = plan.file(fn.file);
    writeKeyParameter(fn, keyed, plan, out);
    for (const site of fn.sites) {
      if (site.concept === "state") writeState(site, fn, keyed, plan, out, text);
      else if (site.concept === "key") writeKey(site, plan.keyText(fn), out);
      else if (site.concept === "helper-call") handOn(site, keyed, plan, out);
    }
  }
}

export default asJscodeshift("objects");

/** What comes first in a handler that changes its input: a pass that follows at once would get what this one has made of it. */
export function copiedInputs(fn: FunctionFact, plan: Plan): string[] {
  const { semicolon } = plan.style(fn.file);
  return fn.changedInputs.map((name) => `${name} = structuredClone(${name})${semicolon} // each pass changes a copy of its own`);
}

/** The first statement of a handler that uses the state of its key, as text. */
export function statePrologue(fn: FunctionFact, plan: Plan, out: Output): string | undefined {
  const { keyed } = fn;
  const owner = keyed?.role === "handler" && keyed.usesState ? ownerOf(fn, plan) : undefined;
  if (!keyed || !owner) return undefined;
  const { quote, semicolon } = plan.style(fn.file);
  const stateOf = importSupport("state", "stateOf", fn.file, plan, out);
  const type = fn.typescript && keyed.stateType !== undefined ? `<${keyed.stateType}>` : "";
  return `const ${keyed.stateName} = ${stateOf}${type}(${fn.contextName}, ${quote}${owner.name}${quote}, ${keyed.keyName})${semicolon}`;
}

/**
 * What is registered for a handler: the function itself, or it behind what it needs. Innermost it runs again where it can fail for the
 * moment; then it may leave something behind; around that stands the turn of its key, which is held throughout; outermost it can be
 * cancelled, also while it waits for its turn.
 */
export function registered(client: string, name: string, file: string, definition: DefinitionFact, handler: HandlerFact, plan: Plan, out: Output): string {
  const wrap = (support: string, wrapper: string, inner: string, before = "", after = ""): string => {
    const module = plan.supportModule(definition.file, support);
    out.support.set(module, support);
    const local = plan.localName(file, wrapper);
    out.import(file, { name: wrapper, as: local, from: { file: module } });
    return `${local}(${before}${inner}${after})`;
  };
  let value = name;
  if (plan.retries(handler)) value = wrap("retrying", "retrying", value, "", handler.retryPolicy === undefined ? "" : `, ${handler.retryPolicy}`);
  if (plan.letsGo(handler)) value = wrap("futures", "lettingGo", value);
  const { quote } = plan.style(file);
  if (plan.takesTurns(handler)) value = wrap("exclusive", "exclusive", value, `${client}, ${quote}${definition.name}${quote}, `);
  return plan.isCancellable(handler) ? wrap("cancellation", "cancellable", value) : value;
}

function ownerOf(fn: FunctionFact, plan: Plan): DefinitionFact | undefined {
  return plan.definitions.find((definition) => definition.handlers.some((handler) => handler.function === fn.id));
}

/** A handler takes the key after the context; a helper takes the state of the key there. */
function writeKeyParameter(fn: FunctionFact, keyed: KeyedFact, plan: Plan, out: Output): void {
  const { context } = fn;
  if (!context) return keyed.role === "handler" ? writeParameters(fn, keyed, plan, out) : undefined;
  const name = keyed.role === "handler" ? (keyed.usesKey || keyed.usesState ? keyed.keyName : `_${keyed.keyName}`) : keyed.stateName;
  const type = !fn.typescript ? "" : keyed.role === "handler" ? ": string" : `: ${importSupport("state", "ObjectState", fn.file, plan, out, true)}${keyed.stateType === undefined ? "" : `<${keyed.stateType}>`}`;
  const separator = separatorAfter(context.parameter, fn.file, out, plan.file(fn.file).text, plan.style(fn.file).eol);
  out.insert(fn.file, context.parameter.end, `,${separator}${name}${type}`, 1);
  if (context.jsDocTag && !inlineHandlers(plan).has(fn.id)) out.insert(fn.file, context.jsDocTag.end, keyTag(fn, plan) ?? "");
  const start = context.parameter.start;
  if (!needsContext(fn, keyed)) out.replace(fn.file, { start, end: start + context.name.length }, `_${context.name}`);
}

/** The line that describes the key, after that of the context: it begins like the line that the context's tag stands on. */
export function keyTag({ context, keyed, file, typescript }: FunctionFact, plan: Plan): string | undefined {
  if (!context?.jsDocTag || keyed?.role !== "handler") return undefined;
  const { text } = plan.file(file);
  const { start } = context.jsDocTag;
  const name = keyed.usesKey || keyed.usesState ? keyed.keyName : `_${keyed.keyName}`;
  return `${plan.style(file).eol}${text.slice(text.lastIndexOf("\n", start) + 1, start)}@param ${typescript ? "" : "{string} "}${name} the key`;
}

/** Handlers whose comments move with them. */
function inlineHandlers(plan: Plan): ReadonlySet<string> {
  return new Set(plan.definitions.flatMap((definition) => definition.handlers.flatMap((handler) => (handler.place === "inline" ? [handler.function] : []))));
}

/** What is written without the context: the key, and operations on a state that stands for it. */
const withoutContext: ReadonlySet<Site["concept"]> = new Set<Site["concept"]>(["key", "state", "handle", "loop", "closure-type", "promise-method", "invocation-id", "bare-id", "client"]);

/** Whether anything is left in a function that uses its context: compilers and linters ask for it. */
function needsContext(fn: FunctionFact, keyed: KeyedFact): boolean {
  return (keyed.role === "handler" && keyed.usesState) || fn.sites.some((site) => !withoutContext.has(site.concept) || (site.concept === "state" && site.listed));
}

/** A handler without a context still takes the key behind one. */
function writeParameters(fn: FunctionFact, keyed: KeyedFact, plan: Plan, out: Output): void {
  const { file, shape, typescript } = fn;
  const type = plan.contextType(file);
  // The helpers transform gives a context to what needs one.
  const named = fn.sites.some((site) => site.concept !== "helper-call");
  if (typescript && !named) out.import(file, { name: "Context", as: type, from: { package: "@resonatehq/sdk" }, typeOnly: true });
  out.insert(file, shape.parameters.start + 1, `${named ? "" : `_${fn.contextName}${typescript ? `: ${type}` : ""}`}, _${keyed.keyName}${typescript ? ": string" : ""}`, 1);
}

function writeState(site: StateSite, fn: FunctionFact, keyed: KeyedFact, plan: Plan, out: Output, text: string): void {
  if (site.listed) writeListed(site, plan, out, text);
  else writeYield(out, site.file, text, site.yielding);
  out.replace(site.file, site.receiver, keyed.stateName);
  if (site.serde) out.replace(site.file, site.serde, "");
  if (site.type && fn.typescript) out.insert(site.file, site.type.at, `<${site.type.text}>`);
}

/** `{ key: ctx.key }` becomes `{ key }`. */
function writeKey(site: KeySite, key: string, out: Output): void {
  if (site.property?.name === key) out.replace(site.file, site.property.range, key);
  else out.replace(site.file, site.access, key);
}

/** A helper that needs the state of the key gets it after the context. */
function handOn(site: HelperCallSite, keyed: KeyedFact, plan: Plan, out: Output): void {
  if (plan.facts.functions.get(site.target)?.keyed?.role === "helper") out.insert(site.file, site.argument.end, `, ${keyed.stateName}`);
}
