import { ts } from "./compiler.js";
import { contextAt } from "./contexts.js";
import type { Scope } from "./scope.js";
import { isPromise } from "./promise-parameters.js";
import { namesOf, type Suspects } from "./suspects.js";
import { outOfParens, unwrap } from "./syntax.js";

/** A call, with what it may run: functions, and types of functions. */
export interface FlowCall {
  readonly node: ts.Node;
  readonly targets: readonly ts.Node[];
}

/** What walks over files find of functions as values. */
export interface FunctionFlows {
  readonly suspects: Suspects;
  readonly files: ReadonlySet<ts.SourceFile>;
  /** Two declarations whose functions are taken for each other somewhere: a function literal and the type of the parameter that it is given to. */
  readonly links: (readonly [ts.Node, ts.Node])[];
  readonly calls: FlowCall[];
  /** Places at which a function goes where its type is lost, or to code outside of the project. */
  readonly lost: { readonly declaration: ts.Node; readonly at: ts.Node }[];
  /** Function literals that are handed to a library's function on the spot: `items.map((item) => ...)`. */
  readonly handed: Set<ts.Node>;
  /** The functions that a value is, or has as members. */
  functionsOf(node: ts.Expression): readonly ts.Node[];
}

/** How deep members of objects are followed: `api.orders.place()`. */
const depthOfMembers = 3;

/** The declarations of the functions that a value of a type may be. */
export function signaturesOf(type: ts.Type, checker: ts.TypeChecker): ts.Node[] {
  return signatures(type, checker).flatMap((signature) => signature.getDeclaration() ?? []);
}

function signatures(type: ts.Type, checker: ts.TypeChecker): readonly ts.Signature[] {
  const types = type.isUnionOrIntersection() ? type.types : [type];
  return types.flatMap((member) => checker.getSignaturesOfType(member, ts.SignatureKind.Call));
}

/** What a function takes at a place: of `...items` one item. */
function parameterType(signature: ts.Signature, index: number, checker: ts.TypeChecker): ts.Type | undefined {
  const last = signature.parameters.length - 1;
  const parameter = signature.parameters[Math.min(index, last)];
  if (!parameter) return undefined;
  const type = checker.getTypeOfSymbol(parameter);
  const declaration = parameter.valueDeclaration;
  const isRest = declaration !== undefined && ts.isParameter(declaration) && declaration.dotDotDotToken !== undefined;
  if (isRest) return checker.getIndexTypeOfType(type, ts.IndexKind.Number);
  return index > last ? undefined : type;
}

/**
 * Follows functions as values through files, by their types: whatever the compiler lets stand for each other is linked. Types cost much, so
 * only what is suspected of being durable is followed.
 */
export class FlowReader implements FunctionFlows {
  readonly files = new Set<ts.SourceFile>();
  readonly links: (readonly [ts.Node, ts.Node])[] = [];
  readonly calls: FlowCall[] = [];
  readonly lost: { readonly declaration: ts.Node; readonly at: ts.Node }[] = [];
  readonly handed = new Set<ts.Node>();
  readonly #seen = new Map<ts.Type, Set<ts.Type>>();
  /** What is put into lists whose type comes of what is put into them. */
  readonly #pushed = new Map<ts.Symbol, ts.Node>();

  /** What has been followed. */
  readonly #followed = new Set<ts.Node>();

  constructor(
    readonly scope: Scope,
    public suspects: Suspects,
  ) {}

  functionsOf(node: ts.Expression): readonly ts.Node[] {
    return this.#functionsIn(this.#typeAt(node), 0);
  }

  /** Reads files; what was followed before is not followed again. */
  read(files: Iterable<ts.SourceFile>): void {
    for (const file of files) this.files.add(file);
    this.suspects.read(this.files);
    const visit = (node: ts.Node): void => {
      if (!this.#followed.has(node) && this.#matters(node)) {
        this.#followed.add(node);
        this.#follow(node);
      }
      if (!ts.isTypeNode(node)) ts.forEachChild(node, visit);
    };
    for (const file of this.files) ts.forEachChild(file, visit);
  }

  /** All has been read: what only reading needs is not kept. */
  end(): void {
    this.suspects.seal();
    this.#followed.clear();
    this.#seen.clear();
  }

  /** Whether a node moves values about, and among them some that are suspected. */
  #matters(node: ts.Node): boolean {
    const { suspects } = this;
    const holds = (...parts: readonly (ts.Node | undefined)[]): boolean => parts.some((part) => part && suspects.holds(part));
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) return !suspects.isOpaque(node) && this.#callMatters(node);
    if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isParameter(node)) return node.initializer !== undefined && node.type !== undefined && holds(node.initializer, node.type);
    if (ts.isReturnStatement(node)) return node.expression !== undefined && (holds(node.expression) || this.#returnMatters(node));
    if (ts.isArrowFunction(node)) return !ts.isBlock(node.body) && (holds(node.body) || suspects.gives(node));
    if (ts.isBinaryExpression(node)) return isFlow(node) && holds(node.left, node.right);
    if (ts.isConditionalExpression(node)) return holds(node.whenTrue, node.whenFalse);
    if (ts.isArrayLiteralExpression(node)) return holds(...node.elements);
    if (ts.isPropertyAccessExpression(node)) return isReflection(node) && holds(node.expression);
    if (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node) || ts.isSatisfiesExpression(node)) return holds(node.expression, node.type);
    if (ts.isObjectLiteralExpression(node)) return node.properties.some(ts.isSpreadAssignment) && holds(node);
    if (ts.isElementAccessExpression(node)) return holds(node.expression);
    if (ts.isExportAssignment(node)) return holds(node.expression);
    return ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node) || ts.isClassLike(node) ? holds(node) : false;
  }

  #returnMatters(node: ts.ReturnStatement): boolean {
    const fn = ts.findAncestor(node, ts.isFunctionLike);
    return fn !== undefined && this.suspects.gives(fn);
  }

  #callMatters(call: ts.CallExpression | ts.NewExpression): boolean {
    return this.suspects.calls(call) || (call.arguments ?? []).some((argument) => this.suspects.holds(argument));
  }

  #follow(node: ts.Node): void {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) this.#call(node);
    else if ((ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isParameter(node)) && node.initializer && node.type) this.#flow(node.initializer);
    else if (ts.isReturnStatement(node) && node.expression) this.#returned(node.expression, node);
    else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) this.#returned(node.body, node.body);
    else if (ts.isBinaryExpression(node)) this.#binary(node);
    else if (ts.isConditionalExpression(node)) this.#alike([node.whenTrue, node.whenFalse]);
    else if (ts.isArrayLiteralExpression(node)) this.#alike(node.elements.filter((element) => !ts.isSpreadElement(element)));
    else if (ts.isObjectLiteralExpression(node)) this.#spread(node);
    else if (ts.isPropertyAccessExpression(node)) this.#lose(this.#typeAt(node.expression), node, 0);
    else if (ts.isAsExpression(node) || ts.isTypeAssertionExpression(node)) this.#unify(this.#typeAt(node.expression), this.#typeAt(node), node, 0);
    else if (ts.isSatisfiesExpression(node)) this.#unify(this.#typeAt(node.expression), this.scope.checker.getTypeFromTypeNode(node.type), node, 0);
    else if (ts.isElementAccessExpression(node) && this.#typeAt(node).flags & ts.TypeFlags.Any) this.#lose(this.#typeAt(node.expression), node, 0);
    else if (ts.isExportAssignment(node)) this.#flow(node.expression);
    else if (ts.isFunctionDeclaration(node) || (ts.isMethodDeclaration(node) && ts.isClassLike(node.parent))) this.#overloads(node);
    if (ts.isClassLike(node)) this.#class(node);
  }

  #typeAt(node: ts.Expression): ts.Type {
    return this.scope.checker.getTypeAtLocation(node);
  }

  /** A declaration of the project's own code. */
  #isOwn(declaration: ts.Node): boolean {
    const file = declaration.getSourceFile();
    return !file.isDeclarationFile && !this.scope.compiled.isLibrary(file) && !this.scope.compiled.isKnowledge(file);
  }

  #call(call: ts.CallExpression | ts.NewExpression): void {
    const { checker } = this.scope;
    if (ts.isCallExpression(call)) {
      const targets = signaturesOf(checker.getNonNullableType(this.#typeAt(call.expression)), checker).filter((target) => this.#isOwn(target));
      if (targets.length > 0) this.calls.push({ node: call, targets });
      // All that such a parameter is given is asked for.
      this.suspects.add(targets.flatMap((target) => (ts.isFunctionLike(target) && target.parameters.some(isPromise) ? namesOf(target) : [])));
      if (this.#isPush(call) || (targets.length > 0 && !this.#givesSuspects(call, targets))) return;
    }
    if (isFreeze(call)) return;
    const parameters = checker.getResolvedSignature(call)?.getDeclaration()?.parameters ?? [];
    (call.arguments ?? []).forEach((argument, index) => {
      const value = ts.isSpreadElement(argument) ? argument.expression : argument;
      this.#flow(value, call);
      const constraint = constraintOf(parameters[index], checker);
      if (constraint) this.#unify(this.#typeAt(value), constraint, value, 0);
    });
  }

  /** Whether a call gives a function something that may be durable, or that goes where something durable goes. */
  #givesSuspects({ arguments: given }: ts.CallExpression, targets: readonly ts.Node[]): boolean {
    const isOpen = ({ name, type }: ts.ParameterDeclaration): boolean => !ts.isIdentifier(name) || this.suspects.has(name.text) || (type !== undefined && this.suspects.holds(type));
    return given.some((argument) => this.suspects.holds(argument)) || targets.some((target) => !ts.isFunctionLike(target) || target.parameters.some(isOpen));
  }

  /** `undo.push(f)` where the type of `undo` comes of what is pushed. */
  #isPush(call: ts.CallExpression): boolean {
    const access = call.expression;
    if (!ts.isPropertyAccessExpression(access) || !/^(push|unshift)$/.test(access.name.text) || !ts.isIdentifier(access.expression)) return false;
    const symbol = this.scope.checker.getSymbolAtLocation(access.expression);
    const declaration = symbol?.valueDeclaration;
    const isOpen = declaration && ts.isVariableDeclaration(declaration) && !declaration.type && declaration.initializer && ts.isArrayLiteralExpression(declaration.initializer) && declaration.initializer.elements.length === 0;
    if (!symbol || !isOpen) return false;
    for (const argument of call.arguments) for (const found of this.#functionsIn(this.#typeAt(argument), 0)) {
      const first = this.#pushed.get(symbol);
      if (first) this.links.push([first, found]);
      else this.#pushed.set(symbol, found);
    }
    return true;
  }

  /** What a value meets where it stands. */
  #flow(node: ts.Expression, call?: ts.CallExpression | ts.NewExpression): void {
    const type = this.#typeAt(node);
    if (isPlain(type)) return;
    const wanted = this.scope.checker.getContextualType(node);
    const literal = unwrap(node);
    const isLiteral = ts.isArrowFunction(literal) || ts.isFunctionExpression(literal);
    if (call && isLiteral && this.#isOutside(call) && !this.#isWanted(wanted)) {
      this.handed.add(literal);
      return;
    }
    if (call && wanted === undefined) return this.#lose(type, node, 0);
    if (call && isHarmless(call)) return;
    if (wanted) this.#unify(type, wanted, node, 0);
  }

  /** A place whose type is written in the project: the values of a `Map<string, () => Promise<void>>`. */
  #isWanted(wanted: ts.Type | undefined): boolean {
    const { checker } = this.scope;
    return wanted !== undefined && signaturesOf(checker.getNonNullableType(wanted), checker).some((declaration) => this.#isOwn(declaration));
  }

  /** A function of a library, or one of unknown code. */
  #isOutside(call: ts.CallExpression | ts.NewExpression): boolean {
    const declaration = this.scope.checker.getResolvedSignature(call)?.declaration;
    return declaration === undefined || !this.#isOwn(declaration);
  }

  #returned(node: ts.Expression, at: ts.Node): void {
    const wanted = this.scope.checker.getContextualType(node);
    if (wanted && !(wanted.flags & ts.TypeFlags.TypeParameter)) return this.#flow(node);
    // All that a function without an annotation may return is one type.
    const fn = ts.findAncestor(at.parent, ts.isFunctionLike);
    const signature = fn && this.scope.checker.getSignatureFromDeclaration(fn);
    const result = signature && this.scope.checker.getReturnTypeOfSignature(signature);
    const type = this.#typeAt(node);
    if (result && !isPlain(type)) this.#unify(type, this.scope.checker.getAwaitedType(result) ?? result, node, 0);
  }

  #binary(node: ts.BinaryExpression): void {
    const operator = node.operatorToken.kind;
    if (operator === ts.SyntaxKind.EqualsToken) {
      const type = this.#typeAt(node.right);
      if (!isPlain(type)) this.#unify(type, this.#typeAt(node.left), node.right, 0);
    } else if (operator === ts.SyntaxKind.QuestionQuestionToken || operator === ts.SyntaxKind.BarBarToken) this.#alike([node.left, node.right]);
  }

  /** Values that go the same way: of two types that are alike the compiler keeps one. */
  #alike(nodes: readonly ts.Expression[]): void {
    const types = nodes.map((node) => this.#typeAt(node)).filter((type) => !isPlain(type));
    const [first, ...others] = types;
    for (const other of others) if (first && first !== other) this.#unify(other, first, nodes[0] ?? nodes[nodes.length - 1] as ts.Node, 0);
  }

  /** `{ undo, ...rest }`: of a member that both may have, the compiler keeps one type. */
  #spread(node: ts.ObjectLiteralExpression): void {
    const wanted = this.scope.checker.getContextualType(node) ?? this.#typeAt(node);
    for (const property of node.properties) {
      if (ts.isSpreadAssignment(property)) this.#unify(this.#typeAt(property.expression), wanted, property, 0);
      else if (property.name) this.#unifyMember(this.scope.checker.getSymbolAtLocation(property.name), wanted, property, 0);
    }
  }

  /** A class and what it extends or implements. */
  #class(node: ts.ClassLikeDeclaration): void {
    const { checker } = this.scope;
    const own = checker.getTypeAtLocation(node);
    for (const clause of node.heritageClauses ?? []) for (const written of clause.types) {
      const base = checker.getTypeAtLocation(written);
      for (const property of base.getProperties()) {
        const mine = own.getProperty(property.name);
        if (mine && mine !== property) this.#unify(checker.getTypeOfSymbol(mine), checker.getTypeOfSymbol(property), node, 0);
      }
    }
  }

  /** The overloads of a function and what implements them. */
  #overloads(node: ts.FunctionDeclaration | ts.MethodDeclaration): void {
    const declarations = (node.name && this.scope.checker.getSymbolAtLocation(node.name)?.declarations) ?? [];
    for (const other of declarations) if (other !== node && ts.isFunctionLike(other)) this.links.push([other, node]);
  }

  #unify(from: ts.Type, to: ts.Type, at: ts.Node, depth: number): void {
    if (from === to || isPlain(from) || depth > depthOfMembers) return;
    const seen = this.#seen.get(from) ?? new Set();
    if (seen.has(to)) return;
    this.#seen.set(from, seen.add(to));
    const { checker } = this.scope;
    const [source, wanted] = [checker.getNonNullableType(from), checker.getNonNullableType(to)];
    if (source.isUnion()) return source.types.forEach((member) => this.#unify(member, wanted, at, depth));
    if (wanted.isUnion()) {
      const members = wanted.types.filter((member) => !isPlain(member));
      return members.length === 0 ? this.#lose(source, at, depth) : members.forEach((member) => this.#unify(source, member, at, depth));
    }
    if (isVague(wanted)) return this.#lose(source, at, depth);
    this.#unifySignatures(source, wanted, at, depth);
    this.#unifyArguments(source, wanted, at, depth);
    if (!this.#isOutsideType(source)) for (const property of source.getProperties()) this.#unifyMember(property, wanted, at, depth);
  }

  #unifySignatures(source: ts.Type, wanted: ts.Type, at: ts.Node, depth: number): void {
    const { checker } = this.scope;
    const functions = signatures(source, checker).filter(({ declaration }) => declaration !== undefined && this.#isOwn(declaration));
    if (functions.length === 0) return;
    const targets = signatures(wanted, checker);
    if (targets.length === 0 && source.getProperties().length === 0) return this.#lose(source, at, depth);
    for (const target of targets) {
      // Restate's own places for functions are known: handlers, and the actions of steps.
      if (!target.declaration || this.scope.compiled.isKnowledge(target.declaration.getSourceFile())) continue;
      for (const mine of functions) {
        const declaration = mine.declaration as ts.Node;
        if (this.#isOwn(target.declaration)) {
          this.links.push([declaration, target.declaration]);
          this.#unifyShapes(mine, target, at, depth + 1);
        } else this.lost.push({ declaration, at });
      }
    }
  }

  /** Functions that two functions take and give, where one is called as the other: what is given to the one arrives at the other. */
  #unifyShapes(mine: ts.Signature, target: ts.Signature, at: ts.Node, depth: number): void {
    const { checker } = this.scope;
    mine.parameters.forEach((_, index) => {
      const [taken, given] = [parameterType(mine, index, checker), parameterType(target, index, checker)];
      if (taken && given) this.#unify(given, taken, at, depth);
    });
    this.#unify(mine.getReturnType(), target.getReturnType(), at, depth);
  }

  /** Elements of lists, values of maps, results of promises. */
  #unifyArguments(source: ts.Type, wanted: ts.Type, at: ts.Node, depth: number): void {
    const { checker } = this.scope;
    // Definitions that stand in one list share nothing: their handlers are called by their names.
    const declaration = source.getSymbol()?.declarations?.[0];
    if (declaration && this.scope.compiled.isKnowledge(declaration.getSourceFile())) return;
    const [mine, theirs] = [source as ts.TypeReference, wanted as ts.TypeReference];
    if (mine.target && mine.target === theirs.target) {
      const others = checker.getTypeArguments(theirs);
      checker.getTypeArguments(mine).forEach((argument, index) => others[index] && this.#unify(argument, others[index], at, depth));
      return;
    }
    const [element, other] = [checker.getIndexTypeOfType(source, ts.IndexKind.Number), checker.getIndexTypeOfType(wanted, ts.IndexKind.Number) ?? itemOf(theirs, checker)];
    if (element && other) this.#unify(element, other, at, depth);
  }

  #unifyMember(property: ts.Symbol | undefined, wanted: ts.Type, at: ts.Node, depth: number): void {
    const { checker } = this.scope;
    const declaration = property?.declarations?.[0];
    if (!property || !declaration || !this.#isOwn(declaration)) return;
    const type = checker.getTypeOfSymbol(property);
    if (isPlain(type)) return;
    const other = wanted.getProperty(property.name);
    const target = other ? checker.getTypeOfSymbol(other) : checker.getIndexTypeOfType(wanted, ts.IndexKind.String);
    if (target) this.#unify(type, target, at, depth + 1);
  }

  /** A type of a library, whose members are not functions of the project; `Readonly<Api>` has those of `Api`. */
  #isOutsideType(type: ts.Type): boolean {
    if ((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Mapped) return false;
    const declaration = type.getSymbol()?.declarations?.[0];
    return declaration !== undefined && !this.#isOwn(declaration);
  }

  #lose(type: ts.Type, at: ts.Node, depth: number): void {
    for (const declaration of this.#functionsIn(type, depth)) this.lost.push({ declaration, at });
  }

  /** The functions of a type, and those of its members. */
  #functionsIn(type: ts.Type, depth: number): ts.Node[] {
    const { checker } = this.scope;
    if (isPlain(type) || depth > depthOfMembers) return [];
    const given = checker.getNonNullableType(type);
    if (given.isUnion()) return given.types.flatMap((member) => this.#functionsIn(member, depth));
    const own = signaturesOf(given, checker).filter((declaration) => this.#isOwn(declaration));
    const element = checker.getIndexTypeOfType(given, ts.IndexKind.Number);
    if (this.#isOutsideType(given)) return [...own, ...(element ? this.#functionsIn(element, depth + 1) : [])];
    return [...own, ...given.getProperties().flatMap((property) => (property.declarations?.[0] && this.#isOwn(property.declarations[0]) ? this.#functionsIn(checker.getTypeOfSymbol(property), depth + 1) : []))];
  }
}

/** `<F extends () => Promise<void>>(f: F)`: in the function's body its calls go by the constraint. */
function constraintOf(parameter: ts.ParameterDeclaration | undefined, checker: ts.TypeChecker): ts.Type | undefined {
  const declared = parameter?.type && checker.getTypeFromTypeNode(parameter.type);
  return declared && declared.flags & ts.TypeFlags.TypeParameter ? checker.getBaseConstraintOfType(declared) : undefined;
}

/** What an `Iterable` gives: `new Map<string, Step>([["pay", async () => ...]])`. */
function itemOf(type: ts.TypeReference, checker: ts.TypeChecker): ts.Type | undefined {
  return type.symbol?.name === "Iterable" && type.target ? checker.getTypeArguments(type)[0] : undefined;
}

/** A type without functions in it. */
function isPlain(type: ts.Type): boolean {
  const plain = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike | ts.TypeFlags.BigIntLike | ts.TypeFlags.ESSymbolLike | ts.TypeFlags.Void | ts.TypeFlags.Undefined | ts.TypeFlags.Null | ts.TypeFlags.Never | ts.TypeFlags.Any | ts.TypeFlags.Unknown;
  return (type.flags & plain) !== 0;
}

/** A type that says nothing of what it holds. */
function isVague(type: ts.Type): boolean {
  return (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) !== 0 || (type.flags & ts.TypeFlags.Object) !== 0 && type.getProperties().length === 0 && type.getCallSignatures().length === 0 && type.getConstructSignatures().length === 0 && !type.getStringIndexType() && !type.getNumberIndexType();
}

/** Operators that give one of their operands, or keep it. */
function isFlow({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.EqualsToken || kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken;
}

/** `f.call`, `f.apply`, `f.bind`. */
function isReflection({ name }: ts.PropertyAccessExpression): boolean {
  return /^(call|apply|bind)$/.test(name.text);
}

/** `console.log(f)`, `JSON.stringify(api)`: they call nothing. */
function isHarmless(call: ts.CallExpression | ts.NewExpression): boolean {
  return /^(console\.\w+|JSON\.stringify)$/.test(call.expression.getText());
}

/** `Object.freeze({ ... })`, which gives what it is given. */
export function isFreeze(node: ts.Node): node is ts.CallExpression {
  return ts.isCallExpression(node) && node.arguments.length === 1 && node.expression.getText() === "Object.freeze";
}

/** Whether code is an argument of one of the context's own operations: the action of a step. */
export function isAction(fn: ts.Node, scope: Scope): boolean {
  const call = ts.isExpression(fn) ? outOfParens(fn).parent : undefined;
  if (!call || !ts.isCallExpression(call) || !ts.isPropertyAccessExpression(call.expression)) return false;
  return contextAt(call.expression.expression, scope) !== undefined && call.expression.name.text === "run";
}
