import { ts } from "./compiler.js";

const primitive = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike | ts.TypeFlags.BigIntLike | ts.TypeFlags.ESSymbolLike | ts.TypeFlags.Undefined | ts.TypeFlags.Null | ts.TypeFlags.Void | ts.TypeFlags.Never;

/** Texts, numbers and their like, which nobody can change something in. */
export function isPrimitive(type: ts.Type): boolean {
  return (type.isUnion() ? type.types : [type]).every(({ flags }) => (flags & primitive) !== 0);
}

/** Whether a value of a type comes back from JSON as it was. */
export type JsonFate =
  | { readonly kind: "survives" }
  /** `path` leads to the part that does not survive, `type` is what it is. */
  | { readonly kind: "changes"; readonly path: string; readonly type: string }
  /** An element of a list that may be undefined comes back as null; `path` leads to it. */
  | { readonly kind: "nulls"; readonly path: string }
  /** The type says nothing (`any`, `unknown`), or it is not known without what is installed. */
  | { readonly kind: "untyped" | "unresolved" };

const survives: JsonFate = { kind: "survives" };
const maximalDepth = 8;
/** So many types are looked at: a generic type can give new ones for ever. */
const maximalTypes = 2_000;
/** Classes of the language and its hosts whose instances JSON turns into something else. */
const changing: ReadonlySet<string> = new Set([
  "Error", "EvalError", "RangeError", "ReferenceError", "SyntaxError", "TypeError", "URIError", "AggregateError", "DOMException",
  "Buffer", "URL", "URLSearchParams", "Headers", "FormData", "Blob", "File", "Request", "Response", "ReadableStream", "AsyncGenerator", "AsyncIterator",
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
  if (seen.has(type) || depth > maximalDepth || seen.size > maximalTypes) return survives;
  seen.add(type);
  if (type.isUnionOrIntersection()) return worst(type.types.map((member) => fateOf(member, checker, path, seen, depth)));
  if (checker.isArrayType(type) || checker.isTupleType(type)) {
    const elements = checker.getTypeArguments(type as ts.TypeReference);
    const nulls: JsonFate[] = elements.some(isOrUndefined) ? [{ kind: "nulls", path: `${path}[]` }] : [];
    return worst([...elements.map((element) => fateOf(element, checker, `${path}[]`, seen, depth + 1)), ...nulls]);
  }
  if (isOfLibrary(type) || type.getCallSignatures().length > 0 || type.isClass() || isInstance(type)) return { kind: "changes", path, type: checker.typeToString(type) };
  const members = type.getProperties().map((property) => fateOf(checker.getTypeOfSymbol(property), checker, `${path}.${property.getName()}`, seen, depth + 1));
  const indexed = [type.getStringIndexType(), type.getNumberIndexType()].flatMap((index) => (index ? [fateOf(index, checker, `${path}[...]`, seen, depth + 1)] : []));
  return worst([...members, ...indexed]);
}

/** A value, or undefined: where only undefined can stand, nobody reads it. */
function isOrUndefined(type: ts.Type): boolean {
  return type.isUnion() && type.types.some((member) => (member.flags & ts.TypeFlags.Undefined) !== 0) && type.types.some((member) => (member.flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Never)) === 0);
}

/** A type of the project's own may have the name of a class of the language. */
function isOfLibrary(type: ts.Type): boolean {
  const symbol = type.getSymbol();
  return symbol !== undefined && changing.has(symbol.getName()) && (symbol.declarations?.some((declaration) => declaration.getSourceFile().isDeclarationFile) ?? false);
}

function isInstance(type: ts.Type): boolean {
  return type.getSymbol()?.declarations?.some(ts.isClassDeclaration) ?? false;
}

/** The type of something that could not be resolved: the compiler's error type prints as `any` and has this internal name. */
function isErrorType(type: ts.Type): boolean {
  return (type as ts.Type & { readonly intrinsicName?: string }).intrinsicName === "error";
}

function worst(fates: readonly JsonFate[]): JsonFate {
  for (const kind of ["changes", "unresolved", "untyped", "nulls"] as const) {
    const found = fates.find((fate) => fate.kind === kind);
    if (found) return found;
  }
  return survives;
}
