import type { Migration } from "../../src/migration.js";
import type { Diagnostic } from "../../src/report/diagnostic.js";

/** A migration in which nothing happens, with what a test states. */
export function migrationOf(stated: Partial<Migration>): Migration {
  return {
    root: "/repo",
    searched: 3,
    analysed: 2,
    unchanged: [],
    changes: [],
    packages: [],
    diagnostics: [],
    sites: { migrated: 0, "migrated-with-note": 0, left: 0 },
    typeLevel: "bundled",
    alreadyMigrated: false,
    rewrites: [],
    ...stated,
  };
}

/** A package of a migration with one service, `Greeter`. */
export function packageOf(dir: string): Migration["packages"][number] {
  const file = `${dir}/src/app.ts`;
  const handler = { name: "greet", mode: "service", file, function: "greet", registeredAs: "greet", takesKey: false, takesInput: true } as const;
  return {
    dir,
    manager: "npm",
    resonateModule: `${dir}/src/resonate.ts`,
    entries: [file],
    services: [{ name: "Greeter", kind: "service", file, handlers: [handler] }],
  };
}

/** A diagnostic at a place, of severity `error` unless stated. */
export function diagnosticAt(file: string, line: number, stated: Partial<Diagnostic> = {}): Diagnostic {
  return { code: "R0001", severity: "error", message: "ctx.awakeable was left", file, line, column: 1, help: "Decide.", ...stated };
}
