import { aliasReaders, isCallable } from "./aliases.js";
import { changingMethods } from "./collections.js";
import { ts } from "./compiler.js";
import { isAssignmentTarget } from "./moving.js";
import type { Site, StepSite } from "./site-model.js";
import type { Scope } from "./scope.js";
import { type FunctionNode, isFunctionNode, walk } from "./syntax.js";

/**
 * A step gives a copy in Restate: what JSON makes of the value. On Resonate the value itself comes back, but for a replay. Where a step
 * gives something that the function has as well, and one of the two is changed afterwards, the value is copied.
 */
export function copyingValues(sites: readonly Site[], fn: FunctionNode, scope: Scope): readonly Site[] {
  const steps = sites.filter((site): site is StepSite => site.concept === "step" && site.givesObject);
  if (steps.length === 0 || !isCallable(fn)) return sites;
  const leaves = !scope.handlers.has(fn);
  if (!leaves && !changesSomething(fn, steps)) return sites;
  const variables = declaredIn(fn, readIn(fn, steps));
  const { quick, typed } = aliasReaders(scope, true);
  if (quick.sharedValues(fn, variables, leaves).length === 0) return sites;
  const shared = typed.sharedValues(fn, variables, leaves);
  return sites.map((site) => {
    const isShared = site.concept === "step" && site.givesObject && shared.some((call) => site.range.start <= call.getStart() && call.end <= site.range.end);
    return isShared && site.yielding ? { ...site, yielding: { ...site.yielding, within: "structuredClone" } } : site;
  });
}

/** Whether a function, outside of its steps, changes a member of something, or hands something to a function that may. */
function changesSomething(fn: FunctionNode, steps: readonly StepSite[]): boolean {
  let changes = false;
  walk(fn, (node) => {
    if (isActionOf(node, steps)) return false;
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) changes ||= isAssignmentTarget(node) || ts.isDeleteExpression(node.parent);
    if (!ts.isCallExpression(node)) return !changes;
    const { expression } = node;
    if (ts.isPropertyAccessExpression(expression)) changes ||= changingMethods.has(expression.name.text) || expression.name.text === "assign";
    else changes ||= node.arguments.some((argument) => ts.isIdentifier(argument));
    return !changes;
  });
  return changes;
}

function isActionOf(node: ts.Node, steps: readonly StepSite[]): node is FunctionNode {
  return isFunctionNode(node) && steps.some(({ action: { range } }) => range.start <= node.getStart() && node.end <= range.end);
}

/** The names that the actions of steps mention. */
function readIn(fn: FunctionNode, steps: readonly StepSite[]): ReadonlySet<string> {
  const names = new Set<string>();
  walk(fn, (node) => {
    if (!isActionOf(node, steps)) return true;
    walk(node, (inner) => void (ts.isIdentifier(inner) && names.add(inner.text)));
    return false;
  });
  return names;
}

/** Where a function declares variables of these names, its parameters among them. */
function declaredIn(fn: FunctionNode, names: ReadonlySet<string>): ts.Identifier[] {
  const found: ts.Identifier[] = [];
  walk(fn, (node) => {
    const isDeclared = ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node);
    if (isDeclared && ts.isIdentifier(node.name) && names.has(node.name.text)) found.push(node.name);
  });
  return found;
}
