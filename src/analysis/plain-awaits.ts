import { ts } from "./compiler.js";
import { isShadowed, narrowedIn, writesInCallees, writesOutside, writesThroughCalls } from "./moving.js";
import { remarkAt, shortened, subjectOf } from "./scope.js";
import { yields } from "./site-kinds.js";
import type { SiteFinder } from "./sites.js";
import { isOpenType } from "./steps.js";
import { containsAwait, inParameters, outOfParens, rangeOf, unwrap } from "./syntax.js";
import { jsonFate } from "./values.js";

/** An `await` of nothing durable: it becomes a recorded step, is part of the one around it, or is left. */
export function findPlainAwait(node: ts.AwaitExpression, finder: SiteFinder): void {
  const operand = node.expression;
  if (inParameters(node, finder.fn)) return finder.leave("R0133", node);
  // What is waited for is left already, and said so.
  if (finder.isSaid(operand)) return;
  if (finder.findings.sites.some((site) => yields(site) && site.range.start >= operand.getStart() && site.range.end <= operand.end)) return finder.leave("R0147", node);
  if (ts.findAncestor(node.parent, (ancestor) => (ancestor === finder.fn ? "quit" : ts.isAwaitExpression(ancestor) && !finder.isSettled(ancestor)))) return; // part of the step around it
  plainStep(node, operand, !ts.isExpressionStatement(outOfParens(node).parent), finder);
}

/** Something not durable that the function waits for becomes a recorded step, if its value can be recorded. */
export function plainStep(node: ts.Expression, operand: ts.Expression, used: boolean, finder: SiteFinder): void {
  if (isShadowed(node, finder.name, finder.fn)) return finder.leave("R0118", node, `${finder.name} means something else here`);
  if (finder.inStep(node)) return finder.leave("R0147", node);
  const held = unwrap(operand);
  if (ts.isIdentifier(held) || ts.isPropertyAccessExpression(held)) {
    const symbol = finder.scope.checker.getTypeAtLocation(held).getSymbol();
    // One of Restate's promises is left, and said so, where it was created.
    return symbol && finder.scope.sdk.nameOfSymbol(symbol) !== undefined ? undefined : finder.leave("R0155", node, subjectOf(operand));
  }
  const written = writesOutside(operand, finder.fn, finder.scope.checker) ?? writesThroughCalls(operand, finder.fn, used, finder.scope.checker) ?? writesInCallees(operand, finder.fn, finder.scope);
  if (written !== undefined) return finder.leave("R0152", node, `${written} in ${subjectOf(operand)}`);
  const narrowed = narrowedIn(operand, finder.scope.checker);
  if (narrowed !== undefined) return finder.leave("R0153", node, narrowed);
  if (used) {
    const { checker } = finder.scope;
    const type = checker.getTypeAtLocation(node);
    const fate = jsonFate(ts.isAwaitExpression(node) ? type : (checker.getAwaitedType(type) ?? type), checker);
    if (fate.kind === "changes") return finder.leave("R0133", node, `${subjectOf(operand)}${fate.path ? `, at ${fate.path}` : ""}: ${shortened(fate.type)}`);
    const isResult = !ts.isAwaitExpression(node) && finder.scope.handlers.has(finder.fn);
    if (fate.kind === "unresolved" && !isResult) return finder.leave("R0148", node, subjectOf(operand));
    if (fate.kind === "nulls") finder.findings.remarks.push(remarkAt("R0228", node, `${subjectOf(operand)}, at ${fate.path}`));
    else if (fate.kind !== "survives") finder.findings.remarks.push(remarkAt("R0214", node, subjectOf(operand)));
  }
  finder.findings.remarks.push(remarkAt("R0203", node, subjectOf(operand)));
  finder.findings.sites.push({
    concept: "plain-await",
    ...finder.sync(node),
    operand: rangeOf(operand),
    used,
    async: containsAwait(operand) || (used && isOpenType(finder.scope.checker.getTypeAtLocation(operand))),
    caught: finder.use.isCaught(node),
    objectLiteral: ts.isObjectLiteralExpression(operand),
    ...(finder.known.terminal.reaches(operand) ? { throws: "terminal" as const } : {}),
  });
}
