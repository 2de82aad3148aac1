import { changingMethods, isCollection } from "./collections.js";
import { ts } from "./compiler.js";
import { around, copyOf, either, madeOf, memberOf, gained, Held, nothing, type Parts, renamed, rootsOf, within } from "./parts.js";
import { type Scope, symbolOf } from "./scope.js";
import { isFunctionNode, isWithin, unwrap, walk } from "./syntax.js";
import { isPrimitive } from "./values.js";

// Which expressions may stand for a part of a value, and which places change one. Branches do not count, and order only outside of loops
// and closures. Names, their symbols and the grammar tell; types are asked only where a change is suspected.

/** Something that can be called and has a body. */
export type Callable = ts.FunctionLikeDeclaration & { readonly body: ts.Node };

/** What a function does with the roots that it was handed. */
export interface Effects {
  /** Roots of which it may change a part. */
  readonly changed: ReadonlySet<string>;
  /** Roots that it may put where other code finds them later, and may change them. */
  readonly escaped: ReadonlySet<string>;
  /** What the value holds that it gives. */
  readonly returns: Parts;
  /** What its parameters hold afterwards that they did not hold before, and `this` under -1. */
  readonly holds: ReadonlyMap<number, Parts>;
}

/** What a function is handed: by the position of the parameter, `this` under -1 (absent where it is not made by the caller). */
export type Handed = ReadonlyMap<number, Parts>;

const self = -1;

const storing: ReadonlySet<string> = new Set(["push", "unshift", "splice", "fill", "set", "add", "append"]);
const givingItself: ReadonlySet<string> = new Set(["sort", "reverse", "fill", "copyWithin", "set", "add"]);
const givingItems: ReadonlySet<string> = new Set(["pop", "shift", "at", "find", "findLast", "get"]);
const givingCopies: ReadonlySet<string> = new Set(["slice", "filter", "concat", "toSorted", "toReversed", "toSpliced", "with", "splice", "values", "flat"]);
const iterating: ReadonlySet<string> = new Set(["forEach", "filter", "find", "findLast", "findIndex", "findLastIndex", "some", "every", "sort", "toSorted"]);
/** Globals that only read, and give something new. */
const readingGlobals = /^(JSON|Math|String|Number|Boolean|BigInt|Symbol|Intl|Date|console|structuredClone|parseInt|parseFloat|isNaN|isFinite|encodeURIComponent|decodeURIComponent|fetch|Buffer|setTimeout)$/;
/** Functions of others that change what they are handed first, by what such functions are called. */
const changers = /^(assign\w*|merge\w*|extend\w*|defaults(Deep)?|set(With|In|Path)?|unset|update\w*|pull\w*|remove\w*|fill|shuffle|mutate\w*|apply\w*|patch\w*|normali[sz]e\w*|sort|reverse)$/;
/** Statements that are written for something else than to change what they are handed. */
const speaking = /^(log\w*|trace|debug|info|warn\w*|error|assert\w*|check\w*|ensure\w*|expect\w*|validate\w*|verify\w*|require\w*|emit|publish|report|track|record|notify)$/;

/** What stands for all that a function finds outside of itself: module variables, and what they hold. */
const outside = "outside";

/** Reads what functions do with what they are handed; each function once for each way it is handed something. */
export class AliasReader {
  readonly #known = new Map<string, Effects>();
  readonly #open = new Set<string>();
  #cut = false;

  /**
   * @param typed asks what types values have: a text is part of nothing
   * @param wide follows also what the program keeps outside of its functions
   */
  constructor(
    readonly scope: Scope,
    readonly typed: boolean,
    readonly wide = false,
  ) {}

  /** The effects of a function on what it is handed. */
  effectsOf(fn: Callable, handed: Handed): Effects {
    // Callers name their roots as they like: here they are numbered.
    const roots = [...new Set([...handed.values()].flatMap((parts) => [...parts.keys()]))];
    const numbered = new Map([...handed].map(([index, parts]) => [index, renamed(parts, (root) => (root === outside ? outside : String(roots.indexOf(root))))]));
    const { changed, escaped, returns, holds } = this.#effectsOf(fn, numbered);
    const nameOf = (number: string): string => (number === outside ? outside : (roots[Number(number)] as string));
    const named = (set: ReadonlySet<string>): Set<string> => new Set([...set].map(nameOf));
    return { changed: named(changed), escaped: named(escaped), returns: renamed(returns, nameOf), holds: new Map([...holds].map(([index, parts]) => [index, renamed(parts, nameOf)])) };
  }

  /** The names of a function's parameters, each handed something of its own, that it or other code may change a part of. */
  changedNames(fn: Callable, names: ReadonlyMap<ts.Identifier, Parts>): ReadonlySet<string> {
    const { changed, escaped } = new BodyReader(fn, this).read(new Map(), names);
    return new Set([...changed, ...escaped]);
  }

  /** The steps of a function that give what the variables hold which they read, where one of the two is changed afterwards. */
  sharedValues(fn: Callable, variables: readonly ts.Identifier[], leaves: boolean): ts.Node[] {
    const reader = new BodyReader(fn, this);
    reader.read(new Map(), new Map(variables.map((name) => [name, new Map([[`${name.text}@${name.pos}`, 0]])])));
    return reader.sharedValues(leaves);
  }

  #effectsOf(fn: Callable, handed: Handed): Effects {
    const key = `${fn.getSourceFile().fileName}#${fn.pos}#${[...handed].map(([index, parts]) => `${index}=${[...parts].join("/")}`).join(";")}`;
    const known = this.#known.get(key);
    if (known) return known;
    // What calls itself: the pass that is under way sees the changes.
    if (this.#open.has(key)) {
      this.#cut = true;
      return { changed: new Set(), escaped: new Set(), returns: either(...handed.values()), holds: new Map() };
    }
    this.#open.add(key);
    const effects = new BodyReader(fn, this).read(handed);
    this.#open.delete(key);
    if (!this.#cut) this.#known.set(key, effects);
    if (this.#open.size === 0) this.#cut = false;
    return effects;
  }
}

interface Readers {
  readonly quick: AliasReader;
  readonly typed: AliasReader;
}

const narrow = new WeakMap<Scope, Readers>();
const wide = new WeakMap<Scope, Readers>();

/** The readers of a program: what the quick one, by names alone, takes for no change is none. */
export function aliasReaders(scope: Scope, isWide = false): Readers {
  const readers = isWide ? wide : narrow;
  const known = readers.get(scope) ?? { quick: new AliasReader(scope, false, isWide), typed: new AliasReader(scope, true, isWide) };
  readers.set(scope, known);
  return known;
}

/** The positions of the parameters of which a function may change a part. */
export function changedParameters(fn: ts.Node, scope: Scope): readonly number[] {
  if (!isCallable(fn)) return [];
  const handed = new Map(fn.parameters.map((_, index) => [index, new Map([[String(index), 0]])]));
  return changesOf(fn, handed, scope).map(Number);
}

/** Whether a method may change a part of its object. */
export function changesThis(method: ts.Node, scope: Scope): boolean {
  return isCallable(method) && changesOf(method, new Map([[self, new Map([["this", 0]])]]), scope).length > 0;
}

function changesOf(fn: Callable, handed: Handed, scope: Scope): string[] {
  const { quick, typed } = aliasReaders(scope);
  return quick.effectsOf(fn, handed).changed.size === 0 ? [] : [...typed.effectsOf(fn, handed).changed];
}

/** Follows the values in one function, with the functions that are written in it. */
class BodyReader {
  /** The roots that are changed, with the place up to which that happens last. */
  readonly #changed = new Map<string, number>();
  /** What the values of steps hold, in the pass that runs them. */
  readonly #values = new Map<ts.Node, Parts>();
  readonly #escaped = new Set<string>();
  readonly #variables = new Map<ts.Symbol | string, Held>();
  /** What was put into the values of variables that hold something of their own, by the root that stands for such a value. */
  readonly #contents = new Map<string, Held>();
  readonly #names = new Set<string>();
  readonly #evaluating = new Set<ts.Node>();
  #this: Parts | undefined;
  #grown = false;

  constructor(
    readonly fn: Callable,
    readonly reader: AliasReader,
  ) {}

  /** @param names names of parameters that are handed something of their own */
  read(handed: Handed, names: ReadonlyMap<ts.Identifier, Parts> = new Map()): Effects {
    this.#this = handed.get(self);
    for (const [name, value] of names) this.#note(name, value);
    this.fn.parameters.forEach((parameter, index) => this.#bind(parameter.name, handed.get(index) ?? nothing));
    const nodes = nodesThatMove(this.fn);
    do {
      this.#grown = false;
      for (const node of nodes) this.#visit(node);
    } while (this.#grown);
    const atEnd: [number, Parts][] = this.fn.parameters.map(({ name }, index) => [index, ts.isIdentifier(name) ? this.#valueOf(name, this.fn.end) : nothing]);
    if (this.#this) atEnd.push([self, this.#this]);
    const holds = new Map(atEnd.map(([index, value]) => [index, gained(handed.get(index) ?? nothing, this.#public(value))] as const).filter(([, value]) => value.size > 0));
    return { changed: this.#real(new Set(this.#changed.keys())), escaped: this.#real(this.#escaped), returns: this.#public(this.#returnsOf(this.fn)), holds };
  }

  #real(roots: ReadonlySet<string>): ReadonlySet<string> {
    return new Set([...roots].filter((root) => !this.#contents.has(root)));
  }

  #public(value: Parts): Parts {
    return new Map([...value].filter(([root]) => !this.#contents.has(root)));
  }

  #visit(node: ts.Node): void {
    if (ts.isVariableDeclaration(node) || ts.isParameter(node)) {
      if (node.initializer) this.#bind(node.name, this.#parts(node.initializer));
    } else if (ts.isBinaryExpression(node)) this.#assign(node.left, keepsValue(node.operatorToken.kind) ? this.#parts(node.right) : nothing);
    else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) this.#assign(node.operand, nothing);
    else if (ts.isDeleteExpression(node)) this.#assign(node.expression, nothing);
    else if (ts.isForOfStatement(node)) this.#iterate(node.initializer, memberOf(this.#parts(node.expression)));
    else if (ts.isForInStatement(node)) this.#iterate(node.initializer, nothing);
    else if (ts.isCallExpression(node) || ts.isNewExpression(node)) this.#call(node);
  }

  #iterate(initializer: ts.ForInitializer, item: Parts): void {
    if (!ts.isVariableDeclarationList(initializer)) return this.#assign(initializer, item);
    for (const { name } of initializer.declarations) this.#bind(name, item);
  }

  /** The names of a pattern stand for parts of a value. */
  #bind(name: ts.BindingName, value: Parts): void {
    if (ts.isIdentifier(name)) return this.#note(name, value);
    for (const element of name.elements) {
      if (!ts.isBindingElement(element)) continue;
      const own = element.dotDotDotToken ? copyOf(value) : memberOf(value);
      this.#bind(element.name, element.initializer ? either(own, this.#parts(element.initializer)) : own);
    }
  }

  #note(name: ts.Identifier, value: Parts): void {
    const variable = value.size > 0 && !this.#isPrimitive(name) ? this.#variableOf(name) : undefined;
    if (!variable) return;
    const held = this.#variables.get(variable) ?? new Held();
    this.#variables.set(variable, held);
    this.#names.add(name.text);
    if (held.add(this.#since(name), value)) this.#grown = true;
  }

  /** What a name stands for. The quick reader takes one name for one variable. */
  #variableOf(name: ts.Identifier): ts.Symbol | string | undefined {
    return this.reader.typed ? symbolOf(name, this.reader.scope.checker) : name.text;
  }

  #valueOf(name: ts.Identifier, place: number): Parts {
    const variable = this.#names.has(name.text) ? this.#variableOf(name) : undefined;
    const value = (variable === undefined ? undefined : this.#variables.get(variable)?.until(place)) ?? nothing;
    return this.#contents.size === 0 ? value : within(value, (root) => this.#contents.get(root)?.until(place) ?? nothing);
  }

  /** A variable, a member or a pattern of them is given a value. */
  #assign(target: ts.Expression, value: Parts): void {
    const place = unwrap(target);
    if (ts.isIdentifier(place) && value.size === 0) return;
    if (ts.isIdentifier(place)) return this.#isOwn(place) ? this.#note(place, value) : this.#escape(value, place);
    if (ts.isPropertyAccessExpression(place) || ts.isElementAccessExpression(place)) {
      this.#change(place.expression);
      return this.#store(place.expression, around(value));
    }
    if (ts.isBinaryExpression(place)) return this.#assign(place.left, either(value, this.#parts(place.right)));
    if (ts.isSpreadElement(place)) return this.#assign(place.expression, around(value));
    if (ts.isArrayLiteralExpression(place)) for (const element of place.elements) this.#assign(element, memberOf(value));
    if (!ts.isObjectLiteralExpression(place)) return;
    for (const property of place.properties) {
      if (ts.isShorthandPropertyAssignment(property)) this.#assign(property.name, memberOf(value));
      else if (ts.isPropertyAssignment(property)) this.#assign(property.initializer, memberOf(value));
      else if (ts.isSpreadAssignment(property)) this.#assign(property.expression, copyOf(value));
    }
  }

  /** Something is put into, taken from or changed in what an expression gives. */
  #change(holder: ts.Expression): void {
    for (const root of rootsOf(this.#parts(holder))) this.#noteChange(root, holder);
  }

  #noteChange(root: string, at: ts.Node): void {
    this.#changed.set(root, Math.max(this.#until(at), at.end, this.#changed.get(root) ?? 0));
  }

  /** What a holder is given becomes part of the variable at its root. */
  #store(holder: ts.Expression, value: Parts): void {
    if (value.size === 0) return;
    const root = rootOf(holder);
    if (root?.kind === ts.SyntaxKind.ThisKeyword && this.#this) {
      const merged = either(this.#this, value);
      if ([...merged].some(([name, depth]) => this.#this?.get(name) !== depth)) [this.#this, this.#grown] = [merged, true];
    } else if (root && ts.isIdentifier(root) && this.#isOwn(root)) for (const origin of this.#origins(root)) this.#fill(origin, value, holder);
    else if (root) this.#escape(value, holder);
  }

  /** The value of a variable holds something: so do all that are parts of it. */
  #fill(variable: ts.Identifier, value: Parts, at: ts.Node): void {
    const declaration = this.#declarationOf(variable);
    const own = `${variable.text}@${declaration?.pos}`;
    if (!this.#contents.has(own)) this.#note(declaration ? nameIn(declaration, variable) : variable, new Map([[own, 0]]));
    const content = this.#contents.get(own) ?? new Held();
    this.#contents.set(own, content);
    if (content.add(this.#since(at), value)) this.#grown = true;
  }

  /** The variables whose values a variable may hold a part of: those that it was given parts of, and so on; itself, if there are none. */
  #origins(variable: ts.Identifier, seen = new Set<ts.Symbol | string>()): ts.Identifier[] {
    const known = this.#variableOf(variable);
    if (!known || seen.has(known)) return [];
    seen.add(known);
    const sources = nodesThatMove(this.fn).flatMap((node) => sourcesOf(node, variable.text)).filter((source) => !this.reader.scope.contextNames.has(source.text) && this.#isOwn(source));
    const origins = sources.flatMap((source) => this.#origins(source, seen));
    return origins.length > 0 ? origins : [variable];
  }

  /** From where on something holds that happens at a node: in a loop it may have happened before, in a closure at any time. */
  #since(node: ts.Node): number {
    const frame = this.#frameOf(node);
    return frame === undefined ? node.end : ts.isFunctionLike(frame) ? 0 : frame.pos;
  }

  /** Up to where that counts which happens before a node, or with it in a loop. */
  #until(node: ts.Node): number {
    const frame = this.#frameOf(node);
    return frame === undefined ? node.pos : ts.isFunctionLike(frame) ? Number.POSITIVE_INFINITY : frame.end;
  }

  /** The closure around a node, or the outermost loop. */
  #frameOf(node: ts.Node): ts.Node | undefined {
    let frame: ts.Node | undefined;
    for (let outer = node.parent; outer && outer !== this.fn; outer = outer.parent) {
      if (ts.isFunctionLike(outer)) return outer;
      if (ts.isIterationStatement(outer, false)) frame = outer;
    }
    return isWithin(node, this.fn) ? frame : undefined;
  }

  /** Put where other code finds it: that may change it between two passes. What a step does with it, it does once. */
  #escape(value: Parts, at: ts.Node): void {
    if (!this.#inStep(at)) for (const [root] of value) this.#escaped.add(root);
  }

  #isOwn(name: ts.Identifier): boolean {
    const declaration = this.#declarationOf(name);
    return declaration !== undefined && isWithin(declaration, this.fn);
  }

  #declarationOf(name: ts.Identifier): ts.Declaration | undefined {
    return symbolOf(name, this.reader.scope.checker)?.declarations?.[0];
  }

  #inStep(node: ts.Node): boolean {
    return ts.findAncestor(node, (ancestor) => (ancestor === this.fn ? "quit" : ts.isCallExpression(ancestor) && this.#operation(ancestor) === "run")) !== undefined;
  }

  /** The operation of a context that a call is, if it is one. */
  #operation(call: ts.CallExpression | ts.NewExpression): string | undefined {
    const { contextNames } = this.reader.scope;
    const { expression } = call;
    const root = ts.isCallExpression(call) && ts.isPropertyAccessExpression(expression) ? rootOf(expression.expression) : undefined;
    const isContext = root && ts.isIdentifier(root) && contextNames.has(root.text) && !this.#names.has(root.text);
    return isContext && ts.isPropertyAccessExpression(expression) ? expression.name.text : undefined;
  }

  /** What a value may hold of the roots. */
  #parts(expression: ts.Expression): Parts {
    const parts = this.#partsOf(unwrap(expression));
    return parts.size > 0 && this.#isPrimitive(expression) ? nothing : parts;
  }

  #partsOf(node: ts.Expression): Parts {
    if (ts.isIdentifier(node)) return this.#ofName(node);
    if (node.kind === ts.SyntaxKind.ThisKeyword) return this.#this ?? nothing;
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) return memberOf(this.#parts(node.expression));
    if (ts.isConditionalExpression(node)) return either(this.#parts(node.whenTrue), this.#parts(node.whenFalse));
    if (ts.isBinaryExpression(node)) return this.#ofOperator(node);
    if (ts.isAwaitExpression(node)) return this.#parts(node.expression);
    if (ts.isYieldExpression(node)) return node.expression ? this.#parts(node.expression) : nothing;
    if (ts.isArrayLiteralExpression(node)) return either(...node.elements.map((element) => this.#asItem(element)));
    if (ts.isObjectLiteralExpression(node)) return either(...node.properties.map((property) => this.#asMember(property)));
    return ts.isCallExpression(node) || ts.isNewExpression(node) ? this.#call(node) : nothing;
  }

  #ofName(name: ts.Identifier): Parts {
    if (this.#names.has(name.text)) return this.#valueOf(name, this.#until(name));
    return this.reader.wide && this.#isOutside(name) ? new Map([[outside, 0]]) : nothing;
  }

  /** A variable that is neither of this function nor a global. */
  #isOutside(name: ts.Identifier): boolean {
    if (readingGlobals.test(name.text) || this.reader.scope.contextNames.has(name.text) || namesDeclaredIn(this.fn).has(name.text)) return false;
    const declaration = this.#declarationOf(name);
    return declaration !== undefined && ts.isVariableDeclaration(declaration) && !this.reader.scope.compiled.isKnowledge(declaration.getSourceFile());
  }

  #ofOperator({ left, operatorToken: { kind }, right }: ts.BinaryExpression): Parts {
    if (kind === ts.SyntaxKind.CommaToken || kind === ts.SyntaxKind.EqualsToken || kind === ts.SyntaxKind.AmpersandAmpersandToken) return this.#parts(right);
    const isChoice = kind === ts.SyntaxKind.BarBarToken || kind === ts.SyntaxKind.QuestionQuestionToken || keepsValue(kind);
    return isChoice ? either(this.#parts(left), this.#parts(right)) : nothing;
  }

  #asItem(element: ts.Expression): Parts {
    return ts.isSpreadElement(element) ? copyOf(this.#parts(element.expression)) : around(this.#parts(element));
  }

  #asMember(property: ts.ObjectLiteralElementLike): Parts {
    if (ts.isSpreadAssignment(property)) return copyOf(this.#parts(property.expression));
    if (ts.isShorthandPropertyAssignment(property)) return around(this.#parts(property.name));
    return ts.isPropertyAssignment(property) ? around(this.#parts(property.initializer)) : nothing;
  }

  /** What a call gives; what it changes is noted. */
  #call(call: ts.CallExpression | ts.NewExpression): Parts {
    const operation = this.#operation(call);
    if (operation !== undefined) return operation === "run" ? this.#ofAction(call) : nothing;
    const callee = unwrap(call.expression);
    const receiver = ts.isPropertyAccessExpression(callee) ? this.#parts(callee.expression) : nothing;
    const values = (call.arguments ?? []).map((argument) => (ts.isSpreadElement(argument) ? memberOf(this.#parts(argument.expression)) : this.#parts(argument)));
    const given = either(...values);
    const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : ts.isIdentifier(callee) ? callee.text : "";
    if (given.size === 0 && receiver.size === 0 && !this.reader.wide) {
      const here = ts.isCallExpression(call) ? this.#written(callee) : undefined;
      return here ? this.#returnsOf(here) : nothing;
    }
    if (ts.isPropertyAccessExpression(callee)) {
      const known = this.#ofGlobal(callee, name, call, values) ?? this.#ofMethod(callee, name, call, receiver, values);
      if (known) return known;
    } else if (ts.isIdentifier(callee) && readingGlobals.test(callee.text) && !this.#names.has(callee.text)) return nothing;
    return this.#ofProject(callee, call, receiver, values) ?? this.#ofOthers(name, call, values, given);
  }

  /** What an action of a step gives: the value itself, in the pass that runs the step. */
  #ofAction(call: ts.CallExpression | ts.NewExpression): Parts {
    const actions = (call.arguments ?? []).map((argument) => unwrap(argument)).filter(isFunctionNode);
    const value = either(...actions.map((action) => this.#returnsOf(action)));
    this.#values.set(call, value);
    return value;
  }

  /** The steps whose values hold something that is changed after them, or, where `leaves` says so, that the function gives to its caller. */
  sharedValues(leaves: boolean): ts.Node[] {
    const given = leaves ? this.#returnsOf(this.fn) : nothing;
    return [...this.#values].filter(([call, value]) => [...value.keys()].some((root) => (this.#changed.get(root) ?? 0) > call.pos || given.has(root))).map(([call]) => call);
  }

  /** `Object.assign(a, b)`, `Array.from(list)`, `Promise.all(list)`, `JSON.stringify(value)`. */
  #ofGlobal({ expression }: ts.PropertyAccessExpression, name: string, call: ts.CallExpression | ts.NewExpression, values: readonly Parts[]): Parts | undefined {
    if (!ts.isIdentifier(expression) || this.#names.has(expression.text)) return undefined;
    const [first = nothing, ...rest] = values;
    if (readingGlobals.test(expression.text)) return nothing;
    if (/Promise$/.test(expression.text)) return name === "race" || name === "any" ? memberOf(first) : first;
    if (expression.text === "Array") return name === "from" ? this.#mapped(call.arguments?.[1], first, copyOf(first)) : name === "of" ? around(either(first, ...rest)) : nothing;
    if (expression.text !== "Object" && expression.text !== "Reflect") return undefined;
    if (name === "entries") return around(copyOf(first));
    if (name === "fromEntries") return around(memberOf(memberOf(first)));
    if (/^(values|groupBy)$/.test(name)) return copyOf(first);
    const target = call.arguments?.[0];
    if (/^(assign|defineProper\w+|set\w*|deleteProperty)$/.test(name) && target) {
      this.#change(target);
      this.#store(target, copyOf(either(...rest)));
      return either(first, copyOf(either(...rest)));
    }
    return name === "freeze" || name === "seal" ? first : nothing;
  }

  /** Methods of arrays, maps and sets. What holds parts as something else is looked up like a function. */
  #ofMethod(callee: ts.PropertyAccessExpression, name: string, call: ts.CallExpression | ts.NewExpression, receiver: Parts, values: readonly Parts[]): Parts | undefined {
    if (changingMethods.has(name) && this.#isCollection(callee.expression)) {
      this.#change(callee.expression);
      if (storing.has(name)) this.#store(callee.expression, either(...(call.arguments ?? []).map((argument) => this.#asItem(argument))));
    } else if (receiver.size === 0) return undefined;
    const [action, initial] = call.arguments ?? [];
    const item = memberOf(receiver);
    if (name === "map" || name === "flatMap") return this.#mapped(action, receiver, nothing, name === "flatMap");
    if (name === "reduce" || name === "reduceRight") return this.#reduced(action, receiver, initial ? this.#parts(initial) : item);
    if (iterating.has(name)) this.#handTo(action, [item, item, receiver]);
    if (givingItself.has(name)) return receiver;
    if (givingItems.has(name)) return item;
    if (name === "entries") return around(copyOf(receiver));
    if (givingCopies.has(name)) return copyOf(either(name === "flat" ? item : receiver, ...values));
    // A part of JSON has no other methods than those of texts, numbers and arrays.
    return receiver.size > 0 && rootsOf(receiver).length === receiver.size && !receiver.has(outside) ? nothing : undefined;
  }

  /** What the callback of a `map` makes of the items; without a callback, `otherwise`. */
  #mapped(action: ts.Expression | undefined, receiver: Parts, otherwise: Parts, flat = false): Parts {
    if (!action) return otherwise;
    const given = this.#handTo(action, [memberOf(receiver), nothing, receiver]);
    return flat ? copyOf(given) : around(given);
  }

  #reduced(action: ts.Expression | undefined, receiver: Parts, initial: Parts): Parts {
    if (!action) return initial;
    const gathered = either(initial, this.#handTo(action, [initial, memberOf(receiver), nothing, receiver]));
    return either(gathered, this.#handTo(action, [gathered, memberOf(receiver), nothing, receiver]));
  }

  /** A callback is handed values; gives what it returns. */
  #handTo(action: ts.Expression | undefined, values: readonly Parts[]): Parts {
    const fn = action && this.#bodyOf(unwrap(action));
    return fn ? this.#enter(fn, values, undefined) : nothing;
  }

  /** A function of the project, if it is one whose body is known, or several that it may be. */
  #ofProject(callee: ts.Expression, call: ts.CallExpression | ts.NewExpression, receiver: Parts, values: readonly Parts[]): Parts | undefined {
    const named = this.#bodyOf(callee);
    const targets = named ? [named] : ts.isCallExpression(call) && this.#handsContext(call) ? this.#durableTargets(call) : [];
    if (targets.length === 0) return undefined;
    const holder = ts.isPropertyAccessExpression(callee) ? callee.expression : undefined;
    const isNew = ts.isNewExpression(call);
    const root = holder && rootOf(holder);
    const isOwn = isNew || root === undefined || ((ts.isIdentifier(root) ? this.#isOwn(root) : root.kind === ts.SyntaxKind.ThisKeyword && this.#this !== undefined));
    const given = either(...targets.map((target) => this.#enter(target, spread(call, values), isOwn ? receiver : undefined, call)));
    return isNew ? madeOf(either(...values)) : given;
  }

  #handsContext(call: ts.CallExpression): boolean {
    return call.arguments.some((argument) => ts.isIdentifier(argument) && this.reader.scope.contextNames.has(argument.text));
  }

  /** The functions that become generator functions are known also where a call names an interface. */
  #durableTargets(call: ts.CallExpression): Callable[] {
    const { colours } = this.reader.scope;
    return (colours?.targetsOf(call) ?? []).flatMap((target) => colours?.membersOf(target) ?? []).filter(isCallable);
  }

  /** A function runs with these values: one written here with the variables of this one, another by itself. */
  #enter(fn: Callable, values: readonly Parts[], receiver: Parts | undefined, call?: ts.CallExpression | ts.NewExpression): Parts {
    const handed = new Map<number, Parts>();
    fn.parameters.forEach((parameter, index) => {
      const value = parameter.dotDotDotToken ? around(either(...values.slice(index))) : (values[index] ?? nothing);
      if (value.size > 0) handed.set(index, value);
    });
    if (isWithin(fn, this.fn) && fn !== this.fn) {
      for (const [index, value] of handed) this.#bind((fn.parameters[index] as ts.ParameterDeclaration).name, value);
      return this.#returnsOf(fn);
    }
    if (receiver) handed.set(self, receiver);
    const { changed, escaped, returns, holds } = this.reader.effectsOf(fn, handed);
    for (const root of changed) this.#noteChange(root, call ?? this.fn.body);
    if (!call || !this.#inStep(call)) for (const root of escaped) this.#escaped.add(root);
    for (const [index, value] of holds) this.#keep(index, value, call);
    return returns;
  }

  /** What the caller handed over holds afterwards. */
  #keep(index: number, value: Parts, call: ts.CallExpression | ts.NewExpression | undefined): void {
    const callee = call && unwrap(call.expression);
    const holder = index !== self ? call?.arguments?.[index] : callee && ts.isPropertyAccessExpression(callee) ? callee.expression : undefined;
    const root = holder && rootOf(holder);
    if (holder && root && (root.kind === ts.SyntaxKind.ThisKeyword || (ts.isIdentifier(root) && this.#isOwn(root)))) this.#store(holder, value);
  }

  /** Code of others: it may change what it is handed where its name says so, or where nothing else can be wanted. */
  #ofOthers(name: string, call: ts.CallExpression | ts.NewExpression, values: readonly Parts[], given: Parts): Parts {
    for (const argument of call.arguments ?? []) if (isFunctionNode(unwrap(argument))) this.#handTo(argument, [memberOf(given), memberOf(given), given]);
    if (ts.isNewExpression(call)) return madeOf(given);
    if (changingMethods.has(name)) return nothing;
    const isStatement = ts.isExpressionStatement(call.parent) && !this.#inStep(call) && !speaking.test(name) && !/^(log(ger)?|console|assert|expect)\b/.test(call.expression.getText());
    if (changers.test(name) || isStatement) for (const root of rootsOf(values[0] ?? nothing)) this.#noteChange(root, call);
    return /clone|copy/i.test(name) || this.#inStep(call) ? nothing : memberOf(madeOf(given));
  }

  /** A closure of this function that a call without values runs. */
  #written(callee: ts.Expression): Callable | undefined {
    if (isFunctionNode(callee)) return isCallable(callee) ? callee : undefined;
    if (!ts.isIdentifier(callee)) return undefined;
    const fn = this.#variables.size > 0 ? this.#bodyOf(callee) : undefined;
    return fn && isWithin(fn, this.fn) ? fn : undefined;
  }

  /** The body behind a literal, or a name that stands for one function. */
  #bodyOf(node: ts.Expression): Callable | undefined {
    if (isFunctionNode(node)) return isCallable(node) ? node : undefined;
    const name = ts.isPropertyAccessExpression(node) ? node.name : node;
    if (!ts.isIdentifier(name) && !ts.isPrivateIdentifier(name)) return undefined;
    const bodies = (symbolOf(name, this.reader.scope.checker)?.declarations ?? []).filter((declaration) => !isOverload(declaration)).map(bodyOfDeclaration);
    const [body] = bodies;
    return bodies.length === 1 && body && !this.reader.scope.compiled.isKnowledge(body.getSourceFile()) ? body : undefined;
  }

  #returnsOf(fn: ts.Node): Parts {
    if (this.#evaluating.has(fn)) return nothing;
    this.#evaluating.add(fn);
    const parts = either(...returned(fn).map((expression) => this.#parts(expression)));
    this.#evaluating.delete(fn);
    return parts;
  }

  /** Texts and numbers are part of nothing. */
  #isPrimitive(node: ts.Expression): boolean {
    if (!this.reader.typed) return false;
    const { checker } = this.reader.scope;
    const type = checker.getTypeAtLocation(node);
    return isPrimitive(checker.getAwaitedType(type) ?? type);
  }

  /** What has no type in a JavaScript file may be a collection as well. */
  #isCollection(node: ts.Expression): boolean {
    const { scope, typed } = this.reader;
    return !typed || (scope.checker.getTypeAtLocation(node).flags & open) !== 0 || isCollection(node, scope.checker);
  }
}

const open = ts.TypeFlags.Any | ts.TypeFlags.Unknown | ts.TypeFlags.TypeParameter;
/** Whether something can be called and has a body. */
export function isCallable(node: ts.Node): node is Callable {
  return ts.isFunctionLike(node) && (node as { readonly body?: ts.Node }).body !== undefined;
}

function isOverload(declaration: ts.Node): boolean {
  return (ts.isFunctionDeclaration(declaration) || ts.isMethodDeclaration(declaration)) && !declaration.body;
}

/** The function that a declaration names; the constructor of a class. */
function bodyOfDeclaration(declaration: ts.Declaration): Callable | undefined {
  if (ts.isClassLike(declaration)) return declaration.members.find((member): member is ts.ConstructorDeclaration & Callable => ts.isConstructorDeclaration(member) && member.body !== undefined);
  const value = (ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration) || ts.isPropertyDeclaration(declaration)) && declaration.initializer ? unwrap(declaration.initializer) : declaration;
  return isCallable(value) ? value : undefined;
}

/** The values of arguments by position: what is spread may stand at any later one. */
function spread(call: ts.CallExpression | ts.NewExpression, values: readonly Parts[]): readonly Parts[] {
  const from = (call.arguments ?? []).findIndex(ts.isSpreadElement);
  if (from < 0) return values;
  const rest = either(...values.slice(from));
  return [...values.slice(0, from), ...Array.from({ length: 8 }, () => rest)];
}

const declared = new WeakMap<ts.Node, ReadonlySet<string>>();

/** The names of variables that a function declares, its parameters among them. */
function namesDeclaredIn(fn: ts.Node): ReadonlySet<string> {
  const known = declared.get(fn);
  if (known) return known;
  const names = new Set<string>();
  walk(fn, (node) => {
    if ((ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node)) && ts.isIdentifier(node.name)) names.add(node.name.text);
  });
  declared.set(fn, names);
  return names;
}

const moving = new WeakMap<ts.Node, readonly ts.Node[]>();

/** What gives a name to a value, or does something with one. */
function nodesThatMove(fn: ts.Node): readonly ts.Node[] {
  const known = moving.get(fn);
  if (known) return known;
  const nodes: ts.Node[] = [];
  walk(fn, (node) => {
    if (ts.isTypeNode(node)) return false;
    if (moves(node)) nodes.push(node);
    return true;
  });
  moving.set(fn, nodes);
  return nodes;
}

function moves(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node)) return isAssignment(node.operatorToken.kind);
  if (ts.isPrefixUnaryExpression(node)) return node.operator === ts.SyntaxKind.PlusPlusToken || node.operator === ts.SyntaxKind.MinusMinusToken;
  const isNamed = (ts.isVariableDeclaration(node) || ts.isParameter(node)) && node.initializer !== undefined;
  return isNamed || ts.isPostfixUnaryExpression(node) || ts.isDeleteExpression(node) || ts.isForOfStatement(node) || ts.isForInStatement(node) || ts.isCallExpression(node) || ts.isNewExpression(node);
}

function isAssignment(kind: ts.SyntaxKind): boolean {
  return kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;
}

/** `=`, `??=`, `||=` and `&&=` give the value itself: the others make a text or a number. */
function keepsValue(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.EqualsToken || kind === ts.SyntaxKind.QuestionQuestionEqualsToken || kind === ts.SyntaxKind.BarBarEqualsToken || kind === ts.SyntaxKind.AmpersandAmpersandEqualsToken;
}

/** What a function's own code returns. */
function returned(fn: ts.Node): readonly ts.Expression[] {
  const { body } = fn as { readonly body?: ts.Node };
  if (!body) return [];
  if (!ts.isBlock(body)) return [body as ts.Expression];
  const found: ts.Expression[] = [];
  walk(body, (node) => {
    if (ts.isFunctionLike(node)) return false;
    if (ts.isReturnStatement(node) && node.expression) found.push(node.expression);
    return true;
  });
  return found;
}

/** The name that a declaration gives to a variable. */
function nameIn(declaration: ts.Declaration, otherwise: ts.Identifier): ts.Identifier {
  const name = ts.getNameOfDeclaration(declaration);
  return name && ts.isIdentifier(name) ? name : otherwise;
}

/** The variables whose values a node makes a variable of that name hold a part of. */
function sourcesOf(node: ts.Node, name: string): ts.Identifier[] {
  const isNamed = (pattern: ts.Node): boolean => (ts.isIdentifier(pattern) ? pattern.text === name : (ts.isObjectBindingPattern(pattern) || ts.isArrayBindingPattern(pattern)) && pattern.elements.some((element) => ts.isBindingElement(element) && isNamed(element.name)));
  if (ts.isVariableDeclaration(node) && node.initializer && isNamed(node.name)) return variablesIn(node.initializer);
  if (ts.isForOfStatement(node) && ts.isVariableDeclarationList(node.initializer) && node.initializer.declarations.some((declaration) => isNamed(declaration.name))) return variablesIn(node.expression);
  return ts.isBinaryExpression(node) && isNamed(node.left) ? variablesIn(node.right) : [];
}

/** The variables of which an expression may give a part. */
function variablesIn(node: ts.Expression): ts.Identifier[] {
  const value = unwrap(node);
  if (ts.isConditionalExpression(value)) return [...variablesIn(value.whenTrue), ...variablesIn(value.whenFalse)];
  if (ts.isBinaryExpression(value)) return [...variablesIn(value.left), ...variablesIn(value.right)];
  if (ts.isAwaitExpression(value)) return variablesIn(value.expression);
  if (ts.isArrayLiteralExpression(value)) return value.elements.flatMap((element) => variablesIn(ts.isSpreadElement(element) ? element.expression : element));
  if (ts.isObjectLiteralExpression(value)) return value.properties.flatMap((property) => (ts.isSpreadAssignment(property) ? variablesIn(property.expression) : ts.isShorthandPropertyAssignment(property) ? [property.name] : ts.isPropertyAssignment(property) ? variablesIn(property.initializer) : []));
  const root = rootOf(value);
  return root && ts.isIdentifier(root) ? [root] : [];
}

/** The variable, or `this`, at the root of `a.b[c].d()`. */
function rootOf(node: ts.Expression): ts.Identifier | ts.ThisExpression | undefined {
  const inner = unwrap(node);
  if (ts.isPropertyAccessExpression(inner) || ts.isElementAccessExpression(inner) || ts.isCallExpression(inner)) return rootOf(inner.expression);
  return ts.isIdentifier(inner) || inner.kind === ts.SyntaxKind.ThisKeyword ? (inner as ts.Identifier | ts.ThisExpression) : undefined;
}
