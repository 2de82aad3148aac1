import { ts } from "../../analysis/compiler.js";
import type { Json } from "../scenario.js";
import type { Made, Note } from "./index.js";

/** Types nested deeper than this are cut as recursive ones are: generic types can grow for ever without meeting themselves again. */
const deepest = 10;
/** One value looks at no more types than this; what lies beyond is cut too. */
const most = 5_000;

/** What JSON makes of the library's own objects (SEMANTICS A4). */
const libraryObjects: Readonly<Record<string, Json>> = {
  Date: "2026-01-01T00:00:00.000Z",
  Map: {},
  ReadonlyMap: {},
  WeakMap: {},
  Set: {},
  ReadonlySet: {},
  WeakSet: {},
  RegExp: {},
  Error: {},
  Promise: {},
  ArrayBuffer: {},
  Buffer: { type: "Buffer", data: [1] },
  Uint8Array: { "0": 1 },
  Int8Array: { "0": 1 },
  Uint8ClampedArray: { "0": 1 },
  Uint16Array: { "0": 1 },
  Int16Array: { "0": 1 },
  Uint32Array: { "0": 1 },
  Int32Array: { "0": 1 },
  Float32Array: { "0": 1 },
  Float64Array: { "0": 1 },
};

/**
 * Makes one deterministic value of a type: first members of unions, every optional member, one element for an array.
 *
 * @param at what the value is called, for notes and for the text of its strings
 */
export function makeValue(type: ts.Type, checker: ts.TypeChecker, at: string): Made {
  return new Maker(checker).make(type, at, []);
}

const fine = (value: Json): Made => ({ value, notes: [] });
const noted = (value: Json, kind: Note["kind"], at: string, text: string): Made => ({ value, notes: [{ kind, at, text }] });
const isCut = (made: Made): boolean => made.notes.some((note) => note.kind === "cut");
const lastName = (at: string): string => at.replace(/\[\d+\]$/, "").split(".").at(-1) ?? at;

class Maker {
  /** Types looked at so far: unions of unions of large types would otherwise be tried in every combination. */
  #looked = 0;

  constructor(readonly checker: ts.TypeChecker) {}

  make(type: ts.Type, at: string, outer: readonly ts.Type[]): Made {
    const { flags } = type;
    if (flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return noted(null, "unknown", at, `the type of ${at} is ${this.checker.typeToString(type)}, so it is null`);
    if (flags & (ts.TypeFlags.Undefined | ts.TypeFlags.Void | ts.TypeFlags.Never)) return fine(undefined);
    if (flags & ts.TypeFlags.Null) return fine(null);
    if (type.isStringLiteral() || type.isNumberLiteral()) return fine(type.value);
    if (flags & ts.TypeFlags.BooleanLike && !(flags & ts.TypeFlags.BooleanLiteral)) return fine(true);
    if (flags & ts.TypeFlags.BooleanLiteral) return fine(this.checker.typeToString(type) === "true");
    if (flags & ts.TypeFlags.TemplateLiteral) return this.#template(type as ts.TemplateLiteralType, at, outer);
    if (flags & ts.TypeFlags.StringLike) return fine(this.#text(type, at));
    if (flags & ts.TypeFlags.NumberLike) return fine(1);
    if (flags & (ts.TypeFlags.BigIntLike | ts.TypeFlags.ESSymbolLike)) return this.#notJson(null, type, at);
    if (flags & ts.TypeFlags.NonPrimitive) return fine({});
    if (outer.includes(type) || outer.length >= deepest || ++this.#looked > most) return noted(null, "cut", at, `the type of ${at} contains itself and was cut there with null`);
    const within = [...outer, type];
    if (type.isUnion()) return this.#union(type, at, within);
    if (flags & ts.TypeFlags.Instantiable) return this.make(this.checker.getBaseConstraintOfType(type) ?? this.checker.getUnknownType(), at, within);
    if (type.isIntersection()) return this.#intersection(type, at, within);
    return this.#object(type, at, within);
  }

  /** The first member that is a full value. */
  #union(type: ts.UnionType, at: string, within: readonly ts.Type[]): Made {
    const candidates = [...type.types].sort((one, other) => lateness(one, this.checker) - lateness(other, this.checker));
    let best: Made | undefined;
    for (const candidate of candidates) {
      const made = this.make(candidate, at, within);
      if (made.notes.length === 0) return made;
      if (!best || made.notes.length < best.notes.length) best = made;
    }
    return best ?? fine(undefined);
  }

  /** A branded string is a string; other intersections are objects with all members. */
  #intersection(type: ts.IntersectionType, at: string, within: readonly ts.Type[]): Made {
    const primitive = type.types.find((member) => member.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike | ts.TypeFlags.BigIntLike));
    return primitive ? this.make(primitive, at, within) : this.#object(type, at, within);
  }

  #template(type: ts.TemplateLiteralType, at: string, within: readonly ts.Type[]): Made {
    const parts = type.types.map((part, index) => `${String(this.make(part, at, within).value)}${type.texts[index + 1] ?? ""}`);
    return fine((type.texts[0] ?? "") + parts.join(""));
  }

  #text(type: ts.Type, at: string): string {
    const mapping = type.flags & ts.TypeFlags.StringMapping ? type.symbol.name : undefined;
    const text = lastName(at);
    if (mapping === "Uppercase") return text.toUpperCase();
    if (mapping === "Lowercase") return text.toLowerCase();
    const first = text.slice(0, 1);
    return mapping === undefined ? text : `${mapping === "Capitalize" ? first.toUpperCase() : first.toLowerCase()}${text.slice(1)}`;
  }

  #object(type: ts.Type, at: string, within: readonly ts.Type[]): Made {
    const name = type.symbol?.name ?? "";
    if (this.checker.isTupleType(type)) return this.#tuple(type as ts.TypeReference, at, within);
    if (this.checker.isArrayType(type)) return this.#array(type as ts.TypeReference, at, within);
    if (Object.hasOwn(libraryObjects, name) && this.#isAmbient(type)) return this.#notJson(libraryObjects[name], type, at);
    if (type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0) return this.#notJson(undefined, type, at);
    const toJson = type.getProperty("toJSON");
    const toJsonResult = toJson && this.checker.getTypeOfSymbol(toJson).getCallSignatures()[0]?.getReturnType();
    if (toJsonResult) return this.#withNote(this.make(toJsonResult, at, within), type, at);
    return this.#members(type, at, within);
  }

  #members(type: ts.Type, at: string, within: readonly ts.Type[]): Made {
    const value: Record<string, Json> = {};
    const notes: Note[] = [];
    const add = (name: string, made: Made, optional: boolean): void => {
      // A recursive member that may be absent ends the recursion; so does an entry of a record.
      if (optional && isCut(made)) return;
      notes.push(...made.notes);
      if (made.value !== undefined) value[name] = made.value;
    };
    for (const member of this.checker.getPropertiesOfType(type)) {
      // Members whose key is a symbol: no JSON carries them, and brands are such.
      if (member.name.startsWith("__@") || isPrivate(member)) continue;
      const isOptional = (member.flags & ts.SymbolFlags.Optional) !== 0;
      add(member.name, this.make(this.checker.getTypeOfSymbol(member), `${at}.${member.name}`, within), isOptional);
    }
    const index = this.checker.getIndexInfosOfType(type)[0];
    if (index && Object.keys(value).length === 0) {
      const key = index.keyType.flags & ts.TypeFlags.NumberLike ? "1" : this.make(index.keyType, "key", within).value;
      add(String(key), this.make(index.type, `${at}.${String(key)}`, within), true);
    }
    return { value, notes };
  }

  #array(type: ts.TypeReference, at: string, within: readonly ts.Type[]): Made {
    const [element] = this.checker.getTypeArguments(type);
    if (!element) return fine([]);
    const made = this.make(element, `${at}[0]`, within);
    return isCut(made) ? fine([]) : { value: [made.value], notes: made.notes };
  }

  #tuple(type: ts.TypeReference, at: string, within: readonly ts.Type[]): Made {
    const { elementFlags } = type.target as ts.TupleType;
    const elements = this.checker.getTypeArguments(type).flatMap((element, index) => (elementFlags[index]! & ts.ElementFlags.Variable ? [] : [this.make(element, `${at}[${index}]`, within)]));
    return { value: elements.map((made) => made.value), notes: elements.flatMap((made) => made.notes) };
  }

  /** Declared by the language's library or by type packages, not by the project: its own `Map` is an object like any other. */
  #isAmbient(type: ts.Type): boolean {
    return type.symbol.declarations?.every((declaration) => declaration.getSourceFile().isDeclarationFile) ?? false;
  }

  #notJson(value: Json, type: ts.Type, at: string): Made {
    return this.#withNote(fine(value), type, at);
  }

  #withNote(made: Made, type: ts.Type, at: string): Made {
    const note: Note = { kind: "not-json", at, text: `${at} is a ${this.checker.typeToString(type)}, which does not survive JSON; it is what JSON would make of it` };
    return { value: made.value, notes: [...made.notes, note] };
  }
}

/** Members of a union are tried in the compiler's order, but absence last, and `false` after what says yes: the happy path is the likelier one. */
function lateness(type: ts.Type, checker: ts.TypeChecker): number {
  if (type.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void)) return 2;
  return type.flags & ts.TypeFlags.BooleanLiteral && checker.typeToString(type) === "false" ? 1 : 0;
}

function isPrivate(member: ts.Symbol): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  return member.name.startsWith("__#") || (member.declarations?.some((declaration) => (ts.getCombinedModifierFlags(declaration) & hidden) !== 0) ?? false);
}
