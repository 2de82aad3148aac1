import { ts } from "../analysis/compiler.js";
import { isConst } from "../analysis/scope.js";
import { type FunctionNode, isFunctionNode, modifier, walk } from "../analysis/syntax.js";
import type { ResonateCode } from "./resonate-code.js";

/** What an expression gives that is not the same each time it is evaluated, or does to the world. */
export type Volatility = "value" | "effect";

/** Globals, by what is called. */
const GLOBALS = new Map<string, Volatility>([
  ...["Date", "Date.now", "Math.random", "performance.now", "process.hrtime", "process.hrtime.bigint", "process.uptime"].map((name) => [name, "value"] as const),
  ...["fetch", "setTimeout", "setInterval", "setImmediate"].map((name) => [name, "effect"] as const),
]);

/** Members of the `crypto` of the platform or of Node that are drawn by chance. */
const CHANCE = /^crypto\.(randomUUID|getRandomValues|randomBytes|randomInt|randomFillSync)$/;

/** Packages whose whole purpose is to talk to the world, and exports of others that are drawn by chance. */
const TALKING = /^(node:)?(fs|fs\/promises|child_process|http|https|http2|net|tls|dgram|dns|dns\/promises)$|^(axios|got|ky|undici|node-fetch|cross-fetch)$/;
const DRAWN: Readonly<Record<string, RegExp>> = { uuid: /^v[1467]$/, nanoid: /^nanoid$/, ulid: /^(ulid|default)$/, cuid: /^default$/, "@paralleldrive/cuid2": /^createId$/ };

/** What an expression does that differs from one evaluation to the next; `undefined` where it is not known to. */
export function volatilityOf(node: ts.Node, code: ResonateCode): Volatility | undefined {
  if (ts.isNewExpression(node)) return (node.arguments?.length ?? 0) === 0 && nameOf(node.expression, code) === "Date" ? "value" : undefined;
  if (!ts.isCallExpression(node)) return undefined;
  const name = nameOf(node.expression, code);
  if (name !== undefined) return name.startsWith("io:") ? "effect" : CHANCE.test(name) || name === "drawn" ? "value" : GLOBALS.get(name);
  return !ts.isExpressionStatement(node.parent) && givesVolatile(code.functionNamed(node.expression), code, new Set()) ? "value" : undefined;
}

/** The volatile expressions that run when a function that stands in an expression is called there and then: `items.map(() => ...)`. */
export function volatileIn(fn: ts.Node, code: ResonateCode): ts.Node[] {
  return isFunctionNode(fn) && isCalledAtOnce(fn) ? ownVolatile(fn, code) : [];
}

function ownVolatile(fn: FunctionNode, code: ResonateCode): ts.Node[] {
  const found: ts.Node[] = [];
  walk(fn, (node) => {
    if (ts.isFunctionLike(node) && !(isFunctionNode(node) && isCalledAtOnce(node))) return false;
    if (volatilityOf(node, code) !== undefined) found.push(node);
  });
  return found;
}

/** A plain function of the program that reads the clock or draws by chance, itself or by way of others. */
function givesVolatile(fn: FunctionNode | undefined, code: ResonateCode, seen: Set<FunctionNode>): boolean {
  if (!fn?.body || seen.has(fn) || fn.asteriskToken || modifier(fn, ts.SyntaxKind.AsyncKeyword)) return false;
  seen.add(fn);
  let found = false;
  walk(fn, (node) => {
    if (found || (ts.isFunctionLike(node) && !(isFunctionNode(node) && isCalledAtOnce(node)))) return false;
    if (!ts.isCallExpression(node) && !ts.isNewExpression(node)) return;
    const name = nameOf(node.expression, code);
    found = name === undefined ? ts.isCallExpression(node) && !ts.isExpressionStatement(node.parent) && givesVolatile(code.functionNamed(node.expression), code, seen) : volatilityOf(node, code) === "value";
  });
  return found;
}

const ARRAY_METHODS = /^(map|flatMap|forEach|filter|find|findIndex|findLast|findLastIndex|some|every|reduce|reduceRight|sort|toSorted|from)$/;

function isCalledAtOnce(fn: FunctionNode): boolean {
  if (fn.asteriskToken || modifier(fn, ts.SyntaxKind.AsyncKeyword)) return false;
  let outer: ts.Node = fn;
  while (ts.isParenthesizedExpression(outer.parent)) outer = outer.parent;
  const { parent } = outer;
  if (!ts.isCallExpression(parent)) return false;
  if (parent.expression === outer) return true;
  return ts.isPropertyAccessExpression(parent.expression) && ARRAY_METHODS.test(parent.expression.name.text);
}

/** `Math.random`, whatever it was imported as; `io:` for what talks to the world; `undefined` for what the program defines itself. */
function nameOf(node: ts.Expression, code: ResonateCode): string | undefined {
  if (ts.isIdentifier(node)) return globalName(node, code);
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  const { expression, name } = node;
  if (ts.isIdentifier(expression) && /^(globalThis|window|self)$/.test(expression.text)) return name.text;
  const owner = nameOf(expression, code);
  if (owner?.startsWith("pkg:")) return importedName(owner.slice("pkg:".length), name.text);
  return owner === undefined ? undefined : owner.startsWith("io:") ? owner : `${owner}.${name.text}`;
}

function globalName(node: ts.Identifier, code: ResonateCode): string | undefined {
  const [declaration] = code.checker.getSymbolAtLocation(node)?.declarations ?? [];
  // The code is compiled without any library: a global has no declaration.
  if (!declaration) return node.text;
  if (ts.isVariableDeclaration(declaration)) return isConst(declaration) ? aliased(declaration.initializer, undefined, code) : undefined;
  if (ts.isBindingElement(declaration)) {
    const { parent } = declaration.parent;
    return ts.isVariableDeclaration(parent) && isConst(parent) ? aliased(parent.initializer, (declaration.propertyName ?? declaration.name).getText(), code) : undefined;
  }
  const statement = ts.findAncestor(declaration, ts.isImportDeclaration);
  if (!statement || !ts.isStringLiteral(statement.moduleSpecifier)) return undefined;
  const module = statement.moduleSpecifier.text;
  if (ts.isImportSpecifier(declaration)) return importedName(module, (declaration.propertyName ?? declaration.name).text);
  const whole = importedName(module, "default");
  return whole === undefined && ts.isNamespaceImport(declaration) && module in DRAWN ? `pkg:${module}` : whole;
}

/** `const now = Date.now`, `const { random } = Math`, `require("crypto")`. */
function aliased(value: ts.Expression | undefined, member: string | undefined, code: ResonateCode): string | undefined {
  if (!value) return undefined;
  const [required] = ts.isCallExpression(value) && value.expression.getText() === "require" ? value.arguments : [];
  if (required && ts.isStringLiteral(required)) return importedName(required.text, member ?? "default");
  const name = nameOf(value, code);
  return name === undefined || member === undefined || name.startsWith("io:") ? name : `${name}.${member}`;
}

/** What an export of a package is called here; `undefined` for packages of which nothing is known. */
function importedName(module: string, exported: string): string | undefined {
  if (TALKING.test(module)) return `io:${module}`;
  if (/^(node:)?crypto$/.test(module)) return /^(webcrypto|default)$/.test(exported) ? "crypto" : `crypto.${exported}`;
  return DRAWN[module]?.test(exported) ? "drawn" : undefined;
}
