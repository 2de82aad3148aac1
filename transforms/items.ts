import type { FunctionShape } from "../src/analysis/shape-model.js";
import type { ForAwaitSite, ItemSite } from "../src/analysis/site-model.js";
import { keepingComments } from "../src/edits/comments.js";
import { indentAt } from "../src/edits/layout.js";
import type { Output } from "../src/edits/output.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { importSupport } from "./_support.js";

/** Async generators give their items among what they ask of Resonate; `for await` takes them, or the values of durable promises. */
export function items(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    if (fn.typescript) for (const shape of [fn.shape, ...fn.sites.flatMap((site) => (site.concept === "callback" ? [site.shape] : []))]) writeType(shape, fn.file, plan, out, text);
    for (const site of fn.sites) {
      if (site.concept === "item") writeItem(site, plan, out, text);
      if (site.concept === "for-await") writeLoop(site, plan, out, text);
    }
  }
}

export default asJscodeshift("items");

/** `AsyncGenerator<T, R>`: what takes its items knows their type by it. */
function writeType({ returnType }: FunctionShape, file: string, plan: Plan, out: Output, text: string): void {
  if (!returnType?.items) return;
  const types = returnType.items.map((range) => text.slice(range.start, range.end));
  out.replace(file, returnType.range, `${importSupport("items", "Items", file, plan, out, true)}<${types.join(", ")}>`);
}

function writeItem({ file, keyword, yielding, hasValue, all }: ItemSite, plan: Plan, out: Output, text: string): void {
  const give = importSupport("items", all ? "giveAll" : "give", file, plan, out);
  out.replace(file, keyword, keepingComments(text, keyword, `yield* ${give}(${hasValue ? "" : "undefined)"}`, plan.style(file).eol));
  if (hasValue) out.insert(file, yielding.end, ")", 1 - yielding.keyword.start);
}

function writeLoop(site: ForAwaitSite, plan: Plan, out: Output, text: string): void {
  const { file, kind, head, keyword, name, item, range } = site;
  const { eol } = plan.style(file);
  if (kind === "values") return out.replace(file, keyword, keepingComments(text, keyword, "", eol));
  const isItems = kind === "items";
  if (site.closes !== undefined) return writeClosing(site, site.closes, plan, out, text);
  out.replace(file, head, keepingComments(text, head, isItems ? `(const ${name} = ${importSupport("items", "itemsOf", file, plan, out)}(` : `(const ${name} of `, eol));
  if (isItems) out.insert(file, range.end, `); yield* ${name}.next(); `, Number.MAX_SAFE_INTEGER);
  writeStatement(site, `${item} = ${isItems ? `${name}.value` : `yield* ${name}`};`, plan, out, text);
}

/** The generator is ended where the loop is left, as `for await` does it: `finally` blocks of it run. */
function writeClosing(site: ForAwaitSite, start: number, plan: Plan, out: Output, text: string): void {
  const { file, head, range, body, name, item } = site;
  const { eol, indent } = plan.style(file);
  const line = eol + indentAt(start, file, out, text);
  const before = { start, end: head.end };
  out.replace(file, before, keepingComments(text, before, `const ${name} = ${importSupport("items", "itemsOf", file, plan, out)}(`, eol));
  const between = { start: range.end, end: body.start };
  out.replace(file, between, keepingComments(text, between, `);${line}try {${line}${indent}while (yield* ${name}.next()) `, eol));
  out.dedent(file, { range: body, columns: 0, indent });
  writeStatement(site, `${item} = ${name}.value;`, plan, out, text, indent);
  out.insert(file, body.end, `${line}} catch (error) {${line}${indent}throw yield* ${name}.endedBy(error);${line}} finally {${line}${indent}yield* ${name}.close();${line}}`, Number.MAX_SAFE_INTEGER);
}

/** Puts a statement before the others of the loop's body. */
function writeStatement({ file, body, block }: ForAwaitSite, statement: string, plan: Plan, out: Output, text: string, deeper = ""): void {
  if (!block) {
    out.insert(file, body.start, `{ ${statement} `, Number.MIN_SAFE_INTEGER);
    return out.insert(file, body.end, " }", Number.MAX_SAFE_INTEGER);
  }
  const { eol, indent } = plan.style(file);
  const opensLine = /^[ \t]*(\/\/.*)?\r?\n/.test(text.slice(body.start + 1));
  out.insert(file, body.start + 1, opensLine ? `${eol}${indentAt(body.start, file, out, text)}${deeper}${indent}${statement}` : ` ${statement}`, Number.MIN_SAFE_INTEGER);
}
