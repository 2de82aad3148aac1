/** Draws a whole number from 0 to `max`, both included; smaller is simpler. */
export type Draw = (max: number) => number;

/** How a generated program is written. */
export interface ProgramStyle {
  readonly quote: '"' | "'";
  readonly semicolons: boolean;
  readonly eol: "\n" | "\r\n";
  readonly indent: string;
  readonly language: "ts" | "js" | "cjs";
  /** Mark of the order of bytes. */
  readonly bom: boolean;
  /** One slot in so many holds a comment; 0 for none. */
  readonly comments: number;
}

/** Lines of a program; a nested list is indented. A line's own line breaks are kept as they are. */
export type Lines = readonly (string | Lines)[];

/**
 * Writes a program from lines with slots:
 * `«text»` is a string literal, `‹: T›` stands only in TypeScript, `§` may hold a block comment, `¶` any comment, `;` at the end of a line a semicolon.
 * Comments are numbered (`k1`, `k2`, ...), so that each can be found again.
 */
export function writeProgram(lines: Lines, style: ProgramStyle, draw: Draw, prefix: string): string {
  let count = 0;
  const wanted = (): boolean => style.comments > 0 && draw(style.comments) === style.comments;
  const slot = (mark: string, indent: string): string => {
    if (!wanted()) return "";
    count++;
    if (mark === "§" || draw(1) === 0) return ` /* k${prefix}${count} */ `;
    return ` // k${prefix}${count}\n${indent}`;
  };
  const written: string[] = [];
  const write = (list: Lines, depth: number): void => {
    const indent = style.indent.repeat(depth);
    for (const line of list) {
      if (typeof line !== "string") {
        write(line, depth + 1);
        continue;
      }
      if (wanted()) written.push(`${indent}${draw(1) === 0 ? `// k${prefix}${++count}` : `/** k${prefix}${++count}\n${indent} * more */`}`);
      if (wanted()) written.push("");
      const plain = typed(line, style.language === "ts")
        .replace(/;$/, style.semicolons ? ";" : "")
        .replace(/[§¶]/g, (mark) => slot(mark, `${indent}${style.indent}`))
        .replace(/[«»]/g, style.quote);
      const guard = !style.semicolons && /^[([`]/.test(plain) ? ";" : "";
      // A comment may follow a line; what ends in one already stays as it is.
      written.push(`${indent}${guard}${plain}${wanted() && !/\/\/[^\n]*$/.test(plain) ? ` // k${prefix}${++count}` : ""}`);
    }
  };
  write(lines, 0);
  return (style.bom ? "\uFEFF" : "") + `${written.join("\n")}\n`.replaceAll("\n", style.eol);
}

function typed(line: string, typescript: boolean): string {
  return typescript ? line.replace(/[‹›]/g, "") : line.replace(/‹[^‹›]*›/g, "");
}
