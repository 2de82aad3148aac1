import { Chalk, type ChalkInstance } from "chalk";
import { formatPatch, structuredPatch } from "diff";
import type { FileChange } from "../migration.js";
import { relativePath } from "../project/paths.js";

const CONTEXT_LINES = 3;
const NEW_FILE_MODE = "100644";

/**
 * Gives the changes as one patch in git's form, with paths relative to `root`, in the order of the changes. Without
 * colour `git apply` takes it as it stands. Empty where there are no changes.
 */
export function unifiedDiff(changes: readonly FileChange[], root: string, colour: boolean): string {
  const patches = changes.map((change) => filePatch(change, root));
  return colour ? patches.map(colourPatch).join("") : patches.join("");
}

function filePatch({ path, change, before, after }: FileChange, root: string): string {
  const name = relativePath(root, path);
  const oldName = before === null ? "/dev/null" : `a/${name}`;
  const newName = after === null ? "/dev/null" : `b/${name}`;
  const patch = structuredPatch(oldName, newName, before ?? "", after ?? "", "", "", { context: CONTEXT_LINES });
  return formatPatch({
    ...patch,
    isGit: true,
    ...(change === "created" ? { isCreate: true, newMode: NEW_FILE_MODE } : {}),
    ...(change === "deleted" ? { isDelete: true, oldMode: NEW_FILE_MODE } : {}),
  });
}

function colourPatch(patch: string): string {
  const chalk = new Chalk({ level: 1 });
  let inHeader = true;
  return patch
    .split("\n")
    .map((line) => {
      inHeader = line.startsWith("diff ") || (inHeader && !line.startsWith("@@"));
      // A carriage return inside of the colour codes would move the cursor.
      return colourLine(line.replace(/\r$/, ""), inHeader, chalk);
    })
    .join("\n");
}

function colourLine(line: string, inHeader: boolean, chalk: ChalkInstance): string {
  if (line === "") return line;
  if (inHeader) return chalk.bold(line);
  if (line.startsWith("@@")) return chalk.cyan(line);
  if (line.startsWith("+")) return chalk.green(line);
  if (line.startsWith("-")) return chalk.red(line);
  return line;
}
