import type { Binding } from "./bindings.js";
import { ts } from "./compiler.js";
import type { FileFacts } from "./file-model.js";
import type { FileScan } from "./scan.js";
import type { Scope } from "./scope.js";
import { rangeOf } from "./syntax.js";

/** The facts about a file as a whole: its imports, names and the places where text can be put. */
export function fileFacts(file: ts.SourceFile, scan: FileScan | undefined, bindings: readonly Binding[], scope: Scope): FileFacts {
  const [error] = scope.compiled.syntaxErrors(file);
  return {
    path: file.fileName,
    text: file.text,
    typescript: !/\.[cm]?jsx?$/.test(file.fileName),
    commonjs: isCommonJs(file, bindings, scope),
    bindings: bindings.map(({ fact }) => fact),
    declarations: file.statements.filter(isImport).map(rangeOf),
    reexports: file.statements.flatMap((statement) => reexported(statement, file, scope)),
    declared: scan?.declared ?? new Map(),
    names: new Set([...(scan?.declared.keys() ?? []), ...(scan?.references.keys() ?? [])]),
    importAnchor: importAnchor(file),
    verbatim: scan?.verbatim ?? [],
    anchors: scan?.anchors ?? [],
    syntaxError: error && { message: error.message, at: error.start },
  };
}

/** JavaScript that requires instead of importing; TypeScript always imports. */
function isCommonJs(file: ts.SourceFile, bindings: readonly Binding[], scope: Scope): boolean {
  if (/\.[cm]?tsx?$/.test(file.fileName) || file.fileName.endsWith(".mjs")) return false;
  if (file.statements.some((statement) => ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) || ts.isExportAssignment(statement))) return false;
  if (file.fileName.endsWith(".cjs") || bindings.some(({ fact }) => fact.form === "require" || fact.form === "require-named")) return true;
  return scope.project.packageOf(file.fileName).moduleType === "commonjs";
}

function reexported(statement: ts.Statement, file: ts.SourceFile, scope: Scope): string[] {
  if (!ts.isExportDeclaration(statement) || !statement.moduleSpecifier || !ts.isStringLiteral(statement.moduleSpecifier)) return [];
  const path = scope.project.resolve(statement.moduleSpecifier.text, file.fileName);
  return path === undefined ? [] : [path];
}

function isImport(statement: ts.Statement): boolean {
  return ts.isImportDeclaration(statement) || ts.isImportEqualsDeclaration(statement) || (ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined);
}

/** After a shebang, directives such as "use strict" and a leading comment that stands apart from the first statement. */
function importAnchor(file: ts.SourceFile): number {
  let first = file.statements[0];
  for (const statement of file.statements) {
    if (!ts.isExpressionStatement(statement) || !ts.isStringLiteral(statement.expression)) {
      first = statement;
      break;
    }
  }
  if (!first) return file.text.length;
  // A comment right above the first statement belongs to it.
  const comments = ts.getLeadingCommentRanges(file.text, first.pos) ?? [];
  let anchor = first.getStart();
  for (const comment of [...comments].reverse()) {
    if (/\n[ \t]*\r?\n/.test(file.text.slice(comment.end, anchor)) || file.text.startsWith("#!", comment.pos)) break;
    anchor = comment.pos;
  }
  return anchor;
}
