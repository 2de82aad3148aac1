import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Project as MorphProject, ts } from "ts-morph";
import type { Project } from "../project/project.js";

// The only module that knows which compiler the analysis stands on.
export { ts };

/** A compiled codebase: one program for all files, with bundled declarations in place of Restate's packages. */
export interface Compiled {
  readonly checker: ts.TypeChecker;
  /** The files of the project that can matter, in the project's order. */
  readonly files: readonly ts.SourceFile[];
  /** Any file of the program by path, also those that are only imported. */
  sourceFile(path: string): ts.SourceFile | undefined;
  /** True for declarations of the bundled knowledge of Restate's packages. */
  isKnowledge(file: ts.SourceFile): boolean;
  /** Syntax errors of a file: message and offset. */
  syntaxErrors(file: ts.SourceFile): readonly { readonly message: string; readonly start: number }[];
}

const knowledgeDir = "/restate-to-resonate-knowledge";
const knowledgeFiles = ["common.d.ts", "node.d.ts", "fetch.d.ts", "lambda.d.ts", "zod.d.ts", "clients.d.ts"];
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

/** Compiles the files of a project that can matter, and what they import from the codebase. Bare modules are not resolved: their types are unknown. */
export function compile(project: Project): Compiled {
  const morph = new MorphProject({
    useInMemoryFileSystem: true,
    compilerOptions: {
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
    },
    resolutionHost: () => ({
      resolveModuleNames: (names, containingFile) => names.map((name) => resolveModule(name, containingFile, project)),
    }),
  });
  for (const file of knowledgeFiles) morph.createSourceFile(`${knowledgeDir}/${file}`, readKnowledge(file));
  addWithImports(morph, project);
  const program = morph.getProgram().compilerObject;
  return {
    checker: program.getTypeChecker(),
    files: [...project.files.keys()].flatMap((path) => program.getSourceFile(path) ?? []),
    sourceFile: (path) => program.getSourceFile(path),
    isKnowledge: (file) => file.fileName.startsWith(knowledgeDir),
    syntaxErrors: (file) =>
      program.getSyntacticDiagnostics(file).map((diagnostic) => ({
        message: ts.flattenDiagnosticMessageText(diagnostic.messageText, " "),
        start: diagnostic.start ?? 0,
      })),
  };
}

/** Parses a text on its own and returns its first syntax error, if any. */
export function firstSyntaxError(path: string, text: string): { readonly message: string; readonly start: number } | undefined {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, false) as ts.SourceFile & {
    // Filled by the parser, and the reason why no program is needed here; not part of the public type.
    readonly parseDiagnostics?: readonly ts.DiagnosticWithLocation[];
  };
  const [first] = file.parseDiagnostics ?? [];
  return first && { message: ts.flattenDiagnosticMessageText(first.messageText, " "), start: first.start };
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

function resolveModule(name: string, containingFile: string, project: Project): ts.ResolvedModule | undefined {
  const known = knowledgeOf[name];
  if (known !== undefined) return { resolvedFileName: `${knowledgeDir}/${known}`, isExternalLibraryImport: false };
  if (containingFile.startsWith(knowledgeDir)) return { resolvedFileName: `${knowledgeDir}/${name.slice(2).replace(/\.js$/, ".d.ts")}` };
  const resolved = project.resolve(name, containingFile);
  return resolved === undefined ? undefined : { resolvedFileName: resolved };
}

/** Adds the project's files and, transitively, the files of the codebase they import. */
function addWithImports(morph: MorphProject, project: Project): void {
  const pending = [...project.files.keys()];
  const seen = new Set(pending);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const text = project.files.get(path)?.text ?? project.read(path);
    if (text === undefined) continue;
    const source = morph.createSourceFile(path, text, { scriptKind: scriptKindOf(path) }).compilerNode;
    for (const specifier of importedSpecifiers(source)) {
      const imported = project.resolve(specifier, path);
      if (imported === undefined || seen.has(imported)) continue;
      seen.add(imported);
      pending.push(imported);
    }
  }
}

/** JavaScript may hold JSX whatever its extension. */
function scriptKindOf(path: string): ts.ScriptKind {
  if (/\.[cm]?jsx?$/.test(path)) return ts.ScriptKind.JSX;
  return path.endsWith(".tsx") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
}

function importedSpecifiers(source: ts.SourceFile): string[] {
  return ts.preProcessFile(source.text, true, /\.[cm]?jsx?$/.test(source.fileName)).importedFiles.map((file) => file.fileName);
}
