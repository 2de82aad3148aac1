import type { TextRange } from "./edit.js";
import type { Output } from "./output.js";
import { indentationAt } from "./style.js";

/** The indentation of a line as it will be: code that moves out of a definition loses some. */
export function indentAt(at: number, file: string, out: Output, text: string): string {
  const dedent = out.dedents.get(file)?.find(({ range }) => range.start <= at && at < range.end);
  return indentationAt(text, at).slice(dedent?.columns ?? 0);
}

/** What separates a list's item from the next: a line break, where this item has a line of its own. Without the comma. */
export function separatorAfter(item: TextRange, file: string, out: Output, text: string, eol: string): string {
  const alone = startsLine(text, item.start) && /^,?[ \t]*(\r?\n|$)/.test(text.slice(item.end));
  return alone ? eol + indentAt(item.start, file, out, text) : " ";
}

/** The comma and the line break behind the last argument of a call, where it now stands on the line on which the arguments begin. */
export function danglingEnd(text: string, opening: number, argument: TextRange): TextRange | undefined {
  if (text.slice(opening, argument.start).includes("\n")) return undefined;
  const dangling = /^,?[ \t]*\r?\n\s*(?=\))/.exec(text.slice(argument.end))?.[0];
  return dangling === undefined ? undefined : { start: argument.end, end: argument.end + dangling.length };
}

/** Whether nothing but blanks stands before a place in its line. */
export function startsLine(text: string, at: number): boolean {
  return text.slice(text.lastIndexOf("\n", at - 1) + 1, at).trim() === "";
}
