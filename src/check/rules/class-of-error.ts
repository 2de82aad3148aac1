import { ts } from "../../analysis/compiler.js";
import { subjectOf } from "../../analysis/scope.js";
import { enclosingFunction, type FunctionNode, walk } from "../../analysis/syntax.js";
import type { ResonateCode } from "../resonate-code.js";
import type { Rule, RuleFinding } from "../rule.js";

/** What an error that was read from the store is an instance of all the same. */
const SURVIVING = new Set(["Error", "AggregateError"]);

/** After a replay an error has its name and message, and its class no more. */
export const classOfError: Rule = {
  code: "C0109",
  message: (s) => `The class of an error is lost on a replay, so this test comes out differently then: ${s}.`,
  why: "An error that came out of a step or a call is kept as name, message and stack. In the pass that ran the step `instanceof` holds; after a replay it does not, and the function takes another branch.",
  help: "Test the name: `error instanceof Error && error.name === \"CardDeclined\"`.",
  find: (file, code) => {
    const found: RuleFinding[] = [];
    walk(file, (node) => {
      if (testsClass(node, code) && code.isDurable(enclosingFunction(node))) found.push({ node, subject: subjectOf(node) });
    });
    return found;
  },
};

/** True for a test of a caught error, here or in a function that it is given to. */
function testsClass(node: ts.Node, code: ResonateCode): boolean {
  if (isClassTest(node)) return isCaughtFromWork(node.left, code) && !survives(node.right, code);
  if (!ts.isCallExpression(node)) return false;
  const caught = node.arguments.findIndex((argument) => isCaughtFromWork(argument, code));
  const fn = caught < 0 ? undefined : code.functionNamed(node.expression);
  return fn !== undefined && !fn.asteriskToken && testsParameter(fn, caught, code);
}

function isClassTest(node: ts.Node): node is ts.BinaryExpression {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
}

function testsParameter(fn: FunctionNode, index: number, code: ResonateCode): boolean {
  const name = fn.parameters[index]?.name;
  const symbol = name && ts.isIdentifier(name) ? code.checker.getSymbolAtLocation(name) : undefined;
  let tests = false;
  walk(fn, (node) => {
    tests ||= isClassTest(node) && symbol !== undefined && code.symbolOf(node.left) === symbol && !survives(node.right, code);
  });
  return tests;
}

/** True for the variable of a `catch` whose `try` waits for durable work. */
function isCaughtFromWork(node: ts.Expression, code: ResonateCode): boolean {
  const value = code.valueOf(node);
  const declaration = ts.isIdentifier(value) ? code.checker.getSymbolAtLocation(value)?.valueDeclaration : undefined;
  const clause = declaration?.parent;
  if (!clause || !ts.isCatchClause(clause)) return false;
  let works = false;
  walk(clause.parent.tryBlock, (inner) => {
    if (ts.isFunctionLike(inner)) return false;
    if (ts.isYieldExpression(inner)) works = true;
  });
  return works;
}

function survives(expression: ts.Expression, code: ResonateCode): boolean {
  const symbol = code.symbolOf(expression);
  const [declaration] = symbol?.declarations ?? [];
  if (!declaration) return ts.isIdentifier(expression) && SURVIVING.has(expression.text);
  return ts.isClassLike(declaration) ? recognisesStored(declaration, code) : isImportOfSdk(declaration);
}

/** A class that decides on `instanceof` itself can know what was read from the store; so can those beside it that inherit this. */
function recognisesStored(declaration: ts.ClassLikeDeclaration, code: ResonateCode): boolean {
  if (declaration.members.some((member) => member.name?.getText() === "[Symbol.hasInstance]")) return true;
  const parent = declaration.heritageClauses?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)?.types[0]?.expression;
  const [base] = (parent && code.symbolOf(parent)?.declarations) ?? [];
  return base !== undefined && ts.isClassLike(base) && base.getSourceFile() === declaration.getSourceFile() && recognisesStored(base, code);
}

function isImportOfSdk(declaration: ts.Declaration): boolean {
  const statement = ts.findAncestor(declaration, ts.isImportDeclaration);
  return statement !== undefined && ts.isStringLiteral(statement.moduleSpecifier) && statement.moduleSpecifier.text === "@resonatehq/sdk";
}
