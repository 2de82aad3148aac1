import { ts } from "./compiler.js";
import { type Scope, functionNamed, isConst } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { isFunctionNode, unwrap, walk } from "./syntax.js";

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
  return readsVolatile(node, scope) || (ts.isCallExpression(node) && returnsVolatile(node.expression, scope));
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
  if (!ts.isIdentifier(expression)) return isVolatileMember(expression, scope);
  return imported.test(importedName(expression, scope) ?? "") || isOtherName(expression, scope);
}

function isVolatileMember(node: ts.Expression, scope: Scope): boolean {
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression) || !names.test(node.name.text)) return false;
  return members.test(`${ownerOf(node.expression, scope)}.${node.name.text}`) && !isOfProject(node.expression, scope);
}

function ownerOf(name: ts.Identifier, scope: Scope): string {
  return importedName(name, scope) === undefined ? name.text : "crypto";
}

/** `const now = Date.now`, `const { randomUUID } = crypto`. */
function isOtherName(name: ts.Identifier, scope: Scope): boolean {
  const declaration = scope.checker.getSymbolAtLocation(name)?.valueDeclaration;
  if (declaration && ts.isVariableDeclaration(declaration)) return isConst(declaration) && declaration.initializer !== undefined && isVolatileMember(unwrap(declaration.initializer), scope);
  const variable = declaration && ts.isBindingElement(declaration) ? declaration.parent.parent : undefined;
  if (!declaration || !variable || !ts.isBindingElement(declaration) || !ts.isVariableDeclaration(variable) || !isConst(variable)) return false;
  const owner = variable.initializer && unwrap(variable.initializer);
  const member = declaration.propertyName ?? declaration.name;
  return owner !== undefined && ts.isIdentifier(owner) && ts.isIdentifier(member) && members.test(`${ownerOf(owner, scope)}.${member.text}`) && !isOfProject(owner, scope);
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

/** `const newId = () => crypto.randomUUID()`, also as a member: `ids.next()`. */
function returnsVolatile(callee: ts.Expression, scope: Scope): boolean {
  const isNamed = ts.isIdentifier(callee) || (ts.isPropertyAccessExpression(callee) && scope.gives(callee.name.text));
  const fn = isNamed ? functionNamed(callee, scope) : undefined;
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
