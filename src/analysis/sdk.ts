import { type Compiled, ts } from "./compiler.js";

/** The names that `const { sendOpts } = rpc` or `const serve = restate.serve` gives to things of Restate's; none where it is something else. */
export function aliasesIn(declaration: ts.VariableDeclaration, sdk: Sdk): readonly ts.Identifier[] {
  const value = declaration.initializer;
  if (!value || !(ts.isIdentifier(value) || ts.isPropertyAccessExpression(value))) return [];
  const names = ts.isIdentifier(declaration.name) ? [declaration.name] : ts.isObjectBindingPattern(declaration.name) ? declaration.name.elements.map((element) => element.name) : [];
  return names.every((name): name is ts.Identifier => ts.isIdentifier(name) && sdk.nameOf(name) !== undefined) ? names : [];
}

/** Names Restate's exports and members wherever a program reaches them: by alias, namespace, re-export or type. */
export interface Sdk {
  /**
   * The name of what an expression or type name refers to, as a path in Restate's API: `service`, `handlers.object.shared`,
   * `Context.run`, `clients.connect`, `lambda.createEndpointHandler`; `undefined` for everything else.
   */
  nameOf(node: ts.Node): string | undefined;
  /** The same for a symbol. */
  nameOfSymbol(symbol: ts.Symbol): string | undefined;
  /** The context interface that a type is, if it is one. */
  contextOfType(type: ts.Type): string | undefined;
}

/** The context types a handler or helper can take. */
export const contextTypes: ReadonlySet<string> = new Set([
  "Context", "ObjectContext", "ObjectSharedContext", "WorkflowContext", "WorkflowSharedContext",
]);

/** What names of a compiled project stand for in Restate's SDK; each symbol is looked up once. */
export function createSdk(compiled: Compiled): Sdk {
  const { checker } = compiled;
  const names = new Map<ts.Symbol, string | null>();

  const nameOfSymbol = (symbol: ts.Symbol): string | undefined => {
    const cached = names.get(symbol);
    if (cached !== undefined) return cached ?? undefined;
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const declaration = target.declarations?.find((candidate) => compiled.isKnowledge(candidate.getSourceFile()));
    const name = declaration ? (ts.isSourceFile(declaration) ? undefined : pathOf(declaration)) : nameOfConstant(target);
    names.set(symbol, name ?? null);
    return name;
  };
  /** `const { sendOpts } = rpc` and `const serve = restate.serve` name the same thing again. */
  const nameOfConstant = (symbol: ts.Symbol): string | undefined => {
    const declaration = symbol.valueDeclaration;
    if (!declaration || !(ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const)) return undefined;
    if (ts.isVariableDeclaration(declaration)) {
      const value = declaration.initializer;
      return value && ts.isIdentifier(declaration.name) && (ts.isPropertyAccessExpression(value) || ts.isIdentifier(value)) ? nameOf(value) : undefined;
    }
    const property = ts.isBindingElement(declaration) && !declaration.dotDotDotToken && ts.isObjectBindingPattern(declaration.parent) ? (declaration.propertyName ?? declaration.name) : undefined;
    const holder = property && declaration.parent.parent;
    if (!property || !holder || !ts.isVariableDeclaration(holder) || !holder.initializer || !ts.isIdentifier(property)) return undefined;
    const member = checker.getTypeAtLocation(holder.initializer).getProperty(property.text);
    return member && nameOfSymbol(member);
  };
  const nameOf = (node: ts.Node): string | undefined => {
    const symbol = checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : ts.isQualifiedName(node) ? node.right : node);
    return symbol && nameOfSymbol(symbol);
  };
  return {
    nameOfSymbol,
    nameOf,
    contextOfType: (type) => {
      const symbol = type.getSymbol();
      const name = symbol && nameOfSymbol(symbol);
      return name !== undefined && contextTypes.has(name) ? name : undefined;
    },
  };
}

/** The path of a declaration in the bundled knowledge: its name behind those of what holds it and of its entry point. */
function pathOf(declaration: ts.Declaration): string {
  const parts: string[] = [];
  for (let node: ts.Node = declaration; !ts.isSourceFile(node); node = node.parent) {
    const name = ts.getNameOfDeclaration(node as ts.Declaration);
    if (name && !ts.isParameter(node)) parts.unshift(name.getText());
  }
  const entry = /(fetch|lambda|clients|zod)\.d\.ts$/.exec(declaration.getSourceFile().fileName)?.[1];
  return (entry === undefined ? parts : [entry, ...parts]).join(".");
}
