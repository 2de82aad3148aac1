import { relativePath } from "../project/paths.js";
import type { Diagnostic, Severity } from "./diagnostic.js";

const COMMAND: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "notice" };

/**
 * Workflow commands that GitHub shows beside the lines of a change, one for each diagnostic; `base` is the folder the repository was
 * checked out to. The form and what has to be escaped: GitHub's "Workflow commands", and `@actions/core`, command.ts.
 */
export function githubAnnotations(diagnostics: readonly Diagnostic[], base: string): string {
  return diagnostics
    .map(({ severity, file, line, column, code, message, help }) => {
      const properties = { file: relativePath(base, file), line: String(line), col: String(column), title: code };
      const list = Object.entries(properties).map(([name, value]) => `${name}=${property(value)}`);
      return `::${COMMAND[severity]} ${list.join(",")}::${data(`${message} ${help}`)}\n`;
    })
    .join("");
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
