import { ts } from "../../analysis/compiler.js";
import { subjectOf } from "../../analysis/scope.js";
import { enclosingFunction, modifier, unwrap, walk } from "../../analysis/syntax.js";
import type { ResonateCode } from "../resonate-code.js";
import type { Rule } from "../rule.js";

/** Resonate drives plain generators: it neither waits for promises of the language nor runs a generator that is merely yielded. */
export const foreignAwait: Rule = {
  code: "C0102",
  message: (s) => `A durable function waits in a way that Resonate does not know: ${s}.`,
  why: "Resonate drives a generator by what it yields. It cannot wait for a promise of the language there, knows no async generators, and starts the task over for ever where a generator object is merely yielded.",
  help: "Make it a `function*`, write `yield*` before operations and durable functions, and put what has to be awaited into a step: `yield* ctx.run(() => work())`.",
  find: (file, code) => {
    const found: { node: ts.Node; subject: string }[] = [];
    walk(file, (node) => {
      const subject = foreign(node, code);
      if (subject !== undefined) found.push({ node, subject });
    });
    return found;
  },
};

function foreign(node: ts.Node, code: ResonateCode): string | undefined {
  if (code.isDurable(node) && modifier(node, ts.SyntaxKind.AsyncKeyword)) return `async function* ${node.name?.getText() ?? ""}`.trim();
  if (ts.isYieldExpression(node) && !node.asteriskToken && node.expression) return isDurableCall(node.expression, code) ? subjectOf(node) : undefined;
  const awaits = ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
  if (!awaits) return undefined;
  const fn = enclosingFunction(node);
  // In an `async function*` the function itself is what is wrong.
  return code.isDurable(fn) && !modifier(fn, ts.SyntaxKind.AsyncKeyword) ? subjectOf(node) : undefined;
}

/** A generator object. An operation may follow a bare `yield`: it is what `yield*` of it hands to Resonate. */
function isDurableCall(expression: ts.Expression, code: ResonateCode): boolean {
  const value = unwrap(expression);
  return ts.isCallExpression(value) && code.isDurable(code.functionNamed(value.expression));
}
