import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type StateChoice, supportModules, supportModuleText } from "../../src/modules.js";

const copied = (state: StateChoice) => supportModules(["exclusive", "state"], state);
const repository = fileURLToPath(new URL("../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "durable-modules-"));

beforeAll(() => {
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The handlers of a counter, as a migrated JavaScript project has them. */
const handlers = `
  const resonate = new Resonate({ logLevel: "error" });
  function* add(ctx, key, amount) {
    const state = stateOf(ctx, "Counter", key);
    const count = ((yield* state.get("count")) ?? 0) + amount;
    yield* state.set("count", count);
    return count;
  }
  resonate.register("add", exclusive(resonate, "Counter", add));
  Promise.all([1, 2, 3].map((i) => resonate.rpc("add-" + i, "add", "k", 1))).then(async (results) => {
    console.log(JSON.stringify(results.sort()));
    await resonate.stop();
  }, (error) => {
    console.log(error.message);
    process.exit(1);
  });`;

/** Runs the counter on the modules as they are copied into a JavaScript project. */
function runCounter(kind: "module" | "commonjs", state: StateChoice): string {
  const project = join(folder, `${kind} ${state}`);
  mkdirSync(join(project, "durable"), { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ type: kind }));
  for (const [name, source] of copied(state)) writeFileSync(join(project, "durable", `${name}.js`), supportModuleText(source, `durable/${name}.js`, kind === "commonjs"));
  const load = (what: string, from: string) => (kind === "commonjs" ? `const { ${what} } = require("${from}");` : `import { ${what} } from "${from}";`);
  writeFileSync(join(project, "main.js"), [load("Resonate", "@resonatehq/sdk"), load("exclusive", "./durable/exclusive.js"), load("stateOf", "./durable/state.js"), handlers].join("\n"));
  const { DATABASE_URL: _, ...env } = process.env;
  return execFileSync(process.execPath, ["main.js"], { cwd: project, encoding: "utf8", env, timeout: 30_000, stdio: ["ignore", "pipe", "pipe"] });
}

describe("the modules for objects in a project", () => {
  it.each(["module", "commonjs"] as const)("load and run as JavaScript, %s", (kind) => {
    expect(runCounter(kind, "memory+postgres")).toBe("[1,2,3]\n");
  });

  it("say what to write where the store is left to the user", () => {
    const said = () => runCounter("module", "external");
    expect(said).toThrow("There is no state store yet: write the methods of ExternalStore in durable/store");
  });

  it.each<[string, ts.CompilerOptions]>([
    ["NodeNext", { module: ts.ModuleKind.NodeNext, verbatimModuleSyntax: true }],
    ["a bundler", { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler, verbatimModuleSyntax: true }],
    ["CommonJS without interop", { module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10, esModuleInterop: false, ignoreDeprecations: "5.0" }],
  ])("type-check under strict options, %s", (name, options) => {
    const project = join(folder, `types ${name}`);
    mkdirSync(join(project, "durable"), { recursive: true });
    const modules = new Map([...copied("memory+postgres"), ["store-external", copied("external").get("store") ?? ""]]);
    const paths = [...modules].map(([module, source]) => {
      const path = join(project, "durable", `${module}.ts`);
      writeFileSync(path, supportModuleText(source, path, options.module === ts.ModuleKind.CommonJS));
      return path;
    });
    writeFileSync(join(project, "package.json"), JSON.stringify({ type: options.module === ts.ModuleKind.CommonJS ? "commonjs" : "module" }));
    const strict: ts.CompilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      noImplicitOverride: true,
      noImplicitReturns: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      isolatedModules: true,
      declaration: true,
      skipLibCheck: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2023.d.ts"],
      types: ["node"],
      typeRoots: [join(repository, "node_modules/@types")],
    };
    const program = ts.createProgram(paths, { ...strict, ...options });
    const errors = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
    expect(errors).toEqual([]);
    expect(program.getSourceFiles().some(({ fileName }) => fileName.includes("/@resonatehq/sdk/"))).toBe(true);
  });
});
