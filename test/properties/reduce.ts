import ts from "typescript";
import type { ConcurrencyProgram } from "./concurrency-program.js";

/**
 * Makes a program smaller as long as it stays interesting: takes out statements, handlers and elements of lists, and puts blocks in
 * place of the statements around them. Ends after `limit` ms with the smallest that was found.
 */
export async function reduced(program: ConcurrencyProgram, isInteresting: (smaller: ConcurrencyProgram) => Promise<boolean>, limit: number): Promise<ConcurrencyProgram> {
  const end = performance.now() + limit;
  let best = program;
  for (let found = true; found; ) {
    found = false;
    for (const path of Object.keys(best.files)) {
      for (let at = 0; performance.now() < end; at++) {
        const text = best.files[path] ?? "";
        const change = changesOf(text)[at];
        if (change === undefined) break;
        const smaller = withText(best, path, text.slice(0, change.start) + change.text + text.slice(change.end));
        if (!(await isInteresting(smaller))) continue;
        best = smaller;
        found = true;
        at--;
      }
    }
  }
  return best;
}

interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What can be made smaller, the largest first. */
function changesOf(text: string): Change[] {
  const file = ts.createSourceFile("app.ts", text, ts.ScriptTarget.ESNext, true);
  const changes: Change[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStatement(node) && !ts.isBlock(node) && !ts.isImportDeclaration(node)) changes.push({ start: node.getStart(), end: node.end, text: ts.isBlock(node.parent) || ts.isSourceFile(node.parent) || ts.isCaseOrDefaultClause(node.parent) ? "" : "{}" });
    if (ts.isStatement(node)) ts.forEachChild(node, (child) => void (ts.isBlock(child) && changes.push({ start: node.getStart(), end: node.end, text: child.getText().slice(1, -1) })));
    if ((ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) && node.parent.parent !== undefined) changes.push({ start: node.getStart(), end: text[node.end] === "," ? node.end + 1 : node.end, text: "" });
    if (ts.isArrayLiteralExpression(node)) for (const element of node.elements) changes.push({ start: element.getStart(), end: text[element.end] === "," ? element.end + 1 : element.end, text: "" });
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && /^(map|orTimeout)$/.test(node.expression.name.text)) changes.push({ start: node.getStart(), end: node.end, text: node.expression.expression.getText() });
    if (ts.isConditionalExpression(node)) for (const side of [node.whenTrue, node.whenFalse]) changes.push({ start: node.getStart(), end: node.end, text: side.getText() });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return changes.sort((one, other) => other.end - other.start - other.text.length - (one.end - one.start - one.text.length));
}

function withText(program: ConcurrencyProgram, path: string, text: string): ConcurrencyProgram {
  const files = { ...program.files, [path]: text };
  return { ...program, files, sentinels: program.sentinels.filter((line) => files["app.ts"]?.includes(line)) };
}
