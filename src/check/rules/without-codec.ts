import { ts } from "../../analysis/compiler.js";
import { subjectOf } from "../../analysis/scope.js";
import { propertyName, unwrap, walk } from "../../analysis/syntax.js";
import type { Rule, RuleFinding } from "../rule.js";

/** A promise stores `data` as it is, and its reader expects what the SDK's codec makes. */
export const withoutCodec: Rule = {
  code: "C0107",
  message: (s) => `A promise is settled with data that the SDK cannot read, so what waits for it never goes on: ${s}.`,
  why: "`promises.resolve` stores `data` as it is, and the SDK decodes what it reads. A function that waits for the promise fails to decode it, again and again, and never goes on.",
  help: "Encode the value: `const { data, headers } = new Codec().encode(value)`, with `Codec` of @resonatehq/sdk.",
  find: (file) => {
    const found: RuleFinding[] = [];
    walk(file, (node) => {
      const data = ts.isCallExpression(node) ? dataOf(node) : undefined;
      if (data && isRaw(unwrap(data))) found.push({ node: data, subject: subjectOf(data) });
    });
    return found;
  },
};

/** The `data` of `<client>.promises.resolve(id, { data })` and its like. */
function dataOf({ expression, arguments: args }: ts.CallExpression): ts.Expression | undefined {
  if (!ts.isPropertyAccessExpression(expression) || !/^(resolve|reject)$/.test(expression.name.text)) return undefined;
  if (!ts.isPropertyAccessExpression(expression.expression) || expression.expression.name.text !== "promises") return undefined;
  const [, value] = args;
  const member = value && ts.isObjectLiteralExpression(value) ? value.properties.find(({ name }) => name && propertyName(name) === "data") : undefined;
  return member && ts.isPropertyAssignment(member) ? member.initializer : undefined;
}

/** The codec gives base64 of JSON, which nobody writes out by hand: JSON and texts are not it. */
function isRaw(value: ts.Expression): boolean {
  if (ts.isCallExpression(value)) return value.expression.getText() === "JSON.stringify";
  return ts.isStringLiteralLike(value) || ts.isTemplateExpression(value);
}
