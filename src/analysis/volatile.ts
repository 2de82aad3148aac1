import { ts } from "./compiler.js";
import { type Scope, functionNamed } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { isFunctionNode, walk } from "./syntax.js";

/** Modules whose functions give another value each time. */
const modules = /^((node:)?crypto|uuid|nanoid|ulid|@paralleldrive\/cuid2)$/;
const members = /^(Date\.now|Math\.random|performance\.now|crypto\.(randomUUID|getRandomValues|randomBytes|randomInt))$/;
const names = /^(now|random|randomUUID|getRandomValues|randomBytes|randomInt)$/;
const imported = /^(randomUUID|getRandomValues|randomBytes|randomInt|v1|v4|v7|uuid|uuidv4|nanoid|ulid|createId)$/;

/**
 * Whether evaluating an expression gives another value each time: the time, chance, or a call of a function of the project that
 * returns one of them.
 */
function isVolatile(node: ts.Node, scope: Scope): boolean {
  return readsVolatile(node, scope) || (ts.isCallExpression(node) && ts.isIdentifier(node.expression) && returnsVolatile(node.expression, scope));
}

/** The time and chance, read by the function itself: not in a step, nor in an `await` that becomes one. */
export function findVolatile(finder: SiteFinder): void {
  const apart = finder.findings.sites.flatMap((site) => (site.concept === "plain-await" || site.concept === "console" ? [site.range] : []));
  walk(finder.fn, (node) => {
    if (isFunctionNode(node) && finder.scope.contextFunctions.has(node)) return false;
    const isRead = isVolatile(node, finder.scope) && !finder.inStep(node) && !apart.some((range) => range.start <= node.getStart() && node.end <= range.end);
    // Nobody looks at what a line of a log says.
    if (isRead && !ts.findAncestor(node, (ancestor) => ts.isCallExpression(ancestor) && ts.isExpressionStatement(ancestor.parent) && /^(console|log(ger)?)\b/.test(ancestor.expression.getText()))) finder.findings.volatile.push(node);
    return !isRead;
  });
}

function readsVolatile(node: ts.Node, scope: Scope): boolean {
  if (ts.isNewExpression(node)) return (node.arguments?.length ?? 0) === 0 && ts.isIdentifier(node.expression) && node.expression.text === "Date" && !isOfProject(node.expression, scope);
  if (!ts.isCallExpression(node)) return false;
  const { expression } = node;
  if (ts.isIdentifier(expression)) return imported.test(importedName(expression, scope) ?? "");
  if (!ts.isPropertyAccessExpression(expression) || !ts.isIdentifier(expression.expression) || !names.test(expression.name.text)) return false;
  const owner = importedName(expression.expression, scope) === undefined ? expression.expression.text : "crypto";
  return members.test(`${owner}.${expression.name.text}`) && !isOfProject(expression.expression, scope);
}

/** The name under which one of the modules exports what a name stands for; `undefined` for everything else. */
function importedName(name: ts.Identifier, scope: Scope): string | undefined {
  const declaration = scope.checker.getSymbolAtLocation(name)?.declarations?.[0];
  const statement = declaration && ts.findAncestor(declaration, ts.isImportDeclaration);
  if (!declaration || !statement || !ts.isStringLiteral(statement.moduleSpecifier) || !modules.test(statement.moduleSpecifier.text)) return undefined;
  return ts.isImportSpecifier(declaration) ? (declaration.propertyName ?? declaration.name).text : name.text;
}

/** A name that the project declares itself, other than by importing one of the modules. */
function isOfProject(name: ts.Identifier, scope: Scope): boolean {
  const declaration = scope.checker.getSymbolAtLocation(name)?.declarations?.[0];
  return declaration !== undefined && !declaration.getSourceFile().isDeclarationFile && importedName(name, scope) === undefined;
}

/** `const newId = () => crypto.randomUUID()`. */
function returnsVolatile(name: ts.Identifier, scope: Scope): boolean {
  const fn = functionNamed(name, scope);
  const { body } = fn ?? {};
  if (!fn || !body || scope.contextFunctions.has(fn)) return false;
  if (!ts.isBlock(body)) return contains(body, scope);
  let found = false;
  walk(body, (node) => {
    if (ts.isFunctionLike(node)) return false;
    if (ts.isReturnStatement(node) && node.expression && contains(node.expression, scope)) found = true;
    return !found;
  });
  return found;
}

function contains(expression: ts.Expression, scope: Scope): boolean {
  let found = readsVolatile(expression, scope);
  walk(expression, (node) => {
    if (readsVolatile(node, scope)) found = true;
    return !found;
  });
  return found;
}
