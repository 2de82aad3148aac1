import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.js";
import { discoverProject } from "../../src/project/discover.js";
import { relativePath } from "../../src/project/paths.js";
import { layTree } from "./temporary-tree.js";

const SDK = `import * as restate from "@restatedev/restate-sdk";\n`;

function filesFound(dir: string, ...paths: string[]): string[] {
  const project = discoverProject(paths.length === 0 ? [dir] : paths.map((path) => `${dir}/${path}`));
  return [...project.files.keys()].map((path) => relativePath(dir, path));
}

function usageMessage(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return String(error);
  }
  throw new Error("expected a UsageError");
}

describe("which files", () => {
  test("those that name the SDK, and those that lead to them by imports", () => {
    const dir = layTree({
      "package.json": "{}",
      "src/service.ts": SDK,
      "src/index.ts": `export * from "./service.js";`,
      "src/app.tsx": `import { x } from ".";`,
      "src/client.cjs": `const { x } = require("./app");`,
      "src/helper.ts": "export const helper = 1;",
      "src/other.ts": `import { helper } from "./helper.js";`,
    });
    expect(filesFound(dir)).toEqual(["src/app.tsx", "src/client.cjs", "src/index.ts", "src/service.ts"]);
    const project = discoverProject([dir]);
    expect(project.searched).toBe(6);
    expect(project.importersOf(`${dir}/src/helper.ts`)).toEqual([`${dir}/src/other.ts`]);
  });

  test("every extension, no declarations, no build output, no dependencies, nothing hidden", () => {
    const extensions = ["ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs"];
    const dir = layTree({
      ...Object.fromEntries(extensions.map((extension) => [`a.${extension}`, SDK])),
      "package.json": "{}",
      "a.d.ts": SDK,
      "a.d.mts": SDK,
      "dist/a.js": SDK,
      "build/a.js": SDK,
      "src/build/kept.ts": SDK,
      ".next/a.js": SDK,
      "node_modules/a/index.js": SDK,
      "packages/x/node_modules/a/index.js": SDK,
      "notes.md": SDK,
    });
    expect(filesFound(dir)).toEqual([...extensions.map((extension) => `a.${extension}`), "src/build/kept.ts"].sort());
  });

  test("what git ignores is left out: nested files, negation, rules of the folders above in the same repository", () => {
    const dir = layTree({
      ".git/HEAD": "",
      ".gitignore": "generated/\n*.gen.ts\n/app/only-here.ts\n",
      "app/package.json": "{}",
      "app/.gitignore": "tmp\n!kept.gen.ts\n",
      "app/a.ts": SDK,
      "app/a.gen.ts": SDK,
      "app/kept.gen.ts": SDK,
      "app/tmp/a.ts": SDK,
      "app/only-here.ts": SDK,
      "app/deep/only-here.ts": SDK,
      "app/generated/kept.gen.ts": SDK,
      "application/tmp/a.ts": SDK,
    });
    expect(filesFound(dir, "app")).toEqual(["app/a.ts", "app/deep/only-here.ts", "app/kept.gen.ts"]);
    expect(filesFound(dir)).toContain("application/tmp/a.ts");
    // Asked for by name, an ignored folder is searched all the same.
    expect(filesFound(dir, "app/generated")).toEqual(["app/generated/kept.gen.ts"]);
  });

  test("several paths, files among them, each file once", () => {
    const dir = layTree({ "a/x.ts": SDK, "b/y.ts": SDK, "b/z.ts": SDK, "c/no.ts": SDK });
    expect(filesFound(dir, "a", "b/y.ts", "a/x.ts")).toEqual(["a/x.ts", "b/y.ts"]);
    expect(discoverProject([`${dir}/a`, `${dir}/b/y.ts`]).root).toBe(dir);
    expect(discoverProject([`${dir}/b/y.ts`]).root).toBe(`${dir}/b`);
  });

  test("a link to a folder above does not lead in circles", () => {
    const dir = layTree({ "src/a.ts": SDK });
    symlinkSync(dir, `${dir}/src/loop`, "junction");
    expect(filesFound(dir)).toEqual(["src/a.ts"]);
  });

  test("Resonate is noticed in code and in package.json, also where nothing names Restate", () => {
    const migrated = layTree({ "a.ts": `import { Resonate } from "@resonatehq/sdk";` });
    expect(discoverProject([migrated])).toMatchObject({ usesResonate: true, files: new Map() });
    const declared = layTree({ "package.json": `{"dependencies":{"@resonatehq/sdk":"1"}}`, "a.ts": "" });
    expect(discoverProject([declared]).usesResonate).toBe(true);
    expect(discoverProject([layTree({ "a.ts": SDK })]).usesResonate).toBe(false);
  });
});

describe("texts", () => {
  test("a byte order mark is taken off and remembered, CRLF stays", () => {
    const dir = layTree({ "a.ts": `\uFEFF${SDK.replace("\n", "\r\n")}`, "b.ts": SDK });
    const { files, read } = discoverProject([dir]);
    expect(files.get(`${dir}/a.ts`)).toEqual({ path: `${dir}/a.ts`, text: SDK.replace("\n", "\r\n"), bom: true });
    expect(files.get(`${dir}/b.ts`)?.bom).toBe(false);
    expect(read(`${dir}/a.ts`)).toBe(SDK.replace("\n", "\r\n"));
    expect(read(`${dir}/none.ts`)).toBeUndefined();
    expect(read(dir)).toBeUndefined();
  });

  test("a file that is not UTF-8 is refused by name, since writing it would change its bytes", () => {
    const dir = layTree({ "a.ts": SDK, "fine.ts": `${SDK}// \uFFFD is a character too\n` });
    writeFileSync(`${dir}/a.ts`, Buffer.concat([Buffer.from(SDK), Buffer.from([0x2f, 0x2f, 0xe9, 0x0a])]));
    expect(usageMessage(() => discoverProject([dir]))).toContain(`${dir}/a.ts is not UTF-8`);
    expect(filesFound(dir, "fine.ts")).toEqual(["fine.ts"]);
  });
});

describe("imports", () => {
  test("of compiled names mean their sources; index files; `/` above all", () => {
    const dir = layTree({
      "a.ts": "", "b.tsx": "", "c.mts": "", "d.cts": "", "e.jsx": "", "f/index.mjs": "", "g.js": "", "h.service.ts": "",
      "both.ts": "", "both.js": "", "types.d.ts": "", "data.json": "{}",
    });
    const { resolve } = discoverProject([dir]);
    const from = (specifier: string): string | undefined => {
      const found = resolve(specifier, `${dir}/main.ts`);
      return found === undefined ? undefined : relativePath(dir, found);
    };
    const pairs = [
      ["./a.js", "a.ts"], ["./a", "a.ts"], ["./a.ts", "a.ts"], ["./b.js", "b.tsx"], ["./b.jsx", "b.tsx"], ["./c.mjs", "c.mts"],
      ["./d.cjs", "d.cts"], ["./e", "e.jsx"], ["./f", "f/index.mjs"], ["./f/", "f/index.mjs"], ["./g.js", "g.js"],
      ["./h.service", "h.service.ts"], ["./both.js", "both.ts"], ["./types", undefined], ["./data.json", undefined],
      ["./nowhere", undefined], ["node:fs", undefined], ["zod", undefined],
    ] as const;
    expect(pairs.map(([specifier]) => [specifier, from(specifier)])).toEqual(pairs);
  });

  test("follow tsconfig paths, through extends, and baseUrl", () => {
    const dir = layTree({
      "tsconfig.base.json": `{ "compilerOptions": { "strict": true, "paths": { "@lib/*": ["./libs/*/src"] } } }`,
      "app/tsconfig.json": `{ // with a comment\n "extends": "../tsconfig.base.json", "compilerOptions": { "jsx": "preserve", }, }`,
      "libs/kit/src/index.ts": SDK,
      "app/a.ts": `import "@lib/kit";`,
      "rooted/tsconfig.json": `{ "compilerOptions": { "baseUrl": "./src" } }`,
      "rooted/src/deep/x.ts": SDK,
      "rooted/src/a.ts": `import "deep/x";`,
      "bundled/tsconfig.json": `{ "compilerOptions": { "paths": { "@/*": ["src/*"] } } }`,
      "bundled/src/x.ts": SDK,
      "bundled/src/a.ts": `import "@/x";`,
    });
    expect(filesFound(dir)).toEqual([
      "app/a.ts", "bundled/src/a.ts", "bundled/src/x.ts", "libs/kit/src/index.ts", "rooted/src/a.ts", "rooted/src/deep/x.ts",
    ]);
    const options = discoverProject([dir]).compilerOptions(`${dir}/app/a.ts`);
    expect(options).toMatchObject({ strict: true, jsx: "preserve", paths: { "@lib/*": [`${dir}/libs/*/src`] } });
  });

  test("an `extends` that leads into absent node_modules leaves the other options standing", () => {
    const dir = layTree({
      "tsconfig.base.json": `{ "extends": "@tsconfig/node20", "compilerOptions": { "paths": { "~/*": ["./src/*"] } } }`,
      "app/tsconfig.json": `{ "extends": ["@acme/tsconfig/strict.json", "../tsconfig.base"], "compilerOptions": { "target": "es2022" } }`,
      "src/x.ts": SDK,
      "app/a.ts": `import "~/x.js";`,
    });
    expect(filesFound(dir)).toEqual(["app/a.ts", "src/x.ts"]);
    expect(discoverProject([dir]).compilerOptions(`${dir}/app/a.ts`)).toMatchObject({ target: "es2022" });
  });

  test("a tsconfig that only has references hands on to the one that includes the file", () => {
    const dir = layTree({
      "tsconfig.json": `{ "files": [], "references": [{ "path": "./tsconfig.node.json" }, { "path": "./tsconfig.app.json" }] }`,
      "tsconfig.node.json": `{ "include": ["vite.config.ts"] }`,
      "tsconfig.app.json": `{ "include": ["src"], "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }`,
      "src/x.ts": SDK,
      "src/a.ts": `import "@/x";`,
    });
    expect(filesFound(dir)).toEqual(["src/a.ts", "src/x.ts"]);
  });
});

describe("packages", () => {
  const monorepo = {
    "package.json": `{ "name": "root", "workspaces": ["packages/*", "!packages/old"] }`,
    "yarn.lock": "",
    "packages/shared/package.json": `{ "name": "@acme/shared", "type": "module", "exports": { ".": { "types": "./dist/index.d.ts", "default": "./dist/index.js" }, "./deep/*": "./dist/deep/*.js" } }`,
    "packages/shared/src/index.ts": SDK,
    "packages/shared/src/deep/thing.ts": SDK,
    "packages/shared/dist/index.js": SDK,
    "packages/flat/package.json": `{ "name": "flat", "main": "./lib/index.js" }`,
    "packages/flat/index.js": SDK,
    "packages/handwritten/package.json": `{ "name": "handwritten", "main": "lib/main" }`,
    "packages/handwritten/lib/main.js": SDK,
    "packages/app/package.json": `{ "name": "app", "imports": { "#util": "./dist/util.js" }, "dependencies": { "linked": "file:../../elsewhere/linked" } }`,
    "packages/app/src/util.ts": SDK,
    "packages/app/src/main.ts": `import "@acme/shared";`,
    "packages/old/package.json": `{ "name": "old" }`,
    "packages/old/index.ts": SDK,
    "elsewhere/linked/package.json": `{ "name": "anything" }`,
    "elsewhere/linked/src/index.ts": SDK,
  };

  test("of a workspace are imported by name and mean their sources", () => {
    const dir = layTree(monorepo);
    const { resolve } = discoverProject([dir]);
    const pairs = [
      ["@acme/shared", "packages/shared/src/index.ts"],
      ["@acme/shared/deep/thing", "packages/shared/src/deep/thing.ts"],
      ["flat", "packages/flat/index.js"],
      ["handwritten", "packages/handwritten/lib/main.js"],
      ["#util", "packages/app/src/util.ts"],
      ["app/util", "packages/app/src/util.ts"],
      ["linked", "elsewhere/linked/src/index.ts"],
      ["old", undefined],
      ["@acme/none", undefined],
    ] as const;
    const found = pairs.map(([specifier]) => {
      const path = resolve(specifier, `${dir}/packages/app/src/main.ts`);
      return [specifier, path === undefined ? undefined : relativePath(dir, path)];
    });
    expect(found).toEqual(pairs);
  });

  test("outside of the given path are followed, but only files below it belong to the project", () => {
    const dir = layTree({ ...monorepo, "packages/app/src/util.ts": "" });
    expect(filesFound(dir, "packages/app")).toEqual(["packages/app/src/main.ts"]);
  });

  test.each([
    ["a block", "packages:\n  # all of them\n  - 'packages/*' # here\n  - \"!packages/old\"\ncatalog:\n  - other/*\n"],
    ["brackets", "packages: ['packages/*', \"!packages/old\"]\n"],
  ])("are found through pnpm-workspace.yaml, written as %s", (_, yaml) => {
    const dir = layTree({ ...monorepo, "package.json": `{ "name": "root" }`, "pnpm-workspace.yaml": yaml });
    const { resolve } = discoverProject([dir]);
    expect(resolve("@acme/shared", `${dir}/packages/app/src/main.ts`)).toBe(`${dir}/packages/shared/src/index.ts`);
    expect(resolve("old", `${dir}/packages/app/src/main.ts`)).toBeUndefined();
  });

  test("own their files: the nearest package.json, outermost first, with its manager and module type", () => {
    const dir = layTree(monorepo);
    const project = discoverProject([`${dir}/packages`]);
    expect(project.packages.map((pkg) => relativePath(dir, pkg.dir))).toEqual([
      "packages/app", "packages/flat", "packages/handwritten", "packages/old", "packages/shared",
    ]);
    expect(project.packageOf(`${dir}/packages/shared/src/deep/thing.ts`)).toMatchObject({
      dir: `${dir}/packages/shared`,
      manifestPath: `${dir}/packages/shared/package.json`,
      manifestText: monorepo["packages/shared/package.json"],
      name: "@acme/shared",
      moduleType: "module",
      manager: "yarn",
    });
    expect(project.packageOf(`${dir}/packages/app/src/main.ts`).moduleType).toBe("commonjs");
  });

  test("may lie above the given folder, and need not be there at all", () => {
    const dir = layTree({ "package.json": `{ "name": "above" }`, "src/a.ts": SDK });
    expect(discoverProject([`${dir}/src`]).packages).toMatchObject([{ dir, name: "above" }]);
    const bare = layTree({ "src/a.ts": SDK });
    expect(discoverProject([bare]).packages).toMatchObject([{ dir: bare, manifestPath: null, manifestText: null, manager: "npm" }]);
  });

  test.each([
    [{ "package.json": `{ "packageManager": "pnpm@9.1.0" }`, "package-lock.json": "" }, "pnpm"],
    [{ "package.json": "{}", "bun.lock": "" }, "bun"],
    [{ "package.json": "{}", "package-lock.json": "" }, "npm"],
    [{ "package.json": `{ "packageManager": "yarn@4.0.0" }`, "app/package.json": "{}" }, "yarn"],
  ])("name their manager: %j", (files, manager) => {
    const dir = layTree({ ...files, "app/a.ts": SDK });
    expect(discoverProject([dir]).packageOf(`${dir}/app/a.ts`).manager).toBe(manager);
  });
});

describe("bad input is a UsageError that names it", () => {
  test("a path that does not exist, and a file that is no source", () => {
    const dir = layTree({ "notes.md": "", "a.d.ts": "" });
    expect(usageMessage(() => discoverProject([`${dir}/gone`]))).toContain(`${dir}/gone does not exist`);
    expect(usageMessage(() => discoverProject([`${dir}/notes.md/below`]))).toContain("does not exist");
    expect(usageMessage(() => discoverProject([`${dir}/notes.md`]))).toContain("notes.md is not a source file");
    expect(usageMessage(() => discoverProject([`${dir}/a.d.ts`]))).toContain("no declarations");
  });

  test.skipIf(process.platform === "win32")("a path that is neither file nor folder", () => {
    expect(usageMessage(() => discoverProject(["/dev/null"]))).toContain("/dev/null is neither a file nor a folder");
  });

  test.skipIf(process.getuid?.() === 0)("what may not be read", () => {
    const dir = layTree({ "a.ts": SDK });
    chmodSync(`${dir}/a.ts`, 0);
    expect(usageMessage(() => discoverProject([dir]))).toContain(`${dir}/a.ts cannot be read`);
  });

  test("a broken tsconfig or package.json, with its line", () => {
    const tsconfig = layTree({ "tsconfig.json": `{\n  "compilerOptions": {\n    "strict" true\n  }\n}`, "a.ts": SDK });
    expect(usageMessage(() => discoverProject([tsconfig]))).toContain(`${tsconfig}/tsconfig.json:3:`);
    const manifest = layTree({ "package.json": `{\n  "name": "x",\n}`, "a.ts": SDK });
    expect(usageMessage(() => discoverProject([manifest]))).toContain(`${manifest}/package.json:3:`);
  });

  test("a broken tsconfig that governs nothing of the migration does not matter", () => {
    const dir = layTree({ "a.ts": SDK, "broken/tsconfig.json": "{", "broken/a.ts": `import "x";`, "broken/package.json": "}" });
    expect(filesFound(dir)).toEqual(["a.ts"]);
  });

  test("a folder named tsconfig.json is no tsconfig, as for tsc", () => {
    const dir = layTree({ "a.ts": SDK });
    mkdirSync(`${dir}/tsconfig.json`);
    expect(filesFound(dir)).toEqual(["a.ts"]);
  });
});
