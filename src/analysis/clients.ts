import { ts } from "./compiler.js";
import { durationOf } from "./durations.js";
import type { DurationFact } from "./site-model.js";
import { type Scope, isConst, symbolOf } from "./scope.js";
import { constantText, propertyName, unwrap, walk } from "./syntax.js";

/** A definition as the argument of a client names it. */
export interface ClientTarget {
  readonly definition: string;
  /** The names that lead to it and that go with the call: identifiers of the definition, of stubs, of type aliases. */
  readonly names: readonly ts.Identifier[];
}

/** Resolves the argument of `serviceClient` and its kind to a definition of the project: by object, by stub, by name. */
export function clientTarget(call: ts.CallExpression, scope: Scope): ClientTarget | undefined {
  const [argument] = call.arguments;
  if (!argument) return undefined;
  const names = (call.typeArguments ?? []).flatMap((type) => typeNames(type));
  const value = unwrap(argument);
  const name = ts.isPropertyAccessExpression(value) ? value.name : value;
  if (ts.isIdentifier(name)) {
    const symbol = symbolOf(name, scope.checker);
    const definition = symbol && scope.definitionsBySymbol.get(symbol);
    if (definition !== undefined) return { definition, names: [name, ...names] };
    const stub = symbol && stubOf(symbol);
    const written = symbol?.valueDeclaration && ts.isVariableDeclaration(symbol.valueDeclaration) ? symbol.valueDeclaration.type : undefined;
    return stub && withName(byName(stub, scope, written ? typeNames(written) : names), [name, ...names]);
  }
  return ts.isObjectLiteralExpression(value) ? withName(byName(value, scope, names), names) : undefined;
}

/** `const Greeter: GreeterApi = { name: "Greeter" }`: a constant that stands for a definition. */
export function stubOf(symbol: ts.Symbol): ts.ObjectLiteralExpression | undefined {
  const declaration = symbol.valueDeclaration;
  if (!declaration || !ts.isVariableDeclaration(declaration) || !isConst(declaration) || !declaration.initializer) return undefined;
  const value = unwrap(declaration.initializer);
  return ts.isObjectLiteralExpression(value) ? value : undefined;
}

/**
 * The definition that an object literal `{ name: "..." }` names. Where the project has several of that name, as a collection of examples
 * does, the type that is written for it says which.
 */
export function byName(literal: ts.ObjectLiteralExpression, scope: Scope, written: readonly ts.Identifier[] = []): string | undefined {
  const [property, ...others] = literal.properties;
  if (!property || others.length > 0 || !ts.isPropertyAssignment(property) || propertyName(property.name) !== "name") return undefined;
  const name = constantText(property.initializer, scope.checker);
  const definitions = name === undefined ? [] : (scope.definitionsByName.get(name) ?? []);
  if (definitions.length <= 1) return definitions[0];
  const meant = new Set(written.flatMap((type) => definitionsOf(type, scope)));
  return meant.size === 1 ? definitions.find((definition) => meant.has(definition)) : undefined;
}

/** The definitions that `typeof greeter` is of, or an alias of that. */
function definitionsOf(name: ts.Identifier, scope: Scope, seen = new Set<ts.Symbol>()): string[] {
  const symbol = symbolOf(name, scope.checker);
  if (!symbol || seen.has(symbol)) return [];
  seen.add(symbol);
  const definition = scope.definitionsBySymbol.get(symbol);
  if (definition !== undefined) return [definition];
  const alias = symbol.declarations?.find(ts.isTypeAliasDeclaration);
  return alias ? typeNames(alias.type).flatMap((inner) => definitionsOf(inner, scope, seen)) : [];
}

/** Identifiers in a type argument such as `typeof greeter` or `GreeterApi`. */
function typeNames(type: ts.TypeNode): ts.Identifier[] {
  const found: ts.Identifier[] = [];
  const visit = (node: ts.Node): boolean => {
    if (ts.isIdentifier(node)) found.push(node);
    return true;
  };
  visit(type);
  walk(type, visit);
  return found;
}

function withName(definition: string | undefined, names: readonly ts.Identifier[]): ClientTarget | undefined {
  return definition === undefined ? undefined : { definition, names };
}

/** The arguments of a handler call: input and options told apart as Restate does, by the options' class. */
export interface HandlerArguments {
  readonly input?: ts.Expression;
  readonly options?: ts.Expression;
  readonly delay?: DurationFact;
  readonly idempotencyKey?: ts.Expression;
  /** A member of the options that Resonate has no counterpart for. */
  readonly left?: string;
  /** Members without effect on what happens: they are dropped and said so. */
  readonly dropped: readonly string[];
}

const optionFactories: ReadonlySet<string> = new Set(["rpc.opts", "rpc.sendOpts", "Opts.from", "SendOpts.from"]);
/** Only seen in Restate's own journal and metrics. */
const observability: ReadonlySet<string> = new Set(["name", "limitKey"]);

/** Reads the arguments of `client.handler(input?, options?)`. */
export function handlerArguments(call: ts.CallExpression, scope: Scope): HandlerArguments {
  const [first, second, ...others] = call.arguments;
  if (others.length > 0 || call.arguments.some(ts.isSpreadElement)) return { left: "arguments", dropped: [] };
  const options = [first, second].find((argument) => argument !== undefined && isOptions(argument, scope));
  const input = first === options ? undefined : first;
  if (second !== undefined && second !== options) return { left: second.getText(), dropped: [] };
  return options ? { input, options, ...readOptions(options, scope) } : { input, dropped: [] };
}

function isOptions(argument: ts.Expression, scope: Scope): boolean {
  const value = unwrap(argument);
  if (ts.isCallExpression(value) && optionFactories.has(scope.sdk.nameOf(value.expression) ?? "")) return true;
  const symbol = scope.checker.getTypeAtLocation(value).getSymbol();
  const name = symbol && scope.sdk.nameOfSymbol(symbol);
  return name === "Opts" || name === "SendOpts";
}

function readOptions(argument: ts.Expression, scope: Scope): Omit<HandlerArguments, "input" | "options"> {
  const call = unwrap(argument);
  const [literal] = ts.isCallExpression(call) ? call.arguments : [];
  if (!ts.isCallExpression(call) || !literal || !ts.isObjectLiteralExpression(literal)) return { left: argument.getText(), dropped: [] };
  scope.consumed.add(call.expression);
  const dropped: string[] = [];
  let delay: DurationFact | undefined;
  let idempotencyKey: ts.Expression | undefined;
  for (const property of literal.properties) {
    const name = property.name && propertyName(property.name);
    const value = ts.isPropertyAssignment(property) ? property.initializer : ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
    if (name === undefined || value === undefined) return { left: property.getText(), dropped };
    if (name === "delay") delay = durationOf(value, scope.checker);
    else if (name === "idempotencyKey") idempotencyKey = value;
    else if (observability.has(name)) dropped.push(name);
    else return { left: name, dropped };
  }
  return { delay, idempotencyKey, dropped };
}
