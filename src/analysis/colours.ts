import { isAsyncGenerator } from "./async-items.js";
import { ts } from "./compiler.js";
import { addContext, contextAt } from "./contexts.js";
import { type FunctionFlows, isAction, signaturesOf } from "./function-flows.js";
import { Groups } from "./groups.js";
import { isHandleType } from "./handles.js";
import { promiseParameters } from "./promise-parameters.js";
import { isItemsType } from "./shapes.js";
import type { Scope } from "./scope.js";
import { namesOf } from "./suspects.js";
import { type FunctionNode, enclosingFunction, isFunctionNode, unwrap } from "./syntax.js";

/** Where a durable function, or a call of one, stands in the way of becoming a generator function. */
export interface ColourProblem {
  readonly code: string;
  readonly at: ts.Node;
}

/**
 * Which functions become generator functions. Functions that can be taken for each other, by their types, have one colour: a literal, the
 * type of the parameter it is given to, the method of the interface it implements. A function is durable if it performs an operation of
 * the context or calls a durable function; then all of its colour are.
 */
export class Colours {
  readonly #groups = new Groups<ts.Node>();
  readonly #durable = new Set<ts.Node>();
  readonly #problems = new Map<ts.Node, ColourProblem>();
  #members = new Map<ts.Node, ts.Node[]>();

  constructor(
    readonly scope: Scope,
    readonly flows: FunctionFlows,
  ) {
    for (const [a, b] of flows.links) {
      this.#groups.join(a, b);
      for (const declaration of [a, b]) this.#takeContext(declaration);
    }
    this.#spread(flows, [...scope.contextFunctions.keys(), ...[...flows.files].flatMap((file) => this.#operating(file, flows))]);
    const isDurableCall = (call: ts.CallExpression): boolean => this.targetsOf(call).length > 0;
    scope.promiseParameters.clear();
    for (let known = -1; known < scope.promiseParameters.size; ) {
      known = scope.promiseParameters.size;
      this.#spread(flows, promiseParameters(flows.calls, scope, isDurableCall));
    }
    this.#members = this.#groups.sets();
    this.#findProblems(flows);
  }

  /** Whether a function, or a type of functions, is one of generator functions from now on. */
  isDurable(declaration: ts.Node): boolean {
    return this.#durable.has(this.#groups.find(declaration));
  }

  /** What keeps a function, or another of its colour, from becoming a generator function. */
  problemOf(declaration: ts.Node): ColourProblem | undefined {
    return this.#problems.get(this.#groups.find(declaration));
  }

  /** All declarations of the colour of one. */
  membersOf(declaration: ts.Node): readonly ts.Node[] {
    return this.#members.get(this.#groups.find(declaration)) ?? [declaration];
  }

  /** The durable functions that a call may run; none where it runs none. */
  targetsOf(call: ts.CallExpression): readonly ts.Node[] {
    if (!this.flows.suspects.calls(call)) return [];
    const { checker } = this.scope;
    return signaturesOf(checker.getNonNullableType(checker.getTypeAtLocation(call.expression)), checker).filter((target) => this.isDurable(target));
  }

  /** Suspects what durable functions, and types of them, are called. Gives whether that is news. */
  suspectDurable(): boolean {
    const members = this.#durableMembers();
    // A type of functions may be that of a function's result.
    return this.flows.suspects.add(members.flatMap(namesOf), members.filter(ts.isTypeNode).flatMap(namesOf));
  }

  /** Files that have durable functions, or types of them, and that have not been read. */
  unreadFiles(): ReadonlySet<ts.SourceFile> {
    const files = this.#durableMembers().map((member) => member.getSourceFile());
    return new Set(files.filter((file) => !this.flows.files.has(file)));
  }

  /** Leaves all of a colour that has something in a file which other code may use. */
  leaveKnown(isKnown: (member: ts.Node) => boolean): void {
    for (const member of this.#durableMembers()) {
      const root = this.#groups.find(member);
      if (!this.#problems.has(root) && isKnown(member)) this.#problems.set(root, { code: "R0165", at: member });
    }
  }

  #durableMembers(): ts.Node[] {
    return [...this.#members].flatMap(([root, members]) => (this.#durable.has(root) ? members : []));
  }

  /** Durable functions, in the order of the files. */
  functions(): FunctionNode[] {
    return this.#durableMembers().filter((member): member is FunctionNode => isFunctionNode(member) && member.body !== undefined);
  }

  /** `const step: Step = async (ctx, item) => ...`: the parameter's type comes of its place. */
  #takeContext(declaration: ts.Node): void {
    if (!ts.isArrowFunction(declaration) && !ts.isFunctionExpression(declaration)) return;
    for (const parameter of declaration.parameters) {
      const isOpen = !parameter.type && !parameter.dotDotDotToken && ts.isIdentifier(parameter.name) && !this.scope.contextFunctions.has(declaration);
      if (isOpen && this.scope.sdk.contextOfType(this.scope.checker.getTypeAtLocation(parameter)) !== undefined) addContext(parameter, this.scope);
    }
  }

  /** Functions that perform operations of a context which they do not take themselves. */
  #operating(file: ts.SourceFile, { handed }: FunctionFlows): ts.Node[] {
    const found: ts.Node[] = [];
    const visit = (node: ts.Node): void => {
      if (this.#operates(node)) {
        const owner = this.#ownerOf(node, handed);
        if (owner) found.push(owner);
        if (owner) this.#takeContext(owner);
      }
      if (!ts.isTypeNode(node)) ts.forEachChild(node, visit);
    };
    ts.forEachChild(file, visit);
    return found;
  }

  #operates(node: ts.Node): boolean {
    if (ts.isAwaitExpression(node)) return this.#waits(node.expression);
    if (ts.isPropertyAccessExpression(node) && node.name.text !== "key" && contextAt(node.expression, this.scope)) return true;
    if (ts.isIdentifier(node) && this.#letsGo(node)) return true;
    if (ts.isIdentifier(node)) return isArgument(node) ? contextAt(node, this.scope) !== undefined : this.#isClient(node);
    return ts.isPropertyAccessExpression(node) && isArgument(node) && contextAt(node, this.scope) !== undefined;
  }

  /** Whether what is awaited is a durable promise: a plain operation of the context, or what has the type. */
  #waits(node: ts.Expression): boolean {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && contextAt(node.expression.expression, this.scope)) return true;
    return this.flows.suspects.mayWait(node) && isHandleType(this.scope.checker.getTypeAtLocation(node), this.scope);
  }

  /** `other(args)`, where `args` holds the context. */
  #letsGo(node: ts.Identifier): boolean {
    const { parent } = node;
    if (this.scope.contextHolders.size === 0 || ts.isParameter(parent) || ts.isPropertyAccessExpression(parent) || ts.isVariableDeclaration(parent)) return false;
    const symbol = this.scope.checker.getSymbolAtLocation(node);
    return symbol !== undefined && this.scope.contextHolders.has(symbol);
  }

  /** `client.charge(...)`, where the constant `client` came of the context. */
  #isClient(node: ts.Identifier): boolean {
    if (!this.flows.suspects.has(node.text) || !ts.isPropertyAccessExpression(node.parent) || node.parent.expression !== node) return false;
    const declaration = this.scope.checker.getSymbolAtLocation(node)?.valueDeclaration;
    const value = declaration && ts.isVariableDeclaration(declaration) && declaration.initializer && unwrap(declaration.initializer);
    if (!value || !ts.isCallExpression(value) || !ts.isPropertyAccessExpression(value.expression)) return false;
    return /Client$/.test(value.expression.name.text) && contextAt(value.expression.expression, this.scope) !== undefined;
  }

  /** The function whose code a node is; the callback of a library's function counts as code of the function around it as well. */
  #ownerOf(node: ts.Node, handed: ReadonlySet<ts.Node>): ts.Node | undefined {
    const owner = enclosingFunction(node);
    if (!owner || isAction(owner, this.scope)) return undefined;
    return handed.has(owner) ? this.#ownerOf(owner, handed) : owner;
  }

  #spread({ calls, handed }: FunctionFlows, seeds: readonly ts.Node[]): void {
    const callers = new Map<ts.Node, ts.Node[]>();
    for (const { node, targets } of calls) {
      const owner = this.#ownerOf(node, handed);
      for (const target of owner ? targets : []) {
        const root = this.#groups.find(target);
        const known = callers.get(root);
        if (known && owner) known.push(owner);
        else if (owner) callers.set(root, [owner]);
      }
    }
    const open = [...seeds];
    for (let next = open.pop(); next; next = open.pop()) {
      const root = this.#groups.find(next);
      if (this.#durable.has(root)) continue;
      this.#durable.add(root);
      open.push(...(callers.get(root) ?? []));
    }
  }

  #findProblems(flows: FunctionFlows): void {
    const { calls, lost, handed } = flows;
    const add = (declaration: ts.Node, code: string, at: ts.Node): void => {
      const root = this.#groups.find(declaration);
      if (this.#durable.has(root) && !this.#problems.has(root)) this.#problems.set(root, { code, at });
    };
    for (const { declaration, at } of lost) add(declaration, "R0161", at);
    for (const { node, targets } of calls) {
      const owner = enclosingFunction(node);
      const stands = owner !== undefined && (isFunctionNode(owner) || handed.has(owner));
      if (!stands) for (const target of targets) add(target, "R0162", node);
      // What is only declared in the project is code of someone else.
      if (ts.isCallExpression(node) && targets.some((target) => !this.membersOf(target).some(hasBody))) for (const argument of node.arguments) for (const given of flows.functionsOf(argument)) add(given, "R0161", argument);
    }
    for (const members of this.#members.values()) for (const member of members) if (!canFollow(member) || (members.length > 1 && isAsyncGenerator(member))) add(member, "R0120", member);
  }
}

function hasBody(declaration: ts.Node): boolean {
  return isFunctionNode(declaration) && declaration.body !== undefined;
}

function isArgument(node: ts.Expression): boolean {
  return ts.isCallExpression(node.parent) && node.parent.arguments.includes(node);
}

/** A function that can become a generator function, or a type that can say so. */
function canFollow(declaration: ts.Node): boolean {
  if (ts.isFunctionTypeNode(declaration) || ts.isMethodSignature(declaration) || ts.isCallSignatureDeclaration(declaration)) return declaration.type !== undefined;
  if (!isFunctionNode(declaration)) return false;
  if (isAsyncGenerator(declaration) && !isItemsType(declaration.type)) return false;
  return declaration.body ? (!declaration.asteriskToken || isAsyncGenerator(declaration)) && !isDecorated(declaration) : declaration.type !== undefined;
}

/** A decorator may call the method that it is given, or replace it. */
function isDecorated(declaration: FunctionNode): boolean {
  return ts.canHaveDecorators(declaration) && (ts.getDecorators(declaration)?.length ?? 0) > 0;
}
