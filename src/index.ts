export { UsageError } from "./errors.js";
export { planMigration } from "./migrate.js";
export type { FileChange, ManifestHandler, ManifestService, MigrateOptions, Migration, PackageMigration } from "./migration.js";
export { discoverProject } from "./project/discover.js";
export type { Diagnostic, Outcome, Severity } from "./report/diagnostic.js";
export { toManifest } from "./report/manifest.js";
export { verifyProgram, type VerifyOptions, type VerifyReport } from "./verify/verify.js";
