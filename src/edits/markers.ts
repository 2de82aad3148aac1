import type { FileFacts } from "../analysis/file-model.js";
import type { Edit } from "./edit.js";
import { indentationAt, lineStart, type TextStyle } from "./style.js";

/** A place at which a person must act. */
export interface Marker {
  readonly at: number;
  readonly code: string;
  readonly message: string;
}

/** Comments above the lines where a person must act; none where one stands already. */
export function markerEdits(facts: FileFacts, markers: readonly Marker[], style: TextStyle): Edit[] {
  const anchors = [...facts.anchors].filter((anchor) => facts.text.slice(lineStart(facts.text, anchor), anchor).trim() === "").sort((a, b) => a - b);
  const edits = new Map<string, Edit>();
  for (const marker of markers) {
    const anchor = anchors.filter((candidate) => candidate <= marker.at).at(-1) ?? 0;
    const line = lineStart(facts.text, anchor);
    const key = `${line} ${marker.code}`;
    if (edits.has(key) || stands(facts.text, line, marker.code)) continue;
    edits.set(key, { start: line, end: line, text: `${indentationAt(facts.text, line)}// restate-to-resonate[${marker.code}]: ${marker.message.replace(/\s+/g, " ")}${style.eol}`, order: edits.size });
  }
  return [...edits.values()];
}

/** Whether a marker of a code stands among the comment lines right above a line. */
function stands(text: string, line: number, code: string): boolean {
  for (let end = line; end > 0; ) {
    const start = lineStart(text, end - 1);
    const above = text.slice(start, end).trim();
    if (!above.startsWith("//")) return false;
    if (above.includes(`restate-to-resonate[${code}]`)) return true;
    end = start;
  }
  return false;
}
