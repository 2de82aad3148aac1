import { ts } from "./compiler.js";
import { addContext } from "./contexts.js";
import type { DefinitionFact, HandlerFact, SchemaFact } from "./definition-model.js";
import type { LeftFact, RemarkFact } from "./said-model.js";
import type { SdkReference } from "./references.js";
import { type Scope, functionNamed, idOf, leftAt, remarkAt, subjectOf } from "./scope.js";
import { type FunctionNode, constantText, isFunctionNode, modifier, outOfParens, propertyName, rangeOf, unwrap, walk } from "./syntax.js";

/** A definition while its nodes are alive. */
export interface Definition {
  readonly fact: DefinitionFact;
  readonly call: ts.CallExpression;
  readonly symbol?: ts.Symbol;
  readonly functions: readonly FunctionNode[];
  /** Where handlers declared elsewhere are named. */
  readonly names: readonly ts.Node[];
}

const kinds = new Set(["service", "object", "workflow"] as const);
type Kind = DefinitionFact["kind"];

function kindOf(name: string | undefined): Kind | undefined {
  return [...kinds].find((kind) => kind === name);
}

/** The definitions of a file: every call of `service`, `object` and `workflow`. */
export function definitionsIn(references: readonly SdkReference[], scope: Scope): Definition[] {
  return references.flatMap(({ node, name }) => {
    const kind = kindOf(name);
    const call = node.parent;
    if (kind === undefined || !ts.isCallExpression(call) || call.expression !== node) return [];
    scope.consumed.add(node);
    return [readDefinition(kind, call, scope)];
  });
}

function readDefinition(kind: Kind, call: ts.CallExpression, scope: Scope): Definition {
  const left: LeftFact[] = [];
  const remarks: RemarkFact[] = [];
  const [argument] = call.arguments;
  const literal = argument && unwrap(argument);
  const members = literal && ts.isObjectLiteralExpression(literal) ? membersOf(literal) : undefined;
  const nameNode = members?.get("name");
  const name = nameNode && constantText(nameNode, scope.checker);
  if (!members || name === undefined) left.push(leftAt("R0104", call, "its name is not a constant"));
  const placement = placementOf(call, scope);
  if (!placement) left.push(leftAt("R0104", call, "it is not a constant at the top level of its module"));
  const read = readHandlers(kind, members?.get("handlers"), call, scope);
  left.push(...read.left);
  remarks.push(...read.remarks);
  const options: OptionsRead = { left, remarks };
  for (const [option, value] of members ?? []) if (option !== "name" && option !== "handlers") readOptions(option, value, options);
  return {
    call,
    symbol: placement && symbolAt(placement, call, scope),
    functions: read.functions,
    names: read.names,
    fact: {
      id: idOf(call),
      file: call.getSourceFile().fileName,
      kind,
      name: name ?? "?",
      variable: placement?.name?.text,
      statement: rangeOf(placement?.statement ?? call),
      expression: rangeOf(call),
      place: placement?.place ?? "statement",
      exported: placement?.exported ?? false,
      handlers: read.handlers.map((handler) => ({ ...handler, retryPolicy: handler.retryPolicy ?? options.retryPolicy })),
      left,
      remarks,
    },
  };
}

/** The symbol by which other code reaches the definition. */
function symbolAt(placement: Placement, call: ts.CallExpression, scope: Scope): ts.Symbol | undefined {
  if (placement.name) return scope.checker.getSymbolAtLocation(placement.name);
  const file: ts.SourceFile & { readonly symbol?: ts.Symbol } = call.getSourceFile();
  // The checker gives no symbol for a CommonJS module; the binder's is not part of the public type.
  const module = placement.place === "statement" ? (scope.checker.getSymbolAtLocation(file) ?? file.symbol) : undefined;
  if (!module) return undefined;
  const target = outOfParens(call).parent;
  const name = ts.isBinaryExpression(target) && ts.isPropertyAccessExpression(target.left) ? target.left.name.text : "default";
  return scope.checker.getExportsOfModule(module).find((candidate) => candidate.name === (name === "exports" ? "export=" : name));
}

interface Placement {
  readonly statement: ts.Node;
  readonly place: DefinitionFact["place"];
  readonly name?: ts.Identifier;
  readonly exported: boolean;
}

/** Where a definition stands: in a statement of its own, or inside of an endpoint's list at the top level. */
function placementOf(call: ts.CallExpression, scope: Scope): Placement | undefined {
  const outer = outOfParens(call);
  const { parent } = outer;
  if (ts.isVariableDeclaration(parent) && ts.isIdentifier(parent.name)) {
    const list = parent.parent;
    const statement = list.parent;
    if (!ts.isVariableDeclarationList(list) || !ts.isVariableStatement(statement) || !ts.isSourceFile(statement.parent) || !list.declarations.every((other) => isDefinition(other, scope))) return undefined;
    return { statement, place: "statement", name: parent.name, exported: modifier(statement, ts.SyntaxKind.ExportKeyword) !== undefined };
  }
  if (ts.isExportAssignment(parent) && ts.isSourceFile(parent.parent)) return { statement: parent, place: "statement", exported: true };
  if (isCommonJsExport(parent, outer)) return { statement: parent.parent, place: "statement", exported: true };
  const statement = ts.findAncestor(call, (node) => ts.isStatement(node) && ts.isSourceFile(node.parent));
  const nearest = ts.findAncestor(call, ts.isStatement);
  return statement && nearest === statement && !ts.isVariableDeclaration(parent) ? { statement, place: "inline", exported: false } : undefined;
}

function isDefinition(declaration: ts.VariableDeclaration, scope: Scope): boolean {
  const value = declaration.initializer && unwrap(declaration.initializer);
  return value !== undefined && ts.isCallExpression(value) && kindOf(scope.sdk.nameOf(value.expression)) !== undefined;
}

/** `module.exports = restate.service(...)` and `exports.greeter = restate.service(...)`. */
function isCommonJsExport(parent: ts.Node, value: ts.Expression): boolean {
  return ts.isBinaryExpression(parent) && parent.right === value && ts.isExpressionStatement(parent.parent) && ts.isSourceFile(parent.parent.parent) && /^(module\.)?exports\b/.test(parent.left.getText());
}

function membersOf(literal: ts.ObjectLiteralExpression): Map<string, ts.Expression> | undefined {
  const members = new Map<string, ts.Expression>();
  for (const property of literal.properties) {
    const name = property.name && propertyName(property.name);
    if (name === undefined) return undefined;
    if (ts.isPropertyAssignment(property)) members.set(name, property.initializer);
    else if (ts.isShorthandPropertyAssignment(property)) members.set(name, property.name);
    else return undefined;
  }
  return members;
}

interface Handlers {
  readonly handlers: HandlerFact[];
  readonly functions: FunctionNode[];
  readonly names: ts.Node[];
  readonly left: LeftFact[];
  readonly remarks: RemarkFact[];
}

function readHandlers(kind: Kind, node: ts.Expression | undefined, call: ts.CallExpression, scope: Scope): Handlers {
  const result: Handlers = { handlers: [], functions: [], names: [], left: [], remarks: [] };
  const literal = node && unwrap(node);
  if (!literal || !ts.isObjectLiteralExpression(literal)) {
    result.left.push(leftAt("R0104", node ?? call, "its handlers are not an object literal"));
    return result;
  }
  for (const property of literal.properties) readHandler(kind, property, result, scope);
  return result;
}

function readHandler(kind: Kind, property: ts.ObjectLiteralElementLike, result: Handlers, scope: Scope): void {
  const name = property.name && propertyName(property.name);
  const value = handlerValue(property);
  if (name === undefined || !value) {
    result.left.push(leftAt("R0104", property, `the handler ${subjectOf(property)}`));
    return;
  }
  const wrapped: Unwrapped = isFunctionNode(value) ? { fn: value } : unwrapHandler(kind, value, result, scope);
  const expression = wrapped.fn;
  const fn = expression && (isFunctionNode(expression) ? expression : functionNamed(expression, scope));
  if (!fn || !expression || fn.asteriskToken) {
    result.left.push(leftAt("R0104", property, `the handler ${name}`));
    return;
  }
  const [context, ...inputs] = fn.parameters;
  if (context) {
    addContext(context, scope);
    if (!ts.isIdentifier(context.name)) result.left.push(leftAt("R0118", context, subjectOf(context)));
  }
  if (wrapped.input && inputs[0]?.initializer) result.left.push(leftAt("R0104", property, `the default value of an input that a schema validates in ${name}`));
  if (inputs.length > 1 || inputs.some((input) => input.dotDotDotToken) || context?.dotDotDotToken) result.left.push(leftAt("R0104", property, `the parameters of ${name}`));
  if (!scope.contextFunctions.has(fn)) scope.contextFunctions.set(fn, undefined);
  const inline = isFunctionNode(expression);
  if (inline && ts.isFunctionExpression(expression) && expression.name && namesItself(expression, expression.name)) result.left.push(leftAt("R0104", property, `the handler ${name}, which calls itself by an inner name`));
  result.functions.push(fn);
  scope.handlers.set(fn, kind);
  if (!inline) result.names.push(ts.isPropertyAccessExpression(expression) ? expression.name : expression);
  result.handlers.push({
    name,
    property: rangeOf(property),
    function: idOf(fn),
    place: inline ? "inline" : "reference",
    reference: inline ? undefined : expression.getText(),
    input: wrapped.input,
    takesInput: inputs.length > 0,
    mode: wrapped.mode ?? defaultMode(kind, name),
    retryPolicy: wrapped.retryPolicy,
  });
  if ( wrapped.input && !inline) result.left.push(leftAt("R0104", property, `the input schema of ${name}, whose function is declared elsewhere`));
}

function namesItself(fn: FunctionNode, name: ts.Identifier): boolean {
  let found = false;
  walk(fn, (node) => {
    if (node !== name && ts.isIdentifier(node) && node.text === name.text) found = true;
  });
  return found;
}

function handlerValue(property: ts.ObjectLiteralElementLike): ts.Expression | FunctionNode | undefined {
  if (ts.isMethodDeclaration(property)) return property;
  if (ts.isShorthandPropertyAssignment(property)) return property.name;
  return ts.isPropertyAssignment(property) ? unwrap(property.initializer) : undefined;
}

interface Unwrapped {
  readonly fn?: ts.Expression | FunctionNode;
  readonly input?: SchemaFact;
  readonly mode?: HandlerFact["mode"];
  readonly retryPolicy?: string;
}

/** What a wrapper makes of a handler, by kind of definition: the wrapper decides, not the context's annotation. */
const wrappers: Readonly<Record<string, { readonly kind: Kind; readonly mode: HandlerFact["mode"] }>> = {
  "handlers.handler": { kind: "service", mode: "service" },
  createServiceHandler: { kind: "service", mode: "service" },
  "handlers.object.exclusive": { kind: "object", mode: "exclusive" },
  createObjectHandler: { kind: "object", mode: "exclusive" },
  "handlers.object.shared": { kind: "object", mode: "shared" },
  createObjectSharedHandler: { kind: "object", mode: "shared" },
  "handlers.workflow.workflow": { kind: "workflow", mode: "run" },
  createWorkflowHandler: { kind: "workflow", mode: "run" },
  "handlers.workflow.shared": { kind: "workflow", mode: "shared" },
  createWorkflowSharedHandler: { kind: "workflow", mode: "shared" },
};

function defaultMode(kind: Kind, name: string): HandlerFact["mode"] {
  if (kind === "workflow") return name === "run" ? "run" : "shared";
  return kind === "object" ? "exclusive" : "service";
}

/** Looks behind `handlers.handler(opts?, fn)` and its relatives. */
function unwrapHandler(kind: Kind, value: ts.Expression, result: Handlers, scope: Scope): Unwrapped {
  if (!ts.isCallExpression(value)) return { fn: value };
  const name = scope.sdk.nameOf(value.expression) ?? "";
  const wrapper = wrappers[name];
  if (!wrapper) return {};
  scope.consumed.add(value.expression);
  if (wrapper.kind !== kind) result.left.push(leftAt("R0104", value.expression, subjectOf(value.expression)));
  const [first, second] = value.arguments;
  const fn = second ?? first;
  return { fn: fn && unwrap(fn), ...(second && first ? readHandlerOptions(unwrap(first), result, scope) : {}), mode: wrapper.mode };
}

function readHandlerOptions(options: ts.Expression, result: Handlers, scope: Scope): Pick<Unwrapped, "input" | "retryPolicy"> {
  const members = ts.isObjectLiteralExpression(options) ? membersOf(options) : undefined;
  if (!members) {
    result.left.push(leftAt("R0105", options, subjectOf(options)));
    return {};
  }
  let input: SchemaFact | undefined;
  const read: OptionsRead = { left: result.left, remarks: result.remarks };
  for (const [option, value] of members) {
    if (option === "input" || option === "output") {
      const serde = readSerde(value, scope);
      if (!serde) result.left.push(leftAt("R0149", value, subjectOf(value)));
      else if (option === "input") input = serde.schema;
    } else readOptions(option, value, read);
  }
  return { input, retryPolicy: read.retryPolicy };
}

/** A serialiser that stands for JSON, with the schema it validates by. */
function readSerde(value: ts.Expression, scope: Scope): { readonly schema?: SchemaFact } | undefined {
  const node = unwrap(value);
  const name = scope.sdk.nameOf(ts.isCallExpression(node) ? node.expression : node);
  if (name === "serde.json" || name === "serde.empty") {
    scope.consumed.add(node);
    return {};
  }
  const [schema] = ts.isCallExpression(node) ? node.arguments : [];
  if (!schema || !ts.isCallExpression(node) || (name !== "serde.schema" && name !== "zod.serde.zod")) return undefined;
  scope.consumed.add(node.expression);
  return { schema: { range: rangeOf(schema), entity: isEntityName(schema), how: name === "serde.schema" ? "standard" : "zod" } };
}

function isEntityName(node: ts.Expression): boolean {
  return ts.isIdentifier(node) || (ts.isPropertyAccessExpression(node) && isEntityName(node.expression));
}

/** Options that only Restate's server, discovery or journal look at. */
const dropped: ReadonlySet<string> = new Set([
  "description", "metadata", "journalRetention", "idempotencyRetention", "inactivityTimeout", "abortTimeout", "ingressPrivate", "enableLazyState", "workflowRetention", "accept", "setOutputContentTypeIfEmpty",
]);

/** What comes of options, as they are read. */
interface OptionsRead {
  readonly left: LeftFact[];
  readonly remarks: RemarkFact[];
  /** How a handler is run again after a failure, as it is written. */
  retryPolicy?: string;
}

/** An object literal of literals only: it means the same wherever it is written. */
function isPlainData(node: ts.Expression): boolean {
  if (ts.isObjectLiteralExpression(node)) return node.properties.every((property) => ts.isPropertyAssignment(property) && !ts.isComputedPropertyName(property.name) && isPlainData(property.initializer));
  return ts.isNumericLiteral(node) || ts.isStringLiteralLike(node) || (ts.isBinaryExpression(node) && isPlainData(node.left) && isPlainData(node.right));
}

function readOptions(option: string, value: ts.Expression, result: OptionsRead): void {
  if (option === "retryPolicy" && isPlainData(unwrap(value))) {
    result.retryPolicy = value.getText();
    return;
  }
  if (dropped.has(option)) {
    result.remarks.push(remarkAt("R0205", value, option));
    return;
  }
  const nested = option === "options" ? unwrap(value) : undefined;
  const members = nested && ts.isObjectLiteralExpression(nested) ? membersOf(nested) : undefined;
  if (members) for (const [name, member] of members) readOptions(name, member, result);
  else result.left.push(leftAt("R0105", value, option));
}
