import type { Migration } from "../migration.js";
import { commonAncestor, parentOf } from "../project/paths.js";

/** The folder that a report's paths are relative to: the package, or the migration's root where there are several or none. */
export function reportBase({ packages, root }: Migration): string {
  const [first, ...rest] = packages;
  return first !== undefined && rest.length === 0 ? first.dir : root;
}

/** The report's base, widened until every change lies below it, so that no shown path climbs with `..`. */
export function displayBase(migration: Migration): string {
  return commonAncestor([reportBase(migration), ...migration.changes.map(({ path }) => parentOf(path))]);
}
