import { ts } from "../../analysis/compiler.js";
import { subjectOf } from "../../analysis/scope.js";
import { walk } from "../../analysis/syntax.js";
import type { ResonateCode } from "../resonate-code.js";
import type { Rule, RuleFinding } from "../rule.js";

const STARTS = /^(run|beginRun|rpc|beginRpc)$/;

/** What follows a colon in an id is below its root; a root has none, and the SDK refuses it. */
export const colonInId: Rule = {
  code: "C0108",
  message: (s) => `The id of an invocation contains a colon, which is refused: ${s}.`,
  why: "What follows a colon in an id is below its root. An invocation is a root, so the SDK refuses such an id.",
  help: "Separate its parts with `/`, `.` or `-`.",
  find: (file, code) => {
    const found: RuleFinding[] = [];
    walk(file, (node) => {
      const id = ts.isCallExpression(node) ? startedId(node, code) : undefined;
      if (id && literalText(id, code).includes(":")) found.push({ node: id, subject: subjectOf(id) });
    });
    return found;
  },
};

function startedId({ expression, arguments: args }: ts.CallExpression, code: ResonateCode): ts.Expression | undefined {
  const starts = ts.isPropertyAccessExpression(expression) && STARTS.test(expression.name.text) && code.isClient(expression.expression);
  return starts ? args[0] : undefined;
}

/** What is certain of a text: all of a constant, and the fixed parts of what is put together. */
function literalText(id: ts.Expression, code: ResonateCode): string {
  const value = code.valueOf(id);
  if (ts.isTemplateExpression(value)) return [value.head.text, ...value.templateSpans.map(({ expression, literal }) => literalText(expression, code) + literal.text)].join("");
  if (ts.isBinaryExpression(value)) return value.operatorToken.kind === ts.SyntaxKind.PlusToken ? literalText(value.left, code) + literalText(value.right, code) : "";
  return code.textOf(value) ?? "";
}
