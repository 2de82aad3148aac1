import { ts } from "./compiler.js";
import type { Consumption } from "./consumption.js";
import { mayChange, writesInCallees, writesOutside } from "./moving.js";
import { functionNamed, remarkAt, shortened } from "./scope.js";
import type { StepSite } from "./site-model.js";
import type { SiteFinder } from "./sites.js";
import { actionOf, actionValue, runArguments, stepOptionsOf } from "./steps.js";
import { containsAwait, enclosingFunction, isFunctionNode, outOfParens, rangeOf, unwrap } from "./syntax.js";
import { isPrimitive, jsonFate } from "./values.js";

/** `ctx.run(name, action, options)`: a step, or left where its name, its action or its options cannot be rewritten. */
export function findStep(call: ts.CallExpression, finder: SiteFinder): void {
  const run = runArguments(call);
  if (!run) return finder.leave("R0141", call);
  finder.noteAction(run.action);
  if (run.name && !finder.dropName(run.name)) return finder.leave("R0151", run.name);
  if (!isFunctionNode(unwrap(run.action)) && (containsAwait(run.action) || finder.mentionsContext(run.action) || writesOutside(run.action, finder.fn, finder.scope.checker) !== undefined)) return finder.leave("R0147", run.action);
  if (run.options && (containsAwait(run.options) || finder.mentionsContext(run.options))) return finder.leave("R0143", run.options);
  const consumption = finder.use.promise(call);
  if (consumption.kind === "left") return finder.leave(consumption.code, call);
  const options = run.options && stepOptionsOf(run.options, finder.scope);
  if (options?.left !== undefined) return finder.leave("R0143", run.options ?? call, options.left);
  const [typeArgument] = call.typeArguments ?? [];
  const assigned = writesOutside(run.action, finder.fn, finder.scope.checker) ?? writesInCallees(run.action, finder.fn, finder.scope);
  if (assigned !== undefined) finder.findings.remarks.push(remarkAt("R0213", call, assigned));
  const givesObject = !consumption.begins && remarkValue(call, run.action, consumption, finder);
  const begins = consumption.begins === true;
  if (begins && !isFunctionNode(unwrap(run.action)) && mayChange(run.action, finder.scope.checker)) return finder.leave("R0160", run.action);
  finder.findings.sites.push({
    concept: "step",
    ...finder.base(consumption),
    typeArguments: call.typeArguments && { start: call.typeArguments.pos - 1, end: call.getSourceFile().text.indexOf(">", call.typeArguments.end) + 1 },
    name: run.name && { start: run.name.getStart(), end: run.action.getStart() },
    member: rangeOf((call.expression as ts.PropertyAccessExpression).name),
    action: actionOf(run.action, typeArgument, begins, finder.scope),
    options: options?.fact,
    givesObject,
    throws: throwsOf(run.action, finder),
  });
}

/** Which errors of its own kind a step can end with. */
function throwsOf(action: ts.Expression, finder: SiteFinder): StepSite["throws"] {
  const literal = unwrap(action);
  const fn = isFunctionNode(literal) ? literal : (functionNamed(literal, finder.scope) ?? literal);
  if (finder.known.retryable.reaches(fn)) return "retryable";
  return finder.known.terminal.reaches(fn) ? "terminal" : undefined;
}

/**
 * A step's value is what JSON makes of it: at once in Restate, only after a replay in Resonate. A handle gives it at once as well.
 * @returns whether somebody gets the value, and it may be something that can be changed
 */
function remarkValue(call: ts.CallExpression, action: ts.Expression, { outer }: Extract<Consumption, { kind: "now" }>, finder: SiteFinder): boolean {
  const { checker } = finder.scope;
  const value = outOfParens(outer);
  // What a handler returns goes through JSON in any case.
  if (ts.isExpressionStatement(value.parent) || (finder.scope.handlers.has(finder.fn) && enclosingFunction(value) === finder.fn && finder.use.isReturned(value))) return false;
  const given = actionValue(action, finder.scope) ?? checker.getTypeAtLocation(outer);
  const type = checker.getAwaitedType(given) ?? given;
  const fate = jsonFate(type, checker);
  const name = ts.isVariableDeclaration(value.parent) && ts.isIdentifier(value.parent.name) ? value.parent.name.text : "result";
  if (fate.kind === "changes") finder.findings.remarks.push(remarkAt("R0202", call, `${name}${fate.path}: ${shortened(fate.type)}`));
  if (fate.kind === "nulls") finder.findings.remarks.push(remarkAt("R0228", call, `${name}${fate.path}`));
  // What JSON changes is said to differ; it need not be something that can be cloned.
  return fate.kind !== "changes" && !isPrimitive(type);
}
