import { ts } from "./compiler.js";
import { contextAt } from "./contexts.js";
import { type Scope, symbolOf } from "./scope.js";
import { walk } from "./syntax.js";

/** Answers which functions of the project can reach one of Restate's error classes. */
export interface Throwers {
  /** The first call in a function's body that leads to one, if any. */
  callIn(fn: ts.SignatureDeclaration): ts.CallExpression | undefined;
}

/** @param mentions the places where the project names one of Restate's error classes */
export function createThrowers(mentions: readonly ts.Node[], scope: Scope): Throwers {
  const owners = new Set(mentions.flatMap((node) => ts.findAncestor(node, isBodied) ?? []));
  const methods = new Set([...owners].flatMap((owner) => (owner.name && owner.parent && !ts.isFunctionDeclaration(owner) ? owner.name.getText() : [])));
  const reaches = new Map<ts.Node, boolean>();

  const reachesError = (fn: ts.SignatureDeclaration): boolean => {
    const known = reaches.get(fn);
    if (known !== undefined) return known;
    reaches.set(fn, owners.has(fn));
    if (!owners.has(fn)) reaches.set(fn, callIn(fn) !== undefined);
    return reaches.get(fn) ?? false;
  };
  const callIn = (fn: ts.SignatureDeclaration): ts.CallExpression | undefined => {
    let found: ts.CallExpression | undefined;
    walk(fn, (node) => {
      if (found) return false;
      if (!ts.isCallExpression(node) || isContextCall(node, scope)) return true;
      const target = bodyOf(node.expression, scope);
      if (target === undefined ? methods.has(calledMethod(node) ?? "") : target !== fn && !scope.contextFunctions.has(target) && reachesError(target)) found = node;
      return true;
    });
    return found;
  };
  return { callIn: (fn) => (owners.size === 0 ? undefined : callIn(fn)) };
}

/** A call on the context is the engine's, whatever methods of that name the project has. */
function isContextCall(call: ts.CallExpression, scope: Scope): boolean {
  const { expression } = call;
  return ts.isPropertyAccessExpression(expression) && (contextAt(expression.expression, scope) !== undefined || scope.sdk.nameOf(expression) !== undefined);
}

function isBodied(node: ts.Node): node is ts.SignatureDeclaration {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}

/** The function or method that runs when an expression is called, where there is only one. */
function bodyOf(callee: ts.Expression, scope: Scope): ts.SignatureDeclaration | undefined {
  const name = ts.isPropertyAccessExpression(callee) ? callee.name : callee;
  const declarations = (ts.isIdentifier(name) && symbolOf(name, scope.checker)?.declarations) || [];
  const [declaration] = declarations.length === 1 ? declarations : declarations.filter(isBodied);
  if (!declaration) return undefined;
  const value = ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration) || ts.isPropertyDeclaration(declaration) ? declaration.initializer : declaration;
  return value && isBodied(value) ? value : undefined;
}

/** The name of a method whose receiver's type does not lead to its body: an interface, or a type that is not known. */
function calledMethod(call: ts.CallExpression): string | undefined {
  return ts.isPropertyAccessExpression(call.expression) ? call.expression.name.text : undefined;
}
