import { readFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ts } from "./analysis/compiler.js";

/** What the client of a worker needs beside the functions it runs. */
export interface ClientNeeds {
  /** Steps settle promises through the client. */
  readonly dependency: boolean;
  /** The path of the function that passes results on between invocations, as the client's module imports it. */
  readonly forward?: string;
}

/** The text of the module that creates the client of a package. */
export function resonateModuleText(path: string, commonjs: boolean, needs: ClientNeeds): string {
  const comment = "// In-memory while RESONATE_URL is not set; otherwise a worker of that server.";
  const requires = commonjs && /\.c?js$/.test(path);
  const load = (names: string, from: string): string => (requires ? `const { ${names} } = require("${from}");\n` : `import { ${names} } from "${from}";\n`);
  const name = requires ? "exports.resonate" : "resonate";
  const lines = clientLines(name, needs).map((line) => `${line}\n`).join("");
  return `${load("Resonate", "@resonatehq/sdk")}${needs.forward === undefined ? "" : load("forward", needs.forward)}\n${comment}\n${requires ? "" : "export const "}${name} = new Resonate();\n${lines}`;
}

/** The statements that give a client what it needs. */
export function clientLines(client: string, needs: ClientNeeds): string[] {
  return [...(needs.dependency ? [`${client}.setDependency("resonate", ${client});`] : []), ...(needs.forward === undefined ? [] : [`${client}.register("forward", forward);`])];
}

/** Where the state of objects is kept: in memory and in Postgres, or in a store that the user writes. */
export type StateChoice = "memory+postgres" | "external";

/**
 * The support modules that a project needs for those it uses: they and what they import of each other.
 * Gives their text by name, as it is copied into a project.
 */
export function supportModules(used: Iterable<string>, state: StateChoice): Map<string, string> {
  const modules = new Map<string, string>();
  const open = [...used];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (modules.has(name)) continue;
    const source = readFileSync(supportFile(`${name === "store" && state === "external" ? "store-external" : name}.ts`), "utf8");
    modules.set(name, source);
    open.push(...[...source.matchAll(/(?:from|import\() ?"\.\/([\w-]+)\.js"/g)].flatMap((match) => match[1] ?? []));
  }
  return modules;
}

/** A support module in a project's language and module system. */
export function supportModuleText(source: string, path: string, commonjs: boolean): string {
  const extension = /\.[cm]?[jt]sx?$/.exec(path)?.[0] ?? ".ts";
  // The modules import each other by the extension that they are compiled to.
  const linked = source.replace(/(["']\.\/[\w-]+)\.js(["'])/g, `$1${extension.replace("t", "j").replace("x", "")}$2`);
  if (/\.[cm]?tsx?$/.test(path)) return linked;
  const options = { target: ts.ScriptTarget.ES2022, module: commonjs ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext, verbatimModuleSyntax: false };
  return ts.transpileModule(linked, { compilerOptions: options }).outputText;
}

function supportFile(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(here, "support", name), join(here, "..", "dist", "src", "support", name)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`support module ${name} not found beside ${here}`);
  return found;
}
