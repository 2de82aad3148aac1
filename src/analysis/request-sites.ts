import { ts } from "./compiler.js";
import type { SiteFinder } from "./sites.js";

/** `ctx.request()`, of which only the id has a counterpart. */
export function findRequest(access: ts.PropertyAccessExpression, finder: SiteFinder): void {
  const call = access.parent;
  const id = call.parent;
  const isCall = ts.isCallExpression(call) && call.expression === access;
  if (isCall && isIdPattern(id)) {
    finder.findings.sites.push({ concept: "request", ...finder.sync(call), member: { start: access.expression.end, end: call.end }, text: "" });
    return;
  }
  const isId = isCall && ts.isPropertyAccessExpression(id) && id.name.text === "id";
  if (!isId) return finder.leave("R0130", ts.isPropertyAccessExpression(id) ? id : isCall ? call : access);
  finder.findings.sites.push({ concept: "request", ...finder.sync(id), member: { start: access.name.getStart(), end: id.end }, text: "id" });
}

/** `const { id } = ...`: the context has an id as well. */
function isIdPattern(node: ts.Node): boolean {
  if (!ts.isVariableDeclaration(node) || !ts.isObjectBindingPattern(node.name)) return false;
  return node.name.elements.every((element) => !element.dotDotDotToken && (element.propertyName ?? element.name).getText() === "id");
}
