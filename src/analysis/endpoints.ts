import type { TextRange } from "../edits/edit.js";
import { ts } from "./compiler.js";
import type { Definition } from "./definitions.js";
import { exportCode } from "./left.js";
import type { EndpointFact } from "./definition-model.js";
import type { LeftFact, RemarkFact } from "./said-model.js";
import type { SdkReference } from "./references.js";
import { definitionNamed, definitionsOf, listNamed, namesIn, type ServiceList } from "./service-lists.js";
import { type Scope, idOf, isConst, leftAt, remarkAt, subjectOf, symbolOf } from "./scope.js";
import { isTopLevel, modifier, outOfParens, propertyName, rangeOf, unwrap, walk } from "./syntax.js";

/** An endpoint while its nodes are alive. */
export interface Endpoint {
  readonly fact: EndpointFact;
  /** Names of definitions, and of lists of them, that go away with the endpoint. */
  readonly names: readonly ts.Identifier[];
  /** Lists that it shares with other code. */
  readonly lists: readonly ServiceList[];
}

interface Draft {
  readonly services: { definition: string; range: TextRange; local?: string }[];
  readonly names: ts.Identifier[];
  readonly lists: ServiceList[];
  readonly left: LeftFact[];
  readonly remarks: RemarkFact[];
  readonly statements: ts.Statement[];
  chained?: EndpointFact["chained"];
}

/** The endpoints of a file: `serve`, `endpoint().bind().listen()`, and `createEndpointHandler` behind a Node server. */
export function endpointsIn(references: readonly SdkReference[], definitions: readonly Definition[], scope: Scope): Endpoint[] {
  return references.flatMap(({ node, name }) => {
    const call = node.parent;
    if (!ts.isCallExpression(call) || call.expression !== node) return [];
    if (name !== "serve" && name !== "endpoint" && name !== "createEndpointHandler" && !/^(fetch|lambda)\.(createEndpointHandler|endpoint)$/.test(name ?? "")) return [];
    scope.consumed.add(node);
    const draft: Draft = { services: [], names: [], lists: [], left: [], remarks: [], statements: [] };
    readEndpoint(name ?? "", call, draft, definitions, scope);
    return [
      {
        names: draft.names,
        lists: draft.lists,
        fact: {
          id: idOf(call),
          file: call.getSourceFile().fileName,
          statements: draft.statements.map(rangeOf),
          services: draft.services,
          whole: draft.lists.length > 0,
          left: draft.left,
          remarks: draft.remarks,
          bodies: draft.statements.filter((statement) => !ts.isBlock(statement.parent) && !ts.isSourceFile(statement.parent) && !ts.isModuleBlock(statement.parent)).map((statement) => statement.getStart()),
          chained: draft.chained,
        },
      },
    ];
  });
}

function readEndpoint(name: string, call: ts.CallExpression, draft: Draft, definitions: readonly Definition[], scope: Scope): void {
  if (/^(fetch|lambda)\./.test(name)) draft.left.push(leftAt(exportCode(name), call, subjectOf(call.expression)));
  const understood = name === "serve" ? readServe(call, draft, definitions, scope) : name.endsWith("endpoint") ? readBuilder(call, draft, definitions, scope) : readHandler(call, draft, definitions, scope);
  if (!understood && draft.left.length === 0) draft.left.push(leftAt("R0137", call, subjectOf(call)));
  for (const statement of understood ? draft.statements : []) if (!isTopLevel(statement)) draft.remarks.push(remarkAt("R0206", statement, "the code around the endpoint"));
}

function readServe(call: ts.CallExpression, draft: Draft, definitions: readonly Definition[], scope: Scope): boolean {
  const end = endOfChain(call);
  const statement = statementOf(end);
  if (statement) draft.statements.push(statement);
  if (end !== call) {
    draft.chained = { call: rangeOf(call), port: portOf(call) };
    draft.remarks.push(remarkAt("R0216", end, subjectOf(end).slice(subjectOf(call).length) || subjectOf(end)));
  }
  return readOptions(call, draft, definitions, scope) && statement !== undefined;
}

/** The outermost `.then(...)`, `.catch(...)` or `.finally(...)` behind a call. */
function endOfChain(call: ts.Expression): ts.Expression {
  const outer = outOfParens(call);
  const access = outer.parent;
  const isChained = ts.isPropertyAccessExpression(access) && /^(then|catch|finally)$/.test(access.name.text) && ts.isCallExpression(access.parent);
  return isChained ? endOfChain(access.parent as ts.CallExpression) : call;
}

/** The port that the endpoint would have listened on, as source text. */
function portOf(call: ts.CallExpression): string {
  const [options] = call.arguments;
  const property = options && ts.isObjectLiteralExpression(options) ? options.properties.find((candidate) => candidate.name?.getText() === "port") : undefined;
  return property && ts.isPropertyAssignment(property) ? property.initializer.getText() : "9080";
}

/** `serve(...)`, `await serve(...)`, `void serve(...)` as a statement of its own. */
function statementOf(call: ts.Expression): ts.Statement | undefined {
  let outer: ts.Node = outOfParens(call);
  while (ts.isAwaitExpression(outer.parent) || ts.isVoidExpression(outer.parent) || ts.isParenthesizedExpression(outer.parent)) outer = outer.parent;
  return ts.isExpressionStatement(outer.parent) ? outer.parent : undefined;
}

/** `createServer(createEndpointHandler(...)).listen(...)` in one statement, or through constants for the handler and the server. */
function readHandler(call: ts.CallExpression, draft: Draft, definitions: readonly Definition[], scope: Scope): boolean {
  const readable = readOptions(call, draft, definitions, scope);
  return readable && readServer(call, draft, scope);
}

function readServer(handler: ts.Expression, draft: Draft, scope: Scope): boolean {
  const outer = outOfParens(handler);
  const { parent } = outer;
  if (ts.isCallExpression(parent) && parent.arguments.includes(outer)) {
    const callee = parent.expression.getText();
    return /(^|\.)create(Secure)?Server$/.test(callee) && readListen(parent, draft, scope);
  }
  const [use, ...others] = usesOfConstant(parent, draft, scope) ?? [];
  return use !== undefined && others.length === 0 && readServer(use, draft, scope);
}

function readListen(server: ts.Expression, draft: Draft, scope: Scope): boolean {
  const outer = outOfParens(server);
  const access = outer.parent;
  if (ts.isPropertyAccessExpression(access) && access.name.text === "listen" && ts.isCallExpression(access.parent)) {
    const statement = statementOf(access.parent);
    if (statement) draft.statements.push(statement);
    return statement !== undefined;
  }
  const uses = usesOfConstant(access, draft, scope);
  return uses !== undefined && uses.length === 1 && uses.every((use) => readListen(use, draft, scope));
}

/** The uses of a top-level constant that holds a value; its statement joins the endpoint's. */
function usesOfConstant(declaration: ts.Node, draft: Draft, scope: Scope): ts.Identifier[] | undefined {
  if (!ts.isVariableDeclaration(declaration) || !ts.isIdentifier(declaration.name) || !isConst(declaration)) return undefined;
  const list = declaration.parent;
  const statement = list.parent;
  if (!ts.isVariableStatement(statement) || !ts.isVariableDeclarationList(list) || list.declarations.length > 1) return undefined;
  if (modifier(statement, ts.SyntaxKind.ExportKeyword)) return undefined; // another module may start it
  draft.statements.push(statement);
  return usesOf(declaration.name, scope);
}

function usesOf(name: ts.Identifier, scope: Scope): ts.Identifier[] {
  const symbol = scope.checker.getSymbolAtLocation(name);
  const found: ts.Identifier[] = [];
  walk(name.getSourceFile(), (node) => {
    if (ts.isIdentifier(node) && node !== name && node.text === name.text && symbolOf(node, scope.checker) === symbol) found.push(node);
  });
  return found;
}

/** `endpoint().bind(a).bind(b).listen(9080)`, in one chain or on a constant. */
function readBuilder(call: ts.CallExpression, draft: Draft, definitions: readonly Definition[], scope: Scope): boolean {
  const chain = readChain(call, draft, definitions, scope);
  if (chain === "left") return false;
  const end = endOfChain(chain);
  if (ts.isExpressionStatement(end.parent) || ts.isAwaitExpression(end.parent) || ts.isVoidExpression(end.parent)) {
    const statement = statementOf(end);
    if (statement) draft.statements.push(statement);
    if (end !== chain) {
      const [port] = ts.isCallExpression(chain) ? chain.arguments : [];
      draft.chained = { call: rangeOf(chain), port: port?.getText() ?? "9080" };
      draft.remarks.push(remarkAt("R0216", end, subjectOf(end)));
    }
    return statement !== undefined;
  }
  const uses = usesOfConstant(chain.parent, draft, scope);
  return uses !== undefined && uses.every((use) => {
    const end = readChain(use, draft, definitions, scope);
    const statement = end === "left" ? undefined : statementOf(end);
    if (statement) draft.statements.push(statement);
    return statement !== undefined || (end !== "left" && readServer(end, draft, scope));
  });
}

/** Follows the calls chained to a builder to the outermost expression. */
function readChain(start: ts.Expression, draft: Draft, definitions: readonly Definition[], scope: Scope): ts.Expression | "left" {
  let outer = outOfParens(start);
  for (;;) {
    const access = outer.parent;
    if (!ts.isPropertyAccessExpression(access) || access.expression !== outer) return outer;
    const call = access.parent;
    if (!ts.isCallExpression(call) || call.expression !== access) return "left";
    const method = access.name.text;
    if (/^(then|catch|finally)$/.test(method)) return outer;
    if (method === "bind") {
      const [argument] = call.arguments;
      if (!argument || !readService(argument, draft, definitions, scope)) return "left";
    } else if (method === "withIdentityV1" || method === "setLogger") draft.remarks.push(remarkAt("R0207", call.expression, method));
    else if (method === "http2Handler" || method === "http1Handler") return readServer(call, draft, scope) ? outOfParens(call) : "left";
    else if (method !== "listen") return "left";
    outer = outOfParens(call);
  }
}

const droppedOptions: ReadonlySet<string> = new Set(["identityKeys", "logger"]);
const silentOptions: ReadonlySet<string> = new Set(["port", "bidirectional"]);

function readOptions(call: ts.CallExpression, draft: Draft, definitions: readonly Definition[], scope: Scope): boolean {
  const [argument] = call.arguments;
  const options = argument && (literalBehind(unwrap(argument), draft, scope) ?? unwrap(argument));
  if (!options || !ts.isObjectLiteralExpression(options)) return false;
  let readable = true;
  for (const property of options.properties) {
    const name = property.name && propertyName(property.name);
    const value = ts.isPropertyAssignment(property) ? property.initializer : ts.isShorthandPropertyAssignment(property) ? property.name : undefined;
    if (name === "services" && value) readable = readServices(value, draft, definitions, scope) && readable;
    else if (name !== undefined && droppedOptions.has(name)) draft.remarks.push(remarkAt("R0207", property, name));
    else if (name === undefined || !silentOptions.has(name)) {
      draft.left.push(leftAt("R0105", property, name ?? subjectOf(property)));
      readable = false;
    }
  }
  return readable;
}

/** The object or array literal of a constant that is used only here; its statement joins the endpoint's. */
function literalBehind(node: ts.Expression, draft: Draft, scope: Scope): ts.Expression | undefined {
  const declaration = ts.isIdentifier(node) ? symbolOf(node, scope.checker)?.valueDeclaration : undefined;
  if (!declaration || !ts.isVariableDeclaration(declaration) || !declaration.initializer || declaration.getSourceFile() !== node.getSourceFile()) return undefined;
  if (ts.isVariableStatement(declaration.parent.parent) && modifier(declaration.parent.parent, ts.SyntaxKind.ExportKeyword)) return undefined;
  const uses = usesOfConstant(declaration, draft, scope);
  return uses?.length === 1 ? unwrap(declaration.initializer) : undefined;
}

/** A list of definitions: written in place, as a constant that is used nowhere else, or as one that other code has, too. */
function readServices(value: ts.Expression, draft: Draft, definitions: readonly Definition[], scope: Scope): boolean {
  const node = unwrap(value);
  const list = ts.isArrayLiteralExpression(node) ? node : literalBehind(node, draft, scope);
  if (!list || !ts.isArrayLiteralExpression(list)) return readShared(node, draft, scope);
  return list.elements.map((element) => (ts.isSpreadElement(element) ? readServices(element.expression, draft, definitions, scope) : readService(element, draft, definitions, scope))).every(Boolean);
}

function readShared(node: ts.Expression, draft: Draft, scope: Scope): boolean {
  const found = listNamed(node, scope);
  if (!found) return false;
  draft.names.push(found.name, ...namesIn(found.list));
  draft.lists.push(found.list);
  for (const definition of definitionsOf(found.list)) draft.services.push({ definition, range: rangeOf(node) });
  return true;
}

function readService(element: ts.Expression, draft: Draft, definitions: readonly Definition[], scope: Scope): boolean {
  const node = unwrap(element);
  const inline = ts.isCallExpression(node) ? definitions.find((definition) => definition.call === node) : undefined;
  if (inline) {
    draft.services.push({ definition: inline.fact.id, range: rangeOf(element) });
    return true;
  }
  const named = definitionNamed(node, scope);
  if (!named) return false;
  draft.services.push({ definition: named.definition, range: rangeOf(element), local: ts.isIdentifier(node) ? node.text : undefined });
  draft.names.push(named.name);
  return true;
}
