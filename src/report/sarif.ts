import { pathToFileURL } from "node:url";
import { relativePath } from "../project/paths.js";
import type { Diagnostic, Severity } from "./diagnostic.js";

/** The tool that made a log, and all that it can say. */
export interface SarifTool {
  readonly version: string;
  readonly rules: readonly { readonly code: string; readonly severity: Severity; readonly title: string; readonly why: string; readonly help: string }[];
}

/** A diagnostic with what it is recognised by when lines move. */
export type SarifResult = Diagnostic & { readonly hash: string };

/**
 * A log of SARIF 2.1.0 (OASIS, sarif-v2.1.0-os), as GitHub's code scanning takes it. `base` is the root of the repository; files outside
 * of it are named by their whole URI.
 */
export function sarifLog(results: readonly SarifResult[], tool: SarifTool, base: string): object {
  const indexOf = new Map(tool.rules.map(({ code }, index) => [code, index]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "restate-to-resonate",
            semanticVersion: tool.version,
            rules: tool.rules.map(({ code, severity, title, why, help }) => ({
              id: code,
              shortDescription: { text: title },
              fullDescription: { text: why },
              help: { text: help },
              defaultConfiguration: { level: severity },
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        results: results.map(({ code, severity, message, file, line, column, help, hash }) => ({
          ruleId: code,
          ruleIndex: indexOf.get(code) ?? -1,
          level: severity,
          message: { text: `${message} ${help}` },
          locations: [{ physicalLocation: { artifactLocation: { uri: uriOf(file, base) }, region: { startLine: line, startColumn: column } } }],
          partialFingerprints: { "lineText/v1": hash },
        })),
      },
    ],
  };
}

function uriOf(file: string, base: string): string {
  const relative = relativePath(base, file);
  return relative.startsWith("../") || /^[a-z]:/i.test(relative) ? pathToFileURL(file).href : relative.split("/").map(encodeURIComponent).join("/");
}
