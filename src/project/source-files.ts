import type { Disk } from "./disk.js";
import { IgnoreRules } from "./ignore-rules.js";

/** The extensions of the files that are searched, in the order in which an import without extension is tried. */
export const SOURCE_EXTENSIONS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"] as const;

const SOURCE_NAME = /\.[cm]?[jt]sx?$/;
const DECLARATION_NAME = /\.d\.([^./]+\.)?[cm]?ts$/;
const OUTPUT_FOLDERS = new Set(["dist", "build"]);

/** True for the name or path of a TypeScript or JavaScript source, and false for a declaration file. */
export function isSourceName(name: string): boolean {
  return SOURCE_NAME.test(name) && !DECLARATION_NAME.test(name);
}

/**
 * Finds all source files below `root`, sorted, without what git ignores, `node_modules`, hidden folders, links,
 * and the `dist` and `build` of a package. Throws UsageError where a folder may not be read.
 */
export function findSourceFiles(root: string, disk: Disk, onFolder?: (dir: string) => void): string[] {
  return filesBelow(root, disk, isSourceName, { onFolder });
}

/** The same for files whose names are wanted; `hidden` names the folders that are entered although their names begin with a dot. */
export function filesBelow(root: string, disk: Disk, isWanted: (name: string) => boolean, { onFolder, hidden = () => false }: { readonly onFolder?: ((dir: string) => void) | undefined; readonly hidden?: (name: string) => boolean } = {}): string[] {
  const found: string[] = [];
  const visit = (dir: string, inherited: IgnoreRules): void => {
    onFolder?.(dir);
    const rules = inherited.within(dir, disk);
    const entries = disk.list(dir);
    const isPackage = entries.some((entry) => entry.name === "package.json");
    for (const entry of entries) {
      const path = dir === "/" ? `/${entry.name}` : `${dir}/${entry.name}`;
      if (entry.isDirectory()) {
        const output = isPackage && OUTPUT_FOLDERS.has(entry.name);
        if (!output && !isSkippedFolder(entry.name, hidden) && !rules.ignores(path, true)) visit(path, rules);
      } else if (entry.isFile() && isWanted(entry.name) && !rules.ignores(path, false)) {
        found.push(path);
      }
    }
  };
  visit(root, IgnoreRules.above(root, disk));
  return found.sort();
}

function isSkippedFolder(name: string, hidden: (name: string) => boolean): boolean {
  return name === "node_modules" || (name.startsWith(".") && !hidden(name));
}
