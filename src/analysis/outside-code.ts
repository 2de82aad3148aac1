import { ts } from "./compiler.js";
import { isRestate } from "./references.js";
import { type Scope, symbolOf } from "./scope.js";
import { unwrap } from "./syntax.js";

/** Modules of Node whose functions throw for wrong types only. */
const harmless: ReadonlySet<string> = new Set(["path", "crypto", "os", "util", "perf_hooks", "timers", "console", "process"]);
const maximalSteps = 16;

/**
 * Whether what is called is code of a package, which cannot be read: a function that is imported from it, a method of what it
 * exports, or of a constant that is made by it (`const schema = z.object(...)`, then `schema.parse(input)`).
 */
export function isOutside(callee: ts.Expression, scope: Scope): boolean {
  let root: ts.Expression = callee;
  for (let steps = 0; steps < maximalSteps; steps++) {
    root = rootOf(root);
    if (!ts.isIdentifier(root)) return false;
    const imported = moduleOf(scope.checker.getSymbolAtLocation(root)?.declarations?.[0]);
    if (imported !== undefined && !isOfProject(imported, scope)) return isUnknown(imported.text);
    const declaration = symbolOf(root, scope.checker)?.valueDeclaration;
    if (!declaration || !ts.isVariableDeclaration(declaration) || !declaration.initializer) return false;
    root = declaration.initializer;
    const required = requiredBy(root);
    if (required !== undefined) return !isOfProject(required, scope) && isUnknown(required.text);
  }
  return false;
}

/** `z` of `z.object({ ... }).strict()`. */
function rootOf(node: ts.Expression): ts.Expression {
  let root = unwrap(node);
  while (ts.isPropertyAccessExpression(root) || ts.isElementAccessExpression(root) || ts.isCallExpression(root) || ts.isNewExpression(root) || ts.isNonNullExpression(root) || ts.isAwaitExpression(root)) {
    if (requiredBy(root) !== undefined) return root;
    root = unwrap(root.expression);
  }
  return root;
}

function moduleOf(declaration: ts.Declaration | undefined): ts.StringLiteral | undefined {
  const statement = declaration && ts.findAncestor(declaration, ts.isImportDeclaration);
  return statement && ts.isStringLiteral(statement.moduleSpecifier) ? statement.moduleSpecifier : undefined;
}

/** The module of `require("module")`. */
function requiredBy(node: ts.Expression): ts.StringLiteralLike | undefined {
  const [argument] = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "require" ? node.arguments : [];
  return argument && ts.isStringLiteralLike(argument) ? argument : undefined;
}

function isOfProject(module: ts.StringLiteralLike, scope: Scope): boolean {
  return module.text.startsWith(".") || scope.project.resolve(module.text, module.getSourceFile().fileName) !== undefined;
}

function isUnknown(module: string): boolean {
  return !isRestate(module) && !module.startsWith("@resonatehq/") && !harmless.has(module.replace(/^node:/, ""));
}
