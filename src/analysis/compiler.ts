import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { getLibFiles } from "@ts-morph/common";
import { ts } from "ts-morph";
import type { Project } from "../project/project.js";

// The only module that knows which compiler the analysis stands on.
export { ts };

/** A compiled codebase: one program for all files, with bundled declarations in place of Restate's packages. */
export interface Compiled {
  readonly checker: ts.TypeChecker;
  /** The files of the project that can matter, in the project's order. */
  readonly files: readonly ts.SourceFile[];
  /** All code of the program, also what is only imported; declarations are not among it. */
  sources(): readonly ts.SourceFile[];
  /** Any file of the program by path, also those that are only imported. */
  sourceFile(path: string): ts.SourceFile | undefined;
  /** True for declarations of the bundled knowledge of Restate's packages. */
  isKnowledge(file: ts.SourceFile): boolean;
  /** True for files of the language's own library. */
  isLibrary(file: ts.SourceFile): boolean;
  /** Syntax errors of a file: message and offset. */
  syntaxErrors(file: ts.SourceFile): readonly { readonly message: string; readonly start: number }[];
}

const knowledgeDir = "/restate-to-resonate-knowledge";
/** What runtimes bring: known beside Restate's packages, and no part of them. */
const runtimeTypes = `${knowledgeDir}/globals.d.ts`;
const libraryDir = "/restate-to-resonate-library";
const knowledgeOf: Readonly<Record<string, string>> = {
  "@restatedev/restate-sdk": "node.d.ts",
  "@restatedev/restate-sdk/node": "node.d.ts",
  "@restatedev/restate-sdk/fetch": "fetch.d.ts",
  "@restatedev/restate-sdk/lambda": "lambda.d.ts",
  "@restatedev/restate-sdk-cloudflare-workers/fetch": "fetch.d.ts",
  "@restatedev/restate-sdk-core": "common.d.ts",
  "@restatedev/restate-sdk-zod": "zod.d.ts",
  "@restatedev/restate-sdk-clients": "clients.d.ts",
};

/**
 * How the types of what lies outside of the codebase are known: `bundled`, only the language's library and Restate's packages;
 * `full`, also what is installed, which takes several times as long.
 */
export type TypeLevel = "bundled" | "full";

/** Compiles the files of a project that can matter, and what they import from the codebase. */
export function compile(project: Project, level: TypeLevel): Compiled {
  const host = new SourceHost(project, level);
  // Where packages are installed, their types say what the runtime brings.
  const runtime = level === "bundled" ? [runtimeTypes] : [];
  const program = ts.createProgram({ rootNames: [...runtime, ...project.files.keys()], options: optionsFor(project, level), host: host.compilerHost() });
  return {
    checker: program.getTypeChecker(),
    files: [...project.files.keys()].flatMap((path) => program.getSourceFile(path) ?? []),
    sources: () => program.getSourceFiles().filter((file) => !file.isDeclarationFile),
    sourceFile: (path) => program.getSourceFile(path),
    isLibrary: (file) => program.isSourceFileDefaultLibrary(file) || file.fileName.startsWith(libraryDir),
    isKnowledge: (file) => file.fileName.startsWith(knowledgeDir) && file.fileName !== runtimeTypes,
    syntaxErrors: (file) => parseErrors(file).map((error) => ({ message: ts.flattenDiagnosticMessageText(error.messageText, " "), start: error.start })),
  };
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2022.d.ts"],
  types: [],
  allowJs: true,
  checkJs: false,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  jsx: ts.JsxEmit.Preserve,
  experimentalDecorators: true,
};

/** With installed packages come the libraries and global types that the codebase asks for. */
function optionsFor(project: Project, level: TypeLevel): ts.CompilerOptions {
  if (level === "bundled") return options;
  const roots = project.packages.map((owner) => `${owner.dir}/node_modules/@types`).filter((dir) => existsSync(dir));
  const stated = [...project.files.keys()].map((path) => project.compilerOptions(path).lib).find((lib): lib is string[] => Array.isArray(lib));
  const lib = (stated ?? ["esnext", "dom", "dom.iterable"]).map((name) => `lib.${name.toLowerCase()}.d.ts`);
  return { ...options, lib, types: undefined, typeRoots: roots };
}

/** Whether packages are installed beside the code, so that the full level can know more. */
export function hasInstalledTypes(project: Project): boolean {
  return project.packages.some((owner) => existsSync(`${owner.dir}/node_modules`)) || existsSync(`${project.root}/node_modules`);
}

/** Gives the compiler the codebase, the language's library and the knowledge of Restate, all from memory. */
class SourceHost {
  readonly #libraries = new Map<string, string>(getLibFiles().map((file): [string, string] => [`${libraryDir}/${file.fileName}`, file.text]));

  constructor(
    readonly project: Project,
    readonly level: TypeLevel,
  ) {}

  compilerHost(): ts.CompilerHost {
    const { sys } = ts;
    const installed = this.level === "full" ? { directoryExists: sys.directoryExists, getDirectories: sys.getDirectories, realpath: sys.realpath } : {};
    return {
      ...installed,
      getSourceFile: (path) => this.#sourceFile(path),
      getDefaultLibFileName: () => `${libraryDir}/lib.es2022.d.ts`,
      getDefaultLibLocation: () => libraryDir,
      getCurrentDirectory: () => "/",
      getCanonicalFileName: (path) => path,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => "\n",
      fileExists: (path) => this.#text(path) !== undefined,
      readFile: (path) => this.#text(path),
      writeFile: () => {
        throw new Error("the analysis writes nothing");
      },
      resolveModuleNameLiterals: (literals, containingFile) => literals.map(({ text }) => ({ resolvedModule: this.#resolve(text, containingFile) })),
    };
  }

  #resolve(name: string, containingFile: string): ts.ResolvedModuleFull | undefined {
    const own = resolveModule(name, containingFile, this.project);
    if (own || this.level === "bundled" || name.startsWith("@restatedev/")) return own;
    return ts.resolveModuleName(name, containingFile, { ...options, types: undefined }, ts.sys).resolvedModule;
  }

  #sourceFile(path: string): ts.SourceFile | undefined {
    const text = this.#text(path);
    // Types stand in JSDoc only in JavaScript; elsewhere reading it would cost time for nothing.
    const jsDocParsingMode = isJavaScript(path) ? ts.JSDocParsingMode.ParseAll : ts.JSDocParsingMode.ParseNone;
    return text === undefined ? undefined : ts.createSourceFile(path, text, { languageVersion: ts.ScriptTarget.ESNext, jsDocParsingMode }, false, scriptKindOf(path));
  }

  #text(path: string): string | undefined {
    if (path.startsWith(libraryDir)) return this.#libraries.get(path);
    if (path.startsWith(knowledgeDir)) return readKnowledge(path.slice(knowledgeDir.length + 1));
    return this.project.files.get(path)?.text ?? this.project.read(path) ?? (this.level === "full" && path.includes("/node_modules/") ? ts.sys.readFile(path) : undefined);
  }
}

function isJavaScript(path: string): boolean {
  return /\.[cm]?jsx?$/.test(path);
}

/** Syntax errors as the parser found them, without asking a program; not part of the public type. */
function parseErrors(file: ts.SourceFile): readonly ts.DiagnosticWithLocation[] {
  return (file as ts.SourceFile & { readonly parseDiagnostics?: readonly ts.DiagnosticWithLocation[] }).parseDiagnostics ?? [];
}

/**
 * Parses a text on its own and returns its first syntax error, if any.
 * @param partial whether the text is the work of a part of the transforms: what they write stands in functions that others make generator functions
 */
export function firstSyntaxError(path: string, text: string, partial = false): { readonly message: string; readonly start: number } | undefined {
  const jsDocParsingMode = ts.JSDocParsingMode.ParseNone;
  const file = ts.createSourceFile(path, text, { languageVersion: ts.ScriptTarget.ESNext, jsDocParsingMode }, false, scriptKindOf(path));
  const [first] = parseErrors(file);
  if (first) return { message: ts.flattenDiagnosticMessageText(first.messageText, " "), start: first.start };
  const stray = partial ? undefined : strayYield(file);
  return stray && { message: "`yield` stands outside of a generator function", start: stray.end - "yield".length };
}

/** Outside of a generator function `yield` parses as a name, which no module may use but for members. */
function strayYield(file: ts.SourceFile): ts.Node | undefined {
  // The parser keeps the names of a file; not part of the public type.
  if (!(file as ts.SourceFile & { readonly identifiers?: ReadonlyMap<string, string> }).identifiers?.has("yield")) return undefined;
  const find = (parent: ts.Node): ts.Node | undefined =>
    ts.forEachChild(parent, (node) => (ts.isIdentifier(node) && node.text === "yield" && !namesMember(node, parent) ? node : find(node)));
  return find(file);
}

/** `{ yield: 1 }`, `bond.yield`, `import { yield as y }`: any word may name a member. */
function namesMember(name: ts.Node, parent: ts.Node): boolean {
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return parent.propertyName === name || (ts.isExportSpecifier(parent) && parent.propertyName !== undefined);
  if (ts.isBindingElement(parent)) return parent.propertyName === name;
  const isMember = ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent) || (ts.isObjectLiteralElement(parent) && !ts.isShorthandPropertyAssignment(parent)) || ts.isClassElement(parent) || ts.isTypeElement(parent) || ts.isEnumMember(parent);
  return isMember && (ts.isQualifiedName(parent) ? parent.right : parent.name) === name;
}

/** The text of a file that ships beside this module, in `src` as in `dist`. */
function readKnowledge(name: string): string {
  return readFileSync(join(assetDir("knowledge"), name), "utf8");
}

/** The folder of a bundled asset of the analysis. In `dist` as in `src` it stands beside this module; bundled transforms look in the package's `dist`. */
function assetDir(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(here, name), join(here, "..", "dist", "src", "analysis", name)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`bundled folder ${name} not found beside ${here}`);
  return found;
}

function resolveModule(name: string, containingFile: string, project: Project): ts.ResolvedModuleFull | undefined {
  const known = knowledgeOf[name];
  if (known !== undefined) return resolved(`${knowledgeDir}/${known}`);
  if (containingFile.startsWith(knowledgeDir)) return resolved(`${knowledgeDir}/${name.slice(2).replace(/\.js$/, ".d.ts")}`);
  const path = project.resolve(name, containingFile);
  return path === undefined ? undefined : resolved(path);
}

function resolved(path: string): ts.ResolvedModuleFull {
  return { resolvedFileName: path, extension: /(\.d)?\.[cm]?[jt]sx?$/.exec(path)?.[0] ?? ".ts", isExternalLibraryImport: false };
}

/** JavaScript may hold JSX whatever its extension. */
function scriptKindOf(path: string): ts.ScriptKind {
  if (isJavaScript(path)) return ts.ScriptKind.JSX;
  return path.endsWith(".tsx") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
}
