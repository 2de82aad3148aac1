import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { getLibFiles } from "@ts-morph/common";
import { ts } from "../../analysis/compiler.js";

const libraryDir = "/restate-to-resonate-library";
/** Stands for a module of this package, from which its own copy of the SDK is found. */
const here = fileURLToPath(import.meta.url);

/** What values are made with, whatever the project's own settings: strict types know more, and nothing is written. */
const ours: ts.CompilerOptions = { strict: true, exactOptionalPropertyTypes: false, allowJs: true, noEmit: true, skipLibCheck: true, composite: false, incremental: false };

/**
 * A compiler program of the entries and what they import, with types of installed packages.
 *
 * @param entries absolute paths
 * @throws when the tsconfig.json nearest to the first entry cannot be read
 */
export function createTypesProgram(entries: readonly string[]): ts.Program {
  const options = { ...projectOptions(entries[0]), ...ours };
  return ts.createProgram({ rootNames: entries, options, host: hostFor(options) });
}

/** The source files of a program that belong to the project: not declarations, not installed packages. */
export function projectSources(program: ts.Program): readonly ts.SourceFile[] {
  return program.getSourceFiles().filter((file) => !file.isDeclarationFile && !file.fileName.includes("/node_modules/"));
}

function projectOptions(entry: string | undefined): ts.CompilerOptions {
  const defaults: ts.CompilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext };
  if (entry === undefined) return defaults;
  const exists = (path: string): boolean => ts.sys.fileExists(path);
  const path = ts.findConfigFile(dirname(entry), exists, "tsconfig.json") ?? ts.findConfigFile(dirname(entry), exists, "jsconfig.json");
  if (path === undefined) return defaults;
  const { config, error } = ts.readConfigFile(path, (file) => ts.sys.readFile(file));
  if (error) throw new Error(`${path} cannot be read: ${ts.flattenDiagnosticMessageText(error.messageText, " ")}. Types for verify's inputs come from it; mend it or write a scenario.`);
  // A missing `extends` or an empty `include` leaves options that still serve.
  return { ...defaults, ...ts.parseJsonConfigFileContent(config, ts.sys, dirname(path)).options };
}

/** The disk, the language's library from memory, and this package's own SDK for projects whose packages are not installed. */
function hostFor(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options, true);
  const libraries = new Map(getLibFiles().map((file): [string, string] => [`${libraryDir}/${file.fileName}`, file.text]));
  const disk = { readFile: host.readFile, fileExists: host.fileExists };
  const resolve = (name: string, from: string): ts.ResolvedModuleFull | undefined => ts.resolveModuleName(name, from, options, host).resolvedModule;
  return Object.assign(host, {
    getDefaultLibLocation: () => libraryDir,
    getDefaultLibFileName: () => `${libraryDir}/${ts.getDefaultLibFileName(options)}`,
    readFile: (path: string) => libraries.get(path) ?? disk.readFile(path),
    fileExists: (path: string) => libraries.has(path) || disk.fileExists(path),
    getSourceFile: (path: string, settings: ts.ScriptTarget | ts.CreateSourceFileOptions) => {
      const text = libraries.get(path) ?? disk.readFile(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, settings, true);
    },
    resolveModuleNameLiterals: (literals: readonly ts.StringLiteralLike[], from: string) =>
      literals.map(({ text }) => ({ resolvedModule: resolve(text, from) ?? (text === "@resonatehq/sdk" ? resolve(text, here) : undefined) })),
  } satisfies Partial<ts.CompilerHost>);
}
