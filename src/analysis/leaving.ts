import { ts } from "./compiler.js";
import { contextAt } from "./contexts.js";
import { isTerminalError } from "./errors.js";
import { isOutside } from "./outside-code.js";
import { thrownError } from "./promises.js";
import type { FileScan } from "./scan.js";
import type { Scope } from "./scope.js";
import { isFunctionNode } from "./syntax.js";
import { createThrowers } from "./throwers.js";
import type { Work } from "./work.js";

/**
 * Says of a durable function, or of work that it begins, whether an error which is not terminal can leave it by a `throw` in the
 * project, or by code of a package, other than out of a step: Restate then runs the handler again. Of a package nobody can tell
 * what it throws, so all of its functions count. Of the language's own functions those count that throw on bad input.
 */
export function leavingErrors(work: Work): (node: ts.Node) => boolean {
  const { scope } = work;
  const throws = work.throws.filter((node) => thrownError(node) === undefined || isPlain(node, scope));
  const steps = new Set([...work.findings.values()].flatMap(({ sites }) => sites.flatMap((site) => (site.concept === "plain-await" ? [`${site.file}#${site.range.start}`] : []))));
  const throwers = createThrowers(throws, scope, { apart: (node) => staysInside(node, steps, scope), unread: (callee) => isOutside(callee, scope) });
  return (node) => throwers.reaches(node);
}

const parsing = ["JSON", "URL", "BigInt", "decodeURIComponent", "decodeURI", "atob"];

/** Calls of the language's own library that throw on bad input: `JSON.parse(text)`, `new URL(text)`, `BigInt(text)`. */
export function parsingIn(scan: FileScan): ts.Node[] {
  const names = parsing.flatMap((name) => scan.references.get(name) ?? []);
  return names.flatMap((name): ts.Node[] => {
    const { parent } = name;
    if (ts.isCallExpression(parent) && parent.expression === name) return [parent];
    if (ts.isNewExpression(parent) && name.text === "URL" && parent.expression === name) return [parent];
    const isParse = ts.isPropertyAccessExpression(parent) && parent.expression === name && parent.name.text === "parse" && ts.isCallExpression(parent.parent);
    return isParse ? [parent.parent] : [];
  });
}

/** A `throw` of something of its own that is not terminal; a caught error that is thrown on counts where it came from. */
function isPlain(node: ts.Node, scope: Scope): boolean {
  const error = thrownError(node);
  if (!error) return false;
  const declaration = ts.isIdentifier(error) ? scope.checker.getSymbolAtLocation(error)?.valueDeclaration : undefined;
  if (declaration && ts.isVariableDeclaration(declaration) && ts.isCatchClause(declaration.parent)) return false;
  return !isTerminalError(error, scope);
}

/** Steps try again by themselves, also those that an `await` becomes; and what a `catch` handles does not go on. */
function staysInside(node: ts.Node, steps: ReadonlySet<string>, scope: Scope): boolean {
  const { parent } = node;
  if (isFunctionNode(node) && ts.isCallExpression(parent) && parent.arguments.includes(node as ts.Expression)) return isStep(parent, scope);
  if (ts.isAwaitExpression(node)) return steps.has(`${node.getSourceFile().fileName}#${node.getStart()}`);
  if (!ts.isBlock(node) || !ts.isTryStatement(parent) || parent.tryBlock !== node || !parent.catchClause) return false;
  return !throwsOn(parent.catchClause);
}

function isStep(call: ts.CallExpression, scope: Scope): boolean {
  const access = call.expression;
  return ts.isPropertyAccessExpression(access) && access.name.text === "run" && contextAt(access.expression, scope) !== undefined;
}

function throwsOn(clause: ts.CatchClause): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (ts.isThrowStatement(node)) found = true;
    if (!found && !ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  visit(clause.block);
  return found;
}
