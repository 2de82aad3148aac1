import { ts } from "./compiler.js";

/** Methods that change what they are called on: those of arrays, maps and sets, and of their like. */
export const changingMethods: ReadonlySet<string> = new Set(["push", "pop", "shift", "unshift", "splice", "sort", "reverse", "fill", "copyWithin", "set", "add", "delete", "clear", "append"]);

/** An array, a map, a set or their like, as far as its type is known: anything else may do its work elsewhere. */
export function isCollection(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const type = checker.getNonNullableType(checker.getTypeAtLocation(node));
  return checker.isArrayType(type) || checker.isTupleType(type) || /^(Map|Set|WeakMap|WeakSet)$/.test(type.getSymbol()?.getName() ?? "");
}
