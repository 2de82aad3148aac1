import { catalogue, SUBJECT, titleOf } from "./catalogue.js";
import type { Diagnostic } from "./diagnostic.js";

/** The diagnostics of one code. */
export interface DiagnosticGroup {
  readonly code: string;
  /** What the code says, without what it says it of. */
  readonly title: string;
  readonly help: string;
  /** Where, and of what in the code; the subject is empty where the message has none. */
  readonly places: readonly { readonly file: string; readonly line: number; readonly subject: string }[];
}

/** Puts diagnostics of one code together: files that could not be processed first, then by code. */
export function groupsOf(diagnostics: readonly Diagnostic[]): DiagnosticGroup[] {
  const groups = new Map<string, { code: string; title: string; help: string; places: { file: string; line: number; subject: string }[] }>();
  for (const diagnostic of diagnostics) {
    const { code, help, file, line } = diagnostic;
    const { title, subject } = parted(diagnostic);
    const key = `${/^R09/.test(code) ? "" : code} ${title}`;
    const group = groups.get(key) ?? { code, title, help, places: [] };
    group.places.push({ file, line, subject });
    groups.set(key, group);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

/** A message is made around a subject: takes the two apart again. */
function parted({ code, message }: Diagnostic): { title: string; subject: string } {
  const entry = catalogue[code];
  const [before, after] = entry?.message(SUBJECT).split(SUBJECT) ?? [];
  if (!entry || before === undefined || after === undefined || !message.startsWith(before) || !message.endsWith(after)) return { title: message, subject: "" };
  const subject = message.slice(before.length, message.length - after.length).replace(/\s+/g, " ").trim();
  return { title: titleOf(entry), subject };
}
