import { aliasReaders, isCallable } from "./aliases.js";
import { ts } from "./compiler.js";
import type { Parts } from "./parts.js";
import type { Scope } from "./scope.js";
import type { FunctionNode } from "./syntax.js";

/**
 * The names that a handler's input has in it, as far as the handler, or what it calls, may change what they hold. A pass that follows
 * at once gets the very input of the one before, as the SDK decodes it once per task (0.11.5, core.js; test/runtime/reentry.test.ts);
 * in Restate each attempt decodes its own.
 */
export function changedInputs(fn: FunctionNode, scope: Scope): readonly string[] {
  if (!scope.handlers.has(fn) || !isCallable(fn)) return [];
  const context = scope.contextFunctions.get(fn)?.parameter;
  const names = new Map(fn.parameters.flatMap((parameter) => (parameter === context ? [] : namesIn(parameter.name, 0))));
  if (names.size === 0) return [];
  const { quick, typed } = aliasReaders(scope);
  return quick.changedNames(fn, names).size === 0 ? [] : [...typed.changedNames(fn, names)];
}

/** The names of a pattern, each of which stands for the input or a part of it; the rest of a pattern is made anew. */
function namesIn(name: ts.BindingName, depth: number): [ts.Identifier, Parts][] {
  if (ts.isIdentifier(name)) return [[name, new Map([[name.text, depth]])]];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name, element.dotDotDotToken ? 1 : 0) : []));
}
