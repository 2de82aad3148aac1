import { changesThis } from "./aliases.js";
import { bodyOf } from "./begun-methods.js";
import { ts } from "./compiler.js";
import type { Scope } from "./scope.js";
import { isFunctionNode, unwrap, walk } from "./syntax.js";

/** The member of `this` that a context is written as: `ctx` of `this.ctx`. */
export function fieldOfThis(context: string): string | undefined {
  return /^this\.([\w$]+)$/.exec(context)?.[1];
}

/**
 * Whether work that is begun can have the object around it as one of its own, the same but for the context in its field: the arrow
 * function only reads members of `this`; no member is private to the class's own objects, holds a context in another way, or writes to
 * the object.
 */
export function canHaveOwn(literal: ts.Node, field: string, scope: Scope): boolean {
  if (!ts.isArrowFunction(literal)) return false;
  const uses = usesOfThis(literal, `this.${field}`);
  const [first] = uses ?? [];
  return first !== undefined && scope.checker.getTypeAtLocation(first).getProperties().every((member) => isShared(member, field, scope));
}

/**
 * Where an arrow function reads members of `this`, itself or in the actions of its steps; undefined where it does something else with it.
 * @param context how the context is written there
 */
export function usesOfThis(code: ts.ArrowFunction, context: string): ts.Node[] | undefined {
  const uses: ts.Node[] = [];
  let only = true;
  walk(code, (node) => {
    if (node.kind === ts.SyntaxKind.SuperKeyword || (ts.isIdentifier(node) && node.text === "arguments")) only = false;
    if (node.kind !== ts.SyntaxKind.ThisKeyword) return only;
    uses.push(node);
    if (!ts.isPropertyAccessExpression(node.parent) || !staysIn(node, code, context)) only = false;
    return only;
  });
  return only ? uses : undefined;
}

/** Whether only arrow functions that stay what they are stand between a node and the function. */
function staysIn(node: ts.Node, code: ts.ArrowFunction, context: string): boolean {
  const owner = ts.findAncestor(node.parent, isFunctionNode);
  if (!owner || owner === code) return owner === code;
  const isAction = ts.isArrowFunction(owner) && ts.isCallExpression(owner.parent) && owner.parent.expression.getText() === `${context}.run`;
  return isAction && staysIn(owner, code, context);
}

function isShared(member: ts.Symbol, field: string, scope: Scope): boolean {
  const { checker, sdk, colours } = scope;
  if (member.name === field) return true;
  const type = checker.getTypeOfSymbol(member);
  const holdsContext = (one: ts.Type): boolean => sdk.contextOfType(one) !== undefined;
  if (holdsContext(type) || type.getProperties().some((inner) => inner.valueDeclaration && !inner.valueDeclaration.getSourceFile().isDeclarationFile && holdsContext(checker.getTypeOfSymbol(inner)))) return false;
  return (member.declarations ?? []).every((declaration) => {
    const name = ts.getNameOfDeclaration(declaration);
    const value = ts.isPropertyDeclaration(declaration) && declaration.initializer ? unwrap(declaration.initializer) : undefined;
    const isBound = value !== undefined && isFunctionNode(value) && colours?.isDurable(value) === true;
    // What overrides it as well: the object may be one of a class that extends this one.
    const all = colours?.membersOf(declaration) ?? [declaration];
    return !(name && ts.isPrivateIdentifier(name)) && !isBound && all.every((one) => !changesThis(bodyOf(one), scope) && !hasPrivateNames(one.parent));
  });
}

/** A class with `#names`, which only objects have that it has made itself. */
function hasPrivateNames(owner: ts.Node): boolean {
  return ts.isClassLike(owner) && owner.members.some((member) => member.name !== undefined && ts.isPrivateIdentifier(member.name));
}
