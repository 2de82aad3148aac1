import { ts } from "./compiler.js";
import type { Work } from "./work.js";

/** The files that are loaded wherever a file is, and those that load it: what runs in one process with it. */
export function processOf(path: string, loads: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const loaded = new Map<string, Set<string>>();
  for (const [from, targets] of loads) for (const target of targets) loaded.set(target, (loaded.get(target) ?? new Set()).add(from));
  return new Set([...reach(path, loads), ...reach(path, loaded)]);
}

function reach(start: string, next: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const seen = new Set([start]);
  for (const path of seen) for (const target of next.get(path) ?? []) seen.add(target);
  return seen;
}

/**
 * Which file loads which when the program runs: imports of types alone are gone by then.
 * @param vanishing names that go away with the code that mentions them
 */
export function loadsOf(work: Work, vanishing: ReadonlySet<ts.Node>): Map<string, Set<string>> {
  const loads = new Map<string, Set<string>>();
  for (const [path, { file }] of work.scans) {
    const targets = new Set<string>();
    for (const { fact, nodes } of work.bindings.get(path) ?? []) {
      if (fact.resolved === undefined || fact.typeOnly) continue;
      if (fact.form === "reexport" || fact.form === "require" || nodes.some((node) => !vanishing.has(node) && !isInType(node))) targets.add(fact.resolved);
    }
    for (const statement of file.statements) {
      const module = loadedByStatement(statement);
      const target = module && work.scope.project.resolve(module.text, path);
      if (target !== undefined) targets.add(target);
    }
    loads.set(path, targets);
  }
  return loads;
}

/** `import "./app.js"`, `export * from "./app.js"`, `require("./app")` for its effect. */
function loadedByStatement(statement: ts.Statement): ts.StringLiteral | undefined {
  const specifier =
    (ts.isImportDeclaration(statement) && !statement.importClause) || (ts.isExportDeclaration(statement) && !statement.isTypeOnly && !statement.exportClause)
      ? statement.moduleSpecifier
      : ts.isExpressionStatement(statement) && ts.isCallExpression(statement.expression) && statement.expression.expression.getText() === "require"
        ? statement.expression.arguments[0]
        : undefined;
  return specifier && ts.isStringLiteral(specifier) ? specifier : undefined;
}

function isInType(node: ts.Node): boolean {
  return ts.findAncestor(node, (ancestor) => (ts.isExpression(ancestor) && !ts.isIdentifier(ancestor) && !ts.isPropertyAccessExpression(ancestor) && !ts.isExpressionWithTypeArguments(ancestor) ? "quit" : ts.isStatement(ancestor) && !isTypeStatement(ancestor) ? "quit" : ts.isTypeNode(ancestor) || isTypeStatement(ancestor))) !== undefined;
}

function isTypeStatement(node: ts.Node): boolean {
  return ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node);
}
