import { existsSync } from "node:fs";
import ignore, { type Ignore } from "ignore";
import type { Disk } from "./disk.js";
import { ancestors, isWithin, parentOf } from "./paths.js";

/** The rules of the .gitignore files that govern a folder, the innermost first. */
export class IgnoreRules {
  static readonly none = new IgnoreRules([]);
  readonly #levels: readonly { readonly dir: string; readonly rules: Ignore }[];

  private constructor(levels: readonly { readonly dir: string; readonly rules: Ignore }[]) {
    this.#levels = levels;
  }

  /**
   * Gives the rules that hold for what lies in `dir` before its own .gitignore is read: those of the folders above it,
   * up to the root of the git repository. There are none outside of a repository, and none where they ignore `dir`
   * itself: then somebody asked for it by name.
   */
  static above(dir: string, disk: Disk): IgnoreRules {
    const folders = [...ancestors(dir)];
    const top = folders.findIndex((folder) => existsSync(`${folder}/.git`));
    let rules = IgnoreRules.none;
    for (const folder of folders.slice(1, top + 1).reverse()) {
      rules = rules.within(folder, disk);
    }
    return folders.slice(0, Math.max(top, 0)).some((folder) => rules.ignores(folder, true)) ? IgnoreRules.none : rules;
  }

  /** Gives these rules and those of the .gitignore in `dir`, where there is one. */
  within(dir: string, disk: Disk): IgnoreRules {
    const path = `${dir === "/" ? "" : dir}/.gitignore`;
    const text = disk.hasFile(path) ? disk.read(path)?.text : undefined;
    if (text === undefined) return this;
    return new IgnoreRules([{ dir: parentOf(path), rules: ignore().add(text) }, ...this.#levels]);
  }

  /** True where git would ignore `path`, given that it does not ignore the folder that holds it. */
  ignores(path: string, isFolder: boolean): boolean {
    for (const { dir, rules } of this.#levels) {
      if (path === dir || !isWithin(dir, path)) continue;
      const relative = path.slice(dir.endsWith("/") ? dir.length : dir.length + 1);
      const result = rules.test(isFolder ? `${relative}/` : relative);
      if (result.ignored) return true;
      if (result.unignored) return false;
    }
    return false;
  }
}
