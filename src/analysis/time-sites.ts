import { ts } from "./compiler.js";
import { constantDuration, durationOf } from "./durations.js";
import { isInCombination } from "./handles.js";
import { remarkAt, subjectOf } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { openParen, rangeOf } from "./syntax.js";

const dayInMilliseconds = 86_400_000;

/** `ctx.sleep(duration, name)`. */
export function findSleep(call: ts.CallExpression, finder: SiteFinder): void {
  const consumption = finder.use.promise(call);
  if (consumption.kind === "left") return finder.leave(consumption.code, call);
  const [duration, name] = call.arguments;
  if (!duration || ts.isSpreadElement(duration)) return finder.leave("R0141", call);
  if (name && !finder.dropName(name)) return finder.leave("R0151", name);
  const length = constantDuration(duration, finder.scope.checker);
  if (length === undefined || length >= dayInMilliseconds) finder.findings.remarks.push(remarkAt(length === undefined ? "R0304" : "R0204", call, subjectOf(duration)));
  finder.findings.sites.push({
    concept: "sleep",
    ...finder.base(consumption),
    head: { start: call.getStart(), end: openParen(call) },
    duration: durationOf(duration, finder.scope.checker),
    name: name && { start: duration.end, end: name.end },
  });
}

/** `ctx.date.now()` and `ctx.date.toJSON()`; every other use of `ctx.date` is left. */
export function findDate(access: ts.PropertyAccessExpression, finder: SiteFinder): void {
  const member = access.parent;
  const call = member.parent;
  const isCall = ts.isPropertyAccessExpression(member) && ts.isCallExpression(call) && call.expression === member;
  if (!isCall || (member.name.text !== "now" && member.name.text !== "toJSON")) return finder.leave("R0118", access);
  const consumption = finder.use.promise(call);
  const listed = member.name.text === "now" && isInCombination(call) ? { listed: true as const } : {};
  if (consumption.kind === "left" || (consumption.begins && !listed.listed)) return finder.leave(consumption.kind === "left" ? consumption.code : "R0116", call);
  finder.findings.sites.push({ concept: "date", ...finder.base(consumption), ...listed, member: member.name.text, call: rangeOf(call) });
}
