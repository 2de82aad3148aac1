import { ts } from "../../analysis/compiler.js";
import type { Made } from "./index.js";
import { makeValue } from "./value.js";

/** A `register` call on an instance of the SDK's `Resonate`. */
export interface Registration {
  readonly call: ts.CallExpression;
  /** Undefined where the types do not tell the name. */
  readonly name: string | undefined;
  /** The registered function's expression. */
  readonly handler: ts.Expression;
}

/** All calls `resonate.register("name", fn)` and `resonate.register(fn)` of a file, told by the receiver's type and not by its name. */
export function findRegistrations(source: ts.SourceFile, checker: ts.TypeChecker): readonly Registration[] {
  const found: Registration[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isRegister(node, checker)) found.push(...registrationOf(node, checker));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/**
 * A value for each argument after the context.
 *
 * @returns undefined when the expression is no function as far as the types tell
 */
export function handlerInputs(handler: ts.Expression, program: ts.Program): readonly Made[] | undefined {
  const checker = program.getTypeChecker();
  const signature = mostTelling(handler, checker);
  if (!signature) return undefined;
  return signature.getParameters().slice(1).map((parameter) => makeValue(parameterType(parameter, handler, checker), checker, parameter.name));
}

function isRegister(call: ts.CallExpression, checker: ts.TypeChecker): boolean {
  const { expression } = call;
  if (!ts.isPropertyAccessExpression(expression) || expression.name.text !== "register") return false;
  const receiver = checker.getTypeAtLocation(expression.expression);
  return ["register", "beginRpc", "schedules", "promises"].every((member) => receiver.getProperty(member) !== undefined);
}

function registrationOf(call: ts.CallExpression, checker: ts.TypeChecker): readonly Registration[] {
  const [first, second] = call.arguments;
  if (!first) return [];
  const firstType = checker.getTypeAtLocation(first);
  if (firstType.getCallSignatures().length > 0) return [{ call, name: functionName(first, checker), handler: first }];
  return second ? [{ call, name: firstType.isStringLiteral() ? firstType.value : undefined, handler: second }] : [];
}

/** A function's `name` at run time: that of its declaration or of the variable that holds it. */
export function functionName(expression: ts.Expression, checker: ts.TypeChecker): string | undefined {
  const declaration = declarationOf(expression, checker);
  const name = declaration && ts.getNameOfDeclaration(declaration);
  return name && (ts.isIdentifier(name) || ts.isStringLiteral(name)) ? name.text : undefined;
}

/** The declaration of what an expression refers to, through imports; a function expression is its own. */
export function declarationOf(expression: ts.Expression, checker: ts.TypeChecker): ts.Declaration | undefined {
  if (ts.isFunctionExpression(expression) || ts.isArrowFunction(expression)) return expression;
  const symbol = checker.getSymbolAtLocation(expression);
  if (!symbol) return undefined;
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return target.valueDeclaration;
}

/** The signature of a function; for a wrapper that forgets it, `exclusive("Cart", add)`, that of the function it wraps. */
function mostTelling(handler: ts.Expression, checker: ts.TypeChecker): ts.Signature | undefined {
  const signature = checker.getTypeAtLocation(handler).getCallSignatures()[0];
  const inner = ts.isCallExpression(handler) ? handler.arguments.map((argument) => mostTelling(argument, checker)).find((found) => found !== undefined) : undefined;
  return !signature || forgets(signature, handler, checker) ? (inner ?? signature) : signature;
}

/** Whether a signature takes just anything after its context. */
function forgets(signature: ts.Signature, handler: ts.Expression, checker: ts.TypeChecker): boolean {
  return signature.getParameters().some((parameter) => {
    const declaration = parameter.valueDeclaration;
    const type = parameterType(parameter, handler, checker);
    return declaration !== undefined && ts.isParameter(declaration) && declaration.dotDotDotToken !== undefined && (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) !== 0;
  });
}

/** A parameter's type; that of one element for a rest parameter. */
function parameterType(parameter: ts.Symbol, at: ts.Node, checker: ts.TypeChecker): ts.Type {
  const type = checker.getTypeOfSymbolAtLocation(parameter, at);
  const declaration = parameter.valueDeclaration;
  const isRest = declaration !== undefined && ts.isParameter(declaration) && declaration.dotDotDotToken !== undefined;
  return (isRest && checker.isArrayType(type) ? checker.getTypeArguments(type as ts.TypeReference)[0] : undefined) ?? type;
}
