import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { Codec, Resonate } from "@resonatehq/sdk";
import { expect, test } from "vitest";
import { checkCatalogue } from "../src/check/catalogue.js";
import { packageInfo } from "../src/cli/package-info.js";
import { run } from "../src/cli/program.js";
import type { Tools } from "../src/cli/tools.js";
import { planMigration } from "../src/migrate.js";
import { discoverProject } from "../src/project/discover.js";
import { catalogue, rangeOf } from "../src/report/catalogue.js";
import { toManifest } from "../src/report/manifest.js";
import { startHost } from "../src/runtime/http-host.js";
import { DurableServer } from "../src/runtime/server.js";
import { PROBLEMS } from "../src/verify/problems.js";
import { reportText } from "../src/verify/text-report.js";
import { type VerifyReport, verifyProgram } from "../src/verify/verify.js";
import { compileChild } from "./tools/compiled-child.js";
import { readTree } from "./tools/fixture-tree.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const DEMO = planMigration(discoverProject([join(ROOT, "fixtures/demo")]), { names: "short" });

/** The code block that follows a text. */
function blockAfter(text: string): string {
  const start = README.indexOf(text);
  const block = /```\w+\n([^]*?)```/.exec(README.slice(start))?.[1];
  if (start < 0 || block === undefined) throw new Error(`README.md has no code after ${text}`);
  return block;
}

function fromFirstLineOf(block: string, text: string): string {
  return text.slice(text.indexOf(block.slice(0, block.indexOf("\n"))));
}

test.each(["before", "after"] as const)("the code %s is what the demo holds and what the tool makes of it", (which) => {
  const block = blockAfter(`<!-- ${which}: fixtures/demo/src/orders.ts -->`);
  const change = DEMO.changes.find(({ path }) => path.endsWith("/src/orders.ts"));
  expect(fromFirstLineOf(block, change?.[which] ?? "")).toBe(block);
});

test("the manifest is the demo's, shortened", () => {
  const shown = JSON.parse(blockAfter("## The manifest")) as Record<string, unknown>;
  const real = toManifest(DEMO);
  expect(Object.keys(shown)).toEqual(Object.keys(real));
  expect(real).toMatchObject({ ...shown, services: expect.arrayContaining(shown["services"] as unknown[]) as unknown, files: expect.arrayContaining(shown["files"] as unknown[]) as unknown });
});

test("the marker is one the catalogue gives", () => {
  const [, code = "", message] = /restate-to-resonate\[(R\d{4})\]: (.*)/.exec(blockAfter("A marker is a comment")) ?? [];
  expect(message).toBe(catalogue[code]?.message("ctx.signal()"));
});

test("every code belongs to a range the table lists, with its severity and what it means", () => {
  const rows = new Map([...README.matchAll(/^\| `(R\d\d)\.\.` \| (\w+) \| (.*) \|$/gm)].map(([, range = "", severity, meaning]) => [range, { severity, meaning }]));
  expect(rows.size).toBe(4);
  for (const code of Object.keys(catalogue)) expect(rows.get(code.slice(0, 3))).toEqual(rangeOf(code));
});

test("the codes of check are those it can say, and its warnings are called so", () => {
  const rows = [...README.matchAll(/^\| `(C\d{4})` \| (.*) \|$/gm)].map(([, code, text]) => [code, / A warning\.$/.test(text ?? "") ? "warning" : "error"]);
  expect(rows).toEqual(checkCatalogue.map(({ code, severity = "error" }) => [code, severity]));
});

/** Runs a command line of a workflow in a folder, as a shell would with the packed tool. */
async function runStep(line: string, cwd: string): Promise<{ code: number; out: string; err: string }> {
  const [command, target] = line.split(" > ");
  const argv = command?.replace("npx --yes restate-to-resonate ", "").split(" ") ?? [];
  let [out, err] = ["", ""];
  const before = process.cwd();
  process.chdir(cwd);
  try {
    const code = await run(argv, { out: (text) => void (out += text), err: (text) => void (err += text), colour: false, interactive: false }, { ...packageInfo(), discover: discoverProject } as Tools);
    if (target !== undefined) writeFileSync(target, out);
    return { code, out, err };
  } finally {
    process.chdir(before);
  }
}

test("its workflow passes with a baseline, fails on what is new, and is no finding itself", async () => {
  const workflow = blockAfter("As `.github/workflows/resonate.yml`:");
  const [annotate = "", scan = ""] = [...README.matchAll(/- run: (npx --yes restate-to-resonate check .*)$/gm)].map(([, line = ""]) => line);
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "readme-")));
  try {
    mkdirSync(join(dir, ".github/workflows"), { recursive: true });
    writeFileSync(join(dir, ".github/workflows/resonate.yml"), workflow);
    writeFileSync(join(dir, "old.ts"), 'import "@restatedev/restate-sdk";\n');
    writeFileSync(join(dir, "restate-to-resonate.config.json"), blockAfter("For whole rules there is"));
    const [, update = ""] = /commit a baseline \(`(.*?)`\)/.exec(README) ?? [];
    expect((await runStep(update, dir)).code).toBe(0);
    expect(await runStep(annotate, dir)).toEqual({ code: 0, out: "", err: "" });
    writeFileSync(join(dir, "new.ts"), 'import "@restatedev/restate-sdk";\n');
    expect(await runStep(annotate, dir)).toMatchObject({ code: 1, out: expect.stringMatching(/^::error file=new\.ts,line=1,col=8,title=C0001::.*\n$/) as string });
    expect((await runStep(scan, dir)).code).toBe(1);
    expect(JSON.parse(readFileSync(join(dir, "check.sarif"), "utf8"))).toMatchObject({ version: "2.1.0", runs: [{ results: [{ ruleId: "C0001" }] }] });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

test("the npm scripts it names are in package.json", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
  const named = [...README.matchAll(/npm (?:run )?(test|(?<=run )[\w-]+)/g)].map(([, name]) => name ?? "");
  expect(named).toEqual(expect.arrayContaining(["demo", "test", "build", "typecheck", "corpus", "bench"]));
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});

async function helpOf(command: string): Promise<string> {
  let help = "";
  await run([command, "--help"], { out: (text) => void (help += text), err: () => undefined, colour: false, interactive: false }, { ...packageInfo() } as Tools);
  return help;
}

test.each([
  ["migrate", "## Use"],
  ["check", "## Check"],
  ["verify", "## Verify"],
  ["dev", "## Dev\n"],
])("the options of %s are those of its --help", async (command, heading) => {
  const help = await helpOf(command);
  const own = [...help.slice(help.indexOf("Options:")).split("Examples:", 1).join("").matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
  const section = README.slice(README.indexOf(heading) + heading.length).split("\n## ", 1).join("");
  const listed = [...section.matchAll(/^\| `(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
  expect([...listed, ...(command === "migrate" ? [] : ["--help"])].sort()).toEqual(own.filter((option) => option !== "--version").sort());
});

test("the transforms it lists are those that --only knows", () => {
  const only = /^\| `--only[^|]*\|(.*)\|$/m.exec(README)?.[1] ?? "";
  expect([...only.matchAll(/`([\w-]+)`/g)].map(([, name]) => name)).toEqual(packageInfo().transforms);
});

test("the places it names exist", () => {
  const places = [...README.matchAll(/^\| ((?:`[\w./-]+`(?:, )?)+) \|/gm)].flatMap(([, cell]) => [...(cell ?? "").matchAll(/`([\w./-]+)`/g)].map(([, path]) => path ?? ""));
  expect(places.length).toBeGreaterThan(8);
  for (const path of places.filter((path) => path.includes("/"))) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
  expect(existsSync(join(ROOT, /-t node_modules\/restate-to-resonate\/(\S+)\.cjs/.exec(README)?.[1] ?? "none") + ".ts")).toBe(true);
});

test("its links lead to its own headings", () => {
  const anchors = [...README.matchAll(/^#+ (.*)$/gm)].map(([, title]) => (title ?? "").toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-"));
  for (const [, anchor] of README.matchAll(/\]\(#([\w-]+)\)/g)) expect(anchors).toContain(anchor);
});

test("it names every support module, and no other", () => {
  const adds = README.slice(README.indexOf("- `durable/`"), README.indexOf("### State"));
  const named = [...adds.matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(([, cell = ""]) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => `${name}.ts`));
  expect(named.sort()).toEqual(readdirSync(join(ROOT, "src/support")).sort());
});

test("every problem of verify that it names is one", () => {
  const reports = README.slice(README.indexOf("It reports what differs"), README.indexOf("Exit code 0: no problem"));
  const named = [...reports.split("\n\n", 1).join("").matchAll(/`([\w-]+)`/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(10);
  expect(Object.keys(PROBLEMS)).toEqual(expect.arrayContaining(named));
});

/** Verifies a program that is made of files, by their paths. */
async function verified(files: Readonly<Record<string, string>>): Promise<{ report: VerifyReport; text: string }> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "readme-")));
  const child = await compileChild();
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(base, path)), { recursive: true });
      writeFileSync(join(base, path), text);
    }
    const report = await verifyProgram({ paths: [base], child: child.path, seed: "1" });
    return { report, text: reportText(report, { base, colour: false, quiet: false }) };
  } finally {
    child.remove();
    rmSync(base, { recursive: true, force: true });
  }
}

test("its scenario holds for the program it is about, wherever a worker is lost", { timeout: 60_000 }, async () => {
  const program = readTree(join(ROOT, "fixtures/workflows/order-approval/after"));
  const { report } = await verified({ ...Object.fromEntries(program), "large-cake.scenario.ts": blockAfter("What happens from outside is written in scenarios") });
  expect(report.scenarios).toMatchObject([{ about: "A cake of four tiers waits for its approval.", problems: [] }]);
  expect(report.scenarios[0]?.tried).toBeGreaterThan(5);
});

const MUGS = `export default {
  about: "An order of two mugs, and the mail that follows.",
  steps: [{ call: "place", args: [{ customer: "ada", lines: [{ sku: "mug", quantity: 2, price: 9 }] }] }, { wait: "2 seconds" }],
};`;

test("what verify prints is what it shows, but for the time it takes", { timeout: 60_000 }, async () => {
  const root = join(ROOT, "fixtures/demo");
  const migrated = DEMO.changes.map(({ path, after }) => [relative(root, path), after ?? ""] as const);
  const files = Object.fromEntries([...readTree(root), ...migrated]);
  const orders = files["src/orders.ts"]?.replace("yield* ctx.run(() => crypto.randomUUID())", "crypto.randomUUID()") ?? "";
  const { text } = await verified({ ...files, "src/orders.ts": orders, "orders.scenario.ts": MUGS });
  const timeless = (output: string): string => output.replace(/\d+(\.\d+)? m?s\b/g, "<time>").replace(/ \(restate-to-resonate's own: .*?\)/, "");
  expect(timeless(text)).toBe(timeless(blockAfter("Of the demo, with the id of the order made outside of a step")));
});

const SHELL = "### Resolving a promise from a shell";
const APPROVAL = "CakeOrder/large:approval";

test("what the command-line tool stores is what the SDK reads", () => {
  const [, id, value = ""] = /resolve '(.*?)' .*--value '(.*)'/.exec(blockAfter(SHELL)) ?? [];
  expect(id).toBe(APPROVAL);
  for (const [text, meant] of [[value, true], [/A text needs its own quotes, `--value '(.*?)'`/.exec(README)?.[1] ?? "", "yes"]] as const) {
    // As `resonate` 0.9.8 does it (b64_encode_data_field): a text as it is, anything else as JSON.
    const { data } = JSON.parse(text) as { data: unknown };
    const stored = Buffer.from(typeof data === "string" ? data : JSON.stringify(data)).toString("base64");
    expect(new Codec().decode({ data: stored, headers: {} })).toBe(meant);
  }
});

const hasCurl = spawnSync("curl", ["--version"]).status === 0;

test.skipIf(!hasCurl)("the line for curl resolves a promise, in a POSIX shell", async () => {
  const host = await startHost(new DurableServer());
  const resonate = new Resonate({ url: host.url, group: "readme" });
  try {
    await resonate.promises.create(APPROVAL, Date.now() + 60_000);
    const line = blockAfter("Without the tool, and for [dev]");
    const code = await new Promise<number | null>((resolve, reject) => {
      const started = spawn("sh", ["-c", line], { env: { ...process.env, RESONATE_URL: host.url }, stdio: "ignore" });
      started.once("error", reject).once("exit", resolve);
    });
    expect(code).toBe(0);
    const { state, value } = await resonate.promises.get(APPROVAL);
    expect([state, new Codec().decode(value)]).toEqual(["resolved", true]);
  } finally {
    await resonate.stop();
    await host.close();
  }
});
