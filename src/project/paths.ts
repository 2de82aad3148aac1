import path from "node:path";

/** Gives a path with `/` between its parts, on every platform. */
export function toSlash(file: string): string {
  return path.sep === "\\" ? file.replaceAll("\\", "/") : file;
}

/** Gives the absolute path, with `/`, of a path relative to `base`. */
export function absolutePath(base: string, file: string): string {
  return toSlash(path.resolve(base, file));
}

/** Gives `file` relative to `base`, with `/`; `.` where both are the same. */
export function relativePath(base: string, file: string): string {
  return toSlash(path.relative(base, file)) || ".";
}

/** Gives the folder that holds `file`, for absolute paths with `/`. */
export function parentOf(file: string): string {
  const end = file.lastIndexOf("/");
  if (end === -1) return file;
  // The root of a drive or of the file system keeps its slash.
  const isRoot = end === 0 || (end === 2 && file[1] === ":");
  return isRoot ? file.slice(0, end + 1) : file.slice(0, end);
}

/** Yields `dir` and all folders above it, innermost first. */
export function* ancestors(dir: string): Generator<string> {
  for (let current = dir; ; ) {
    yield current;
    const parent = parentOf(current);
    if (parent === current) return;
    current = parent;
  }
}

/** True where `file` is `dir` or lies below it. */
export function isWithin(dir: string, file: string): boolean {
  return file === dir || file.startsWith(dir.endsWith("/") ? dir : `${dir}/`);
}

/** Gives the innermost folder that is, or holds, every one of `dirs`. */
export function commonAncestor(dirs: readonly string[]): string {
  const [first, ...rest] = dirs;
  if (first === undefined) throw new RangeError("commonAncestor needs at least one folder");
  for (const candidate of ancestors(first)) {
    if (rest.every((dir) => isWithin(candidate, dir))) return candidate;
  }
  return first;
}
