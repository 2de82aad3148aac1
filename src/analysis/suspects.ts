import { ts } from "./compiler.js";
import { isPromise } from "./promise-parameters.js";
import { outOfParens, unwrap } from "./syntax.js";

/** What an expression or a type mentions that could make it durable. */
interface Mentions {
  /** Names of values, members and types. */
  readonly values: string[];
  /** Names of functions whose results it is made of. */
  readonly results: string[];
  /** Functions, classes and types of functions in it, which are suspects by what they mention themselves. */
  readonly functions: ts.Node[];
  /** It is made of an operation of a context. */
  sure: boolean;
}

/** If what is mentioned is a suspect, so are these names. */
interface Rule {
  readonly from: Mentions;
  readonly values: readonly string[];
  readonly results: readonly string[];
}

/** What Restate's own types say by their names. */
export interface DurableNames {
  /** What contexts are called, and their types. */
  readonly contexts: Iterable<string>;
  /** The types of durable promises. */
  readonly promises: Iterable<string>;
}

const none: never[] = [];

/** Members of a context whose values are plain at once. */
const plainMembers = /^(rand|console|key|request|set|clear|clearAll)$/;

/**
 * A first look at a project, by its syntax alone: the names under which something durable may go by, be it a function that has to become a
 * generator function, an object or a list that holds one, or a durable promise. A name that is suspected once is suspected everywhere, so
 * that nothing is missed by another scope or another file; all else need not be asked for its type, which is what costs.
 */
export class Suspects {
  readonly #values: Set<string>;
  /** Names of functions that give suspects. */
  readonly #results = new Set<string>();
  /** Names of contexts and of their types: they are no suspects, but the functions that mention them are. */
  readonly #marks: Set<string>;
  readonly #rules: Rule[] = [];
  /** Another name for the same thing. */
  readonly #aliases: (readonly [from: string, to: string])[] = [];
  /** Types that are another name for a context, or hold one. */
  readonly #typeNames: { readonly name: string; readonly node: ts.Node }[] = [];
  /** The names that occur in functions, classes and types. */
  readonly #names = new Map<ts.Node, readonly string[]>();
  readonly #files = new Set<ts.SourceFile>();

  /** @param isOpaque says of a call that nothing of what it is given comes back as a value: the definition of a service */
  constructor(
    names: DurableNames,
    readonly isOpaque: (call: ts.Node) => boolean,
  ) {
    this.#marks = new Set(names.contexts);
    this.#values = new Set(names.promises);
  }

  /** Reads files, once. */
  read(files: Iterable<ts.SourceFile>): void {
    for (const file of files) {
      if (this.#files.has(file)) continue;
      this.#files.add(file);
      this.#walk(file, new Set(), undefined);
    }
    this.#settle();
  }

  /** Suspects names that were found to stand for something durable. Gives whether they are new. */
  add(values: Iterable<string>, results: Iterable<string> = []): boolean {
    const before = this.#values.size + this.#results.size;
    for (const name of values) this.#values.add(name);
    for (const name of results) this.#results.add(name);
    const grew = this.#values.size + this.#results.size > before;
    if (grew) this.#settle();
    return grew;
  }

  /** No name will be added: what would follow from one need not be kept. */
  seal(): void {
    for (const list of [this.#rules, this.#aliases, this.#typeNames]) list.length = 0;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Whether an expression or a type may be, or hold, something durable. */
  holds(node: ts.Node): boolean {
    const mentions = newMentions();
    this.#collect(node, mentions);
    return this.#hits(mentions);
  }

  /** Whether a call may run something durable. */
  calls({ expression }: ts.CallExpression | ts.NewExpression): boolean {
    const callee = unwrap(expression);
    const name = ts.isIdentifier(callee) ? callee.text : ts.isPropertyAccessExpression(callee) ? callee.name.text : undefined;
    return (name !== undefined && this.#values.has(name)) || this.holds(expression);
  }

  /** Whether what is awaited may be a durable promise. */
  mayWait(node: ts.Expression): boolean {
    const value = unwrap(node);
    return (ts.isCallExpression(value) && this.#isOperation(unwrap(value.expression))) || this.holds(value);
  }

  /** Whether a function may give something durable. */
  gives(fn: ts.SignatureDeclaration): boolean {
    return namesOf(fn).some((name) => this.#results.has(name)) || (fn.type !== undefined && this.holds(fn.type));
  }

  #hits({ sure, values, results, functions }: Mentions): boolean {
    if (sure || values.some((name) => this.#values.has(name)) || results.some((name) => this.#results.has(name))) return true;
    return functions.some((node) => this.#names.get(node)?.some((name) => this.#marks.has(name) || this.#values.has(name) || this.#results.has(name)) ?? true);
  }

  /** Follows the rules until no name is added. */
  #settle(): void {
    const size = (): number => this.#values.size + this.#results.size + this.#marks.size;
    for (let before = -1; before < size(); ) {
      before = size();
      for (const [from, to] of this.#aliases) for (const names of [this.#values, this.#results, this.#marks]) if (names.has(from)) names.add(to);
      for (const { name, node } of this.#typeNames) if (!this.#marks.has(name) && this.#names.get(node)?.some((other) => this.#marks.has(other))) this.#marks.add(name);
      for (const { from, values, results } of this.#rules) {
        const isNew = values.some((name) => !this.#values.has(name)) || results.some((name) => !this.#results.has(name));
        if (!isNew || !this.#hits(from)) continue;
        for (const name of values) this.#values.add(name);
        for (const name of results) this.#results.add(name);
      }
    }
  }

  #rule(nodes: readonly (ts.Node | undefined)[], values: readonly string[], results: readonly string[] = none): void {
    const from = newMentions();
    for (const node of nodes) if (node) this.#collect(node, from);
    const isEmpty = !from.sure && from.values.length === 0 && from.results.length === 0 && from.functions.length === 0;
    if (!isEmpty && values.length + results.length > 0) this.#keep({ from, values, results });
  }

  /** There are many rules: what is empty is shared. */
  #keep({ from: { values, results, functions, sure }, ...names }: Rule): void {
    this.#rules.push({ from: { values: values.length > 0 ? values : none, results: results.length > 0 ? results : none, functions: functions.length > 0 ? functions : none, sure }, ...names });
  }

  /** @param names receives the names that occur, for the function around it; @param owner is that function */
  #walk(node: ts.Node, names: Set<string>, owner: ts.SignatureDeclaration | undefined): void {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
      names.add(node.text);
      return;
    }
    if (!isNamesOwner(node)) {
      ts.forEachChild(node, (child) => this.#walk(child, names, owner));
      return this.#note(node, owner);
    }
    const own = new Set<string>();
    const inner = ts.isFunctionLike(node) ? node : owner;
    ts.forEachChild(node, (child) => this.#walk(child, own, inner));
    for (const name of own) names.add(name);
    this.#names.set(node, [...own]);
    this.#note(node, owner);
  }

  /** Makes the rules that a node is a reason for. */
  #note(node: ts.Node, owner: ts.SignatureDeclaration | undefined): void {
    if (ts.isFunctionLike(node)) this.#function(node);
    else if (ts.isClassLike(node)) this.#class(node);
    else if (ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeParameterDeclaration(node)) this.#type(node);
    else if (ts.isVariableDeclaration(node)) this.#rule([node.initializer, node.type, ts.isForOfStatement(node.parent.parent) ? node.parent.parent.expression : undefined], namesIn(node.name));
    else if (ts.isParameter(node) || ts.isBindingElement(node)) this.#pattern(node);
    else if (ts.isPropertyAssignment(node)) this.#rule([node.initializer], textOf(node.name));
    else if (ts.isPropertyDeclaration(node) || ts.isPropertySignature(node)) this.#rule([node.type, ts.isPropertyDeclaration(node) ? node.initializer : undefined], textOf(node.name));
    else if (ts.isJsxAttribute(node)) this.#rule([node.initializer], [node.name.getText()]);
    else if (ts.isBinaryExpression(node) && isAssignment(node)) this.#rule([node.right], namesIn(node.left));
    else if ((ts.isReturnStatement(node) || ts.isYieldExpression(node)) && owner) this.#gives(owner, node.expression);
    else if (ts.isCallExpression(node) || ts.isNewExpression(node)) this.#call(node);
    else if (ts.isExportAssignment(node)) this.#rule([node.expression], ["default"]);
    else if (ts.isImportSpecifier(node) || ts.isExportSpecifier(node)) this.#alias(node.propertyName?.text, node.name.text);
    else if (ts.isImportClause(node) && node.name) this.#alias("default", node.name.text);
    else if (ts.isImportEqualsDeclaration(node)) this.#alias("exports", node.name.text);
  }

  #alias(from: string | undefined, to: string): void {
    if (from !== undefined && from !== to) this.#aliases.push([from, to]);
  }

  #function(node: ts.SignatureDeclaration): void {
    const names = namesOf(node);
    const from: Mentions = { ...newMentions(), functions: [node], sure: node.parameters.some(isPromise) };
    const isAccessor = ts.isAccessor(node);
    this.#keep({ from, values: names, results: none });
    const open = isLiteralFunction(node) ? node.parameters.filter(({ type }) => !type) : [];
    if (open.length > 0) this.#rule([typeAround(node)], open.flatMap(({ name }) => namesIn(name)));
    if (node.type) this.#rule([node.type], isAccessor ? names : [], isAccessor ? [] : names);
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) this.#gives(node, node.body);
  }

  #gives(owner: ts.SignatureDeclaration, expression: ts.Expression | undefined): void {
    const names = namesOf(owner);
    if (expression) this.#rule([expression], ts.isAccessor(owner) ? names : [], names);
  }

  #class(node: ts.ClassLikeDeclaration): void {
    const names = node.name ? [node.name.text] : [];
    this.#keep({ from: { ...newMentions(), functions: [node] }, values: isDefault(node) ? [...names, "default"] : names, results: none });
  }

  #type(node: ts.TypeAliasDeclaration | ts.InterfaceDeclaration | ts.TypeParameterDeclaration): void {
    this.#typeNames.push({ name: node.name.text, node });
    const parts = ts.isTypeAliasDeclaration(node) ? [node.type] : ts.isInterfaceDeclaration(node) ? [...node.members, ...(node.heritageClauses ?? [])] : [node.constraint];
    this.#rule(parts, [node.name.text]);
  }

  /** `({ charge: pay }) => ...`: a member, and the name that it gets. */
  #pattern(node: ts.ParameterDeclaration | ts.BindingElement): void {
    this.#rule([node.initializer, ts.isParameter(node) ? node.type : node.propertyName], namesIn(node.name));
    if (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) this.#rule([node.type], namesIn(node.name));
  }

  /** What is put into a list or a map, or registered with something, is in it; callbacks are given what is in it. */
  #call(node: ts.CallExpression | ts.NewExpression): void {
    if (this.isOpaque(node)) return;
    const callee = unwrap(node.expression);
    const holder = ts.isPropertyAccessExpression(callee) ? callee.expression : undefined;
    const given = node.arguments ?? [];
    const named = [holder, ...given].flatMap((part) => (part ? nameOf(part) : []));
    if (!this.#isOperation(callee)) this.#rule(given, named);
    const parameters = given.flatMap((argument) => {
      const literal = unwrap(argument);
      return ts.isArrowFunction(literal) || ts.isFunctionExpression(literal) ? literal.parameters.flatMap(({ name }) => namesIn(name)) : [];
    });
    this.#rule([callee, ...given.filter((argument) => !isLiteralFunction(argument))], parameters);
  }

  /** `ctx.run(...)`, `this.ctx.serviceClient(api).charge(...)`: whatever starts with a context. */
  #isOperation(callee: ts.Expression): boolean {
    for (let node = callee; ; node = unwrap(node.expression)) {
      const holder = ts.isPropertyAccessExpression(node) ? nameOf(node.expression)[0] : undefined;
      if (holder !== undefined && this.#marks.has(holder)) return true;
      if (!ts.isPropertyAccessExpression(node) && !ts.isCallExpression(node)) return false;
    }
  }

  #collect(node: ts.Node, into: Mentions): void {
    const collect = (part: ts.Node | undefined): void => {
      if (part) this.#collect(part, into);
    };
    if (ts.isFunctionLike(node) || ts.isClassLike(node)) {
      if (node.name && !ts.isFunctionExpression(node)) into.values.push(...textOf(node.name));
      into.functions.push(node);
    } else if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) into.values.push(node.text);
    else if (node.kind === ts.SyntaxKind.ThisKeyword) this.#collectThis(node, into);
    else if (ts.isCallExpression(node) || ts.isNewExpression(node)) this.#collectCall(node, into);
    else if (ts.isStringLiteralLike(node) && ts.isElementAccessExpression(node.parent)) into.values.push(node.text);
    else if (ts.isBinaryExpression(node)) {
      if (isEither(node)) collect(node.left);
      if (isEither(node) || isAssignment(node) || node.operatorToken.kind === ts.SyntaxKind.CommaToken) collect(node.right);
    } else if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(collect);
    else if (!isPlainExpression(node)) ts.forEachChild(node, collect);
  }

  #collectThis(node: ts.Node, into: Mentions): void {
    const owner = ts.findAncestor(node, (ancestor) => ts.isClassLike(ancestor) || ts.isObjectLiteralExpression(ancestor));
    if (owner && ts.isClassLike(owner)) into.functions.push(owner);
    else into.sure = true;
  }

  #collectCall(node: ts.CallExpression | ts.NewExpression, into: Mentions): void {
    if (this.isOpaque(node)) return;
    const callee = unwrap(node.expression);
    const isAwaited = ts.isAwaitExpression(outOfParens(node).parent);
    if (this.#isOperation(callee)) {
      const isPlain = ts.isPropertyAccessExpression(callee) && (plainMembers.test(callee.name.text) || plainMembers.test(nameOf(callee.expression)[0] ?? ""));
      // What an operation gives, once it is waited for, was JSON.
      if (!isAwaited && !isPlain) into.sure = true;
      return;
    }
    if (callee.kind === ts.SyntaxKind.ImportKeyword || (ts.isIdentifier(callee) && callee.text === "require")) into.values.push("default", "exports");
    const [name] = nameOf(callee);
    if (name === undefined || ts.isElementAccessExpression(callee)) this.#collect(callee, into);
    else into.results.push(name);
    if (name !== undefined && (!isAwaited || ts.isNewExpression(node))) into.values.push(name);
    if (ts.isPropertyAccessExpression(callee)) this.#collect(callee.expression, into);
    for (const part of [...(node.arguments ?? []), ...(node.typeArguments ?? [])]) this.#collect(part, into);
  }
}

function newMentions(): Mentions {
  return { values: [], results: [], functions: [], sure: false };
}

/** What keeps the names that occur in it. */
function isNamesOwner(node: ts.Node): boolean {
  return ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeParameterDeclaration(node);
}

/**
 * The names by which a function, or a type of functions, is known: its own, or that of the constant, member, parameter or type that it is
 * part of; none for what is only handed on.
 */
export function namesOf(fn: ts.Node): string[] {
  const own = ts.isFunctionLike(fn) && fn.name && !ts.isComputedPropertyName(fn.name) ? textOf(fn.name) : [];
  if (own.length > 0) return isDefault(fn) ? [...own, "default"] : own;
  if (isDefault(fn)) return ["default"];
  for (let node = fn.parent; !ts.isSourceFile(node); node = node.parent) {
    if (ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node)) return namesIn(node.name);
    if (ts.isBinaryExpression(node) && isAssignment(node)) return namesIn(node.left);
    if (ts.isExportAssignment(node)) return ["default"];
    if (ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeParameterDeclaration(node)) return [node.name.text];
    if (ts.isPropertyAssignment(node) || ts.isPropertyDeclaration(node) || ts.isPropertySignature(node)) return textOf(node.name);
    if (ts.isFunctionLike(node)) return ts.isTypeNode(fn) ? namesOf(node) : [];
    if (ts.isStatement(node)) return [];
  }
  return [];
}

function isDefault(node: ts.Node): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) ?? false);
}

function textOf(name: ts.PropertyName | ts.BindingName): string[] {
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) || ts.isStringLiteralLike(name) ? [name.text] : [];
}

/** The last name of an expression: `c` of `a.b.c`, `a` of `a[i]`. */
function nameOf(node: ts.Expression): string[] {
  const value = unwrap(node);
  if (ts.isIdentifier(value) || ts.isPrivateIdentifier(value)) return [value.text];
  if (ts.isPropertyAccessExpression(value)) return [value.name.text];
  return ts.isElementAccessExpression(value) ? nameOf(value.expression) : [];
}

/** The names that a pattern or the target of an assignment gives a value to. */
function namesIn(target: ts.BindingName | ts.Expression): string[] {
  if (ts.isObjectBindingPattern(target) || ts.isArrayBindingPattern(target)) return target.elements.flatMap((element) => (ts.isBindingElement(element) ? namesIn(element.name) : []));
  if (!ts.isObjectLiteralExpression(target) && !ts.isArrayLiteralExpression(target)) return nameOf(target as ts.Expression);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) found.push(node.text);
    else ts.forEachChild(node, visit);
  };
  visit(target);
  return found;
}

function isAssignment({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.EqualsToken || kind === ts.SyntaxKind.QuestionQuestionEqualsToken || kind === ts.SyntaxKind.BarBarEqualsToken || kind === ts.SyntaxKind.AmpersandAmpersandEqualsToken;
}

function isEither({ operatorToken: { kind } }: ts.BinaryExpression): boolean {
  return kind === ts.SyntaxKind.QuestionQuestionToken || kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.AmpersandAmpersandToken;
}

/** An expression whose value is a string, a number, a boolean or nothing. */
function isPlainExpression(node: ts.Node): boolean {
  return ts.isTemplateExpression(node) || ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node) || ts.isTypeOfExpression(node) || ts.isVoidExpression(node) || ts.isDeleteExpression(node);
}

function isLiteralFunction(node: ts.Node): boolean {
  const value = ts.isExpression(node) ? unwrap(node) : node;
  return ts.isArrowFunction(value) || ts.isFunctionExpression(value);
}

/** The type that is written for the place of a function literal, or for what it is part of: the parameters have their types of it. */
function typeAround(fn: ts.Node): ts.TypeNode | undefined {
  for (let node = fn.parent; !ts.isSourceFile(node); node = node.parent) {
    if (ts.isFunctionLike(node)) return node.type;
    if ((ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isPropertyDeclaration(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node) || ts.isTypeAssertionExpression(node)) && node.type) return node.type;
    if (ts.isCallExpression(node) || (ts.isStatement(node) && !ts.isReturnStatement(node))) return undefined;
  }
  return undefined;
}
