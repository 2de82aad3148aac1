import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { findRestateServer } from "../../src/judge/restate-server.js";
import { writeTree } from "../tools/fixture-tree.js";
import { migrateTexts } from "../tools/migrate-texts.js";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(repository, "node_modules/.cache");
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "against-restate-"));
const gate = join(repository, "fixtures/workflows/gate");
cpSync(join(gate, "before"), join(folder, "old"), { recursive: true });
cpSync(join(gate, "after"), join(folder, "new"), { recursive: true });
writeFileSync(
  join(folder, "new/wedding.scenario.ts"),
  `import { defineScenario } from "restate-to-resonate/scenario";
export default defineScenario({
  about: "A wedding.",
  effects: { module: "./src/effects.ts", export: "effects" },
  steps: [
    { send: "wedding", id: "Wedding/June", key: "June", args: [{ one: "Ada", other: "Bob" }], effects: ["invite to June"] },
    { call: "say", key: "June", args: ["I do"] },
    { attach: "Wedding/June", result: "Ada and Bob: I do" },
  ],
});
`,
);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly out: string;
}

/** The command as users run it, from what is built. */
function verify(...args: string[]): Promise<Ended> {
  const child = spawn(join(repository, "node_modules/.bin/node"), [join(repository, "bin/restate-to-resonate.js"), "verify", ...args], { cwd: folder, env: { ...process.env, NO_COLOR: "1" } });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out })));
}

it("says what is missing", async () => {
  const [without, unknown] = await Promise.all([verify("new", "--against-restate"), verify("new", "--against-restate", "--before", "nowhere")]);
  expect(without.out).toMatch(/needs the program as it was: --before <folder>/);
  expect(unknown.out).toMatch(/--before nowhere is no folder, and git does not know it/);
  expect([without.code, unknown.code]).toEqual([2, 2]);
});

it.skipIf(findRestateServer(repository) === undefined)("compares a user's program with its original", { timeout: 180_000 }, async () => {
  const same = await verify("new", "--against-restate", "--before", "old", "--limit", "1");
  expect(same.out).toMatch(/2 runs on each side, 1 of them with a lost worker: the same/);
  expect(same.code).toBe(0);
  const app = join(folder, "other");
  cpSync(join(folder, "old"), app, { recursive: true });
  writeFileSync(join(app, "src/effects.ts"), `export const effects: string[] = [];\nexport const log = (entry: string): string => (effects.push(entry.toUpperCase()), entry);\n`);
  const other = await verify("new", "--against-restate", "--before", "other", "--limit", "1");
  expect(other.out).toContain("Restate  [ 'INVITE TO JUNE' ]\n    Resonate [ 'invite to June' ]");
  expect(other.code).toBe(1);
});

it.skipIf(findRestateServer(repository) === undefined)("takes random numbers for what varies", { timeout: 180_000 }, async () => {
  const dice = { "package.json": `{ "type": "module", "dependencies": { "@restatedev/restate-sdk": "^1.17.2" } }`, "src/app.ts": `import * as restate from "@restatedev/restate-sdk";
const dice = restate.service({ name: "Dice", handlers: { roll: async (ctx: restate.Context) => ctx.rand.random() } });
restate.serve({ services: [dice] });
` };
  writeTree(join(folder, "dice-old"), new Map(Object.entries(dice)));
  writeTree(join(folder, "dice-new"), new Map(Object.entries(migrateTexts(dice).after)));
  writeFileSync(join(folder, "dice-new/dice.scenario.ts"), `import { defineScenario } from "restate-to-resonate/scenario";\nexport default defineScenario({ steps: [{ call: "roll" }] });\n`);
  const same = await verify("dice-new", "--against-restate", "--before", "dice-old");
  expect(same.out).toContain("1 run on each side, 0 of them with a lost worker: the same");
});
