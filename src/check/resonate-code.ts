import { ts } from "../analysis/compiler.js";
import { isConst, symbolOf } from "../analysis/scope.js";
import { constantText, enclosingFunction, type FunctionNode, isFunctionNode, outOfParens, unwrap, walk } from "../analysis/syntax.js";
import { operationAt } from "./operations.js";

/** The file that stands for `@resonatehq/sdk`: only what the rules have to recognise. */
const SDK_PATH = "/restate-to-resonate-check/resonatehq-sdk.d.ts";
const SDK_TEXT = `
export interface Context { readonly id: string; readonly date: { now(): any }; readonly math: { random(): any }; readonly [operation: string]: any }
type Func = (ctx: Context, ...args: any[]) => any;
export declare class Resonate {
  constructor(options?: any);
  static local(options?: any): Resonate;
  static remote(options?: any): Resonate;
  readonly promises: any;
  readonly schedules: any;
  register(name: string, func: Func, options?: any): any;
  register(func: Func, options?: any): any;
  [member: string]: any;
}
`;

/** A function that a client was given under a name. */
export interface Registration {
  /** `undefined` where the code does not say. */
  readonly name: string | undefined;
  readonly version: string;
  /** The client's variable, where it has one. */
  readonly client: ts.Symbol | undefined;
  readonly call: ts.CallExpression;
  /** The functions of the searched code that were given, behind wrappers as well. */
  readonly functions: readonly FunctionNode[];
}

/** Where the searched files lead. */
export interface Surroundings {
  /** Where a module specifier leads, as an absolute path of the codebase. */
  resolve(specifier: string, fromFile: string): string | undefined;
  /** The text of a file of the codebase. */
  read(path: string): string | undefined;
}

/**
 * The files that may be about Resonate, compiled without any library: enough to know what a name stands for, who is a context and who
 * is a client, in a second or two for a large codebase.
 */
export class ResonateCode {
  readonly files: readonly ts.SourceFile[];
  readonly checker: ts.TypeChecker;
  readonly registrations: readonly Registration[];
  readonly #resolve: Surroundings["resolve"];
  readonly #byFile = new Map<ts.SourceFile, readonly Registration[]>();
  readonly #byName = new Map<string | undefined, Registration[]>();
  readonly #durable = new Map<ts.Node, boolean>();
  #knownUses: { readonly delegated: ReadonlySet<ts.Node>; readonly invoked: ReadonlySet<ts.Node> } | undefined;
  readonly #closures = new Map<string, ReadonlySet<string>>();

  /** `texts`: path → text of the files to search. What they import is read as well, and not searched. */
  constructor(texts: ReadonlyMap<string, string>, around: Surroundings) {
    this.#resolve = (specifier, from) => (specifier === "@resonatehq/sdk" ? SDK_PATH : around.resolve(specifier, from));
    const textOf = (path: string): string | undefined => (path === SDK_PATH ? SDK_TEXT : (texts.get(path) ?? around.read(path)));
    const program = ts.createProgram({ rootNames: [...texts.keys()], options: OPTIONS, host: hostOf(textOf, this.#resolve) });
    this.checker = program.getTypeChecker();
    this.files = [...texts.keys()].flatMap((path) => program.getSourceFile(path) ?? []);
    for (const file of this.files) this.#byFile.set(file, this.#registrationsIn(file));
    this.registrations = [...this.#byFile.values()].flat();
    for (const registration of this.registrations) {
      const alike = this.#byName.get(registration.name);
      if (alike) alike.push(registration);
      else this.#byName.set(registration.name, [registration]);
    }
  }

  /** What a file registers, in source order. */
  registrationsOf(file: ts.SourceFile): readonly Registration[] {
    return this.#byFile.get(file) ?? [];
  }

  /** What is registered under a name; with `undefined`, under names that are only known when the program runs. */
  registeredAs(name: string | undefined): readonly Registration[] {
    return this.#byName.get(name) ?? [];
  }

  /** True for an expression that is a context of Resonate: typed as one, or the untyped first parameter `ctx` of a generator function that uses it as one. */
  isContext(node: ts.Expression): boolean {
    if (this.#isOfSdk(node, "Context")) return true;
    const declaration = this.symbolOf(node)?.valueDeclaration;
    return declaration !== undefined && ts.isParameter(declaration) && isNamedAsContext(declaration);
  }

  /** True for an expression that is a client: typed as one, or called `resonate` where nothing says what it is. */
  isClient(node: ts.Expression): boolean {
    if (this.#isOfSdk(node, "Resonate")) return true;
    return this.isUntyped(node) && ts.isIdentifier(node) && node.text === "resonate";
  }

  /** True for a generator function that takes a context or works with one from around it: Resonate runs it again from the start on every replay. */
  isDurable(fn: ts.Node | undefined): fn is FunctionNode {
    if (!fn || !isFunctionNode(fn) || !fn.asteriskToken) return false;
    const known = this.#durable.get(fn);
    if (known !== undefined) return known;
    const durable = this.takesContext(fn) || this.#operates(fn);
    this.#durable.set(fn, durable);
    return durable;
  }

  /** True for a function that is called with `yield*` somewhere: what calls it goes on in the same invocation. */
  isDelegatedTo(fn: FunctionNode): boolean {
    return this.#uses.delegated.has(fn);
  }

  /** True for a function whose end is always the end of an invocation: its result is recorded then. */
  endsInvocation(fn: FunctionNode): boolean {
    return this.#uses.invoked.has(fn) && !this.isDelegatedTo(fn);
  }

  /** True for a function with a context among its parameters. */
  takesContext(fn: FunctionNode): boolean {
    return fn.parameters.some(({ name }) => ts.isIdentifier(name) && this.isContext(name));
  }

  #operates(fn: FunctionNode): boolean {
    let operates = false;
    walk(fn, (node) => {
      operates ||= ts.isCallExpression(node) && enclosingFunction(node) === fn && ts.isYieldExpression(outOfParens(node).parent) && operationAt(node, this) !== undefined;
      return !operates && !ts.isFunctionLike(node);
    });
    return operates;
  }

  /** What a name stands for, behind imports. */
  symbolOf(node: ts.Node): ts.Symbol | undefined {
    return symbolOf(ts.isPropertyAccessExpression(node) ? node.name : node, this.checker);
  }

  /** The text of a constant expression, behind constants and imports. */
  textOf(node: ts.Expression | undefined): string | undefined {
    return node && constantText(node, this.checker);
  }

  /** True where nothing says what an expression is. */
  isUntyped(node: ts.Expression): boolean {
    return (this.checker.getTypeAtLocation(node).flags & ts.TypeFlags.Any) !== 0;
  }

  /** The expression that a value was made by, behind constants; not behind objects that are written to later. */
  valueOf(expression: ts.Expression): ts.Expression {
    const value = unwrap(expression);
    const symbol = ts.isIdentifier(value) ? this.symbolOf(value) : undefined;
    const declaration = symbol?.valueDeclaration;
    if (!symbol || !declaration || !ts.isVariableDeclaration(declaration) || !declaration.initializer || !isConst(declaration)) return value;
    const made = this.valueOf(declaration.initializer);
    return ts.isObjectLiteralExpression(made) && this.#isWrittenTo(symbol, declaration.getSourceFile()) ? value : made;
  }

  #isWrittenTo(symbol: ts.Symbol, file: ts.SourceFile): boolean {
    let written = false;
    walk(file, (node) => {
      written ||= ts.isBinaryExpression(node) && (ts.isPropertyAccessExpression(node.left) || ts.isElementAccessExpression(node.left)) && ts.isIdentifier(node.left.expression) && this.symbolOf(node.left.expression) === symbol;
      return !written;
    });
    return written;
  }

  /** The function of the searched code that an expression names. */
  functionNamed(expression: ts.Expression): FunctionNode | undefined {
    const declaration = this.symbolOf(expression)?.valueDeclaration;
    const value = declaration && (ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration)) ? declaration.initializer : declaration;
    return value && isFunctionNode(value) ? value : undefined;
  }

  /** True where one program can load both files: some file leads to both by its imports. */
  canMeet(a: string, b: string): boolean {
    return a === b || this.files.some(({ fileName }) => this.#reachedFrom(fileName).has(a) && this.#reachedFrom(fileName).has(b));
  }

  #isOfSdk(node: ts.Expression, name: string): boolean {
    const type = this.checker.getTypeAtLocation(node);
    const parts = type.isUnionOrIntersection() ? type.types : [type];
    return parts.some(({ symbol }) => symbol?.name === name && symbol.declarations?.some((declaration) => declaration.getSourceFile().fileName === SDK_PATH) === true);
  }

  #registrationsIn(file: ts.SourceFile): Registration[] {
    const found: Registration[] = [];
    walk(file, (node) => {
      if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression) || node.expression.name.text !== "register") return;
      const [first, second] = node.arguments;
      const receiver = node.expression.expression;
      const named = first !== undefined && ts.isStringLiteralLike(first) && second !== undefined;
      if (!first || !(named || this.isClient(receiver))) return;
      found.push({ name: this.#registeredName(first, second), version: versionOf(node), client: this.symbolOf(receiver), call: node, functions: node.arguments.flatMap((argument) => this.#functionsIn(argument)) });
    });
    return found;
  }

  /** The functions that an argument names or is, or that a wrapper around them gets. */
  #functionsIn(argument: ts.Expression): FunctionNode[] {
    const value = unwrap(argument);
    if (isFunctionNode(value)) return [value];
    if (ts.isCallExpression(value)) return value.arguments.flatMap((inner) => this.#functionsIn(inner));
    const fn = ts.isIdentifier(value) || ts.isPropertyAccessExpression(value) ? this.functionNamed(value) : undefined;
    return fn ? [fn] : [];
  }

  /** Functions by what is done with them: called with `yield*`, which goes on in the same invocation, or run as an invocation of their own. */
  get #uses(): { readonly delegated: ReadonlySet<ts.Node>; readonly invoked: ReadonlySet<ts.Node> } {
    this.#knownUses ??= this.#findUses();
    return this.#knownUses;
  }

  #findUses(): { delegated: Set<ts.Node>; invoked: Set<ts.Node> } {
    const delegated = new Set<ts.Node>();
    const invoked = new Set<ts.Node>(this.registrations.flatMap(({ functions }) => functions));
    for (const file of this.files) {
      walk(file, (node) => {
        if (ts.isYieldExpression(node) && node.expression) for (const fn of this.#delegates(unwrap(node.expression))) delegated.add(fn);
        const [first] = ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && this.isContext(node.expression.expression) ? node.arguments : [];
        if (first) for (const fn of this.#functionsIn(first)) invoked.add(fn);
      });
    }
    return { delegated, invoked };
  }

  #delegates(expression: ts.Expression): FunctionNode[] {
    const fn = ts.isCallExpression(expression) ? this.functionNamed(expression.expression) : undefined;
    return fn ? [fn] : [];
  }

  #registeredName(first: ts.Expression, second: ts.Expression | undefined): string | undefined {
    if (ts.isFunctionExpression(first)) return first.name?.text;
    const fn = this.functionNamed(first);
    if (fn) return fn.name && ts.isIdentifier(fn.name) ? fn.name.text : variableNameOf(fn);
    return second === undefined ? undefined : this.textOf(first);
  }

  #reachedFrom(start: string): ReadonlySet<string> {
    const known = this.#closures.get(start);
    if (known) return known;
    const seen = new Set([start]);
    const files = new Map(this.files.map((file) => [file.fileName, file]));
    for (const path of seen) {
      for (const specifier of specifiersOf(files.get(path))) {
        const target = this.#resolve(specifier, path);
        if (target !== undefined) seen.add(target);
      }
    }
    this.#closures.set(start, seen);
    return seen;
  }
}

/** Whoever is called `ctx` in plain JavaScript is a context where it is used as one. */
function isNamedAsContext(parameter: ts.ParameterDeclaration): boolean {
  const { name, type, parent } = parameter;
  const isFirst = isFunctionNode(parent) && parent.asteriskToken !== undefined && parent.parameters[0] === parameter;
  return isFirst && type === undefined && ts.isIdentifier(name) && /^(ctx|context)$/.test(name.text) && USED_AS_CONTEXT.test(parent.getText());
}

const USED_AS_CONTEXT = /\b(ctx|context)\s*\.\s*(run|beginRun|rpc|beginRpc|lfi|lfc|rfi|rfc|detached|sleep|promise|panic|assert|date|math|options|getDependency)\b/;

function variableNameOf({ parent }: ts.Node): string | undefined {
  return (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) && ts.isIdentifier(parent.name) ? parent.name.text : undefined;
}

/** `{ version: 2 }`, as written; one unless given. */
function versionOf(call: ts.CallExpression): string {
  const options = call.arguments.at(-1);
  const version = options && ts.isObjectLiteralExpression(options) ? options.properties.find(({ name }) => name && ts.isIdentifier(name) && name.text === "version") : undefined;
  return version && ts.isPropertyAssignment(version) ? version.initializer.getText() : "1";
}

function specifiersOf(file: ts.SourceFile | undefined): string[] {
  if (!file) return [];
  return ts.preProcessFile(file.text, true, true).importedFiles.map(({ fileName }) => fileName);
}

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  noLib: true,
  types: [],
  allowJs: true,
  noEmit: true,
  jsx: ts.JsxEmit.Preserve,
  experimentalDecorators: true,
};

function hostOf(textOf: (path: string) => string | undefined, resolve: Surroundings["resolve"]): ts.CompilerHost {
  return {
    getSourceFile: (path) => {
      const text = textOf(path);
      return text === undefined ? undefined : ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true, scriptKindOf(path));
    },
    getDefaultLibFileName: () => "lib.d.ts",
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    fileExists: (path) => textOf(path) !== undefined,
    readFile: textOf,
    writeFile: () => {
      throw new Error("check writes no code");
    },
    resolveModuleNameLiterals: (literals, from) =>
      literals.map(({ text }) => {
        const path = resolve(text, from);
        return { resolvedModule: path === undefined ? undefined : { resolvedFileName: path, extension: /(\.d)?\.[cm]?[jt]sx?$/.exec(path)?.[0] ?? ".ts", isExternalLibraryImport: false } };
      }),
  };
}

/** JavaScript may hold JSX whatever its extension. */
function scriptKindOf(path: string): ts.ScriptKind {
  if (/\.[cm]?jsx?$/.test(path)) return ts.ScriptKind.JSX;
  return path.endsWith(".tsx") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
}
