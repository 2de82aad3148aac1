import { declaredName, type Mentions } from "./accounting.js";
import { ts } from "./compiler.js";
import { idOf, symbolOf } from "./scope.js";
import { type FunctionNode, isFunctionNode, modifier, outOfParens, unwrap, walk } from "./syntax.js";
import type { Work } from "./work.js";

/** What is told of an ingress on its way. */
export interface FlowListener {
  /** A member of it is taken: `ingress.serviceClient`. */
  member(access: ts.PropertyAccessExpression, owner: string): void;
  /** It goes where it cannot be followed. */
  lost(owner: string, node: ts.Node): void;
  /** `Ingress` in the annotation of what holds it. */
  type(owner: string, name: ts.Node): void;
}

/**
 * Follows the ingresses of a codebase from where they are connected to wherever they are used: through variables, fields,
 * parameters and results of functions whose declared type says so. An ingress is named by the id of what makes or holds it.
 */
export class IngressFlow {
  /** Ids of ingresses that may be the same. */
  readonly links: (readonly [string, string])[] = [];
  readonly #seen = new Set<ts.Node>();

  constructor(
    readonly work: Work,
    readonly mentions: Mentions,
    readonly listener: FlowListener,
  ) {}

  /** Follows what `connect(...)` gives. */
  connection(call: ts.CallExpression): void {
    this.#flow(call, idOf(call));
  }

  /** Follows what a declaration holds that is annotated with `Ingress`. Says whether there is such a declaration around the name. */
  annotated(name: ts.Node): boolean {
    const declaration = ts.findAncestor(name, (node) => ts.isStatement(node) ? "quit" : (isHolder(node) && node.type !== undefined) || ts.isFunctionLike(node));
    const holder = declaration ?? ts.findAncestor(name, ts.isFunctionDeclaration);
    if (!holder) return false;
    if (isHolder(holder)) this.#holder(holder);
    else if (isFunctionNode(holder) && holder.type && within(name, holder.type)) this.#function(holder);
    else return false;
    return true;
  }

  #link(owner: string, declaration: ts.Node): void {
    const other = idOf(declaration);
    if (owner !== other) this.links.push([owner, other]);
  }

  /** Where an expression goes that is an ingress. */
  #flow(expression: ts.Expression, owner: string): void {
    const node = outOfParens(expression);
    const { parent } = node;
    if (ts.isNonNullExpression(parent)) return this.#flow(parent, owner);
    if (ts.isPropertyAccessExpression(parent) && parent.expression === node) return parent.questionDotToken ? this.listener.lost(owner, parent) : this.listener.member(parent, owner);
    if (isHolder(parent) && parent.initializer === node) return this.#into(parent, owner);
    if (ts.isBinaryExpression(parent)) return this.#binary(parent, node, owner);
    if (ts.isConditionalExpression(parent)) return parent.condition === node ? undefined : this.#flow(parent, owner);
    if (ts.isPrefixUnaryExpression(parent) || ts.isIfStatement(parent) || ts.isExpressionStatement(parent) || ts.isExportSpecifier(parent)) return;
    if (ts.isReturnStatement(parent) || (ts.isArrowFunction(parent) && parent.body === node)) return this.#returned(parent, owner);
    if ((ts.isCallExpression(parent) || ts.isNewExpression(parent)) && parent.arguments?.includes(node)) return this.#argument(parent, parent.arguments.indexOf(node), owner);
    if (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) return this.#member(parent, owner);
    this.listener.lost(owner, expression);
  }

  #binary(parent: ts.BinaryExpression, node: ts.Node, owner: string): void {
    const operator = parent.operatorToken.kind;
    const isLeft = parent.left === node;
    if (operator === ts.SyntaxKind.EqualsToken || operator === ts.SyntaxKind.QuestionQuestionEqualsToken || operator === ts.SyntaxKind.BarBarEqualsToken) {
      if (isLeft) return operator === ts.SyntaxKind.EqualsToken ? undefined : this.#flow(parent, owner);
      const target = declarationOf(parent.left, this.work);
      if (!target) return this.listener.lost(owner, node);
      this.#into(target, owner);
      return this.#flow(parent, owner);
    }
    if (operator === ts.SyntaxKind.QuestionQuestionToken || operator === ts.SyntaxKind.BarBarToken) return this.#flow(parent, owner);
    if (operator === ts.SyntaxKind.AmpersandAmpersandToken) return isLeft ? undefined : this.#flow(parent, owner);
    if (operator === ts.SyntaxKind.InstanceOfKeyword || operator === ts.SyntaxKind.InKeyword || operator === ts.SyntaxKind.CommaToken) this.listener.lost(owner, node);
  }

  /** Into what a variable, a field or a parameter holds. */
  #into(declaration: ts.Node, owner: string): void {
    if (this.work.scope.compiled.isKnowledge(declaration.getSourceFile())) return this.listener.lost(owner, declaration);
    this.#link(owner, declaration);
    this.#holder(declaration);
  }

  #argument(call: ts.CallExpression | ts.NewExpression, index: number, owner: string): void {
    const declaration = this.work.scope.checker.getResolvedSignature(call)?.declaration;
    const parameter = declaration && !ts.isJSDocSignature(declaration) ? declaration.parameters[index] : undefined;
    if (!parameter || parameter.dotDotDotToken || !parameter.type || !this.#isIngress(parameter.type)) return this.listener.lost(owner, call.arguments?.[index] ?? call);
    this.#into(parameter, owner);
  }

  /** `{ ingress }` where the object's declared type has such a member; or a member of `module.exports`. */
  #member(property: ts.PropertyAssignment | ts.ShorthandPropertyAssignment, owner: string): void {
    const { checker } = this.work.scope;
    if (ts.isBinaryExpression(property.parent.parent) && property.parent.parent.left.getText() === "module.exports") return;
    const declaration = checker.getContextualType(property.parent)?.getProperty(property.name.getText())?.valueDeclaration;
    if (!declaration || !isHolder(declaration)) return this.listener.lost(owner, property);
    this.#into(declaration, owner);
  }

  #returned(node: ts.Node, owner: string): void {
    const fn = ts.isArrowFunction(node) ? node : ts.findAncestor(node, ts.isFunctionLike);
    if (!fn || !isFunctionNode(fn) || fn.asteriskToken || modifier(fn, ts.SyntaxKind.AsyncKeyword)) return this.listener.lost(owner, node);
    this.#link(owner, fn);
    this.#function(fn);
  }

  /** Everything that mentions what holds an ingress. */
  #holder(declaration: ts.Node): void {
    if (this.#seen.has(declaration)) return;
    this.#seen.add(declaration);
    const owner = idOf(declaration);
    if (!isHolder(declaration)) {
      // In JavaScript the first assignment declares a field: `this.ingress = connect(...)`.
      if (ts.isPropertyAccessExpression(declaration)) return this.#accesses(declaration, declaration.name.text, owner);
      return this.listener.lost(owner, declaration);
    }
    if (declaration.type) this.#annotation(declaration.type, owner);
    if (!ts.isIdentifier(declaration.name)) return this.listener.lost(owner, declaration.name);
    // What takes a whole module may take this out of it.
    const whole = ts.isVariableDeclaration(declaration) && ts.isSourceFile(declaration.parent.parent.parent) ? this.mentions.whole(declaration.getSourceFile().fileName) : undefined;
    if (whole) this.listener.lost(owner, whole);
    const isField = !ts.isVariableDeclaration(declaration) && !(ts.isParameter(declaration) && !ts.isParameterPropertyDeclaration(declaration, declaration.parent));
    if (!ts.isPropertyDeclaration(declaration) && !ts.isPropertySignature(declaration)) for (const mention of this.#mentionsOf(declaration.name)) this.#flowFrom(mention, owner);
    if (isField) this.#accesses(declaration, declaration.name.text, owner);
  }

  #function(fn: FunctionNode): void {
    if (this.#seen.has(fn)) return;
    this.#seen.add(fn);
    const owner = idOf(fn);
    if (fn.type) this.#annotation(fn.type, owner);
    if (ts.isMethodDeclaration(fn) && ts.isClassLike(fn.parent)) return this.#accesses(fn, fn.name.getText(), owner);
    const name = declaredName(fn);
    if (!name || fn.parent === undefined || (ts.isVariableDeclaration(fn.parent) && fn.parent.type)) return this.listener.lost(owner, fn);
    for (const mention of this.#mentionsOf(name)) this.#called(mention, owner);
  }

  #mentionsOf(name: ts.Identifier): readonly ts.Identifier[] {
    return this.mentions.of(name, this.work.scope.checker.getSymbolAtLocation(name));
  }

  /** A name that stands for an ingress; behind a namespace its access does. */
  #flowFrom(mention: ts.Identifier, owner: string): void {
    const { parent } = mention;
    if (ts.isPropertyAccessExpression(parent) && parent.name === mention) this.#flow(parent, owner);
    else this.#flow(mention, owner);
  }

  #called(mention: ts.Identifier, owner: string): void {
    const callee = outOfParens(ts.isPropertyAccessExpression(mention.parent) && mention.parent.name === mention ? mention.parent : mention);
    const { parent } = callee;
    if (ts.isCallExpression(parent) && parent.expression === callee) this.#flow(parent, owner);
    else if (!ts.isExportSpecifier(parent) && !ts.isExportAssignment(parent)) this.listener.lost(owner, callee);
  }

  /** Accesses of a field or method, and patterns that take it apart, in all files that have its name. */
  #accesses(declaration: ts.Node, name: string, owner: string): void {
    for (const { file } of this.work.scans.values()) {
      if (!file.text.includes(name)) continue;
      walk(file, (node) => {
        if (ts.isPropertyAccessExpression(node) && node.name.text === name && node !== declaration && declarationOf(node, this.work) === declaration) {
          if (isFunctionNode(declaration)) this.#called(node.name as ts.Identifier, owner);
          else this.#flow(node, owner);
        }
        if (ts.isBindingElement(node) && (node.propertyName ?? node.name).getText() === name && this.#holdsIngress(node)) {
          if (!ts.isIdentifier(node.name)) return this.listener.lost(owner, node);
          this.#link(owner, node);
          for (const mention of this.#mentionsOf(node.name)) this.#flowFrom(mention, owner);
        }
      });
    }
  }

  #holdsIngress(node: ts.BindingElement): boolean {
    const symbol = this.work.scope.checker.getTypeAtLocation(node).getSymbol();
    return symbol !== undefined && this.work.scope.sdk.nameOfSymbol(symbol) === "clients.Ingress";
  }

  /** `Ingress`, or `Ingress | undefined`. */
  #isIngress(type: ts.TypeNode): boolean {
    if (ts.isUnionTypeNode(type)) return type.types.some((member) => this.#isIngress(member));
    return ts.isTypeReferenceNode(type) && this.work.scope.sdk.nameOf(type.typeName) === "clients.Ingress";
  }

  #annotation(type: ts.TypeNode, owner: string): void {
    if (ts.isUnionTypeNode(type) && type.types.some((member) => this.#isIngress(member))) return type.types.forEach((member) => (this.#isIngress(member) ? this.#annotation(member, owner) : undefined));
    if (ts.isTypeReferenceNode(type) && this.#isIngress(type)) this.listener.type(owner, type.typeName);
    else this.listener.lost(owner, type);
  }
}

/** A declaration that can hold an ingress. */
type Holder = ts.VariableDeclaration | ts.ParameterDeclaration | ts.PropertyDeclaration | ts.PropertySignature;

function isHolder(node: ts.Node): node is Holder & { readonly initializer?: ts.Expression } {
  return ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isPropertyDeclaration(node) || ts.isPropertySignature(node);
}

function within(node: ts.Node, outer: ts.Node): boolean {
  return outer.pos <= node.pos && node.end <= outer.end;
}

/** What declares the variable or member that an expression names. */
function declarationOf(expression: ts.Expression, { scope }: Work): ts.Node | undefined {
  const target = unwrap(expression);
  const name = ts.isPropertyAccessExpression(target) ? target.name : target;
  const symbol = ts.isIdentifier(name) ? symbolOf(name, scope.checker) : undefined;
  return symbol?.valueDeclaration ?? symbol?.declarations?.[0];
}
