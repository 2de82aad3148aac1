import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { globSync } from "tinyglobby";
import ts from "typescript";

/** One complaint of the type checker, without its line: edits move lines. */
export interface TypeError {
  readonly file: string;
  readonly code: number;
  readonly message: string;
}

/** Codes that say a module or a type package is not installed; what follows from them says nothing about the code. */
const MISSING = new Set([2307, 7016, 2688, 2792, 2580, 2591]);

/** Tells whether errors include one for a module that is not installed. */
export function missesModules(errors: readonly TypeError[]): boolean {
  return errors.some(({ code }) => MISSING.has(code));
}

/** Type-checks a folder by its own tsconfigs. Files of `node_modules` and the libraries are parsed once for all checks. */
export class TypeChecker {
  readonly #parsed = new Map<string, ts.SourceFile | undefined>();

  /**
   * Checks every tsconfig.json of a folder (outside `node_modules`), and what those refer to.
   * Gives each error of the folder's own files once; `null` where there is no tsconfig.
   */
  check(dir: string): TypeError[] | null {
    const configs = globSync("**/tsconfig.json", { cwd: dir, absolute: true, ignore: ["**/node_modules/**", "**/dist/**"] }).sort();
    if (configs.length === 0) return null;
    const seen = new Set<string>();
    const errors = new Map<string, TypeError>();
    for (let config = configs.shift(); config !== undefined; config = configs.shift()) {
      if (seen.has(config)) continue;
      seen.add(config);
      const parsed = parseConfig(config);
      configs.push(...(parsed.projectReferences ?? []).map((reference) => ts.resolveProjectReferencePath(reference)).filter((path) => existsSync(path)));
      for (const error of this.#checkProject(parsed, dir)) errors.set(error.key, error.error);
    }
    return [...errors.values()];
  }

  #checkProject(parsed: ts.ParsedCommandLine, dir: string): { key: string; error: TypeError }[] {
    if (parsed.fileNames.length === 0) return [];
    const options: ts.CompilerOptions = { ...parsed.options, noEmit: true, skipLibCheck: true, incremental: false, composite: false, tsBuildInfoFile: undefined };
    const program = ts.createProgram(parsed.fileNames, options, this.#host(options));
    const own = program.getSourceFiles().filter((file) => isOwn(file.fileName, dir));
    const diagnostics = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
    for (const file of own) diagnostics.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
    // What a module exports must have types that can be written down.
    if (parsed.options.declaration || parsed.options.composite) for (const file of own) if (!file.isDeclarationFile) diagnostics.push(...program.getDeclarationDiagnostics(file));
    return diagnostics
      .filter(({ file, category }) => category === ts.DiagnosticCategory.Error && (file === undefined || isOwn(file.fileName, dir)))
      .map((diagnostic) => ({ key: `${diagnostic.file?.fileName}:${diagnostic.start}:${diagnostic.code}`, error: toTypeError(diagnostic, dir) }));
  }

  #host(options: ts.CompilerOptions): ts.CompilerHost {
    const host = ts.createCompilerHost(options, true);
    const parse = host.getSourceFile.bind(host);
    const settings = JSON.stringify(options);
    host.getSourceFile = (name, language, onError, fresh) => {
      if (!name.includes("/node_modules/")) return parse(name, language, onError, fresh);
      const key = `${settings}\0${typeof language === "object" ? language.impliedNodeFormat : ""}\0${name}`;
      if (!this.#parsed.has(key)) this.#parsed.set(key, parse(name, language, onError, fresh));
      return this.#parsed.get(key);
    };
    return host;
  }

  /** Forgets what was parsed: another package has other modules. */
  forget(): void {
    this.#parsed.clear();
  }
}

/** The errors of `after` that were not among those of `before`, whatever lines they are on. */
export function newErrors(before: readonly TypeError[], after: readonly TypeError[]): TypeError[] {
  const known = new Map<string, number>();
  const identity = (error: TypeError): string => `${error.file}\0${error.code}\0${error.message}`;
  for (const error of before) known.set(identity(error), (known.get(identity(error)) ?? 0) + 1);
  return after.filter((error) => {
    const left = known.get(identity(error)) ?? 0;
    known.set(identity(error), left - 1);
    return left <= 0;
  });
}

function parseConfig(path: string): ts.ParsedCommandLine {
  const { config, error } = ts.readConfigFile(path, (file) => ts.sys.readFile(file));
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  return ts.parseJsonConfigFileContent(config, ts.sys, dirname(path), undefined, path);
}

function isOwn(file: string, dir: string): boolean {
  return file.startsWith(join(dir, "/")) && !file.includes("/node_modules/");
}

function toTypeError(diagnostic: ts.Diagnostic, dir: string): TypeError {
  return {
    file: diagnostic.file === undefined ? "" : relative(dir, diagnostic.file.fileName),
    code: diagnostic.code,
    message: ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n"),
  };
}
