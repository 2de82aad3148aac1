import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const REPO = fileURLToPath(new URL("../", import.meta.url));

const GREETER = `import * as restate from "@restatedev/restate-sdk";

// Knows how to greet.
async function compose(name: string): Promise<string> {
  return \`Hello, \${name}!\`;
}

export const greeter = restate.service({
  name: "Greeter",
  handlers: {
    greet: async (ctx: restate.Context, name: string): Promise<string> => {
      await ctx.sleep(1000);
      return await ctx.run("compose", () => compose(name));
    },
  },
});

restate.serve({ services: [greeter] });
`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe("the packed tarball, installed in another project", () => {
  let project = "";

  beforeAll(() => {
    if (!existsSync(join(REPO, "dist"))) throw new Error("There is no dist/: run `npm run build` first.");
    project = realpathSync(mkdtempSync(join(tmpdir(), "restate-to-resonate-package-")));
    // The build has been made; making it again here would change dist/ under other tests.
    const packed = run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", project], REPO);
    expect(packed, packed.stderr).toMatchObject({ code: 0 });
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
    const tarball = packed.stdout.trim().split("\n").at(-1) ?? "";
    const installed = run("npm", ["install", `./${tarball}`, "--no-audit", "--no-fund", "--ignore-scripts"], project);
    expect(installed, installed.stderr).toMatchObject({ code: 0 });
  });

  afterAll(() => {
    if (project !== "") rmSync(project, { recursive: true, force: true });
  });

  test("runs on the machine's own Node, which the engines field allows", () => {
    const version = run("node", ["--version"], project).stdout.trim();
    expect(Number(/^v(\d+)\./.exec(version)?.[1])).toBeGreaterThanOrEqual(20);
  });

  test("--help explains the options", () => {
    const help = run("npx", ["restate-to-resonate", "--help"], project);
    expect(help.code, help.stderr).toBe(0);
    expect(help.stdout).toContain("restate-to-resonate");
    expect(help.stdout).toContain("--write");
  });

  test("a dry run shows the diff and writes nothing", () => {
    const app = layGreeter("dry");
    const dry = run("npx", ["restate-to-resonate", app], project);
    expect(dry.code, dry.stderr).toBe(0);
    expect(dry.stdout).toMatch(/^\+.*yield\* ctx\.sleep\(1000\)/m);
    expect(readFileSync(join(app, "src/greeter.ts"), "utf8")).toBe(GREETER);
    expect(existsSync(join(app, "src/resonate.ts"))).toBe(false);
  });

  test("--write applies it, and a second run changes nothing", () => {
    const app = layGreeter("write");
    const applied = run("npx", ["restate-to-resonate", app, "--write", "--force"], project);
    expect(applied.code, applied.stderr).toBe(0);
    const migrated = readFileSync(join(app, "src/greeter.ts"), "utf8");
    expect(migrated).toContain("function* greet(ctx: Context, name: string)");
    expect(migrated).toContain("// Knows how to greet.");
    expect(migrated).not.toContain("@restatedev/");
    expect(existsSync(join(app, "src/resonate.ts"))).toBe(true);
    expect(readFileSync(join(app, "package.json"), "utf8")).toContain("@resonatehq/sdk");

    const again = run("npx", ["restate-to-resonate", app, "--write", "--force"], project);
    expect(again.code, again.stderr).toBe(0);
    expect(readFileSync(join(app, "src/greeter.ts"), "utf8")).toBe(migrated);
  });

  test("a folder without Restate is bad input: exit code 2, and what was searched", () => {
    const empty = join(project, "empty");
    mkdirSync(empty);
    writeFileSync(join(empty, "plain.ts"), "export const one = 1;\n");
    const ended = run("npx", ["restate-to-resonate", empty], project);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("empty");
  });

  test("the manifest is the only thing on stdout with --json", () => {
    const ended = run("npx", ["restate-to-resonate", layGreeter("json"), "--json"], project);
    const manifest = JSON.parse(ended.stdout) as { version: number; services: { name: string }[] };
    expect(manifest.version).toBe(1);
    expect(manifest.services.map(({ name }) => name)).toEqual(["Greeter"]);
  });

  test("its library entry is typed and loads", () => {
    const manifest = JSON.parse(readFileSync(join(project, "node_modules/restate-to-resonate/package.json"), "utf8")) as { types: string };
    expect(existsSync(join(project, "node_modules/restate-to-resonate", manifest.types))).toBe(true);
    const loaded = run("node", ["--input-type=module", "-e", `console.log(Object.keys(await import("restate-to-resonate")).length > 0)`], project);
    expect(loaded, loaded.stderr).toMatchObject({ code: 0, stdout: "true\n" });
  });

  test("every transform loads with require", () => {
    const folder = join(project, "node_modules/restate-to-resonate/transforms");
    const names = readdirSync(folder).filter((name) => name !== "packages.cjs");
    expect(names).toContain("steps.cjs");
    const program = `for (const name of process.argv.slice(1)) console.log(typeof require("restate-to-resonate/transforms/" + name).default)`;
    const loaded = run("node", ["-e", program, ...names], project);
    expect(loaded, loaded.stderr).toMatchObject({ code: 0, stdout: "function\n".repeat(names.length) });
  });

  test("jscodeshift runs one of its transforms", () => {
    symlinkSync(join(REPO, "node_modules/jscodeshift"), join(project, "node_modules/jscodeshift"), "junction");
    symlinkSync("../jscodeshift/bin/jscodeshift.js", join(project, "node_modules/.bin/jscodeshift"));
    const app = layGreeter("jscodeshift");
    const transform = "node_modules/restate-to-resonate/transforms/steps.cjs";
    const ended = run("npx", ["jscodeshift", "-t", transform, "--parser=ts", "--fail-on-error", "--run-in-band", join(app, "src/greeter.ts")], project);
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(ended.stdout).toContain("1 ok");
    const text = readFileSync(join(app, "src/greeter.ts"), "utf8");
    expect(text).toMatch(/yield\* ctx\.run\(/);
    expect(text).toContain("// Knows how to greet.");
  });

  function layGreeter(name: string): string {
    const app = join(project, name);
    mkdirSync(join(app, "src"), { recursive: true });
    writeFileSync(join(app, "package.json"), JSON.stringify({ name, private: true, type: "module", dependencies: { "@restatedev/restate-sdk": "^1.17.2" } }));
    writeFileSync(join(app, "src/greeter.ts"), GREETER);
    return app;
  }
});

function run(command: string, args: readonly string[], cwd: string): Ended {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env: machineEnv(), encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  if (error !== undefined) throw error;
  return { code: status, stdout, stderr };
}

/** The environment without what npm scripts put into it, so that `node` is the machine's and not the one in our node_modules. */
function machineEnv(): NodeJS.ProcessEnv {
  const fromScripts = /^(npm_(lifecycle|package|command|execpath|node_execpath|config_local_prefix)|NODE$|NODE_ENV$|NODE_OPTIONS$|INIT_CWD$|VITEST|TEST$)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !fromScripts.test(name)));
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((dir) => !/node_modules|node-gyp-bin/.test(dir));
  return { ...env, PATH: path.join(delimiter), NO_COLOR: "1" };
}
