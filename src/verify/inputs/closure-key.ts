import { ts } from "../../analysis/compiler.js";

/**
 * A function's source reduced to what compiling it does not change: no types, comments, spaces, quotes, brackets or separators.
 * The same for a closure in the user's TypeScript and for its `toString()` at run time, unless a bundler renamed what it refers to.
 *
 * @param source the text of one function expression, declaration or method, in TypeScript or JavaScript
 */
export function closureKey(source: string): string {
  const options: ts.CompilerOptions = { target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext, removeComments: true };
  const { outputText } = ts.transpileModule(`(${source})`, { compilerOptions: options });
  return outputText.replace(/[\s"'`;,(){}]+/g, "");
}
