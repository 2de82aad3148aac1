import { isAsyncGenerator } from "./async-items.js";
import { accountForDefinitions, strayMentions, type Mentions } from "./accounting.js";
import { byName } from "./clients.js";
import { ts } from "./compiler.js";
import { problemSubject } from "./closure-sites.js";
import { contextAt } from "./contexts.js";
import { isFreeze } from "./function-flows.js";
import type { IngressFindings } from "./ingress.js";
import type { Facts } from "./model.js";
import { plainFunctions } from "./plain-functions.js";
import { type Scope, idOf, isConst, leftAt, subjectOf } from "./scope.js";
import { isItemsType } from "./shapes.js";
import { type FunctionNode, constantText, walk } from "./syntax.js";
import { type Work, leave } from "./work.js";

/** One function behind two handlers would have to be registered twice, which Resonate refuses. */
export function leaveSharedHandlers(work: Work): void {
  const seen = new Set<FunctionNode>();
  for (const { fact, functions, call } of work.definitions) {
    for (const fn of functions) {
      if (seen.has(fn)) leave(work, fact.id, leftAt("R0104", call, `${fn.name?.getText() ?? "a function"} is the handler of two services`));
      seen.add(fn);
    }
  }
}

/** A service that two processes serve, each with different others, would belong to two worker groups. */
export function leaveDividedServices(work: Work): void {
  const setsOf = new Map<string, Set<string>>();
  for (const { fact } of work.endpoints) {
    const served = new Set(fact.services.map((service) => service.definition));
    const set = [...served].sort().join("|");
    for (const definition of served) setsOf.set(definition, (setsOf.get(definition) ?? new Set()).add(set));
  }
  for (const { fact, call } of work.definitions) {
    if ((setsOf.get(fact.id)?.size ?? 0) > 1) leave(work, fact.id, leftAt("R0156", call, fact.name));
  }
}

/** Accounts for every mention of definitions and durable functions. */
export function account(work: Work, mentions: Mentions, ingress: IngressFindings): Facts["uses"] {
  const findings = [...work.findings.values()];
  const rewritten = new Set<ts.Node>([
    ...findings.flatMap((finding) => finding.definitionNames),
    ...findings.flatMap((finding) => finding.helperNames),
    ...work.endpoints.flatMap((endpoint) => endpoint.names),
    ...work.definitions.flatMap((definition) => definition.names),
    ...ingress.names,
  ]);
  const { uses, left } = accountForDefinitions(work.definitions, work.endpoints.flatMap((endpoint) => endpoint.lists), work.bindings, rewritten, mentions, work.scope);
  for (const { definition, fact } of left) leave(work, definition, fact);
  const inline = new Set(work.definitions.flatMap(({ fact }) => fact.handlers.flatMap((handler) => (handler.place === "inline" ? [handler.function] : []))));
  const plain = plainFunctions(work);
  for (const fn of work.findings.keys()) {
    leaveStrayContext(fn, work);
    const stray = [...strayMentions(fn, rewritten, mentions, work.scope), ...strayObject(fn, rewritten, mentions, work.scope)];
    if (isFollowed(fn, work.scope)) {
      // The type of a function is asked for elsewhere: `ReturnType<typeof pay>` would be another.
      for (const node of stray) if (isJavaScript(node) || (ts.isTypeQueryNode(node.parent) && !plain.has(fn))) leave(work, idOf(fn), leftAt("R0118", node, subjectOf(node.parent)));
      continue;
    }
    const problem = work.scope.contextFunctions.get(fn)?.parameter || work.scope.handlers.has(fn) ? undefined : work.scope.colours?.problemOf(fn);
    if (problem) leave(work, idOf(fn), leftAt(problem.code, problem.at, problemSubject(problem.at)));
    else if (!standsWell(fn, inline, work)) leave(work, idOf(fn), leftAt("R0120", fn, subjectOf(fn.name ?? fn)));
    for (const node of problem ? [] : stray) leave(work, idOf(fn), leftAt("R0118", node, subjectOf(node.parent)));
  }
  blockByName(work, ingress);
  return uses;
}

/** A member that holds the context is used where no function with findings of its own stands. */
function leaveStrayContext(fn: FunctionNode, work: Work): void {
  const { strayContexts, contextFunctions } = work.scope;
  const alias = contextFunctions.get(fn)?.alias;
  const stray = alias && strayContexts.get(alias.node);
  if (stray) leave(work, idOf(fn), leftAt("R0162", stray, subjectOf(stray.parent)));
}

/** Whether the types show every way that a function goes as a value. Without types only its names do. */
function isFollowed(fn: FunctionNode, { colours, handlers }: Scope): boolean {
  return !handlers.has(fn) && !isJavaScript(fn) && colours !== undefined && colours.isDurable(fn) && colours.problemOf(fn) === undefined;
}

function isJavaScript(node: ts.Node): boolean {
  return /\.[cm]?jsx?$/.test(node.getSourceFile().fileName);
}

/** Whether a function stands where it can become a generator function: declared, constant, a member of a constant object, or a handler in place. */
function standsWell(fn: FunctionNode, inline: ReadonlySet<string>, work: Work): boolean {
  if ((fn.asteriskToken && !(isAsyncGenerator(fn) && isItemsType(fn.type) && !work.scope.handlers.has(fn))) || (ts.isFunctionDeclaration(fn) && !fn.name)) return false;
  if (ts.isFunctionDeclaration(fn)) return fn.body !== undefined && !isOverloaded(fn, work.scope);
  if (inline.has(idOf(fn))) return true;
  if (ts.isVariableDeclaration(fn.parent)) return isConst(fn.parent) && !fn.parent.type;
  return objectOf(fn) !== undefined;
}

function isOverloaded(fn: ts.FunctionDeclaration, scope: Scope): boolean {
  return ((fn.name && scope.checker.getSymbolAtLocation(fn.name)?.declarations?.length) ?? 1) > 1;
}

/** The constant object literal that a function is a member of. */
function objectOf(fn: FunctionNode): ts.Identifier | undefined {
  const member = ts.isMethodDeclaration(fn) ? fn : ts.isPropertyAssignment(fn.parent) ? fn.parent : undefined;
  if (!member || !ts.isObjectLiteralExpression(member.parent)) return undefined;
  let value: ts.Node = member.parent;
  while (ts.isAsExpression(value.parent) || ts.isSatisfiesExpression(value.parent) || ts.isParenthesizedExpression(value.parent) || isFreeze(value.parent)) value = value.parent;
  const holder = value.parent;
  return ts.isVariableDeclaration(holder) && ts.isIdentifier(holder.name) && isConst(holder) && !holder.type ? holder.name : undefined;
}

/** Mentions of an object of helpers other than calling them: someone else may call what became a generator function. */
function strayObject(fn: FunctionNode, rewritten: ReadonlySet<ts.Node>, mentions: Mentions, scope: Scope): readonly ts.Identifier[] {
  const name = objectOf(fn);
  if (!name) return [];
  return mentions.of(name, scope.checker.getSymbolAtLocation(name)).filter((node) => {
    const object = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent : node;
    const access = object.parent;
    const isAccess = ts.isPropertyAccessExpression(access) && access.expression === object;
    const isMember = isAccess && (rewritten.has(access.name) || (ts.isCallExpression(access.parent) && access.parent.expression === access));
    return !isMember && !rewritten.has(node) && !ts.isExportSpecifier(node.parent);
  });
}

/** Clients that reach a definition by its name alone: ingress clients that cannot be followed, and calls by name that stay on Restate. */
function blockByName(work: Work, ingress: IngressFindings): void {
  const clientMethod = /^(service|object|workflow)(Send)?Client$/;
  for (const scan of work.scans.values()) {
    const text = scan.file.text;
    if (!/(Client|genericCall|genericSend)\s*[(<]/.test(text)) continue;
    walk(scan.file, (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
      const method = node.expression.name.text;
      const [argument] = node.arguments;
      if (clientMethod.test(method) && argument && ts.isObjectLiteralExpression(argument) && !ingress.clients.has(node) && !isContextCall(node, work)) {
        const id = byName(argument, work.scope);
        if (id !== undefined) leave(work, id, leftAt("R0106", node, subjectOf(node.expression)));
      }
      if (method === "genericCall" || method === "genericSend") blockGeneric(node, work);
    });
  }
}

function isContextCall(call: ts.CallExpression, work: Work): boolean {
  if (ts.isPropertyAccessExpression(call.expression) && contextAt(call.expression.expression, work.scope)) return true;
  return /^Context\./.test(work.scope.sdk.nameOf(call.expression) ?? "");
}

/** A call by a name that is written there reaches that service; where it is computed, the call says itself that it is left. */
function blockGeneric(call: ts.CallExpression, work: Work): void {
  const [argument] = call.arguments;
  const property = argument && ts.isObjectLiteralExpression(argument) ? argument.properties.find((candidate) => candidate.name?.getText() === "service") : undefined;
  const value = property && ts.isPropertyAssignment(property) ? property.initializer : undefined;
  const name = value && constantText(value, work.scope.checker);
  for (const id of name === undefined ? [] : (work.scope.definitionsByName.get(name) ?? [])) leave(work, id, leftAt("R0106", call, subjectOf(call)));
}
