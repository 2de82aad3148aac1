import { ts } from "../analysis/compiler.js";
import { walk } from "../analysis/syntax.js";
import type { ResonateCode } from "./resonate-code.js";

/** A call of a function by its registered name. */
export interface NamedCall {
  readonly name: string;
  /** The argument that holds the name. */
  readonly argument: ts.Expression;
}

const OF_CONTEXT = new Set(["run", "beginRun", "lfc", "lfi", "rpc", "beginRpc", "rfc", "rfi", "detached"]);
const OF_CLIENT: ReadonlyMap<string, number> = new Map([["run", 1], ["beginRun", 1], ["rpc", 1], ["beginRpc", 1], ["schedule", 2]]);

/** The calls by name in a file, except those that go to a worker group that the call names: that may be somebody else's. */
export function namedCallsIn(file: ts.SourceFile, code: ResonateCode): NamedCall[] {
  const found: NamedCall[] = [];
  walk(file, (node) => {
    const argument = ts.isCallExpression(node) && !namesTarget(node) ? nameArgument(node, code) : undefined;
    const name = code.textOf(argument);
    if (argument && name !== undefined) found.push({ name, argument });
  });
  return found;
}

function nameArgument(call: ts.CallExpression, code: ResonateCode): ts.Expression | undefined {
  if (!ts.isPropertyAccessExpression(call.expression)) return undefined;
  const { expression: receiver, name } = call.expression;
  const position = OF_CLIENT.get(name.text);
  if (OF_CONTEXT.has(name.text) && code.isContext(receiver)) return call.arguments[0];
  return position !== undefined && code.isClient(receiver) ? call.arguments[position] : undefined;
}

/** `ctx.options({ target: ... })` among the arguments, or options whose members cannot be seen. */
function namesTarget(call: ts.CallExpression): boolean {
  return call.arguments.some((argument) => {
    if (!ts.isCallExpression(argument) || !/\boptions$/.test(argument.expression.getText())) return false;
    const [options] = argument.arguments;
    return options !== undefined && (!ts.isObjectLiteralExpression(options) || options.properties.some(({ name }) => name === undefined || name.getText() === "target"));
  });
}
