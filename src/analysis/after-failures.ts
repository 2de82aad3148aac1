import { ts } from "./compiler.js";
import type { RemarkFact } from "./said-model.js";
import type { Site } from "./site-model.js";
import { shortened } from "./scope.js";
import type { FunctionFindings } from "./findings.js";
import { type FunctionNode, isFunctionNode, walk } from "./syntax.js";

/** What leaves no record of its own in the call sequence. */
const unrecorded: ReadonlySet<Site["concept"]> = new Set<Site["concept"]>(["client", "key", "closure-type", "request", "invocation-id", "loop", "handle", "callback"]);

/**
 * Durable work in `catch` and `finally` after an error that makes the handler run again: the next attempt takes the records by their
 * place, and may get that of another step. A `catch` that asks for a class knows what it does.
 * @param leaving whether an error that is not terminal can leave some code
 */
export function workAfterFailures(fn: FunctionNode, { sites }: Pick<FunctionFindings, "sites">, leaving: (node: ts.Node) => boolean): RemarkFact[] {
  const remarks: RemarkFact[] = [];
  const { fileName: file, text } = fn.getSourceFile();
  if (!leaving(fn)) return remarks;
  walk(fn, (node) => {
    if (isFunctionNode(node)) return false;
    if (!ts.isTryStatement(node)) return true;
    const { tryBlock, catchClause, finallyBlock } = node;
    const handled = [catchClause && !asksForClass(catchClause) ? catchClause.block : undefined, finallyBlock].flatMap((block) => block ?? []);
    const [first] = handled.flatMap((block) => recordIn(block, sites) ?? []);
    if (first && leaving(tryBlock)) remarks.push({ code: "R0229", file, range: first.range, subject: shortened(text.slice(first.range.start, first.range.end)) });
    return true;
  });
  return remarks;
}

function recordIn(block: ts.Block, sites: readonly Site[]): Site | undefined {
  return sites.find((site) => !unrecorded.has(site.concept) && block.getStart() <= site.range.start && site.range.end <= block.end);
}

function asksForClass(clause: ts.CatchClause): boolean {
  let asks = false;
  walk(clause, (node) => {
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) asks = true;
    return !asks;
  });
  return asks;
}
