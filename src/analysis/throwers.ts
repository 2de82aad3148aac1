import { ts } from "./compiler.js";
import { contextAt } from "./contexts.js";
import { thrownError } from "./promises.js";
import { type Scope, symbolOf } from "./scope.js";
import { walk } from "./syntax.js";

/** Answers from which code certain statements or expressions of the project can be reached by calls. */
export interface Throwers {
  /** Whether running a function or evaluating an expression can reach one. */
  reaches(node: ts.Node): boolean;
  /** The functions with one in them that calls of methods in a function may run, where it cannot be told what a method runs. */
  ownersOf(fn: ts.Node): readonly ts.SignatureDeclaration[];
}

/**
 * @param mentions what is to be reached: a `throw`, the name of an error class
 * @param rules `apart` says of a node that what happens in it stays there, such as the action of a step; `makes` of what is created or
 * thrown that it counts as well; `unread` of a callee without a body in the project
 */
export function createThrowers(mentions: readonly ts.Node[], scope: Scope, rules: { apart?(node: ts.Node): boolean; makes?(error: ts.Expression): boolean; unread?(callee: ts.Expression): boolean }): Throwers {
  const wanted = new Set(mentions);
  const owners = new Set(mentions.flatMap((node) => ts.findAncestor(node, isBodied) ?? []));
  const methods = new Map<string, ts.SignatureDeclaration[]>();
  for (const owner of owners) if (owner.name && owner.parent && !ts.isFunctionDeclaration(owner)) (methods.get(owner.name.getText()) ?? methods.set(owner.name.getText(), []).get(owner.name.getText()))?.push(owner);
  const known = new Map<ts.Node, boolean>();

  const runs = (fn: ts.SignatureDeclaration): boolean => {
    const result = known.get(fn);
    if (result !== undefined) return result;
    known.set(fn, false);
    known.set(fn, reaches(fn));
    return known.get(fn) ?? false;
  };
  const reaches = (root: ts.Node): boolean => {
    let found = wanted.has(root);
    const visit = (node: ts.Node): boolean => {
      if (found || rules.apart?.(node)) return false;
      if (wanted.has(node)) found = true;
      else if (ts.isCallExpression(node) && !isNamedContextCall(node, scope)) {
        const target = bodyOf(node.expression, scope);
        const rejected = thrownError(node);
        if (rejected && rules.makes?.(rejected)) found = true;
        else if (target !== undefined) found = !scope.contextFunctions.has(target) && runs(target);
        else found = (methods.has(calledMethod(node) ?? "") || (rules.makes !== undefined && isComputed(node.expression, scope)) || rules.unread?.(node.expression) === true) && !isContextCall(node, scope);
      } else if (ts.isThrowStatement(node)) found = rules.makes?.(node.expression) === true;
      else if (ts.isNewExpression(node)) {
        const target = constructorOf(node, scope);
        found = rules.makes?.(node) === true || (target !== undefined ? runs(target) : rules.unread?.(node.expression) === true);
      }
      return !found;
    };
    if (visit(root)) walk(root, visit);
    return found;
  };
  const ownersOf = (fn: ts.Node): ts.SignatureDeclaration[] => {
    const found: ts.SignatureDeclaration[] = [];
    if (methods.size > 0) walk(fn, (node) => {
      if (ts.isCallExpression(node) && !isContextCall(node, scope) && bodyOf(node.expression, scope) === undefined) found.push(...(methods.get(calledMethod(node) ?? "") ?? []));
    });
    return found;
  };
  return { reaches: (node) => (owners.size + wanted.size > 0 || rules.unread !== undefined) && reaches(node), ownersOf };
}

/** A function that is only known at run time: an element of a table, a parameter or a variable of a function type. */
function isComputed(callee: ts.Expression, scope: Scope): boolean {
  if (ts.isElementAccessExpression(callee) || ts.isNonNullExpression(callee)) return true;
  const declaration = ts.isIdentifier(callee) ? symbolOf(callee, scope.checker)?.valueDeclaration : undefined;
  return declaration !== undefined && (ts.isParameter(declaration) || ts.isVariableDeclaration(declaration));
}

function constructorOf(node: ts.NewExpression, scope: Scope): ts.SignatureDeclaration | undefined {
  const declaration = ts.isIdentifier(node.expression) ? symbolOf(node.expression, scope.checker)?.declarations?.find(ts.isClassLike) : undefined;
  return declaration?.members.find(ts.isConstructorDeclaration);
}

/** A call on what is called like a context, and is one: told by its name first, which is quick. */
function isNamedContextCall(call: ts.CallExpression, scope: Scope): boolean {
  const { expression } = call;
  return ts.isPropertyAccessExpression(expression) && ts.isIdentifier(expression.expression) && scope.contextNames.has(expression.expression.text) && contextAt(expression.expression, scope) !== undefined;
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
  // Most methods are those of the language's own objects: a name is quicker to look up than the type of a receiver.
  if (name !== callee && ts.isIdentifier(name) && !scope.gives(name.text)) return undefined;
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
