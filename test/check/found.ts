import { firstSyntaxError } from "../../src/analysis/compiler.js";
import { findUnsafe } from "../../src/check/check.js";

/** The code and line of everything that is unsafe in files (name → text); imports are relative. Throws where a text has a syntax error. */
export function found(files: string | Readonly<Record<string, string>>): string[] {
  const texts = new Map(Object.entries(typeof files === "string" ? { "app.ts": files } : files).map(([name, text]) => [`/code/${name}`, text]));
  for (const [path, text] of texts) {
    const error = firstSyntaxError(path, text);
    if (error) throw new Error(`${path}: ${error.message}`);
  }
  const resolve = (specifier: string): string | undefined => (specifier.startsWith("./") ? `/code/${specifier.slice(2).replace(/\.js$/, "")}` : undefined);
  const around = {
    resolve: (specifier: string) => ["", ".ts", ".js"].map((extension) => `${resolve(specifier) ?? ""}${extension}`).find((path) => texts.has(path)),
    read: (path: string) => texts.get(path),
  };
  return findUnsafe(texts, around).map(({ code, file, line }) => `${code} ${file.slice("/code/".length)}:${line}`);
}

/** The import that most programs begin with, on one line. */
export const SDK = `import { Codec, type Context, Resonate } from "@resonatehq/sdk"; const resonate = new Resonate();\n`;
