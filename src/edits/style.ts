/** How a file is written, for text that is added to it. */
export interface TextStyle {
  readonly quote: '"' | "'";
  readonly semicolon: "" | ";";
  readonly eol: "\n" | "\r\n";
  readonly indent: string;
}

/** Reads a file's habits off its text; where it shows none: double quotes, semicolons, LF, two spaces. */
export function styleOf(text: string): TextStyle {
  const quotes = [...text.matchAll(/\b(?:from|require\(|import)\s*(["'])/g)].map((match) => match[1]);
  const single = quotes.filter((quote) => quote === "'").length;
  const imports = [...text.matchAll(/^(?:import|export)\b[^\n]*["'](;?)[ \t]*(?:\/\/[^\n]*|\/\*[^\n]*\*\/[ \t]*)?\r?$/gm)].map((match) => match[1]);
  const statements = imports.length > 0 ? imports : [...text.matchAll(/^\s*(?:const|let|return)\b[^\n{]*[\w)\]"'`](;?)[ \t]*\r?$/gm)].map((match) => match[1]);
  return {
    quote: single * 2 > quotes.length ? "'" : '"',
    semicolon: statements.filter((end) => end === "").length * 2 > statements.length ? "" : ";",
    eol: text.includes("\r\n") ? "\r\n" : "\n",
    indent: /^(\t| {2,8})\S/m.exec(text)?.[1] ?? "  ",
  };
}

/** The whitespace at the start of the line that holds an offset. */
export function indentationAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset)))?.[0] ?? "";
}

/** Offset of the start of the line that holds an offset. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Offset after the end of the line that holds an offset, its line break included. */
export function lineEnd(text: string, offset: number): number {
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}
