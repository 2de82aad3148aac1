import { remains } from "./catalogue.js";
import { type Finding, findingAt } from "./finding.js";

const COMMENT = /^[ \t]*(?:\/\/|#)[ \t]*restate-to-resonate-ignore[ \t]+(C\d{4}(?:[ \t]*,[ \t]*C\d{4})*)[ \t]*(?::[ \t]*(\S.*)?)?$/;

/**
 * Leaves out what a comment on the line above silences: `// restate-to-resonate-ignore C0104: <reason>`, with more codes after commas.
 * A comment without a reason silences nothing, and is reported.
 */
export function unsilenced(findings: readonly Finding[], path: string, text: string): Finding[] {
  if (!text.includes("restate-to-resonate-ignore")) return [...findings];
  const silenced = new Set<string>();
  const unreasoned: Finding[] = [];
  let start = 0;
  for (const [index, line] of text.split("\n").entries()) {
    const [, codes = "", reason] = COMMENT.exec(line.trimEnd()) ?? [];
    // The line that is spoken of is the next; both counts are 1-based.
    if (codes !== "" && reason !== undefined) for (const code of codes.split(",")) silenced.add(`${code.trim()}:${index + 2}`);
    else if (codes !== "") unreasoned.push(findingAt(remains.unreasoned, path, text, start, codes));
    start += line.length + 1;
  }
  return [...findings.filter(({ code, line }) => !silenced.has(`${code}:${line}`)), ...unreasoned];
}
