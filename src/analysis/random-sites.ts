import { ts } from "./compiler.js";
import type { SiteFinder } from "./sites.js";
import { inParameters, rangeOf } from "./syntax.js";

/** `ctx.rand.random()` and `ctx.rand.uuidv4()`: recorded where a `yield*` can stand, from a seed elsewhere. */
export function findRandom(access: ts.PropertyAccessExpression, finder: SiteFinder): void {
  const member = access.parent;
  const call = member.parent;
  const isCall = ts.isPropertyAccessExpression(member) && ts.isCallExpression(call) && call.expression === member;
  if (!isCall || (member.name.text !== "random" && member.name.text !== "uuidv4") || inParameters(access, finder.fn)) return finder.leave("R0118", access);
  if (finder.inStep(access)) return finder.leave("R0146", access);
  const own = finder.isOwn(access);
  const consumption = finder.use.value(call);
  if (consumption.kind === "left") return finder.leave(consumption.code, call);
  finder.findings.sites.push({ concept: "random", ...(own ? finder.base(consumption) : finder.sync(call)), member: member.name.text, call: rangeOf(call), receiver: rangeOf(access), mode: own ? "step" : "seeded" });
}
