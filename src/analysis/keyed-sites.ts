import { ts } from "./compiler.js";
import { contextTypeOf } from "./contexts.js";
import { isInCombination } from "./handles.js";
import type { KeySite, StateSite } from "./site-model.js";
import { subjectOf } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { inParameters, rangeOf } from "./syntax.js";

const stateMembers: ReadonlySet<string> = new Set<StateSite["member"]>(["get", "set", "clear", "clearAll", "stateKeys"]);
/** Members that give a promise; the others take effect at once. */
const asking: ReadonlySet<string> = new Set(["get", "stateKeys"]);
/** How many arguments each takes before a serialiser. */
const plainArguments: Readonly<Record<StateSite["member"], number>> = { get: 1, set: 2, clear: 1, clearAll: 0, stateKeys: 0 };

/** Members that only the contexts of objects and workflows have: the key and its state. */
export function isKeyedMember(name: string): boolean {
  return name === "key" || stateMembers.has(name);
}

/** `ctx.key`, or an operation on the state of the key. */
export function findKeyed(access: ts.PropertyAccessExpression, call: ts.CallExpression | undefined, finder: SiteFinder): void {
  const member = access.name.text;
  if (member === "key") return key(access, finder);
  if (!isStateMember(member) || !call) return finder.leave("R0118", access);
  if (!finder.isOwn(access)) return finder.leave(finder.inStep(access) ? "R0146" : "R0119", access);
  const serde = call.arguments[plainArguments[member]];
  if (serde && finder.scope.sdk.nameOf(serde) !== "serde.json") return finder.leave("R0149", serde);
  if (serde) finder.scope.consumed.add(serde);
  const consumption = asking.has(member) ? finder.use.promise(call) : finder.use.value(call);
  const listed = isInCombination(call) ? { listed: true as const } : {};
  if (consumption.kind === "left" || (consumption.begins && !listed.listed)) return finder.leave(consumption.kind === "left" ? consumption.code : "R0116", call);
  finder.findings.sites.push({ concept: "state", ...finder.base(consumption), ...listed, member, receiver: rangeOf(access.expression), type: member === "get" ? inferredType(call, finder) : undefined, serde: serde && { start: call.arguments[plainArguments[member] - 1]?.end ?? serde.getStart(), end: serde.end } });
}

function isStateMember(name: string): name is StateSite["member"] {
  return stateMembers.has(name);
}

function key(access: ts.PropertyAccessExpression, finder: SiteFinder): void {
  if (inParameters(access, finder.fn)) return finder.leave("R0111", access, subjectOf(access.parent));
  finder.findings.sites.push({ concept: "key", ...finder.sync(access), access: rangeOf(access), property: propertyOf(access) });
}

function propertyOf(access: ts.PropertyAccessExpression): KeySite["property"] {
  const { parent } = access;
  return ts.isPropertyAssignment(parent) && parent.initializer === access && ts.isIdentifier(parent.name) ? { name: parent.name.text, range: rangeOf(parent) } : undefined;
}

/** The type that the place gives an unannotated `get`: a generator's result takes none from its place. */
function inferredType(call: ts.CallExpression, finder: SiteFinder): StateSite["type"] {
  if (call.typeArguments || hasStateType(call, finder)) return undefined;
  const { checker } = finder.scope;
  const signature = checker.getResolvedSignature(call);
  const promised = signature && checker.getAwaitedType(checker.getReturnTypeOfSignature(signature));
  // Of `unknown` nothing is left to say; without null it would be `{}`.
  const vague = ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.Never | ts.TypeFlags.Null;
  const type = promised && !(promised.flags & vague) ? checker.getNonNullableType(promised) : undefined;
  if (!type || type.flags & vague || checker.typeToString(type) === "{}") return undefined;
  const text = checker.typeToString(type, call, ts.TypeFormatFlags.NoTruncation);
  if (!canBeNamed(text, call, checker)) finder.leave("R0148", call);
  return { at: call.expression.end, text };
}

/** Whether all names in the text of a type mean something where it is to stand. */
function canBeNamed(text: string, at: ts.Node, checker: ts.TypeChecker): boolean {
  const names = text.replace(/"[^"]*"|'[^']*'/g, "").match(/\b[A-Z]\w*\b(?!\s*[?:(])/g) ?? [];
  if (names.length === 0) return true;
  const known = new Set(checker.getSymbolsInScope(at, ts.SymbolFlags.Type | ts.SymbolFlags.Namespace).map((symbol) => symbol.name));
  return names.every((name) => known.has(name));
}

/** `ObjectContext<State>`: each entry's type is known by its name. */
function hasStateType(call: ts.CallExpression, finder: SiteFinder): boolean {
  const type = finder.context?.type;
  if (!type || !ts.isPropertyAccessExpression(call.expression)) return false;
  const alias = contextTypeOf(type, finder.scope)?.alias?.type ?? type;
  return ts.isTypeReferenceNode(alias) && (alias.typeArguments?.length ?? 0) > 0;
}
