import { ts } from "./compiler.js";
import { narrowedIn, onlyNames } from "./moving.js";
import { remarkAt, shortened, subjectOf } from "./scope.js";
import { yields } from "./site-kinds.js";
import type { SiteFinder } from "./sites.js";
import { containsAwait, rangeOf } from "./syntax.js";

/** `ctx.console`: recorded where its line stands by itself and holds only names, repeated with the function elsewhere. */
export function findConsole(access: ts.PropertyAccessExpression, finder: SiteFinder): void {
  const method = access.parent;
  const call = ts.isPropertyAccessExpression(method) && ts.isCallExpression(method.parent) && method.parent.expression === method ? method.parent : undefined;
  const recorded = call !== undefined && finder.isOwn(access) && ts.isExpressionStatement(call.parent) && !containsAwait(call) && call.arguments.every((argument) => onlyNames(argument)) && narrowedIn(call, finder.scope.checker) === undefined;
  const mode = finder.inStep(access) ? "plain" : recorded ? "step" : "repeated";
  if (mode === "repeated") finder.findings.remarks.push(remarkAt("R0208", access, subjectOf(call ?? access)));
  finder.findings.sites.push({ concept: "console", ...finder.sync(call ?? access), receiver: rangeOf(access), call: rangeOf(call ?? access), mode });
}

/** A line that prints what a `yield*` gives cannot be printed inside of a closure. */
export function settleConsole(finder: SiteFinder): void {
  const { sites, remarks } = finder.findings;
  sites.forEach((site, index) => {
    if (site.concept !== "console" || site.mode !== "step") return;
    const nested = sites.some((other) => other !== site && yields(other) && site.call.start <= other.range.start && other.range.end <= site.call.end);
    if (!nested) return;
    sites[index] = { ...site, mode: "repeated" };
    remarks.push({ code: "R0208", file: site.file, range: site.call, subject: shortened(finder.fn.getSourceFile().text.slice(site.call.start, site.call.end)) });
  });
}
