import { ts } from "../../analysis/compiler.js";
import { subjectOf } from "../../analysis/scope.js";
import { enclosingFunction, walk } from "../../analysis/syntax.js";
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
      if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.InstanceOfKeyword) return;
      if (code.isDurable(enclosingFunction(node)) && isCaughtFromWork(node.left, code) && !survives(node.right, code)) found.push({ node, subject: subjectOf(node) });
    });
    return found;
  },
};

/** True for the variable of a `catch` whose `try` waits for durable work. */
function isCaughtFromWork(node: ts.Expression, code: ResonateCode): boolean {
  const declaration = ts.isIdentifier(node) ? code.checker.getSymbolAtLocation(node)?.valueDeclaration : undefined;
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
