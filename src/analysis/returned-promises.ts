import { ts } from "./compiler.js";
import { keepHandle } from "./handle-uses.js";
import { plainStep } from "./plain-awaits.js";
import { isShortCircuit, mayBePromise, settledPromise } from "./promises.js";
import { isPlainText, yields } from "./site-kinds.js";
import type { Site } from "./site-model.js";
import type { SiteFinder } from "./sites.js";
import { isFunctionNode, unwrap } from "./syntax.js";
import { isDurablePromise } from "./waiting.js";

/** An async function awaits what it returns; a generator function does not, so a promise is awaited in a step before. */
export function findReturnedPromise(value: ts.Expression, finder: SiteFinder): void {
  const node = unwrap(value);
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].forEach((branch) => findReturnedPromise(branch, finder));
  if (ts.isCallExpression(node) && findSettledPromise(node, finder)) return;
  const isChoice = ts.isBinaryExpression(node) && isShortCircuit(node.operatorToken.kind);
  const leftCounts = isChoice && (node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken || node.operatorToken.kind === ts.SyntaxKind.BarBarToken);
  if (isChoice && !(leftCounts && mayBePromise(node.left, finder.scope))) return findReturnedPromise(node.right, finder);
  // What stands around the function that returns it is no site of the value.
  const owner = ts.findAncestor(node, isFunctionNode);
  const from = owner?.body?.getStart() ?? 0;
  const isSite = finder.findings.sites.some((site) => from <= site.range.start && site.range.start <= node.getStart() && node.end <= site.range.end && !isPlainText(site));
  if (isSite || (!isChoice && !mayBePromise(node, finder.scope))) return;
  if (finder.isSaid(node)) return;
  if (finder.use.inTry(value)) return finder.leave("R0144", node);
  if (finder.handles.isHandle(node) || isDurablePromise(node, finder)) return keepHandle(node, node, finder);
  const within = (site: Site): boolean => site.range.start >= node.getStart() && site.range.end <= node.end;
  if (finder.findings.sites.some((site) => yields(site) && site.concept !== "plain-await" && within(site))) return finder.leave("R0147", node);
  // What it awaits itself belongs to the step around it.
  finder.findings.sites.splice(0, finder.findings.sites.length, ...finder.findings.sites.filter((site) => site.concept !== "plain-await" || !within(site)));
  plainStep(node, node, true, finder);
}

/** What is settled already needs no wait: `return Promise.reject(error)` is a `throw` where no `catch` is around that would see it. */
function findSettledPromise(call: ts.CallExpression, finder: SiteFinder): boolean {
  const settled = settledPromise(call, finder.scope);
  if (!settled) return false;
  const { member, value, head } = settled;
  if (member === "reject" && finder.use.isCaught(call)) {
    finder.leave("R0144", call);
    return true;
  }
  const statement = ts.isReturnStatement(call.parent) ? { start: call.parent.getStart(), end: value?.getStart() ?? call.end } : undefined;
  finder.findings.sites.push({ concept: "settled-promise", ...finder.sync(call), member, head, tail: { start: value?.end ?? head.end, end: call.end }, hasValue: value !== undefined, parens: value !== undefined && !ts.isLeftHandSideExpression(value) && !ts.isConditionalExpression(call.parent) && !ts.isArrowFunction(call.parent), statement });
  if (value && member === "resolve") findReturnedPromise(value, finder);
  return true;
}
