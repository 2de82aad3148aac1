import { dirname, join } from "node:path/posix";
import type { Package, Project, ProjectFile } from "../../src/project/project.js";

/** A codebase that exists only in memory. */
export interface MemoryOptions {
  /** Below which every path lies, and where its one package.json stands. */
  readonly root?: string;
  readonly moduleType?: Package["moduleType"];
  readonly compilerOptions?: Readonly<Record<string, unknown>>;
}

const source = /\.[cm]?[jt]sx?$/;

/**
 * Makes a project of one package from texts by their paths relative to the root.
 * Every source file can matter; imports resolve to files by relative paths only.
 */
export function memoryProject(texts: Readonly<Record<string, string>>, { root = "/app", moduleType = "module", compilerOptions = {} }: MemoryOptions = {}): Project {
  const all = new Map(Object.entries(texts).map(([path, text]) => [join(root, path), withoutMark(text)]));
  const files = new Map([...all].filter(([path]) => source.test(path)).map(([path, file]): [string, ProjectFile] => [path, { path, ...file }]));
  const manifest = all.get(join(root, "package.json"));
  const owner: Package = {
    dir: root,
    manifestPath: manifest ? join(root, "package.json") : null,
    manifestText: manifest?.text ?? null,
    manifestBom: manifest?.bom ?? false,
    name: "memory",
    moduleType,
    manager: "npm",
  };
  const resolve = (specifier: string, from: string): string | undefined => (specifier.startsWith(".") ? candidates(join(dirname(from), specifier)).find((path) => files.has(path)) : undefined);
  const importers = new Map<string, string[]>();
  for (const { path, text } of files.values()) {
    for (const [, specifier = ""] of text.matchAll(/(?:from|import|require\()\s*["']([^"']+)["']/g)) {
      const target = resolve(specifier, path);
      if (target !== undefined) importers.set(target, [...(importers.get(target) ?? []), path]);
    }
  }
  return {
    root,
    files,
    packages: [owner],
    documents: () => [...all].map(([path, { text }]) => ({ path, text })),
    searched: files.size,
    usesResonate: [...all.values()].some(({ text }) => text.includes("@resonatehq/sdk")),
    packageOf: () => owner,
    resolve,
    read: (path) => all.get(path)?.text,
    importersOf: (path) => importers.get(path) ?? [],
    compilerOptions: () => compilerOptions,
  };
}

function withoutMark(text: string): { text: string; bom: boolean } {
  const bom = text.startsWith("\uFEFF");
  return { text: bom ? text.slice(1) : text, bom };
}

function candidates(path: string): string[] {
  const typescript = path.replace(/\.([cm]?)js$/, ".$1ts");
  return [path, typescript, ...["ts", "tsx", "js", "mjs", "cjs"].map((extension) => `${path}.${extension}`), `${path}/index.ts`];
}
