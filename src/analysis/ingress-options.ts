import { ts } from "./compiler.js";
import { durationOf } from "./durations.js";
import type { DurationFact } from "./site-model.js";
import type { Scope } from "./scope.js";
import { propertyName, unwrap } from "./syntax.js";

/** The arguments of a call through an ingress client. */
export interface IngressArguments {
  readonly input?: ts.Expression;
  readonly options?: ts.Expression;
  readonly idempotencyKey?: ts.Expression;
  readonly delay?: DurationFact;
  /** What of them has no counterpart. */
  readonly left?: ts.Node;
  /** Options without effect on what happens, and options whose effect is gone. */
  readonly dropped: readonly ts.ObjectLiteralElementLike[];
}

const factories: ReadonlySet<string> = new Set(["rpc.opts", "rpc.sendOpts", "Opts.from", "SendOpts.from"]);
const droppable: ReadonlySet<string> = new Set(["headers", "limitKey", "name"]);

/** Reads `client.handler(input?, options?)`: what is made by `Opts.from` and its like is options, as for Restate. */
export function ingressArguments(call: ts.CallExpression, scope: Scope): IngressArguments {
  const [first, second, third] = call.arguments;
  const spread = call.arguments.find(ts.isSpreadElement);
  if (spread ?? third) return { left: spread ?? third, dropped: [] };
  const options = [first, second].find((argument) => argument !== undefined && isOptions(argument, scope));
  const input = first === options ? undefined : first;
  if (second !== undefined && second !== options) return { left: second, dropped: [] };
  return { input, options, ...(options ? readOptions(options, scope) : { dropped: [] }) };
}

function sdkName(node: ts.Node, scope: Scope): string {
  return (scope.sdk.nameOf(node) ?? "").replace(/^clients\./, "");
}

function isOptions(argument: ts.Expression, scope: Scope): boolean {
  const value = unwrap(argument);
  if (ts.isCallExpression(value) && factories.has(sdkName(value.expression, scope))) return true;
  const symbol = scope.checker.getTypeAtLocation(value).getSymbol();
  return symbol !== undefined && /^(clients\.)?(Send)?Opts$/.test(scope.sdk.nameOfSymbol(symbol) ?? "");
}

function readOptions(argument: ts.Expression, scope: Scope): Omit<IngressArguments, "input" | "options"> {
  const call = unwrap(argument);
  const literal = ts.isCallExpression(call) && call.arguments[0] ? unwrap(call.arguments[0]) : undefined;
  if (!ts.isCallExpression(call) || !literal || !ts.isObjectLiteralExpression(literal)) return { left: argument, dropped: [] };
  const dropped: ts.ObjectLiteralElementLike[] = [];
  let idempotencyKey: ts.Expression | undefined;
  let delay: DurationFact | undefined;
  for (const property of literal.properties) {
    const name = property.name && propertyName(property.name);
    const value = ts.isPropertyAssignment(property) ? property.initializer : ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
    if (name === undefined || !value) return { left: property, dropped };
    if (name === "idempotencyKey") idempotencyKey = value;
    else if (name === "delay") delay = durationOf(value, scope.checker);
    else if (droppable.has(name)) dropped.push(property);
    else return { left: property, dropped };
  }
  return { idempotencyKey, delay, dropped };
}
