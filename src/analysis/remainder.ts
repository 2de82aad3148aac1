import { ts } from "./compiler.js";
import { consumeTypeName } from "./contexts.js";
import { exportCode } from "./left.js";
import type { SdkTypeFact } from "./model.js";
import type { LeftFact } from "./said-model.js";
import type { Site } from "./site-model.js";
import { isRestate } from "./references.js";
import { type Scope, idOf, leftAt, subjectOf } from "./scope.js";
import { type FunctionNode, isFunctionNode, rangeOf } from "./syntax.js";
import { type Work, leave } from "./work.js";

/** Whatever of Restate's API no fact accounts for is left, and belongs to the function or definition around it. */
export function leaveTheRest(work: Work): void {
  const { scope } = work;
  consumeDataTypes(work);
  consumePromiseTypes(work);
  consumeHandleTypes(work);
  consumeAliases(work);
  for (const { node, name } of work.references) {
    if (scope.consumed.has(node) || isInType(node, scope) || isPartOfLeftCall(node, name, work)) continue;
    attach(work, node, leftAt(name === undefined ? "R0141" : exportCode(name), node, subjectOf(ts.isNewExpression(node.parent) ? node.parent : node)));
  }
  for (const [path, bindings] of work.bindings) {
    for (const { fact, name } of bindings) if (isRestate(fact.module) && !isKnown(fact.module)) work.left.push(leftAt("R0139", name, fact.module));
    leaveForeignRequires(path, work);
    for (const statement of work.scans.get(path)?.file.statements ?? []) {
      const isEffect = ts.isImportDeclaration(statement) && !statement.importClause && ts.isStringLiteral(statement.moduleSpecifier) && isRestate(statement.moduleSpecifier.text);
      if (isEffect) work.left.push(leftAt("R0141", statement, subjectOf(statement)));
    }
  }
}

function isKnown(module: string): boolean {
  return /^@restatedev\/(restate-sdk(-core|-zod|-clients)?(\/(node|fetch|lambda))?|restate-sdk-cloudflare-workers\/fetch)$/.test(module);
}

/** In TypeScript a plain `require` of the SDK has no types to follow. */
function leaveForeignRequires(path: string, work: Work): void {
  const file = work.scans.get(path)?.file;
  if (!file || /\.[cm]?jsx?$/.test(path)) return;
  for (const { fact, name } of work.bindings.get(path) ?? []) {
    if ((fact.form === "require" || fact.form === "require-named") && isRestate(fact.module)) work.left.push(leftAt("R0141", name, subjectOf(name.parent)));
  }
}

/** `Duration` and `RunOptions` describe plain data: the support modules have the same types. */
function consumeDataTypes(work: Work): void {
  for (const { node, name } of work.references) {
    const { parent } = node;
    if ((name !== "Duration" && name !== "RunOptions") || !ts.isTypeReferenceNode(parent)) continue;
    work.scope.consumed.add(node);
    work.types.push({ file: node.getSourceFile().fileName, range: rangeOf(parent), name });
  }
}

const handleTypes: Readonly<Record<string, SdkTypeFact["name"]>> = {
  RestatePromise: "Durable", InvocationPromise: "Durable", CombineablePromise: "Durable", DurablePromise: "WorkflowPromise", InvocationId: "InvocationId",
};

/** Promises of Restate in types become handles; those of a workflow have a type of their own. */
function consumeHandleTypes(work: Work): void {
  const withClosures = [...work.findings.values()].flatMap(({ sites }) => sites.flatMap(writtenWithClosure));
  for (const { node, name } of work.references) {
    if (work.scope.consumed.has(node) || !ts.isTypeReferenceNode(node.parent)) continue;
    const type = name === undefined ? undefined : handleTypes[name];
    if (!type) continue;
    work.scope.consumed.add(node);
    if (withClosures.some((range) => range.file === node.getSourceFile().fileName && range.start <= node.getStart() && node.end <= range.end)) continue;
    work.types.push({ file: node.getSourceFile().fileName, range: rangeOf(node), name: type });
  }
  for (const [fn, { types }] of work.findings) for (const range of types) work.types.push({ file: fn.getSourceFile().fileName, range, name: "Durable" });
}

/** The name of the promise in what a closure, or the type of one, says it gives, or all of it: it is rewritten with the closure. */
function writtenWithClosure(site: Site): { readonly file: string; readonly start: number; readonly end: number }[] {
  const returns = site.concept === "closure-type" ? site.returns : site.concept === "callback" ? site.shape.returnType : undefined;
  const written = returns?.value === undefined ? returns?.promise?.name : returns.range;
  return written === undefined ? [] : [{ file: site.file, ...written }];
}

/** `RestatePromise<T>` as the return type of a durable function follows the function; so does `RestatePromise<T> | Promise<T>`. */
function consumePromiseTypes(work: Work): void {
  for (const fn of work.findings.keys()) {
    const types = !fn.type ? [] : ts.isUnionTypeNode(fn.type) ? fn.type.types : [fn.type];
    for (const type of types) if (ts.isTypeReferenceNode(type) && /Promise$/.test(work.scope.sdk.nameOf(type.typeName) ?? "")) work.scope.consumed.add(type.typeName);
  }
}

function consumeAliases(work: Work): void {
  for (const context of [...work.scope.contexts.values(), ...work.scope.nestedContexts.values()]) if (context.alias) consumeTypeName(context.alias.type, work.scope);
  for (const { contextTypes } of work.findings.values()) for (const { type } of contextTypes) consumeTypeName(type, work.scope);
}

/** Part of a type node that is accounted for as a whole. */
function isInType(node: ts.Node, scope: Scope): boolean {
  return ts.findAncestor(node, (ancestor) => (ts.isStatement(ancestor) ? "quit" : ts.isTypeNode(ancestor) && scope.consumed.has(ancestor))) !== undefined;
}

/** Options and serialisers of a call that is left as a whole need no word of their own. */
function isPartOfLeftCall(node: ts.Node, name: string | undefined, work: Work): boolean {
  if (!/^(rpc|Opts|SendOpts|serde)\b/.test(name ?? "")) return false;
  const statement = ts.findAncestor(node, ts.isStatement);
  const fn = ts.findAncestor(node, (ancestor): ancestor is FunctionNode => isFunctionNode(ancestor) && work.findings.has(ancestor));
  const left = (fn && work.findings.get(fn)?.left) || [];
  return statement !== undefined && left.some((fact) => /^R012/.test(fact.code) && statement.getStart() <= fact.range.start && fact.range.end <= statement.end);
}

/** Gives a left fact to the function or definition it stands in, else to the file. */
function attach(work: Work, node: ts.Node, fact: LeftFact): void {
  const fn = ts.findAncestor(node, (ancestor): ancestor is FunctionNode => isFunctionNode(ancestor) && work.findings.has(ancestor));
  const definition = work.definitions.find(({ call }) => call.getSourceFile() === node.getSourceFile() && call.pos <= node.pos && node.end <= call.end);
  if (fn) leave(work, idOf(fn), fact);
  else if (definition) leave(work, definition.fact.id, fact);
  else work.left.push(fact);
}
