import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { packageInfo } from "../src/cli/package-info.js";
import { run } from "../src/cli/program.js";
import type { Tools } from "../src/cli/tools.js";
import { planMigration } from "../src/migrate.js";
import { discoverProject } from "../src/project/discover.js";
import { catalogue } from "../src/report/catalogue.js";
import { toManifest } from "../src/report/manifest.js";

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
  expect(message).toBe(catalogue[code]?.message("ctx.awakeable()"));
});

test("every code belongs to a range the table lists, with its severity", () => {
  const rows = new Map([...README.matchAll(/^\| `(R\d\d)\.\.` \| (\w+) \|/gm)].map(([, range, severity]) => [range, severity]));
  for (const [code, { severity }] of Object.entries(catalogue)) expect([code, rows.get(code.slice(0, 3))]).toEqual([code, severity]);
});

test("the npm scripts it names are in package.json", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> };
  const named = [...README.matchAll(/npm (?:run )?(test|(?<=run )[\w-]+)/g)].map(([, name]) => name ?? "");
  expect(named).toEqual(expect.arrayContaining(["demo", "test", "build", "typecheck", "corpus", "bench"]));
  for (const name of named) expect(Object.keys(scripts)).toContain(name);
});

test("the options it lists are those of --help, and the transforms those that --only knows", async () => {
  let help = "";
  const tools = { ...packageInfo() } as Tools;
  await run(["migrate", "--help"], { out: (text) => void (help += text), err: () => undefined, colour: false, interactive: false }, tools);
  const own = help.slice(help.indexOf("Options:"), help.indexOf("Examples:")).matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm);
  const listed = [...README.matchAll(/^\| `(?:-\w, )?(--[\w-]+)[^|]*\|/gm)].map(([, option]) => option);
  expect(listed).toEqual(expect.arrayContaining([...own].map(([, option]) => option)));
  const only = /^\| `--only[^|]*\|(.*)\|$/m.exec(README)?.[1] ?? "";
  expect([...only.matchAll(/`([\w-]+)`/g)].map(([, name]) => name)).toEqual(tools.transforms);
});

test("the places and support modules it names exist", () => {
  const places = [...README.matchAll(/^\| ((?:`[\w./-]+`(?:, )?)+) \|/gm)].flatMap(([, cell]) => [...(cell ?? "").matchAll(/`([\w./-]+)`/g)].map(([, path]) => path ?? ""));
  expect(places.length).toBeGreaterThan(8);
  for (const path of places.filter((path) => path.includes("/"))) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
  const adds = README.slice(README.indexOf("- `durable/`"), README.indexOf("## What it leaves"));
  for (const [, name] of adds.matchAll(/`([\w-]+)` \(/g)) expect([name, existsSync(join(ROOT, `src/support/${name}.ts`))]).toEqual([name, true]);
  expect(existsSync(join(ROOT, /-t node_modules\/restate-to-resonate\/(\S+)\.cjs/.exec(README)?.[1] ?? "none") + ".ts")).toBe(true);
});

test("its links lead to its own headings", () => {
  const anchors = [...README.matchAll(/^#+ (.*)$/gm)].map(([, title]) => (title ?? "").toLowerCase().replace(/[^\w -]/g, "").replaceAll(" ", "-"));
  for (const [, anchor] of README.matchAll(/\]\(#([\w-]+)\)/g)) expect(anchors).toContain(anchor);
});
