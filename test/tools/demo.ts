// Migrates the bundled Restate project, shows what happens, and runs the result: npm run demo
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { cpSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import chalk from "chalk";

const REPO = fileURLToPath(new URL("../../", import.meta.url));
const CLI = join(REPO, "bin/restate-to-resonate.js");

/** The part of the manifest that a caller of the migrated program needs. */
interface Manifest {
  readonly resonateModule: string;
  readonly entries: readonly string[];
  readonly files: readonly { readonly path: string; readonly change: string }[];
  readonly services: readonly { readonly name: string; readonly handlers: readonly { readonly name: string; readonly registeredAs: string }[] }[];
}

const project = realpathSync(mkdtempSync(join(tmpdir(), "restate-to-resonate-demo-")));
try {
  main();
} finally {
  rmSync(project, { recursive: true, force: true });
}

function main(): void {
  cpSync(join(REPO, "fixtures/demo"), project, { recursive: true });
  symlinkSync(join(REPO, "node_modules"), join(project, "node_modules"), "junction");

  title("1. What would change: a dry run on a copy of fixtures/demo", "restate-to-resonate shop");
  ended(spawnSync(process.execPath, [CLI, project], { stdio: "inherit" }));

  title("2. Apply it, and keep the manifest", "restate-to-resonate shop --write --json > manifest.json");
  const applied = spawnSync(process.execPath, [CLI, project, "--write", "--json"], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  ended(applied);
  const manifest = JSON.parse(applied.stdout) as Manifest;
  for (const { path, change } of manifest.files) console.log(`${change.padEnd(9)} ${path}`);
  for (const { name, handlers } of manifest.services) {
    for (const handler of handlers) console.log(`${name}.${handler.name} is called with resonate.rpc(id, "${handler.registeredAs}", input)`);
  }

  title("3. A second run", "restate-to-resonate shop");
  ended(spawnSync(process.execPath, [CLI, "."], { cwd: project, stdio: "inherit" }));

  title("4. Run the migrated program and place an order: local mode, no server", "tsx run-demo.ts");
  writeFileSync(join(project, "run-demo.ts"), caller(manifest));
  ended(spawnSync(process.execPath, [join(REPO, "node_modules/tsx/dist/cli.mjs"), "run-demo.ts"], { cwd: project, stdio: "inherit", timeout: 60_000, env: localMode() }));
}

function title(text: string, command: string): void {
  console.log(`\n${chalk.bold.inverse(` ${text} `)}\n${chalk.dim(`$ ${command}`)}\n`);
}

/** Throws where a child process did not start or did not end with 0: all of the demo project can be migrated. */
function ended({ status, error }: SpawnSyncReturns<unknown>): void {
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`the demo stopped: exit code ${status}`);
}

/** Resonate goes to a server where RESONATE_URL names one; the demo must not. */
function localMode(): NodeJS.ProcessEnv {
  const { RESONATE_URL: _server, ...env } = process.env;
  return env;
}

function registeredAs(manifest: Manifest, service: string, handler: string): string {
  const found = manifest.services.find(({ name }) => name === service)?.handlers.find(({ name }) => name === handler);
  if (found === undefined) throw new Error(`the manifest lists no ${service}.${handler}`);
  return found.registeredAs;
}

/** A program that imports the worker's entries, places one order, and waits for the mail that was sent with a delay. */
function caller(manifest: Manifest): string {
  const specifier = (path: string): string => JSON.stringify(`./${path.replace(/\.ts$/, ".js")}`);
  return `${manifest.entries.map((entry) => `import ${specifier(entry)};`).join("\n")}
import { resonate } from ${specifier(manifest.resonateModule)};
import { outbox } from "./src/mail.js";

const order = {
  customer: "ada@example.org",
  lines: [
    { sku: "tea-kettle", quantity: 1, price: 39.9 },
    { sku: "tea-cup", quantity: 4, price: 4.95 },
  ],
};
const receipt = await resonate.rpc("demo-order-1", ${JSON.stringify(registeredAs(manifest, "Orders", "place"))}, order);
console.log("result:", receipt);
for (const start = Date.now(); outbox.length === 0 && Date.now() - start < 20_000; ) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await resonate.stop();
if (outbox.length !== 1) throw new Error("the delayed mail was not sent");
`;
}
