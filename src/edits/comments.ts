import { ts } from "../analysis/compiler.js";
import type { TextRange } from "./edit.js";

/** The comments in a range that starts and ends between tokens, in order. */
export function commentsIn(text: string, range: TextRange): TextRange[] {
  const part = text.slice(range.start, range.end);
  if (!part.includes("//") && !part.includes("/*")) return [];
  const scanner = ts.createScanner(ts.ScriptTarget.ESNext, false, ts.LanguageVariant.Standard, part);
  const comments: TextRange[] = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan()) {
    if (kind !== ts.SyntaxKind.SingleLineCommentTrivia && kind !== ts.SyntaxKind.MultiLineCommentTrivia) continue;
    comments.push({ start: range.start + scanner.getTokenStart(), end: range.start + scanner.getTokenEnd() });
  }
  return comments;
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
