import { ts } from "./compiler.js";

/** Whether a value of a type comes back from JSON as it was. */
export type JsonFate =
  | { readonly kind: "survives" }
  /** `path` leads to the part that does not survive, `type` is what it is. */
  | { readonly kind: "changes"; readonly path: string; readonly type: string }
  /** The type says nothing (`any`, `unknown`), or it is not known without what is installed. */
  | { readonly kind: "untyped" | "unresolved" };

const survives: JsonFate = { kind: "survives" };
const maximalDepth = 8;
/** Library classes whose instances JSON turns into something else. */
const changing: ReadonlySet<string> = new Set([
  "Date", "Map", "Set", "WeakMap", "WeakSet", "RegExp", "Promise", "Uint8Array", "Int8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array",
  "Int32Array", "Uint32Array", "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array", "ArrayBuffer", "DataView", "Generator", "Iterator",
  "ReadonlyMap", "ReadonlySet", "Function",
]);

/** Follows a type and says whether its values survive JSON. */
export function jsonFate(type: ts.Type, checker: ts.TypeChecker): JsonFate {
  return fateOf(type, checker, "", new Set(), 0);
}

function fateOf(type: ts.Type, checker: ts.TypeChecker, path: string, seen: Set<ts.Type>, depth: number): JsonFate {
  if (type.flags & ts.TypeFlags.Any) return { kind: isErrorType(type) ? "unresolved" : "untyped" };
  if (type.flags & ts.TypeFlags.Unknown) return { kind: "untyped" };
  if (type.flags & (ts.TypeFlags.BigIntLike | ts.TypeFlags.ESSymbolLike)) return { kind: "changes", path, type: checker.typeToString(type) };
  if (type.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike | ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Never)) return survives;
  if (type.flags & (ts.TypeFlags.TypeParameter | ts.TypeFlags.Conditional | ts.TypeFlags.IndexedAccess)) return { kind: "untyped" };
  if (seen.has(type) || depth > maximalDepth) return survives;
  seen.add(type);
  if (type.isUnionOrIntersection()) return worst(type.types.map((member) => fateOf(member, checker, path, seen, depth)));
  if (checker.isArrayType(type) || checker.isTupleType(type)) {
    return worst(checker.getTypeArguments(type as ts.TypeReference).map((element) => fateOf(element, checker, `${path}[]`, seen, depth + 1)));
  }
  const name = type.getSymbol()?.getName() ?? "";
  if (changing.has(name) || type.getCallSignatures().length > 0 || type.isClass() || isInstance(type)) return { kind: "changes", path, type: checker.typeToString(type) };
  const members = type.getProperties().map((property) => fateOf(checker.getTypeOfSymbol(property), checker, `${path}.${property.getName()}`, seen, depth + 1));
  const index = type.getStringIndexType();
  return worst(index ? [...members, fateOf(index, checker, `${path}[string]`, seen, depth + 1)] : members);
}

function isInstance(type: ts.Type): boolean {
  return type.getSymbol()?.declarations?.some(ts.isClassDeclaration) ?? false;
}

/** The type of something that could not be resolved: the compiler's error type prints as `any` and has this internal name. */
function isErrorType(type: ts.Type): boolean {
  return (type as ts.Type & { readonly intrinsicName?: string }).intrinsicName === "error";
}

function worst(fates: readonly JsonFate[]): JsonFate {
  for (const kind of ["changes", "unresolved", "untyped"] as const) {
    const found = fates.find((fate) => fate.kind === kind);
    if (found) return found;
  }
  return survives;
}
