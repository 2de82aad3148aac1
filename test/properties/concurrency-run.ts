import { rmSync, symlinkSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { dirname as posixDirname, join as posixJoin } from "node:path/posix";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { type VerifyReport, verifyProgram } from "../../src/verify/verify.js";
import type { Scenario } from "../../src/verify/scenario.js";
import { type Migrated, migrateTexts } from "../tools/migrate-texts.js";
import type { Placed } from "../tools/program-checks.js";
import { type ConcurrencyProgram, named } from "./concurrency-program.js";
import { OutsideOfModel, RestateModel } from "./restate-model.js";

const repository = fileURLToPath(new URL("../../", import.meta.url));

/** Programs in folders of their own, and what the tool makes of them. */
export interface Batch {
  readonly placed: readonly Placed[];
  readonly migrated: Migrated;
}

/** What a call comes to. */
export interface Seen {
  readonly result?: unknown;
  readonly error?: string;
  readonly effects: readonly string[];
}

/** A call of a handler, with what comes of it in Restate. */
export interface ExpectedCall {
  readonly dir: string;
  readonly service: string;
  readonly handler: string;
  readonly key: string | undefined;
  readonly input: number;
  readonly seen: Seen;
}

const inputs = [1, 4];

/** Migrates programs together; each has a folder and names of its own. */
export function migrateBatch(programs: readonly ConcurrencyProgram[]): Batch {
  const placed = programs.map((program, index) => ({ dir: `q${index}`, program: { ...named(program, index), services: [] } }));
  const texts = Object.fromEntries(placed.flatMap(({ dir, program }) => Object.entries(program.files).map(([path, text]) => [`${dir}/${path}`, text])));
  return { placed, migrated: migrateTexts({ "effects.ts": "export const effects: string[] = [];\n", ...texts }) };
}

/** What every handler of the originals comes to. A program that the model has no answer to is left out. */
export async function expectedCalls({ placed, migrated }: Batch): Promise<ExpectedCall[]> {
  const calls: ExpectedCall[] = [];
  for (const { dir } of placed) calls.push(...(await callsOf(dir, migrated.before)));
  return calls;
}

async function callsOf(dir: string, texts: Readonly<Record<string, string>>): Promise<ExpectedCall[]> {
  const model = new RestateModel();
  const load = loader(texts, { "@restatedev/restate-sdk": model.sdk() });
  load(`${dir}/app.ts`);
  const { effects } = load("effects.ts") as { effects: string[] };
  const calls: ExpectedCall[] = [];
  for (const { name: service, kind, handlers } of model.definitions) {
    for (const handler of Object.keys(handlers)) {
      for (const input of inputs) {
        const key = kind === "object" ? "k1" : undefined;
        const begin = effects.length;
        try {
          const outcome = await model.call(service, handler, key, input).then((result) => ({ result }), (error: unknown) => messageOf(error));
          calls.push({ dir, service, handler, key, input, seen: { ...outcome, effects: effects.slice(begin) } });
        } catch (error) {
          if (error instanceof OutsideOfModel) return [];
          throw error;
        }
      }
    }
  }
  return calls;
}

function messageOf(error: unknown): { error: string } {
  if (error instanceof OutsideOfModel || !(error instanceof Error)) throw error;
  return { error: error.message };
}

/** Loads modules from texts, with some packages given. */
function loader(texts: Readonly<Record<string, string>>, packages: Readonly<Record<string, unknown>>): (path: string) => unknown {
  const loaded = new Map<string, { exports: unknown }>();
  const load = (path: string): unknown => {
    const known = loaded.get(path);
    if (known) return known.exports;
    const text = texts[path];
    if (text === undefined) throw new Error(`there is no ${path}`);
    const module = { exports: {} as unknown };
    loaded.set(path, module);
    const { outputText } = ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS } });
    const require = (name: string): unknown => packages[name] ?? load(posixJoin(posixDirname(path), name).replace(/\.js$/, ".ts"));
    new Function("require", "module", "exports", outputText)(require, module, module.exports);
    return module.exports;
  };
  return load;
}

/** The names under which the handlers are registered, by `Service.handler`: of those that were migrated. */
function registeredNames({ migrated }: Batch): ReadonlyMap<string, string> {
  return new Map(migrated.migration.packages.flatMap(({ services }) => services.flatMap(({ name, handlers }) => handlers.map((handler) => [`${name}.${handler.name}`, handler.registeredAs] as const))));
}

/** What of the calls can be made after the migration. */
export function callable(batch: Batch, calls: readonly ExpectedCall[]): (ExpectedCall & { readonly registeredAs: string })[] {
  const names = registeredNames(batch);
  return calls.flatMap((call) => {
    const registeredAs = names.get(`${call.service}.${call.handler}`);
    return registeredAs === undefined ? [] : [{ ...call, registeredAs }];
  });
}

/** How the migrated programs differ from the expected calls, without faults and with a worker lost at up to `limit` points. */
export async function verifyBatch(batch: Batch, calls: readonly ExpectedCall[], limit: number, child: string): Promise<VerifyReport["scenarios"][number]> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "restate-to-resonate-properties-")));
  try {
    symlinkSync(join(repository, "node_modules"), join(root, "node_modules"));
    const made = callable(batch, calls);
    const scenario: Scenario = {
      effects: { module: "./effects.ts", export: "effects" },
      entries: ["./all.ts"],
      steps: made.map(({ registeredAs, key, input, seen }) => ({
        call: registeredAs,
        timeout: "3000 days",
        ...(key === undefined ? {} : { key }),
        args: [input],
        effects: seen.effects,
        anyOrder: true,
        ...(seen.error === undefined ? { result: seen.result as number } : { error: seen.error }),
      })),
    };
    const imports = [...new Set(made.map(({ dir }) => `import "./${dir}/app.js";\n`))].join("");
    const files = { "package.json": '{ "type": "module" }', "all.ts": imports, ...batch.migrated.after, "all.scenario.ts": `export default ${JSON.stringify(scenario)};\n` };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const { scenarios: [report] } = await verifyProgram({ paths: [join(root, "all.scenario.ts")], child, seed: "1", limit, requests: 2_000 * made.length });
    if (report === undefined) throw new Error("nothing was verified");
    return report;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
