import { ts } from "../../analysis/compiler.js";
import { closureKey } from "./closure-key.js";
import type { MadeSite } from "./index.js";
import { placeOf } from "./place.js";
import { declarationOf, functionName } from "./registrations.js";
import { makeValue } from "./value.js";

const running = new Set(["run", "beginRun", "lfc", "lfi"]);
const calling = new Set(["rpc", "beginRpc", "rfc", "rfi"]);

/** The calls of a file whose results the types can stand in for: leaf steps, awaited promises, calls by name. */
export function findSites(source: ts.SourceFile, program: ts.Program): readonly MadeSite[] {
  const checker = program.getTypeChecker();
  const found: MadeSite[] = [];
  const visit = (node: ts.Node): void => {
    const site = ts.isCallExpression(node) ? siteOf(node, checker) : undefined;
    if (site) found.push(site);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function siteOf(call: ts.CallExpression, checker: ts.TypeChecker): MadeSite | undefined {
  const { expression } = call;
  if (!ts.isPropertyAccessExpression(expression) || !isContext(expression.expression, checker)) return undefined;
  const method = expression.name.text;
  if (running.has(method)) return stepOf(call, checker);
  if (method === "promise") return { kind: "promise", place: placeOf(call), made: makeValue(resultOf(call, checker), checker, "promise") };
  const [first] = call.arguments;
  const name = first && calling.has(method) ? checker.getTypeAtLocation(first) : undefined;
  return name?.isStringLiteral() ? { kind: "call", place: placeOf(call), name: name.value, made: makeValue(resultOf(call, checker), checker, name.value) } : undefined;
}

/** Told by what it has and not by its name: `queue.run(...)` is not `ctx.run(...)`. */
function isContext(receiver: ts.Expression, checker: ts.TypeChecker): boolean {
  const type = checker.getTypeAtLocation(receiver);
  return ["run", "beginRpc", "originId", "detached"].every((member) => type.getProperty(member) !== undefined);
}

/** A plain function is a leaf; a generator function runs for real. */
function stepOf(call: ts.CallExpression, checker: ts.TypeChecker): MadeSite | undefined {
  const [step] = call.arguments;
  const result = step && checker.getTypeAtLocation(step).getCallSignatures()[0]?.getReturnType();
  if (!step || !result || isGenerator(result)) return undefined;
  const name = functionName(step, checker);
  const body = functionBody(declarationOf(step, checker));
  const awaited = checker.getAwaitedType(result) ?? result;
  return {
    kind: "step",
    place: placeOf(call),
    ...(name === undefined ? {} : { name }),
    ...(body === undefined ? {} : { key: closureKey(body.getText()) }),
    made: makeValue(awaited, checker, name ?? "result"),
  };
}

function isGenerator(type: ts.Type): boolean {
  return type.symbol?.name === "Generator" || type.symbol?.name === "AsyncGenerator";
}

/** The function of a declaration, also where a variable holds it. */
function functionBody(declaration: ts.Declaration | undefined): ts.Node | undefined {
  if (!declaration || declaration.getSourceFile().isDeclarationFile) return undefined;
  const held = ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration) ? declaration.initializer : declaration;
  return held && ts.isFunctionLike(held) ? held : undefined;
}

/** The `T` of the `RFI<T>` or `RFC<T>` that a call on the context gives. */
function resultOf(call: ts.CallExpression, checker: ts.TypeChecker): ts.Type {
  const type = checker.getTypeAtLocation(call) as ts.TypeReference;
  return checker.getTypeArguments(type)[0] ?? checker.getUnknownType();
}
