import type { Outcome, Severity } from "./diagnostic.js";
import type { ManifestHandler, ManifestService, Migration, PackageMigration } from "../migration.js";
import { relativePath } from "../project/paths.js";
import { reportBase } from "./base.js";

/** What a worker of one package needs to know. */
export interface ManifestScope {
  /** `null` where no Resonate module was written; of several packages, where they do not share one. */
  readonly resonateModule: string | null;
  /** Modules to import so that everything is registered. */
  readonly entries: readonly string[];
  readonly services: readonly ManifestService[];
}

/** One package of several; its paths are relative to itself, and `path` to the migration's root. */
export interface ManifestPackage extends ManifestScope {
  readonly path: string;
}

/** The contract with other tools. Paths are relative to the package, or to the migration's root where there are several. */
export interface Manifest extends ManifestScope {
  readonly version: 1;
  readonly files: readonly { readonly path: string; readonly change: "edited" | "created" | "deleted" | "unchanged" }[];
  readonly sites: Readonly<Record<Outcome, number>>;
  readonly diagnostics: readonly {
    readonly code: string;
    readonly severity: Severity;
    readonly message: string;
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly help: string;
  }[];
  readonly packages?: readonly ManifestPackage[];
}

/** Gives the manifest of a migration, ready for `JSON.stringify`. */
export function toManifest(migration: Migration): Manifest {
  const base = reportBase(migration);
  const files = [
    ...migration.changes.map(({ path, change }) => ({ path, change })),
    ...migration.unchanged.map((path) => ({ path, change: "unchanged" as const })),
  ];
  return {
    version: 1,
    ...scope(migration.packages, base),
    files: files
      .map(({ path, change }) => ({ path: relativePath(base, path), change }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    sites: {
      migrated: migration.sites.migrated,
      "migrated-with-note": migration.sites["migrated-with-note"],
      left: migration.sites.left,
    },
    diagnostics: migration.diagnostics.map(({ code, severity, message, file, line, column, help }) => ({
      code,
      severity,
      message,
      file: relativePath(base, file),
      line,
      column,
      help,
    })),
    ...(migration.packages.length > 1 ? { packages: migration.packages.map((pkg) => packageOf(pkg, base)) } : {}),
  };
}

function packageOf(pkg: PackageMigration, base: string): ManifestPackage {
  return { path: relativePath(base, pkg.dir), ...scope([pkg], pkg.dir) };
}

function scope(packages: readonly PackageMigration[], base: string): ManifestScope {
  const modules = [...new Set(packages.flatMap((pkg) => pkg.resonateModule ?? []))];
  const [module] = modules;
  return {
    resonateModule: module !== undefined && modules.length === 1 ? relativePath(base, module) : null,
    entries: packages.flatMap((pkg) => pkg.entries).map((entry) => relativePath(base, entry)),
    services: packages.flatMap((pkg) => pkg.services).map((service) => serviceOf(service, base)),
  };
}

function serviceOf(service: ManifestService, base: string): ManifestService {
  return {
    name: service.name,
    kind: service.kind,
    file: relativePath(base, service.file),
    ...(service.group === undefined ? {} : { group: service.group }),
    ...(service.workflowId === undefined ? {} : { workflowId: service.workflowId }),
    handlers: service.handlers.map((handler) => handlerOf(handler, base)),
  };
}

function handlerOf(handler: ManifestHandler, base: string): ManifestHandler {
  const { name, mode, file, registeredAs, takesKey, takesInput } = handler;
  return { name, mode, file: relativePath(base, file), function: handler.function, registeredAs, takesKey, takesInput };
}
