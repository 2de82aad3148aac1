import type { TextRange } from "../edits/edit.js";
import { ts } from "./compiler.js";
import { thrownError } from "./promises.js";
import { type FunctionNode, isFunctionNode } from "./syntax.js";

/** What one walk over a file collects for every later question about it. */
export interface FileScan {
  readonly file: ts.SourceFile;
  /** Identifiers that refer to something (not property names or declarations), by their text. */
  readonly references: ReadonlyMap<string, readonly ts.Identifier[]>;
  /** How often each name is declared in the file, in any scope. */
  readonly declared: ReadonlyMap<string, number>;
  /** Names that the file declares, or gives to members of objects, classes and modules; one that is computed counts as `[]`. */
  readonly given: ReadonlySet<string>;
  /** Functions with a body that have parameters. */
  readonly functions: readonly FunctionNode[];
  /** Methods of classes without parameters. */
  readonly methods: readonly ts.MethodDeclaration[];
  /** Members of types and classes with a type of their own. */
  readonly typedMembers: readonly (ts.PropertySignature | ts.PropertyDeclaration | ts.ParameterDeclaration)[];
  /** `throw error` and `Promise.reject(error)`. */
  readonly throws: readonly ts.Node[];
  /** Starts of nodes above whose line a comment can stand. */
  readonly anchors: readonly number[];
  /** Ranges of text whose lines must keep their indentation. */
  readonly verbatim: readonly TextRange[];
}

/** Walks a file once. */
export function scanFile(file: ts.SourceFile): FileScan {
  const references = new Map<string, ts.Identifier[]>();
  const declared = new Map<string, number>();
  const given = new Set<string>();
  const functions: FunctionNode[] = [];
  const methods: ts.MethodDeclaration[] = [];
  const typedMembers: (ts.PropertySignature | ts.PropertyDeclaration | ts.ParameterDeclaration)[] = [];
  const throws: ts.Node[] = [];
  const anchors: number[] = [];
  const verbatim: TextRange[] = [];
  const name = (node: ts.Identifier): void => {
    if (isDeclarationName(node)) {
      given.add(node.text);
      declared.set(node.text, (declared.get(node.text) ?? 0) + 1);
    } else if (!isMemberName(node)) (references.get(node.text) ?? setNew(references, node.text)).push(node);
    else if (!isRead(node)) given.add(node.text);
    if (ts.isExportSpecifier(node.parent)) given.add(node.text);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) return name(node);
    if (ts.isStringLiteralLike(node) && isMemberKey(node)) given.add(node.text);
    if (ts.isComputedPropertyName(node)) given.add("[]");
    if (ts.isStatement(node) || ts.isClassElement(node) || ts.isObjectLiteralElement(node)) anchors.push(node.getStart(file));
    else if (mayHoldLines(node) && holdsLine(file.text, node)) verbatim.push({ start: node.getStart(file), end: node.end });
    if (thrownError(node)) throws.push(node);
    if (isFunctionNode(node) && node.body && node.parameters.length > 0) functions.push(node);
    if (ts.isMethodDeclaration(node) && node.body && node.parameters.length === 0 && ts.isClassLike(node.parent)) methods.push(node);
    if ((ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent))) && node.type) typedMembers.push(node);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  return { file, references, declared, given, functions, methods, typedMembers, throws, anchors, verbatim };
}

/** Literal text of strings, templates and JSX. */
function mayHoldLines({ kind }: ts.Node): boolean {
  return kind === ts.SyntaxKind.StringLiteral || (kind >= ts.SyntaxKind.FirstTemplateToken && kind <= ts.SyntaxKind.LastTemplateToken) || kind === ts.SyntaxKind.JsxText;
}

function holdsLine(text: string, { pos, end }: ts.Node): boolean {
  return text.slice(pos, end).includes("\n");
}

function setNew(map: Map<string, ts.Identifier[]>, key: string): ts.Identifier[] {
  const list: ts.Identifier[] = [];
  map.set(key, list);
  return list;
}

/** The name that a declaration gives to something in a scope. */
function isDeclarationName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isImportClause(parent) || ts.isNamespaceImport(parent) || ts.isImportEqualsDeclaration(parent)) return parent.name === node;
  if (ts.isImportSpecifier(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.name === node;
  if (ts.isVariableDeclaration(parent) || ts.isParameter(parent) || ts.isTypeParameterDeclaration(parent)) return parent.name === node;
  if (ts.isFunctionDeclaration(parent) || ts.isFunctionExpression(parent) || ts.isClassLike(parent) || ts.isEnumDeclaration(parent) || ts.isModuleDeclaration(parent)) return parent.name === node;
  return (ts.isInterfaceDeclaration(parent) || ts.isTypeAliasDeclaration(parent)) && parent.name === node;
}

/** A name that is looked up in an object or a module, not in a scope. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent) || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)) return parent.name === node;
  if (ts.isGetAccessor(parent) || ts.isSetAccessor(parent) || ts.isEnumMember(parent) || ts.isJsxAttribute(parent)) return parent.name === node;
  if (ts.isImportSpecifier(parent) || ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isExportSpecifier(parent)) return parent.propertyName !== undefined && parent.name === node;
  return ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent) || ts.isMetaProperty(parent) || ts.isNamespaceExport(parent);
}

/** The name of a member that is looked up, and not set: `object.name`, `Module.Name`. */
function isRead({ parent }: ts.Identifier): boolean {
  if (ts.isPropertyAccessExpression(parent)) return !(ts.isBinaryExpression(parent.parent) && parent.parent.left === parent);
  return ts.isQualifiedName(parent);
}

/** `"name"() {}`, `{ "name": ... }`, `object["name"] = ...`. */
function isMemberKey(node: ts.Node): boolean {
  const { parent } = node;
  return (ts.isElementAccessExpression(parent) && parent.argumentExpression === node) || ((ts.isObjectLiteralElement(parent) || ts.isClassElement(parent)) && parent.name === node);
}
