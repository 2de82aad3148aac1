import { ts } from "../../analysis/compiler.js";
import { subjectOf } from "../../analysis/scope.js";
import { propertyName, walk } from "../../analysis/syntax.js";
import type { ResonateCode } from "../resonate-code.js";
import type { Rule, RuleFinding } from "../rule.js";

/** A promise stores `data` as it is, and its reader expects what the SDK's codec makes. */
export const withoutCodec: Rule = {
  code: "C0107",
  message: (s) => `A promise is settled with data that the SDK cannot read, so what waits for it never goes on: ${s}.`,
  why: "`promises.resolve` stores `data` as it is, and the SDK decodes what it reads. A function that waits for the promise fails to decode it, again and again, and never goes on.",
  help: "Encode the value: `const { data, headers } = new Codec().encode(value)`, with `Codec` of @resonatehq/sdk.",
  find: (file, code) => {
    const found: RuleFinding[] = [];
    walk(file, (node) => {
      const data = ts.isCallExpression(node) ? dataOf(node, code) : undefined;
      if (data && isRaw(code.valueOf(data.value))) found.push({ node: data.place, subject: subjectOf(data.value) });
    });
    return found;
  },
};

/** The `data` of `<client>.promises.resolve(id, { data })` and its like, and where it is given. */
function dataOf({ expression, arguments: args }: ts.CallExpression, code: ResonateCode): { readonly value: ts.Expression; readonly place: ts.Node } | undefined {
  if (!ts.isPropertyAccessExpression(expression) || !/^(resolve|reject)$/.test(expression.name.text) || !isOfClient(expression.expression, code)) return undefined;
  const [, given] = args;
  const value = given && code.valueOf(given);
  const member = value && ts.isObjectLiteralExpression(value) ? value.properties.find(({ name }) => name && propertyName(name) === "data") : undefined;
  if (!given || !member) return undefined;
  const place = value === given ? undefined : given;
  if (ts.isShorthandPropertyAssignment(member)) return { value: member.name, place: place ?? member };
  return ts.isPropertyAssignment(member) ? { value: member.initializer, place: place ?? member.initializer } : undefined;
}

/** True for the `promises` of a client, or of what may be one; not for what is typed as something else. */
function isOfClient(promises: ts.Expression, code: ResonateCode): boolean {
  const value = code.valueOf(promises);
  if (ts.isPropertyAccessExpression(value)) return value.name.text === "promises" && mayBeClient(value.expression, code);
  const declaration = code.symbolOf(value)?.valueDeclaration;
  if (!declaration || !ts.isBindingElement(declaration) || (declaration.propertyName ?? declaration.name).getText() !== "promises") return false;
  const { parent } = declaration.parent;
  return ts.isVariableDeclaration(parent) && parent.initializer !== undefined && mayBeClient(parent.initializer, code);
}

function mayBeClient(node: ts.Expression, code: ResonateCode): boolean {
  return code.isClient(node) || code.isUntyped(node);
}

/** The codec gives base64 of JSON, which nobody writes out by hand: JSON and texts are not it. */
function isRaw(value: ts.Expression): boolean {
  if (ts.isCallExpression(value)) return value.expression.getText() === "JSON.stringify";
  return ts.isStringLiteralLike(value) || ts.isTemplateExpression(value);
}
