import { countMentions, type Mentions } from "./accounting.js";
import { ts } from "./compiler.js";
import type { FunctionFact, StepFunctionFact } from "./model.js";
import { scanFile } from "./scan.js";
import { shapeOf } from "./shapes.js";
import { type FunctionNode, walk } from "./syntax.js";
import type { Work } from "./work.js";

/** Functions that steps call directly, as far as they could take the context as their first parameter. */
export function stepFunctions(functions: ReadonlyMap<string, FunctionFact>, mentions: Mentions, work: Work): Map<string, StepFunctionFact> {
  const targets = new Set([...functions.values()].flatMap((fn) => fn.sites.flatMap((site) => (site.concept === "step" && site.action.kind === "call" ? [site.action.target] : []))));
  const facts = new Map<string, StepFunctionFact>();
  for (const id of targets) {
    const fn = nodeOf(id, work);
    const simple = fn && ts.isFunctionDeclaration(fn) && fn.name && !fn.typeParameters && !fn.asteriskToken && fn.parameters.every((parameter) => !parameter.dotDotDotToken && parameter.name.getText() !== "this");
    if (!simple || mentions.whole(fn.getSourceFile().fileName) || usesArguments(fn) || work.scope.contextFunctions.has(fn) || isKnownOutside(fn.getSourceFile().fileName, fn.name?.text ?? "", work)) continue;
    const shape = shapeOf(fn, work.scope);
    facts.set(id, {
      id, file: fn.getSourceFile().fileName, name: fn.name?.text ?? "", context: contextParameterName(fn), parameters: shape.parameters.start + 1, parameterCount: fn.parameters.length,
      typescript: !/\.[cm]?jsx?$/.test(fn.getSourceFile().fileName), uses: countMentions(fn, mentions, work.scope),
    });
  }
  return facts;
}

function contextParameterName(fn: FunctionNode): string {
  const used = new Set<string>();
  walk(fn, (node) => {
    if (ts.isIdentifier(node)) used.add(node.text);
  });
  return ["_ctx", "_context"].find((name) => !used.has(name)) ?? "_resonateContext";
}

/** Whether code that was not analysed may use what a file declares: importers of the file, or of a file that exports it on. */
export function isKnownOutside(file: string, declared: string, work: Work): boolean {
  const { project } = work.scope;
  const name = new RegExp(`\\b${declared.replaceAll("$", "\\$")}\\b`);
  const pending = [file];
  const seen = new Set(pending);
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    for (const importer of project.importersOf(path)) {
      if (seen.has(importer)) continue;
      seen.add(importer);
      const text = project.read(importer) ?? "";
      // Who takes the module as a whole may call whatever is in it.
      if (!work.scans.has(importer) && (name.test(text) || /\*\s*as\s|\b(import|require)\s*\(/.test(text))) return true;
      if (/export\s*(\*|\{[^}]*\})[^;]*?from/.test(text)) pending.push(importer);
    }
  }
  return false;
}

/** The function declaration that an id names; ids are path and offset. */
function nodeOf(id: string, work: Work): FunctionNode | undefined {
  const split = id.lastIndexOf("#");
  const path = id.slice(0, split);
  const file = work.scope.compiled.sourceFile(path);
  // A file that does not name Restate itself has not been scanned yet, and its own mentions count too.
  if (file && !work.scans.has(path) && work.scope.compiled.syntaxErrors(file).length === 0) work.scans.set(path, scanFile(file));
  const start = Number(id.slice(split + 1));
  return file?.statements.find((statement): statement is ts.FunctionDeclaration => ts.isFunctionDeclaration(statement) && statement.getStart() === start);
}

function usesArguments(fn: ts.Node): boolean {
  let found = false;
  walk(fn, (node) => {
    if (ts.isIdentifier(node) && node.text === "arguments") found = true;
  });
  return found;
}
