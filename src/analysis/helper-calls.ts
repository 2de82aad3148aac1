import { isAsyncGenerator, isTaken } from "./async-items.js";
import { begunCallee } from "./begun-methods.js";
import { ts } from "./compiler.js";
import { addContext, contextTypeOf, parameterAt } from "./contexts.js";
import { fieldOf } from "./nested-contexts.js";
import { optionalCall } from "./optional-calls.js";
import { writesThroughCalls } from "./moving.js";
import { type Scope, functionNamed, idOf, isConst, subjectOf, symbolOf } from "./scope.js";
import type { SiteFinder } from "./sites.js";
import { containsAwait } from "./syntax.js";
import { type FunctionNode, isFunctionNode, modifier, outOfParens, rangeOf, walk } from "./syntax.js";

/** A call that hands the context on to a function of the project: a helper. */
export function findHelperCall(call: ts.CallExpression, argument: ts.Identifier | ts.PropertyAccessExpression, finder: SiteFinder): void {
  const { scope, findings } = finder;
  const target = helperAt(call, argument, scope);
  if (!target) return finder.leave("R0118", argument, subjectOf(call));
  findings.calls.add(idOf(target));
  findings.runs.push({ at: call, id: idOf(target) });
  findings.helperNames.push(ts.isPropertyAccessExpression(call.expression) ? call.expression.name : call.expression);
  if (!finder.isOwn(call)) return finder.leave(finder.inStep(call) ? "R0146" : "R0119", call);
  // Nobody waits for the call itself.
  if (isAsyncGenerator(target)) return isTaken(call) ? undefined : finder.leave("R0166", call);
  const atOnce = !returnsPromise(target, call, scope) || (ts.isExpressionStatement(outOfParens(call).parent) && !containsAwait(target));
  const consumption = atOnce ? finder.use.value(call) : finder.use.promise(call);
  if (consumption.kind === "left") return finder.leave(consumption.code, call);
  const canBegin = call.arguments[0] === argument && !call.typeArguments && !call.arguments.some(ts.isSpreadElement) && !call.arguments.some((other) => other !== argument && carriesContext(other, scope));
  const begun = canBegin ? begunCallee(call, target, scope) : undefined;
  const optional = optionalCall(call, consumption.outer, scope);
  if (optional === "left") return finder.leave("R0116", call);
  if (consumption.begins && (!begun || optional || throwsAtOnce(target))) return finder.leave("R0116", call);
  const written = consumption.begins ? writesThroughCalls(call, finder.fn, false, scope.checker) : undefined;
  if (written !== undefined) return finder.leave("R0152", call, written);
  if (consumption.begins) finder.begunValue(call, scope.checker.getResolvedSignature(call));
  findings.sites.push({ concept: "helper-call", ...finder.base(consumption), target: idOf(target), argument: rangeOf(argument), ...begun, ...(optional ? { optional } : {}) });
}

/** The function that a call hands the context to: one that is named, or one of those that the types say it may be. */
function helperAt(call: ts.CallExpression, argument: ts.Expression, scope: Scope): FunctionNode | undefined {
  const index = call.arguments.indexOf(argument);
  const named = call.questionDotToken ? undefined : functionNamed(call.expression, scope);
  const parameter = named && parameterAt(named, index);
  if (named && parameter) {
    if (!parameter.type && !ts.getJSDocType(parameter)) addContext(parameter, scope);
    if (scope.contextFunctions.has(named)) return named;
  }
  const { colours } = scope;
  const functions = (colours?.targetsOf(call) ?? []).flatMap((target) => colours?.membersOf(target) ?? []).filter((member): member is FunctionNode => isFunctionNode(member) && member.body !== undefined);
  // One that takes no context where others do leaves it alone.
  return functions.every((fn) => fn.parameters.length <= index || scope.contextFunctions.get(fn)?.parameter === fn.parameters[index]) ? functions.find((fn) => scope.contextFunctions.has(fn)) : undefined;
}

/** A function that can throw where it is called, before it gives a promise. */
function throwsAtOnce(target: FunctionNode): boolean {
  let throws = false;
  if (!modifier(target, ts.SyntaxKind.AsyncKeyword)) walk(target, (node) => {
    if (ts.isThrowStatement(node)) throws = true;
    return !throws && !ts.isFunctionLike(node);
  });
  return throws;
}

function returnsPromise(target: FunctionNode, call: ts.CallExpression, scope: Scope): boolean {
  if (modifier(target, ts.SyntaxKind.AsyncKeyword)) return true;
  return scope.checker.getTypeAtLocation(call).getProperty("then") !== undefined;
}

/** A function or an object of functions that captured the context of the code around it. */
export function carriesContext(node: ts.Expression, scope: Scope): boolean {
  const { checker, colours } = scope;
  const type = checker.getTypeAtLocation(node);
  const types = [type, ...(type.flags & ts.TypeFlags.Object ? type.getProperties().filter((property) => property.valueDeclaration && !property.valueDeclaration.getSourceFile().isDeclarationFile).map((property) => checker.getTypeOfSymbol(property)) : [])];
  return types.some((one) => one.getCallSignatures().some((signature) => signature.declaration && colours?.isDurable(signature.declaration)) || scope.sdk.contextOfType(one) !== undefined);
}

/**
 * Whether a context goes where its members are followed: into an object that is given to a function of the project on the spot, or kept in
 * a constant of which this holds; or to the constructor of a class that keeps it in a field.
 */
export function isHandedOn(node: ts.Identifier | ts.PropertyAccessExpression, finder: SiteFinder): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent)) return isKept(parent, node, finder);
  const isMember = ts.isShorthandPropertyAssignment(parent) || (ts.isPropertyAssignment(parent) && parent.initializer === node);
  if (!isMember || !ts.isObjectLiteralExpression(parent.parent)) return isTakenOut(node);
  return goesOn(outOfParens(parent.parent), parent.name.getText(), finder);
}

/** `const ctx = this.ctx;`, by which the function goes on. */
function isTakenOut(node: ts.Node): boolean {
  return ts.isPropertyAccessExpression(node) && ts.isVariableDeclaration(node.parent) && isConst(node.parent);
}

/** An object that holds the context, where it stands: given to a function of the project, or kept in a constant that goes there. */
function goesOn(node: ts.Expression, member: string, finder: SiteFinder): boolean {
  const { parent } = node;
  if (ts.isCallExpression(parent) && parent.arguments.includes(node)) return takesMember(parent, node, member, finder.scope);
  if (!ts.isVariableDeclaration(parent) || !isConst(parent) || parent.type || !ts.isIdentifier(parent.name)) return false;
  const { name } = parent;
  const symbol = finder.scope.checker.getSymbolAtLocation(name);
  let goes = symbol !== undefined;
  walk(finder.fn, (use) => {
    if (!ts.isIdentifier(use) || use === name || use.text !== name.text || symbolOf(use, finder.scope.checker) !== symbol) return;
    if (!isOtherMember(use, member) && !(ts.isCallExpression(use.parent) && takesMember(use.parent, use, member, finder.scope))) goes = false;
  });
  return goes;
}

function isOtherMember(use: ts.Identifier, member: string): boolean {
  return ts.isPropertyAccessExpression(use.parent) && use.parent.expression === use && use.parent.name.text !== member;
}

/** Whether a parameter that holds the context goes somewhere else with it: `agent(args)`. Another function of the project may have it. */
export function letsContextGo(node: ts.Identifier, { scope }: SiteFinder): boolean {
  const symbol = scope.contextHolders.size > 0 ? scope.checker.getSymbolAtLocation(node) : undefined;
  const { parent } = node;
  if (!symbol || !scope.contextHolders.has(symbol) || ts.isParameter(parent)) return false;
  if (ts.isPropertyAccessExpression(parent) || (ts.isVariableDeclaration(parent) && ts.isObjectBindingPattern(parent.name))) return false;
  const members = scope.checker.getTypeAtLocation(node).getProperties().filter((property) => scope.sdk.contextOfType(scope.checker.getTypeOfSymbol(property)) !== undefined);
  const value = ts.isSpreadAssignment(parent) ? outOfParens(parent.parent) : node;
  const call = value.parent;
  return !ts.isCallExpression(call) || !members.every((member) => takesMember(call, value, member.name, scope));
}

/** A function of the project that finds the context in what it is given. */
function takesMember(call: ts.CallExpression, argument: ts.Expression, member: string, { checker, nestedContexts, strayContexts, colours }: Scope): boolean {
  const declaration = checker.getResolvedSignature(call)?.declaration;
  if (!declaration) return false;
  const index = call.arguments.indexOf(argument);
  const functions = (colours?.membersOf(declaration) ?? [declaration]).filter((fn): fn is FunctionNode => isFunctionNode(fn) && fn.body !== undefined);
  return functions.length > 0 && functions.every((fn) => {
    const context = nestedContexts.get(fn);
    const parameter = fn.parameters[index];
    const property = parameter && checker.getTypeAtLocation(parameter).getProperty(member);
    if (!parameter || !property || property.declarations?.some((place) => strayContexts.has(place))) return false;
    // A pattern that leaves the context where it is keeps it from the function.
    return context !== undefined || (ts.isObjectBindingPattern(parameter.name) && !parameter.name.elements.some((element) => element.dotDotDotToken));
  });
}

/** `new Checkout(ctx)`, whose constructor does nothing with it but keep it. */
function isKept(call: ts.NewExpression, argument: ts.Expression, finder: SiteFinder): boolean {
  const { scope, findings } = finder;
  const owner = symbolOf(call.expression, scope.checker)?.declarations?.find(ts.isClassLike);
  const field = owner && fieldOf(owner, scope);
  leaveStrays(call, finder);
  const constructor = owner?.members.find((member): member is ts.ConstructorDeclaration => ts.isConstructorDeclaration(member) && member.body !== undefined);
  if (!owner || !field) return false;
  if (!constructor) return owner.heritageClauses !== undefined;
  const parameter = constructor.parameters[call.arguments?.indexOf(argument) ?? -1];
  if (!parameter?.type || !ts.isIdentifier(parameter.name)) return false;
  const written = contextTypeOf(parameter.type, scope);
  if (!written || !onlyKeeps(constructor, parameter.name)) return false;
  findings.contextTypes.push(written.alias ?? { node: parameter, type: parameter.type });
  return true;
}

/** Fields of an object that hold the context, and are used where no `yield*` can stand or by what is not followed. */
function leaveStrays(call: ts.NewExpression, finder: SiteFinder): void {
  const { checker, strayContexts } = finder.scope;
  for (const property of checker.getTypeAtLocation(call).getProperties()) {
    const stray = property.valueDeclaration && strayContexts.get(property.valueDeclaration);
    if (stray) finder.leave("R0162", stray);
  }
}

/** Whether a constructor only assigns what it is given to a field, or hands it to that of the class it extends. */
function onlyKeeps(constructor: ts.ConstructorDeclaration, name: ts.Identifier): boolean {
  let only = true;
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && node.text === name.text && node !== name && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node)) {
      const isAssigned = ts.isBinaryExpression(node.parent) && node.parent.right === node && ts.isPropertyAccessExpression(node.parent.left) && node.parent.left.expression.kind === ts.SyntaxKind.ThisKeyword;
      const isHanded = ts.isCallExpression(node.parent) && node.parent.expression.kind === ts.SyntaxKind.SuperKeyword;
      if (!isAssigned && !isHanded) only = false;
    }
    ts.forEachChild(node, visit);
  };
  if (constructor.body) visit(constructor.body);
  return only;
}
