import { existsSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { readTree, relativePath } from "./fixture-tree.js";

/** What holds for a JavaScript package without a tsconfig: it must parse. */
const javascriptOptions: ts.CompilerOptions = {
  allowJs: true,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  target: ts.ScriptTarget.ES2022,
  types: ["node"],
};

/** Whatever a fixture's tsconfig says: strict, and nothing is emitted or checked that is not the fixture's. */
const fixedOptions: ts.CompilerOptions = { strict: true, noEmit: true, skipLibCheck: true, incremental: false, composite: false };

/** Source files of `node_modules`, parsed and bound once for all fixtures. */
const librarySources = new Map<string, ts.SourceFile | undefined>();

/**
 * Type-checks a fixture's `before/` or `after/` under its own tsconfig (made strict) against the SDKs installed in this repository.
 * Gives one line for each error, none where all is well. Throws where the tsconfig cannot be read.
 */
export function typeErrors(dir: string): string[] {
  const { fileNames, options } = programInput(dir);
  const program = ts.createProgram({ rootNames: fileNames, options, host: cachingHost(options) });
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => describe(dir, diagnostic));
}

function programInput(dir: string): { fileNames: string[]; options: ts.CompilerOptions } {
  const configPath = join(dir, "tsconfig.json");
  if (!existsSync(configPath)) {
    const fileNames = [...readTree(dir).keys()].filter((path) => /\.[cm]?js$/.test(path)).map((path) => join(dir, path));
    return { fileNames, options: { ...javascriptOptions, ...fixedOptions } };
  }
  const parsed = ts.getParsedCommandLineOfConfigFile(configPath, fixedOptions, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(describe(dir, diagnostic));
    },
  });
  if (parsed === undefined) throw new Error(`${configPath} cannot be read.`);
  const [error] = parsed.errors;
  if (error !== undefined) throw new Error(describe(dir, error));
  return { fileNames: parsed.fileNames, options: parsed.options };
}

function cachingHost(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true);
  return {
    ...host,
    getSourceFile(fileName, languageVersionOrOptions, onError, shouldCreate) {
      const parse = () => host.getSourceFile(fileName, languageVersionOrOptions, onError, shouldCreate);
      if (!fileName.includes("/node_modules/")) return parse();
      const key = libraryKey(fileName, languageVersionOrOptions);
      if (!librarySources.has(key)) librarySources.set(key, parse());
      return librarySources.get(key);
    },
  };
}

function libraryKey(fileName: string, languageVersionOrOptions: ts.ScriptTarget | ts.CreateSourceFileOptions): string {
  if (typeof languageVersionOrOptions !== "object") return `${fileName}|${languageVersionOrOptions}`;
  const { languageVersion, impliedNodeFormat } = languageVersionOrOptions;
  return `${fileName}|${languageVersion}|${impliedNodeFormat ?? ""}`;
}

function describe(dir: string, { file, start, code, messageText }: ts.Diagnostic): string {
  const message = `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  if (file === undefined || start === undefined) return message;
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return `${relativePath(dir, file.fileName)}:${line + 1}:${character + 1} ${message}`;
}
