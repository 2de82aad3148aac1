import ts from "typescript";
import type { Migrated } from "./migrate-texts.js";
import type { GeneratedProgram } from "./program.js";

/** A program of a batch: its folder below the root. */
export interface Placed {
  readonly dir: string;
  readonly program: GeneratedProgram;
}

/** The files of all programs, each in a folder of its own. */
export function textsOf(programs: readonly Placed[]): Record<string, string> {
  return Object.fromEntries(programs.flatMap(({ dir, program }) => Object.entries(program.files).map(([path, text]) => [`${dir}/${path}`, text])));
}

/** What the tool broke that it promises to keep, one line or block for each. */
export function violations(programs: readonly Placed[], migrated: Migrated): string[] {
  const found = migrated.migration.diagnostics.filter(({ code }) => code === "R0902").map(({ file, message }) => `${file}: ${message}`);
  for (const [path, text] of Object.entries(migrated.after)) if (/\.[cm]?[jt]s$/.test(path)) found.push(...syntaxErrors(path, text));
  for (const { severity, code, file } of migrated.migration.diagnostics) {
    const text = migrated.after[file.slice(migrated.project.root.length + 1)] ?? "";
    if (severity === "error" && !text.includes(`// restate-to-resonate[${code}]: `)) found.push(`${file}: no marker for ${code}`);
  }
  for (const placed of programs) found.push(...keptText(placed, migrated));
  return found;
}

function syntaxErrors(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext) as ts.SourceFile & { readonly parseDiagnostics: readonly ts.DiagnosticWithLocation[] };
  const place = (at: number): string => JSON.stringify(text.slice(Math.max(0, at - 40), at + 40));
  const found = file.parseDiagnostics.map((error) => `${path}: ${ts.flattenDiagnosticMessageText(error.messageText, " ")} at ${place(error.start)}`);
  return [...found, ...misplaced(file).map((at) => `${path}: a yield or await that its function cannot have at ${place(at)}`)];
}

/** The parser takes `yield` for a name outside of generator functions, and `await` for an operator in any function of a module. */
function misplaced(file: ts.SourceFile): number[] {
  const found: number[] = [];
  const visit = (node: ts.Node, fn: ts.SignatureDeclaration | undefined): void => {
    if (ts.isIdentifier(node) && node.text === "yield") found.push(node.pos);
    if (ts.isAwaitExpression(node) && fn && !(ts.canHaveModifiers(fn) && ts.getModifiers(fn)?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword))) found.push(node.pos);
    ts.forEachChild(node, (child) => visit(child, ts.isFunctionLike(node) ? node : fn));
  };
  visit(file, undefined);
  return found;
}

/** Comments, sentinels, line endings and the byte order mark. */
function keptText({ dir, program }: Placed, { before, after }: Migrated): string[] {
  const found: string[] = [];
  for (const path of Object.keys(program.files).map((name) => `${dir}/${name}`)) {
    const [old, now] = [before[path] ?? "", after[path] ?? ""];
    // A marker quotes the code it speaks of, comments included.
    const unmarked = now.replace(/^[ \t]*\/\/ restate-to-resonate\[.*$/gm, "");
    for (const [comment] of old.matchAll(/\bkq\d+_\d+\b/g)) {
      const times = unmarked.split(new RegExp(`\\b${comment}\\b`)).length - 1;
      if (times !== 1) found.push(`${path}: the comment ${comment} is there ${times} times`);
    }
    if (old.startsWith("\uFEFF") !== now.startsWith("\uFEFF")) found.push(`${path}: the byte order mark changed`);
    const crlf = program.style.eol === "\r\n";
    if (crlf ? /(^|[^\r])\n/.test(now) : now.includes("\r")) found.push(`${path}: mixed line endings`);
    const lines = new Set(now.split(program.style.eol));
    for (const sentinel of path.includes("app.") ? program.sentinels : []) {
      if (![...lines].some((line) => line === sentinel || line.startsWith(`${sentinel} // k`))) found.push(`${path}: the line ${JSON.stringify(sentinel)} is gone`);
    }
  }
  return found;
}

/** The text of a program for a failure's message. */
export function shown({ dir, program }: Placed, after: Readonly<Record<string, string>> = {}): string {
  const [path, text] = Object.entries(program.files).find(([name]) => name.startsWith("app.")) ?? ["", ""];
  return `\n----- ${dir}/${path} (${JSON.stringify(program.style)})\n${text}\n----- becomes\n${after[`${dir}/${path}`] ?? "?"}`;
}

const libraries = new Map<string, ts.SourceFile | undefined>();

const strict: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
  types: ["node"], strict: true, noEmit: true, skipLibCheck: true, allowImportingTsExtensions: false,
};

/**
 * Type-checks texts as if they lay in a folder of this repository, so that the real SDKs are found. Gives one line for each error.
 * @param root the folder, with `/`; it need not exist
 */
export function typeErrorsIn(root: string, texts: Readonly<Record<string, string>>): string[] {
  const files = new Map(Object.entries(texts).filter(([path]) => path.endsWith(".ts")).map(([path, text]) => [`${root}/${path}`, text]));
  const host = ts.createCompilerHost(strict, true);
  const read = host.readFile.bind(host);
  const parse = host.getSourceFile.bind(host);
  const exists = host.fileExists.bind(host);
  host.readFile = (path) => files.get(path) ?? read(path);
  host.fileExists = (path) => files.has(path) || (!path.startsWith(root) && exists(path));
  host.directoryExists = () => true;
  host.getSourceFile = (path, language, ...rest) => {
    const text = files.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, language, true);
    if (!libraries.has(path)) libraries.set(path, parse(path, language, ...rest));
    return libraries.get(path);
  };
  const program = ts.createProgram({ rootNames: [...files.keys()], options: strict, host });
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, code, messageText }) => {
    const place = file ? `${file.fileName.slice(root.length + 1)}: ${JSON.stringify(file.text.slice(Math.max(0, start - 60), start + 60))} ` : "";
    return `${place}TS${code}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}
