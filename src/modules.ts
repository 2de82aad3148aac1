import { readFileSync, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ts } from "./analysis/compiler.js";

/** The text of the module that creates the client of a package. */
export function resonateModuleText(path: string, commonjs: boolean): string {
  const comment = "// In-memory while RESONATE_URL is not set; otherwise a worker of that server.";
  return commonjs && /\.c?js$/.test(path)
    ? `const { Resonate } = require("@resonatehq/sdk");\n\n${comment}\nexports.resonate = new Resonate();\n`
    : `import { Resonate } from "@resonatehq/sdk";\n\n${comment}\nexport const resonate = new Resonate();\n`;
}

/** The text of a support module as it is copied into a project, in the project's language and module system. */
export function supportModuleText(name: string, path: string, commonjs: boolean): string {
  const source = readFileSync(supportFile(`${name}.ts`), "utf8");
  if (/\.[cm]?tsx?$/.test(path)) return source;
  const options = { target: ts.ScriptTarget.ES2022, module: commonjs ? ts.ModuleKind.CommonJS : ts.ModuleKind.ESNext, verbatimModuleSyntax: false };
  return ts.transpileModule(source, { compilerOptions: options }).outputText;
}

function supportFile(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(here, "support", name), join(here, "..", "dist", "src", "support", name)];
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`support module ${name} not found beside ${here}`);
  return found;
}
