import { ts } from "../analysis/compiler.js";
import { type FunctionNode, walk } from "../analysis/syntax.js";
import { operationAt } from "./operations.js";
import type { ResonateCode } from "./resonate-code.js";

const SETTLING = /^(resolve|reject|cancel|settle)$/;

/** True for a call that settles a promise of Resonate, itself or by way of functions of the searched code, called here or by name. */
export function settles(call: ts.CallExpression, code: ResonateCode, seen = new Set<FunctionNode>()): boolean {
  const { expression } = call;
  if (ts.isPropertyAccessExpression(expression) && SETTLING.test(expression.name.text) && /\bpromises$/i.test(expression.expression.getText())) return true;
  return called(call, code).some((fn) => !seen.has(fn) && contains(fn, code, seen.add(fn)));
}

function called(call: ts.CallExpression, code: ResonateCode): readonly FunctionNode[] {
  const [first] = call.arguments;
  const direct = code.functionNamed(call.expression);
  if (direct) return [direct];
  if (!first || !operationAt(call, code)) return [];
  const given = code.functionNamed(first);
  const name = code.textOf(first);
  return given ? [given] : name === undefined ? [] : code.registeredAs(name).flatMap(({ functions }) => functions);
}

function contains(fn: FunctionNode, code: ResonateCode, seen: Set<FunctionNode>): boolean {
  let found = false;
  walk(fn, (node) => {
    found ||= ts.isCallExpression(node) && settles(node, code, seen);
    return !found;
  });
  return found;
}
