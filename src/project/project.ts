import type { Document } from "./documents.js";

/** A source file that can matter to the migration. */
export interface ProjectFile {
  /** Absolute path with `/`. */
  readonly path: string;
  /** The text without a byte order mark; offsets everywhere count from its start. */
  readonly text: string;
  readonly bom: boolean;
}

/** A folder with a package.json (or the searched root, when there is none). */
export interface Package {
  readonly dir: string;
  /** Absolute path of package.json and its text; `null` where the root has none. */
  readonly manifestPath: string | null;
  readonly manifestText: string | null;
  /** The file begins with a byte order mark, which `manifestText` does not have. */
  readonly manifestBom: boolean;
  readonly name: string | null;
  /** How Node loads `.js` and `.ts` files of this package. */
  readonly moduleType: "module" | "commonjs";
  readonly manager: "npm" | "yarn" | "pnpm" | "bun";
}

/** What of a codebase belongs to a run: read once, never written to. */
export interface Project {
  readonly root: string;
  /** Files that name the SDK, and the files that lead to them by imports, by path. */
  readonly files: ReadonlyMap<string, ProjectFile>;
  /** All packages that own at least one of `files`, outermost first. */
  readonly packages: readonly Package[];
  /** All texts below the searched folders that may say how the program is called or started, sources among them. */
  documents(): readonly Document[];
  /** How many source files were looked at. */
  readonly searched: number;
  /** True where a searched file or package.json names `@resonatehq/sdk`. */
  readonly usesResonate: boolean;
  packageOf(path: string): Package;
  /** Resolves an import to a source file of the codebase (relative, tsconfig `paths`, workspace package), or `undefined`. */
  resolve(specifier: string, fromFile: string): string | undefined;
  /** Text of any source file of the codebase, read at most once; `undefined` where there is none. */
  read(path: string): string | undefined;
  /** The files of the codebase that import a file, as far as the searched files lead; they need not be among `files`. */
  importersOf(path: string): readonly string[];
  /** The compilerOptions (after `extends`) that govern a file. */
  compilerOptions(path: string): Readonly<Record<string, unknown>>;
}
