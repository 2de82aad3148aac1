// The child process of `runBoth`: runs each call on a stand-in for Restate and on the real Resonate SDK, and sends back what it saw.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Resonate } from "@resonatehq/sdk";

export interface ProgramJob {
  /** Holds `before/` and `after/`. */
  readonly root: string;
  readonly calls: readonly ProgramCall[];
}

export interface ProgramCall {
  readonly dir: string;
  readonly service: string;
  readonly variable: string;
  readonly handler: string;
  readonly registeredAs: string;
  readonly args: readonly unknown[];
}

export interface Seen {
  readonly result?: unknown;
  readonly error?: string;
  readonly effects: readonly string[];
}

export interface ProgramRun {
  readonly call: ProgramCall;
  readonly original: Seen;
  readonly migrated: Seen;
}

const callLimit = 5_000;

type Handler = (ctx: StandIn, ...args: unknown[]) => unknown;
type Definition = { readonly name: string; readonly handlers: Readonly<Record<string, Handler>> };

process.on("message", (job: ProgramJob) => {
  void runJob(job).then((runs) => process.send?.(runs));
});

async function runJob({ root, calls }: ProgramJob): Promise<ProgramRun[]> {
  const runs: ProgramRun[] = [];
  const definitions = await definitionsOf(root, calls);
  for (const dir of new Set(calls.map((call) => call.dir))) await load(join(root, "after", dir, "app.js"));
  const { resonate } = (await load(join(root, "after/resonate.js"))) as { resonate: Resonate };
  for (const [index, call] of calls.entries()) {
    const effects = async (side: string): Promise<string[]> => ((await load(join(root, side, call.dir, "tools.js"))) as { effects: string[] }).effects;
    const ctx = new StandIn(definitions);
    const original = await observe(await effects("before"), () => ctx.call(call.service, call.handler, call.args));
    const migrated = await observe(await effects("after"), () => resonate.rpc<unknown>(`call${index}`, call.registeredAs, ...call.args));
    runs.push({ call, original, migrated });
  }
  await resonate.stop();
  return runs;
}

/** Definitions by name: exported ones directly, the others through a copy of the module that exports them too. */
async function definitionsOf(root: string, calls: readonly ProgramCall[]): Promise<ReadonlyMap<string, Definition>> {
  const { readFile, writeFile } = await import("node:fs/promises");
  const found = new Map<string, Definition>();
  for (const dir of new Set(calls.map((call) => call.dir))) {
    const path = join(root, "before", dir, "app.js");
    const variables = [...new Set(calls.filter((call) => call.dir === dir).map((call) => call.variable))];
    await writeFile(path, `${await readFile(path, "utf8")}\nexport const definitions = [${variables.join(", ")}];\n`);
    const { definitions } = (await load(path)) as { definitions: Definition[] };
    for (const definition of definitions) found.set(definition.name, definition);
  }
  return found;
}

function load(path: string): Promise<unknown> {
  return import(pathToFileURL(path).href);
}

/** As much of Restate's context as runs without a server: steps run at once, calls run the handler. */
class StandIn {
  constructor(readonly definitions: ReadonlyMap<string, Definition>) {}

  async run(...args: unknown[]): Promise<unknown> {
    const action = args.find((argument) => typeof argument === "function") as () => unknown;
    return action();
  }

  serviceClient({ name }: { name: string }): unknown {
    return new Proxy({}, { get: (_, handler) => (...args: unknown[]) => this.call(name, String(handler), args) });
  }

  async call(service: string, handler: string, args: readonly unknown[]): Promise<unknown> {
    const run = this.definitions.get(service)?.handlers[handler];
    if (!run) throw new Error(`no ${service}.${handler}`);
    return run(this, ...args);
  }
}

async function observe(effects: readonly string[], run: () => Promise<unknown>): Promise<Seen> {
  const begin = effects.length;
  const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`no answer within ${callLimit} ms`)), callLimit).unref());
  try {
    const result = await Promise.race([run(), late]);
    // Both engines answer in JSON.
    return { result: result === undefined ? undefined : JSON.parse(JSON.stringify(result)), effects: effects.slice(begin) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error), effects: effects.slice(begin) };
  }
}
