import { ts } from "../analysis/compiler.js";
import type { TextRange } from "./edit.js";

/** The comments in a range that starts and ends between tokens, in order. */
export function commentsIn(text: string, range: TextRange): TextRange[] {
  const part = text.slice(range.start, range.end);
  if (!part.includes("//") && !part.includes("/*")) return [];
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, false, ts.LanguageVariant.Standard, part);
  const comments: TextRange[] = [];
  // For each template that is open, how many braces are open in its substitution.
  const templates: number[] = [];
  let previous = ts.SyntaxKind.Unknown;
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    if (kind === ts.SyntaxKind.SingleLineCommentTrivia || kind === ts.SyntaxKind.MultiLineCommentTrivia) {
      comments.push({ start: range.start + scanner.getTokenStart(), end: range.start + scanner.getTokenEnd() });
      continue;
    }
    const depth = templates.length - 1;
    if (kind === ts.SyntaxKind.TemplateHead) templates.push(0);
    else if (kind === ts.SyntaxKind.OpenBraceToken && depth >= 0) templates[depth] = (templates[depth] ?? 0) + 1;
    else if (kind === ts.SyntaxKind.CloseBraceToken && depth >= 0) {
      if ((templates[depth] ?? 0) > 0) templates[depth] = (templates[depth] ?? 0) - 1;
      else if (scanner.reScanTemplateToken(false) === ts.SyntaxKind.TemplateTail) templates.pop();
    } else if ((kind === ts.SyntaxKind.SlashToken || kind === ts.SyntaxKind.SlashEqualsToken) && !endsOperand(previous)) scanner.reScanSlashToken();
    if (kind !== ts.SyntaxKind.WhitespaceTrivia && kind !== ts.SyntaxKind.NewLineTrivia) previous = kind;
  }
  return comments;
}

/** After an operand a slash divides; elsewhere it begins a regular expression. */
function endsOperand(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.Identifier || kind === ts.SyntaxKind.CloseParenToken || kind === ts.SyntaxKind.CloseBracketToken || kind === ts.SyntaxKind.CloseBraceToken ||
    (kind >= ts.SyntaxKind.FirstLiteralToken && kind <= ts.SyntaxKind.LastLiteralToken) || kind === ts.SyntaxKind.TemplateTail || kind === ts.SyntaxKind.ThisKeyword
  );
}

/** The comments of a range as text that can stand before an expression on the same line; a line comment ends its line. */
export function commentsOf(text: string, range: TextRange, eol: string): string {
  return commentsIn(text, range)
    .map((comment) => text.slice(comment.start, comment.end))
    .map((comment) => (comment.startsWith("//") ? `${comment}${eol}` : `${comment} `))
    .join("");
}

/** Text that takes the place of a range, with the comments of the range kept before it. */
export function keepingComments(text: string, range: TextRange, replacement: string, eol: string): string {
  return commentsOf(text, range, eol) + replacement;
}
