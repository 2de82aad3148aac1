import { createHash } from "node:crypto";
import type { Diagnostic } from "../report/diagnostic.js";
import type { CheckEntry } from "./rule.js";

/** A diagnostic of `check`, with what it is recognised by when lines move. */
export interface Finding extends Diagnostic {
  /** Of the text of its line, without white space around it; 16 hex digits. */
  readonly hash: string;
}

/** Makes a finding of an offset (UTF-16 units) in a file's text. */
export function findingAt({ code, severity = "error", message, help }: CheckEntry, file: string, text: string, start: number, subject: string): Finding {
  const before = text.slice(0, start);
  const lineStart = before.lastIndexOf("\n") + 1;
  const [line = ""] = text.slice(lineStart).split("\n", 1);
  return {
    code,
    severity,
    message: message(subject),
    file,
    line: before.split("\n").length,
    column: start - lineStart + 1,
    help,
    hash: createHash("sha256").update(line.trim()).digest("hex").slice(0, 16),
  };
}

/** Orders findings by file, then by place, then by code. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column || (a.code < b.code ? -1 : 1)));
}
