import type { Binding } from "./bindings.js";
import { ts } from "./compiler.js";
import type { Scope } from "./scope.js";
import { aliasesIn } from "./sdk.js";

/** One mention of something that Restate's packages export. */
export interface SdkReference {
  /** The outermost name: `restate.handlers.object.shared`, `Context`. */
  readonly node: ts.Node;
  /** Its path in Restate's API; `undefined` for the namespace itself or a name that is not known. */
  readonly name: string | undefined;
}

/** Mentions of Restate's exports in a file, through any import, namespace or re-export. */
export function sdkReferences(bindings: readonly Binding[], scope: Scope): SdkReference[] {
  return bindings.flatMap((binding) => {
    if (!leadsToSdk(binding, scope)) return [];
    const isSdk = isRestate(binding.fact.module) || isKnowledgeNamespace(binding, scope);
    return binding.nodes.map((node) => outermost(node, scope)).filter(({ node, name }) => (isSdk || name !== undefined) && !isAliased(node, scope));
  });
}

/** The right side of `const { sendOpts } = rpc` or `import sendOpts = rpc.sendOpts`: its names are followed instead. */
function isAliased(node: ts.Node, scope: Scope): boolean {
  const { parent } = node;
  if (ts.isImportEqualsDeclaration(parent)) return true;
  const isTopLevel = ts.isVariableDeclaration(parent) && parent.initializer === node && ts.isSourceFile(parent.parent.parent.parent);
  return isTopLevel && aliasesIn(parent, scope.sdk).length > 0;
}

/** A binding to a known package, to an export of one, or to a namespace that may hold one. */
function leadsToSdk(binding: Binding, scope: Scope): boolean {
  if (isRestate(binding.fact.module)) return true;
  return binding.fact.form === "namespace" || scope.sdk.nameOf(binding.name) !== undefined || isKnowledgeNamespace(binding, scope);
}

function isKnowledgeNamespace(binding: Binding, scope: Scope): boolean {
  const symbol = scope.checker.getSymbolAtLocation(binding.name);
  const target = symbol && symbol.flags & ts.SymbolFlags.Alias ? scope.checker.getAliasedSymbol(symbol) : undefined;
  const declaration = target?.declarations?.[0];
  return declaration !== undefined && ts.isSourceFile(declaration) && scope.compiled.isKnowledge(declaration);
}

/** Climbs `a.b.c` as long as it names something of Restate's. */
function outermost(node: ts.Identifier, scope: Scope): SdkReference {
  let top: ts.Node = node;
  let name = scope.sdk.nameOf(node);
  for (;;) {
    const { parent } = top;
    const holds = (ts.isPropertyAccessExpression(parent) && parent.expression === top) || (ts.isQualifiedName(parent) && parent.left === top);
    const outer = holds ? scope.sdk.nameOf(parent) : undefined;
    if (!holds || outer === undefined || (name !== undefined && !outer.startsWith(`${name}.`))) return { node: top, name };
    top = parent;
    name = outer;
  }
}

/** Whether a module is one of Restate's packages, by its name. */
export function isRestate(module: string): boolean {
  return module.startsWith("@restatedev/");
}
