import { expect, test } from "vitest";
import { toManifest } from "../../src/report/manifest.js";
import { diagnosticAt, migrationOf, packageOf } from "./migrations.js";

test("of one package: exactly the contract, relative to the package", () => {
  const migration = migrationOf({
    root: "/repo/app/src",
    packages: [packageOf("/repo/app")],
    changes: [
      { path: "/repo/app/src/resonate.ts", change: "created", before: null, after: "" },
      { path: "/repo/app/src/app.ts", change: "edited", before: "a", after: "b" },
    ],
    unchanged: ["/repo/app/src/client.ts"],
    sites: { left: 1, migrated: 3, "migrated-with-note": 2 },
    diagnostics: [diagnosticAt("/repo/app/src/app.ts", 7)],
  });
  expect(toManifest(migration)).toStrictEqual({
    version: 1,
    resonateModule: "src/resonate.ts",
    entries: ["src/app.ts"],
    services: [
      {
        name: "Greeter",
        kind: "service",
        file: "src/app.ts",
        handlers: [
          { name: "greet", mode: "service", file: "src/app.ts", function: "greet", registeredAs: "greet", takesKey: false, takesInput: true },
        ],
      },
    ],
    files: [
      { path: "src/app.ts", change: "edited" },
      { path: "src/client.ts", change: "unchanged" },
      { path: "src/resonate.ts", change: "created" },
    ],
    sites: { migrated: 3, "migrated-with-note": 2, left: 1 },
    diagnostics: [
      { code: "R0001", severity: "error", message: "ctx.awakeable was left", file: "src/app.ts", line: 7, column: 1, help: "Decide." },
    ],
  });
});

test("of several packages: relative to the root, and each package by itself", () => {
  const migration = migrationOf({ packages: [packageOf("/repo/a"), packageOf("/repo/b")] });
  const manifest = toManifest(migration);
  expect(manifest).toMatchObject({ resonateModule: null, entries: ["a/src/app.ts", "b/src/app.ts"] });
  expect(manifest.services.map(({ file }) => file)).toEqual(["a/src/app.ts", "b/src/app.ts"]);
  expect(manifest.packages).toMatchObject([
    { path: "a", resonateModule: "src/resonate.ts", entries: ["src/app.ts"], services: [{ file: "src/app.ts" }] },
    { path: "b", resonateModule: "src/resonate.ts", entries: ["src/app.ts"], services: [{ file: "src/app.ts" }] },
  ]);
});

test("the group and workflow id of a service stand there when it has them", () => {
  const pkg = packageOf("/repo");
  const services = pkg.services.map((service) => ({ ...service, group: "orders", workflowId: "greeter/{key}" }));
  expect(toManifest(migrationOf({ packages: [{ ...pkg, services }] })).services[0]).toMatchObject({ group: "orders", workflowId: "greeter/{key}" });
});
