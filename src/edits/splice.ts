import MagicString from "magic-string";
import { type Edit, editAt, type TextRange } from "./edit.js";
import { lineEnd, lineStart } from "./style.js";

/** Lines that lose indentation because what they belong to moved outwards, or gain some because a block came around them. */
export interface Dedent {
  /** From the first line (kept as it is) to the end of the last. */
  readonly range: TextRange;
  /** At most so many characters of whitespace go. */
  readonly columns: number;
  /** What is put before each line. */
  readonly indent?: string;
}

/** Two edits that want the same text: a bug of whoever made them. */
export class ConflictingEdits extends Error {
  override name = "ConflictingEdits";
}

/**
 * Applies all edits of a file in one go. Text outside of their ranges is not touched.
 * @param verbatim ranges whose lines keep their indentation whatever happens around them
 * @throws ConflictingEdits where two edits overlap
 */
export function splice(text: string, edits: readonly Edit[], dedents: readonly Dedent[] = [], verbatim: readonly TextRange[] = []): string {
  const replacements = mergedDeletions(distinct(edits.filter((edit) => edit.end > edit.start)).sort((a, b) => a.start - b.start || a.end - b.end));
  replacements.forEach((edit, index) => {
    const next = replacements[index + 1];
    if (next && next.start < edit.end) throw new ConflictingEdits(`edits overlap at ${next.start}: ${JSON.stringify(edit)} and ${JSON.stringify(next)}`);
  });
  const insertions = edits.filter((edit) => edit.end === edit.start).sort((a, b) => a.start - b.start || (a.order ?? 0) - (b.order ?? 0));
  const inside = insertions.find((edit) => (editAt(replacements, edit.start)?.start ?? edit.start) < edit.start);
  if (inside) throw new ConflictingEdits(`an insertion falls into replaced text at ${inside.start}: ${JSON.stringify(inside)}`);
  const result = new MagicString(text);
  for (const edit of replacements) result.update(edit.start, edit.end, edit.text);
  for (const edit of insertions) result.appendLeft(edit.start, edit.text);
  for (const { at, indent } of indentedLines(text, dedents, replacements, verbatim)) result.appendLeft(at, indent);
  for (const range of dedentedRanges(text, dedents, replacements, verbatim)) result.remove(range.start, range.end);
  return result.toString();
}

function distinct(edits: readonly Edit[]): Edit[] {
  return [...new Map(edits.map((edit) => [`${edit.start}:${edit.end}:${edit.text}`, edit])).values()];
}

/** Deletions that overlap are one deletion: two statements may both take the blank line between them. */
function mergedDeletions(sorted: readonly Edit[]): Edit[] {
  const merged: Edit[] = [];
  for (const edit of sorted) {
    const last = merged.at(-1);
    if (last && last.text === "" && edit.text === "" && edit.start < last.end) merged[merged.length - 1] = { ...last, end: Math.max(last.end, edit.end) };
    else merged.push(edit);
  }
  return merged;
}

function dedentedRanges(text: string, dedents: readonly Dedent[], replacements: readonly Edit[], verbatim: readonly TextRange[]): TextRange[] {
  const ranges: TextRange[] = [];
  for (const { range, columns } of dedents) {
    for (let start = lineEnd(text, range.start); start < range.end; start = lineEnd(text, start)) {
      const blank = /^[ \t]*/.exec(text.slice(start, start + columns))?.[0].length ?? 0;
      const frozen = verbatim.some((literal) => literal.start < start && start < literal.end);
      const touched = replacements.some((edit) => edit.start < start + blank && start < edit.end);
      if (blank > 0 && !frozen && !touched) ranges.push({ start, end: start + blank });
    }
  }
  return ranges;
}

function indentedLines(text: string, dedents: readonly Dedent[], replacements: readonly Edit[], verbatim: readonly TextRange[]): { at: number; indent: string }[] {
  const lines: { at: number; indent: string }[] = [];
  for (const { range, indent } of dedents) {
    if (indent === undefined) continue;
    for (let at = lineEnd(text, range.start); at < range.end; at = lineEnd(text, at)) {
      const isBlank = /^[ \t]*\r?(\n|$)/.test(text.slice(at, lineEnd(text, at)));
      const frozen = verbatim.some((literal) => literal.start < at && at < literal.end) || replacements.some((edit) => edit.start < at && at < edit.end);
      if (!isBlank && !frozen) lines.push({ at, indent });
    }
  }
  return lines;
}

/** Text of a range, or what has taken its place, without the indentation that its first line has in the file. */
export function outdented(text: string, range: TextRange, written = text.slice(range.start, range.end)): string {
  const columns = range.start - lineStart(text, range.start);
  return written.replace(new RegExp(`(\\n)[ \\t]{0,${columns}}`, "g"), "$1");
}
