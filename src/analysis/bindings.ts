import type { TextRange } from "../edits/edit.js";
import { ts } from "./compiler.js";
import type { BindingFact } from "./file-model.js";
import type { FileScan } from "./scan.js";
import { type Scope, symbolOf } from "./scope.js";
import { aliasesIn } from "./sdk.js";
import { rangeOf } from "./syntax.js";

/** A binding while its nodes are alive. */
export interface Binding {
  readonly fact: BindingFact;
  /** The local name, or for a re-export the exported specifier. */
  readonly name: ts.Identifier;
  readonly nodes: readonly ts.Identifier[];
}

/** Every name that a file imports, requires or re-exports, with its references. */
export function bindingsOf(scan: FileScan, scope: Scope): Binding[] {
  return scan.file.statements.flatMap((statement) => {
    if (ts.isImportDeclaration(statement)) return importBindings(statement, scan, scope);
    if (ts.isImportEqualsDeclaration(statement)) return equalsBinding(statement, scan, scope);
    if (ts.isExportDeclaration(statement)) return exportBindings(statement, scan, scope);
    return ts.isVariableStatement(statement) ? requireBindings(statement, scan, scope) : [];
  });
}

/** Adds which definition a binding stands for, once the definitions are known. */
export function withDefinition(binding: Binding, scope: Scope): Binding {
  const symbol = symbolOf(binding.name, scope.checker);
  const definition = symbol && scope.definitionsBySymbol.get(symbol);
  return definition === undefined ? binding : { ...binding, fact: { ...binding.fact, definition } };
}

interface Origin {
  readonly module: string;
  readonly declaration: ts.Node;
  readonly form: BindingFact["form"];
  readonly typeOnly: boolean;
}

function make(name: ts.Identifier, imported: string, specifier: TextRange, origin: Origin, scan: FileScan, scope: Scope): Binding {
  const nodes = origin.form === "reexport" ? [] : referencesTo(name, scan, scope);
  const fact: BindingFact = {
    local: name.text,
    imported,
    module: origin.module,
    resolved: origin.module === "" ? undefined : scope.project.resolve(origin.module, scan.file.fileName),
    specifier,
    declaration: rangeOf(origin.declaration),
    form: origin.form,
    typeOnly: origin.typeOnly,
    references: nodes.map((node) => node.getStart()),
  };
  return { fact, name, nodes };
}

/** References by text are enough unless the name is declared more than once in the file. */
function referencesTo(name: ts.Identifier, scan: FileScan, scope: Scope): readonly ts.Identifier[] {
  const candidates = scan.references.get(name.text) ?? [];
  if ((scan.declared.get(name.text) ?? 0) <= 1) return candidates;
  const symbol = symbolOf(name, scope.checker);
  return candidates.filter((candidate) => symbolOf(candidate, scope.checker) === symbol);
}

function importBindings(statement: ts.ImportDeclaration, scan: FileScan, scope: Scope): Binding[] {
  const clause = statement.importClause;
  const module = ts.isStringLiteral(statement.moduleSpecifier) ? statement.moduleSpecifier.text : "";
  if (!clause) return [];
  const origin = (form: BindingFact["form"], typeOnly = false): Origin => ({ module, declaration: statement, form, typeOnly: typeOnly || clause.isTypeOnly });
  const bindings = clause.name ? [make(clause.name, "default", rangeOf(clause.name), origin("default"), scan, scope)] : [];
  const named = clause.namedBindings;
  if (!named) return bindings;
  if (ts.isNamespaceImport(named)) return [...bindings, make(named.name, "*", rangeOf(named), origin("namespace"), scan, scope)];
  return [...bindings, ...named.elements.map((element) => make(element.name, (element.propertyName ?? element.name).text, rangeOf(element), origin("named", element.isTypeOnly), scan, scope))];
}

/** `import x = require("...")`, and `import sendOpts = rpc.sendOpts`. */
function equalsBinding(statement: ts.ImportEqualsDeclaration, scan: FileScan, scope: Scope): Binding[] {
  const reference = statement.moduleReference;
  const external = ts.isExternalModuleReference(reference) && ts.isStringLiteral(reference.expression) ? reference.expression.text : undefined;
  const origin: Origin = { module: external ?? "", declaration: statement, form: external === undefined ? "alias" : "equals", typeOnly: statement.isTypeOnly };
  return [make(statement.name, "=", rangeOf(statement), origin, scan, scope)];
}

function exportBindings(statement: ts.ExportDeclaration, scan: FileScan, scope: Scope): Binding[] {
  if (!statement.exportClause || !ts.isNamedExports(statement.exportClause)) return [];
  const module = statement.moduleSpecifier && ts.isStringLiteral(statement.moduleSpecifier) ? statement.moduleSpecifier.text : "";
  return statement.exportClause.elements.flatMap((element) => {
    if (!ts.isIdentifier(element.name)) return [];
    const origin: Origin = { module, declaration: statement, form: "reexport", typeOnly: statement.isTypeOnly || element.isTypeOnly };
    return [make(element.name, (element.propertyName ?? element.name).text, rangeOf(element), origin, scan, scope)];
  });
}

function requireBindings(statement: ts.VariableStatement, scan: FileScan, scope: Scope): Binding[] {
  const [declaration, ...others] = statement.declarationList.declarations;
  const module = declaration?.initializer && (requiredModule(declaration.initializer) ?? aliasedModule(declaration, scope));
  if (!declaration || others.length > 0 || module === undefined) return [];
  const origin = (form: BindingFact["form"]): Origin => ({ module, declaration: statement, form, typeOnly: false });
  if (ts.isIdentifier(declaration.name)) return [make(declaration.name, "=", rangeOf(statement), origin("require"), scan, scope)];
  if (!ts.isObjectBindingPattern(declaration.name)) return [];
  return declaration.name.elements.flatMap((element) =>
    ts.isIdentifier(element.name) ? [make(element.name, (element.propertyName ?? element.name).getText(), rangeOf(element), origin("require-named"), scan, scope)] : [],
  );
}

/** `const { sendOpts } = rpc`: names of Restate's SDK under constants, which belong to no module of their own. */
function aliasedModule(declaration: ts.VariableDeclaration, scope: Scope): string | undefined {
  return aliasesIn(declaration, scope.sdk).length > 0 ? "" : undefined;
}

function requiredModule(value: ts.Expression): string | undefined {
  const [argument] = ts.isCallExpression(value) && ts.isIdentifier(value.expression) && value.expression.text === "require" ? value.arguments : [];
  return argument && ts.isStringLiteral(argument) ? argument.text : undefined;
}
