import type { Colours } from "./colours.js";
import type { Project } from "../project/project.js";
import { type Compiled, ts } from "./compiler.js";
import type { DefinitionFact } from "./definition-model.js";
import type { LeftFact, RemarkFact } from "./said-model.js";
import type { Sdk } from "./sdk.js";
import { type FunctionNode, idOf, isFunctionNode, rangeOf } from "./syntax.js";

/** What holds a context in a function: a parameter, a name in a pattern, or a member of what it was given (`args.ctx`, `this.ctx`). */
export interface ContextParameter {
  readonly symbol: ts.Symbol;
  readonly fn: FunctionNode;
  /** How the function writes it. */
  readonly text: string;
  /** The parameter, where it is one of its own. */
  readonly parameter?: ts.ParameterDeclaration & { readonly name: ts.Identifier };
  /** The type as written, if it is the SDK's own name for it or an alias of it. */
  readonly type?: ts.TypeNode;
  readonly alias?: ContextAlias;
}

/** A place other than a parameter where the type of a context is written: an alias, a member of an interface, a constraint. */
export interface ContextAlias {
  readonly node: ts.Node;
  readonly type: ts.TypeNode;
}

/** What the parts of the analysis share while the compiler is alive. */
export interface Scope {
  readonly project: Project;
  readonly compiled: Compiled;
  readonly checker: ts.TypeChecker;
  readonly sdk: Sdk;
  /** Context parameters by symbol, and the functions that have them. */
  readonly contexts: Map<ts.Symbol, ContextParameter>;
  /** What context parameters are called, to look for them by text first. */
  readonly contextNames: Set<string>;
  readonly contextFunctions: Map<ts.Node, ContextParameter | undefined>;
  /** Whether some code of the project, also what is only imported, declares something under a name or gives it to a member. */
  gives(name: string): boolean;
  /** What holds a context in functions that have none as a parameter of its own. */
  readonly nestedContexts: Map<ts.Node, ContextParameter>;
  /** Parameters that hold a context as a member. */
  readonly contextHolders: Set<ts.Symbol>;
  /** Where a member that holds a context is used other than by the function that was given it: by what declares the member. */
  readonly strayContexts: Map<ts.Node, ts.Node>;
  /** Parameters of the type `Promise<T>` that hold durable promises. */
  readonly promiseParameters: Set<ts.Symbol>;
  /** Which functions become generator functions, once the contexts are known. */
  colours: Colours | undefined;
  /** Functions that are handlers, with the kind of their definition: what they return travels as JSON in any case. */
  readonly handlers: Map<ts.Node, DefinitionFact["kind"]>;
  /** SDK references that some fact accounts for; the rest is left. */
  readonly consumed: Set<ts.Node>;
  /** Definitions by the symbol of their variable, and by the name they are served under. */
  readonly definitionsBySymbol: Map<ts.Symbol, string>;
  readonly definitionsByName: Map<string, string[]>;
}

/** The symbol an identifier stands for, behind imports and behind `module.exports = { it }`. */
export function symbolOf(node: ts.Node, checker: ts.TypeChecker): ts.Symbol | undefined {
  const symbol =
    ts.isShorthandPropertyAssignment(node.parent) && node.parent.name === node ? checker.getShorthandAssignmentValueSymbol(node.parent) : checker.getSymbolAtLocation(node);
  const target = symbol && symbol.flags & ts.SymbolFlags.Alias && !(isMerged(symbol) && isValue(node)) ? checker.getAliasedSymbol(symbol) : symbol;
  const [declaration] = target?.declarations ?? [];
  return declaration && ts.isShorthandPropertyAssignment(declaration) && declaration.name !== node ? checker.getShorthandAssignmentValueSymbol(declaration) : target;
}

/** `import type { Greeter }` and `const Greeter: Greeter`: one name for an imported type and a value of this module. */
function isMerged(symbol: ts.Symbol): boolean {
  return (symbol.flags & ts.SymbolFlags.Variable) !== 0;
}

function isValue({ parent }: ts.Node): boolean {
  return !ts.isTypeReferenceNode(parent) && !ts.isImportSpecifier(parent) && !ts.isImportClause(parent) && !ts.isQualifiedName(parent);
}

/** The function of the project that an expression names: a declaration, a `const f = () => {}`, a member of a constant object literal. */
export function functionNamed(expression: ts.Expression, scope: Scope): FunctionNode | undefined {
  const node = ts.isPropertyAccessExpression(expression) ? expression.name : expression;
  if (!ts.isIdentifier(node)) return undefined;
  const symbol = symbolOf(node, scope.checker);
  const declarations = symbol?.declarations ?? [];
  const [declaration] = declarations;
  if (declarations.length !== 1 || !declaration || scope.compiled.isKnowledge(declaration.getSourceFile())) return undefined;
  if (ts.isShorthandPropertyAssignment(declaration)) return functionNamed(declaration.name, scope);
  const value = ts.isVariableDeclaration(declaration) || ts.isPropertyAssignment(declaration) ? declaration.initializer : declaration;
  if (ts.isVariableDeclaration(declaration) && !isConst(declaration)) return undefined;
  return value && isFunctionNode(value) && value.body && !ts.isClassLike(value.parent) ? value : undefined;
}

/** Whether a variable is declared with `const`. */
export function isConst(declaration: ts.VariableDeclaration): boolean {
  return (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) !== 0;
}

/** States that a node is left, for a reason of the catalogue. */
export function leftAt(code: string, node: ts.Node, subject: string): LeftFact {
  return { code, file: node.getSourceFile().fileName, range: rangeOf(node), subject: onOneLine(subject) };
}

/** States a difference that stays at a node. */
export function remarkAt(code: string, node: ts.Node, subject: string): RemarkFact {
  return { code, file: node.getSourceFile().fileName, range: rangeOf(node), subject: onOneLine(subject) };
}

/** A short name of an expression for messages: its text on one line, cut at 60 characters. */
export function subjectOf(node: ts.Node): string {
  return shortened(node.getText());
}

/** A text on one line, cut at 60 characters. */
export function shortened(text: string): string {
  const line = onOneLine(text);
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** White space folded, and none around the dots of a chain of calls. */
function onOneLine(text: string): string {
  return text.replace(/\s+/g, " ").replace(/ \.(?=\w)/g, ".");
}

export { idOf };
