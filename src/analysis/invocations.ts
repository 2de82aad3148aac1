import { ts } from "./compiler.js";
import type { InvocationSite } from "./site-model.js";
import { isConst, remarkAt, subjectOf, symbolOf } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { openParen, outOfParens, walk } from "./syntax.js";

const members: ReadonlySet<string> = new Set(["cancel", "attach", "invocation"]);

/** Members of a context that reach other invocations by their ids. */
export function isInvocationMember(name: string): boolean {
  return members.has(name);
}

/** `ctx.cancel(id)`, `ctx.attach(id)`, and both of `ctx.invocation(id)`. */
export function findInvocation(access: ts.PropertyAccessExpression, call: ts.CallExpression | undefined, finder: SiteFinder): void {
  const [id, ...others] = call?.arguments ?? [];
  if (!call || !id || ts.isSpreadElement(id)) return finder.leave("R0118", access);
  if (!finder.isOwn(access)) return finder.leave(finder.inStep(access) ? "R0146" : "R0119", access);
  if (others[0]) return finder.leave("R0149", others[0]);
  if (access.name.text === "invocation") return findReference(call, id, finder);
  found(call, access.name.text === "cancel" ? "cancel" : "attach", id, finder);
}

/** `InvocationIdParser.fromString(text)`: an id is a text. */
export function findIdParser(call: ts.CallExpression, finder: SiteFinder): void {
  const [text, ...others] = call.arguments;
  // By its own name a member is known without its type.
  if (ts.isPropertyAccessExpression(call.expression) && call.expression.name.text !== "fromString") return;
  if (finder.scope.sdk.nameOf(call.expression) !== "InvocationIdParser.fromString" || !text || others.length > 0 || ts.isSpreadElement(text)) return;
  finder.scope.consumed.add(call.expression);
  bare(call, text, finder);
}

/** A reference is used where it stands, or in a constant that becomes one of the id. */
function findReference(call: ts.CallExpression, id: ts.Expression, finder: SiteFinder): void {
  const outer = outOfParens(call);
  const { parent } = outer;
  if (!ts.isVariableDeclaration(parent) || !ts.isIdentifier(parent.name) || !isConst(parent) || parent.type) return findUse(outer, id, finder);
  bare(call, id, finder);
  const symbol = symbolOf(parent.name, finder.scope.checker);
  walk(finder.fn, (node) => {
    if (ts.isIdentifier(node) && node !== parent.name && symbolOf(node, finder.scope.checker) === symbol) findUse(node, node, finder);
  });
}

/** `reference.cancel()` and `reference.attach()`; `id` is what the output names the invocation by. */
function findUse(reference: ts.Expression, id: ts.Expression, finder: SiteFinder): void {
  const access = reference.parent;
  const call = ts.isPropertyAccessExpression(access) && access.expression === reference && !access.questionDotToken ? access.parent : undefined;
  if (!call || !ts.isPropertyAccessExpression(access) || !ts.isCallExpression(call) || call.expression !== access) return finder.leave("R0127", access);
  const member = access.name.text;
  if (member === "signal") return finder.leave("R0128", call);
  if (member !== "cancel" && member !== "attach") return finder.leave("R0127", call);
  if (!finder.isOwn(call)) return finder.leave(finder.inStep(call) ? "R0146" : "R0119", call);
  if (call.arguments[0]) return finder.leave("R0149", call.arguments[0]);
  found(call, member, id, finder);
}

function found(call: ts.CallExpression, member: InvocationSite["member"], id: ts.Expression, finder: SiteFinder): void {
  const consumption = member === "cancel" ? finder.use.value(call) : finder.use.promise(call);
  if (consumption.kind === "left") return finder.leave(consumption.code, call);
  if (member === "cancel") finder.findings.remarks.push(remarkAt("R0219", call, subjectOf(call)));
  finder.findings.sites.push({
    concept: "invocation",
    ...finder.base(consumption),
    member,
    typeArguments: call.typeArguments && { start: call.typeArguments.pos - 1, end: openParen(call) - 1 },
    ...around(call, id),
  });
}

/** Only what stands in the call stays. */
function bare(call: ts.CallExpression, inner: ts.Expression, finder: SiteFinder): void {
  finder.findings.sites.push({ concept: "bare-id", ...finder.sync(call), ...around(call, inner) });
}

/** What stands before and after a part of a call. */
function around(call: ts.CallExpression, part: ts.Expression): Pick<InvocationSite, "head" | "tail"> {
  return { head: { start: call.getStart(), end: part.getStart() }, tail: { start: part.end, end: call.end } };
}
