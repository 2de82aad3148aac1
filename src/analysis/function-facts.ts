import { declaredName } from "./accounting.js";
import type { TextRange } from "../edits/edit.js";
import { ts } from "./compiler.js";
import { copyingValues } from "./step-values.js";
import { onCycles } from "./cycles.js";
import { changedInputs } from "./inputs.js";
import type { ContextAliasFact, FunctionFact, KeyedFact } from "./model.js";
import { freeContextName } from "./moving.js";
import { idOf } from "./scope.js";
import { parametersOf, shapeOf } from "./shapes.js";
import { siteRemarks } from "./site-remarks.js";
import type { FunctionFindings } from "./findings.js";
import { type FunctionNode, modifier, rangeOf } from "./syntax.js";
import type { Work } from "./work.js";

/** The fact of one function, of what was found in it. Enters the aliases of contexts that it uses into `aliases`. */
export function functionFact(fn: FunctionNode, findings: FunctionFindings, work: Work, aliases: Map<string, ContextAliasFact>, recursive: ReadonlySet<FunctionNode>, own: { readonly keyed?: KeyedFact; readonly retries: boolean; readonly plain: boolean; readonly takesContext: boolean }): FunctionFact {
  const context = work.scope.contextFunctions.get(fn);
  const file = fn.getSourceFile().fileName;
  const places = [...(context?.alias ? [context.alias] : []), ...findings.contextTypes];
  for (const { node, type } of places) aliases.set(idOf(node), { id: idOf(node), file: node.getSourceFile().fileName, type: rangeOf(type) });
  const parameter = context?.parameter;
  const jsDoc = context?.type && parameter && !parameter.type ? context.type : undefined;
  return {
    id: idOf(fn),
    file,
    name: ts.isVariableDeclaration(fn.parent) ? fn.parent.name.getText() : (fn.name?.getText() ?? ""),
    shape: shapeOf(fn, work.scope),
    context: parameter && {
      name: parameter.name.text,
      parameter: rangeOf(parameter),
      type: parameter.type && rangeOf(parameter.type),
      jsDocType: jsDoc && rangeOf(jsDoc),
      jsDocTag: tagOf(fn, parameter.name.text),
      aliased: context.alias !== undefined,
    },
    contextName: context?.text ?? freeContextName(fn),
    parameters: parametersOf(fn, parameter),
    changedInputs: changedInputs(fn, work.scope),
    aliases: places.map(({ node }) => idOf(node)),
    sites: copyingValues(findings.sites, fn, work.scope),
    calls: [...findings.calls, ...findings.definitions, ...findings.together],
    runs: [...new Set(findings.runs.map(({ id }) => id))],
    left: [...findings.left, ...(work.extraLeft.get(idOf(fn)) ?? [])],
    remarks: [...findings.remarks, ...siteRemarks(findings.sites, fn.getSourceFile().text)],
    ...own,
    typescript: !/\.[cm]?jsx?$/.test(file),
    exportName: exportNameOf(fn, work),
    resultType: recursive.has(fn) || (!fn.type && isDeclared(fn, work)) ? resultTypeOf(fn, work) : undefined,
    exported: modifier(ts.isVariableDeclaration(fn.parent) ? fn.parent.parent.parent : fn, ts.SyntaxKind.ExportKeyword) !== undefined || isListed(fn, work),
  };
}

/** The tag that describes a parameter, where it begins a line of its own, with all its lines. Comments are not parsed in TypeScript. */
function tagOf(fn: FunctionNode, name: string): TextRange | undefined {
  const { text } = fn.getSourceFile();
  const host = ts.findAncestor(fn, (node) => ts.isStatement(node) || ts.isObjectLiteralElementLike(node));
  const comment = host && (ts.getLeadingCommentRanges(text, host.pos) ?? []).findLast((range) => text.startsWith("/**", range.pos));
  if (!comment) return undefined;
  const written = text.slice(comment.pos, comment.end);
  const tag = new RegExp(`\\n[ \\t]*\\*[ \\t]*(@param[ \\t]+(?:\\{[^\\n]*\\}[ \\t]+)?${name.replaceAll("$", "\\$")}(?![\\w$]))`).exec(written);
  if (!tag?.[1]) return undefined;
  const from = tag.index + tag[0].length - tag[1].length;
  const next = /\n[ \t]*\*[ \t]*(@|\/|\r?\n)|\s*\*\/$/.exec(written.slice(from));
  return { start: comment.pos + from, end: comment.pos + from + written.slice(from, next ? from + next.index : undefined).trimEnd().length };
}

/** Named in an export list of its own module. */
function isListed(fn: FunctionNode, work: Work): boolean {
  return listedName(fn, work) !== undefined;
}

function listedName(fn: FunctionNode, work: Work): string | undefined {
  const name = declaredName(fn)?.text;
  return (work.bindings.get(fn.getSourceFile().fileName) ?? []).find(({ fact }) => fact.form === "reexport" && fact.module === "" && fact.imported === name)?.fact.local;
}

/** The name under which other modules can import a function; none for a default export or a member of an object. */
function exportNameOf(fn: FunctionNode, work: Work): string | undefined {
  const listed = listedName(fn, work);
  if (listed !== undefined) return listed;
  if (modifier(fn, ts.SyntaxKind.DefaultKeyword)) return undefined;
  const list = ts.isVariableDeclaration(fn.parent) ? fn.parent.parent : undefined;
  const isDeclared = ts.isFunctionDeclaration(fn) || (list !== undefined && ts.isVariableDeclarationList(list) && list.declarations.length === 1);
  return isDeclared ? declaredName(fn)?.text : undefined;
}

/** Functions that lead back to themselves by calls: a generator's type cannot be inferred through itself. */
export function recursiveFunctions(work: Work): ReadonlySet<FunctionNode> {
  const byId = new Map([...work.findings.keys()].map((fn) => [idOf(fn), fn]));
  const handlers = new Map(work.definitions.map(({ fact }) => [fact.id, fact.handlers.map((handler) => handler.function)]));
  const targets = (id: string): readonly string[] => {
    const findings = byId.has(id) ? work.findings.get(byId.get(id) as FunctionNode) : undefined;
    return [...(findings?.calls ?? []), ...[...(findings?.definitions ?? [])].flatMap((definition) => handlers.get(definition) ?? [])];
  };
  const cyclic = onCycles(byId.keys(), targets);
  return new Set([...byId].filter(([id, fn]) => !fn.type && cyclic.has(id)).map(([, fn]) => fn));
}

/** Where declarations are written, what a module exports needs types that can be named, and the SDK's own cannot. */
function isDeclared(fn: FunctionNode, work: Work): boolean {
  const { declaration, composite } = work.scope.project.compilerOptions(fn.getSourceFile().fileName);
  return declaration === true || composite === true;
}

/** What a function without an annotation gives when it is awaited, as source text. */
function resultTypeOf(fn: FunctionNode, work: Work): string | undefined {
  const { checker } = work.scope;
  const signature = checker.getSignatureFromDeclaration(fn);
  const type = signature && checker.getReturnTypeOfSignature(signature);
  const awaited = type && (checker.getAwaitedType(type) ?? type);
  return awaited && checker.typeToString(awaited, fn, ts.TypeFormatFlags.NoTruncation);
}
