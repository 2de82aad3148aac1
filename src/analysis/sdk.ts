import { type Compiled, ts } from "./compiler.js";

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

export function createSdk(compiled: Compiled): Sdk {
  const { checker } = compiled;
  const names = new Map<ts.Symbol, string | null>();

  const nameOfSymbol = (symbol: ts.Symbol): string | undefined => {
    const cached = names.get(symbol);
    if (cached !== undefined) return cached ?? undefined;
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    const declaration = target.declarations?.find((candidate) => compiled.isKnowledge(candidate.getSourceFile()));
    const name = declaration && !ts.isSourceFile(declaration) ? pathOf(declaration) : undefined;
    names.set(symbol, name ?? null);
    return name;
  };
  return {
    nameOfSymbol,
    nameOf: (node) => {
      const symbol = checker.getSymbolAtLocation(ts.isPropertyAccessExpression(node) ? node.name : ts.isQualifiedName(node) ? node.right : node);
      return symbol && nameOfSymbol(symbol);
    },
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
