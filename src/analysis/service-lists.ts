import { ts } from "./compiler.js";
import { type Scope, isConst, symbolOf } from "./scope.js";
import { outOfParens, unwrap, walk } from "./syntax.js";

/** A constant list of definitions that endpoints serve: `export const services = [greeter, ...others]`. */
export interface ServiceList {
  readonly name: ts.Identifier;
  readonly symbol: ts.Symbol;
  readonly statement: ts.VariableStatement;
  /** What it lists by name, with what the name leads to. */
  readonly elements: readonly { readonly definition: string; readonly node: ts.Expression; readonly name: ts.Identifier }[];
  /** Lists that are spread into it, by the names that stand for them. */
  readonly spread: readonly { readonly list: ServiceList; readonly name: ts.Identifier }[];
}

/** The definition that an identifier or the member of a module names. */
export function definitionNamed(node: ts.Expression, scope: Scope): { readonly definition: string; readonly name: ts.Identifier } | undefined {
  const name = lastName(unwrap(node));
  const symbol = name && symbolOf(name, scope.checker);
  const definition = symbol && scope.definitionsBySymbol.get(symbol);
  return name && definition !== undefined ? { definition, name } : undefined;
}

/** The list that an expression names, in this module or another; `undefined` where something stands in it that is no definition by name. */
export function listNamed(node: ts.Expression, scope: Scope, seen: ReadonlySet<ts.Symbol> = new Set()): { readonly list: ServiceList; readonly name: ts.Identifier } | undefined {
  const name = lastName(unwrap(node));
  const symbol = name && symbolOf(name, scope.checker);
  const declaration = symbol?.valueDeclaration;
  if (!name || !symbol || seen.has(symbol) || !declaration || !ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name)) return undefined;
  const statement = declaration.parent.parent;
  const literal = declaration.initializer && unwrap(declaration.initializer);
  if (!isConst(declaration) || !ts.isVariableStatement(statement) || statement.declarationList.declarations.length > 1 || !ts.isSourceFile(statement.parent)) return undefined;
  if (!literal || !ts.isArrayLiteralExpression(literal)) return undefined;
  const elements: ServiceList["elements"][number][] = [];
  const spread: ServiceList["spread"][number][] = [];
  for (const element of literal.elements) {
    const inner = ts.isSpreadElement(element) ? listNamed(element.expression, scope, new Set([...seen, symbol])) : undefined;
    const one = inner ? undefined : definitionNamed(element, scope);
    if (inner) spread.push(inner);
    else if (one) elements.push({ ...one, node: element });
    else return undefined;
  }
  return { name, list: { name: declaration.name, symbol, statement, elements, spread } };
}

/** A list and all lists that are spread into it. */
export function withSpread(list: ServiceList): ServiceList[] {
  return [list, ...list.spread.flatMap((inner) => withSpread(inner.list))];
}

/** The definitions of a list, also those of lists that are spread into it. */
export function definitionsOf(list: ServiceList): string[] {
  return withSpread(list).flatMap(({ elements }) => elements.map(({ definition }) => definition));
}

/** The names that a list mentions: all of them go when it goes. */
export function namesIn(list: ServiceList): ts.Identifier[] {
  return withSpread(list).flatMap(({ elements, spread }) => [...elements, ...spread].map(({ name }) => name));
}

/** Whether nothing but the names of the services is read from a list in a place: `for (const { name } of services)`, `services.map((s) => s.name)`. */
export function readsNames(mention: ts.Identifier, scope: Scope): boolean {
  const list = outOfParens(ts.isPropertyAccessExpression(mention.parent) && mention.parent.name === mention ? mention.parent : mention);
  const { parent } = list;
  if (ts.isForOfStatement(parent) && parent.expression === list) {
    const [variable] = ts.isVariableDeclarationList(parent.initializer) ? parent.initializer.declarations : [];
    return variable !== undefined && givesName(variable.name, parent.statement, scope);
  }
  if (!ts.isPropertyAccessExpression(parent) || parent.expression !== list) return false;
  if (parent.name.text === "length") return true;
  const [callback] = ts.isCallExpression(parent.parent) && /^(map|forEach|some|every)$/.test(parent.name.text) ? parent.parent.arguments : [];
  const [first, second, third] = callback && (ts.isArrowFunction(callback) || ts.isFunctionExpression(callback)) ? callback.parameters : [];
  return callback !== undefined && third === undefined && first !== undefined && !first.dotDotDotToken && !second?.dotDotDotToken && givesName(first.name, callback, scope);
}

/** Whether code reads only the member `name` of what a variable or a parameter holds. */
function givesName(name: ts.BindingName, code: ts.Node, scope: Scope): boolean {
  if (ts.isArrayBindingPattern(name)) return false;
  if (ts.isObjectBindingPattern(name)) return name.elements.every((element) => !element.dotDotDotToken && (element.propertyName ?? element.name).getText() === "name");
  const symbol = scope.checker.getSymbolAtLocation(name);
  let only = true;
  walk(code, (node) => {
    const isUse = ts.isIdentifier(node) && node !== name && node.text === name.text && symbolOf(node, scope.checker) === symbol;
    if (isUse && !(ts.isPropertyAccessExpression(node.parent) && node.parent.expression === node && node.parent.name.text === "name")) only = false;
  });
  return only;
}

function lastName(node: ts.Expression): ts.Identifier | undefined {
  if (ts.isIdentifier(node)) return node;
  return ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.name) ? node.name : undefined;
}
