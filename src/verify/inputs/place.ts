import { ts } from "../../analysis/compiler.js";
import type { Place } from "./index.js";

/** Where a call on an object names its method, as V8 gives the position of a method call; else where the call begins. */
export function placeOf(call: ts.CallExpression): Place {
  const { expression } = call;
  const source = call.getSourceFile();
  const start = ts.isPropertyAccessExpression(expression) ? expression.name.getStart(source) : call.getStart(source);
  const { line, character } = source.getLineAndCharacterOfPosition(start);
  return { file: source.fileName, line: line + 1, column: character + 1 };
}
