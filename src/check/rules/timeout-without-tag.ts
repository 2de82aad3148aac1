import { ts } from "../../analysis/compiler.js";
import { subjectOf } from "../../analysis/scope.js";
import { propertyName } from "../../analysis/syntax.js";
import { operationsIn } from "../operations.js";
import type { Rule } from "../rule.js";

const FIRING = /\bresonate:(target|timer|external)\b/;

/** A server ends only promises that have a target, are timers, or are marked as external. */
export const timeoutWithoutTag: Rule = {
  code: "C0110",
  message: (s) => `The timeout of this promise never fires: ${s}.`,
  why: "A server ends a promise at its deadline only if it has a target, is a timer, or is marked as external. Any other waits on, whatever its `timeout` says.",
  help: 'Mark the promise: `tags: { "resonate:external": "true" }` for one that is settled from outside; `"resonate:timer": "true"` with a `"resonate:target"` for one that resolves at its deadline.',
  find: (file, code) =>
    operationsIn(file, code)
      .filter(({ name, call }) => name === "promise" && cannotFire(call.arguments[0] && code.valueOf(call.arguments[0])))
      .map(({ call }) => ({ node: call, subject: subjectOf(call) })),
};

function cannotFire(options: ts.Expression | undefined): boolean {
  if (!options || !ts.isObjectLiteralExpression(options) || options.properties.some(ts.isSpreadAssignment)) return false;
  const member = (wanted: string): ts.ObjectLiteralElementLike | undefined => options.properties.find(({ name }) => name && propertyName(name) === wanted);
  if (!member("timeout")) return false;
  const tags = member("tags");
  if (!tags) return true;
  // Tags that stand elsewhere may be the right ones.
  return ts.isPropertyAssignment(tags) && ts.isObjectLiteralExpression(tags.initializer) && tags.initializer.properties.every(({ name }) => name && propertyName(name) !== undefined) && !FIRING.test(tags.initializer.getText());
}
