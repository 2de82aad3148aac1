import { ts } from "../../analysis/compiler.js";
import { subjectOf } from "../../analysis/scope.js";
import { enclosingFunction, walk } from "../../analysis/syntax.js";
import type { ResonateCode } from "../resonate-code.js";
import type { Rule, RuleFinding } from "../rule.js";

const CRYPTO = /^(node:)?crypto$/;
const CALLS = new Set(["Date.now", "Math.random", "performance.now", "crypto.randomUUID", "crypto.getRandomValues", "crypto.randomBytes", "crypto.randomInt", "fetch"]);

/** Everything between steps runs again on every replay: what differs from pass to pass leads a replay astray, and I/O happens again. */
export const differsOnReplay: Rule = {
  code: "C0104",
  message: (s) => `This runs again on every replay, and may come out differently each time: ${s}.`,
  help: "Take the time from `yield* ctx.date.now()`, chance from `yield* ctx.math.random()`, and everything else from a step: `yield* ctx.run(() => crypto.randomUUID())`.",
  find: (file, code) => {
    const found: RuleFinding[] = [];
    walk(file, (node) => {
      if (isVolatile(node, code) && code.isDurable(enclosingFunction(node))) found.push({ node, subject: subjectOf(node) });
    });
    return found;
  },
};

function isVolatile(node: ts.Node, code: ResonateCode): boolean {
  if (ts.isNewExpression(node)) return (node.arguments?.length ?? 0) === 0 && nameOf(node.expression, code) === "Date";
  if (!ts.isCallExpression(node)) return false;
  const name = nameOf(node.expression, code);
  return name !== undefined && (CALLS.has(name) || name === "Date");
}

/** `Math.random`, whatever it was imported as; `undefined` for what the program defines itself. */
function nameOf(node: ts.Expression, code: ResonateCode): string | undefined {
  if (ts.isIdentifier(node)) return globalName(node, code);
  if (!ts.isPropertyAccessExpression(node)) return undefined;
  if (ts.isIdentifier(node.expression) && /^(globalThis|window|self)$/.test(node.expression.text)) return node.name.text;
  const owner = nameOf(node.expression, code);
  return owner === undefined ? undefined : `${owner}.${node.name.text}`;
}

function globalName(node: ts.Identifier, code: ResonateCode): string | undefined {
  const [declaration] = code.checker.getSymbolAtLocation(node)?.declarations ?? [];
  // The code is compiled without any library: a global has no declaration.
  if (!declaration) return node.text;
  const statement = ts.findAncestor(declaration, ts.isImportDeclaration);
  if (!statement || !ts.isStringLiteral(statement.moduleSpecifier) || !CRYPTO.test(statement.moduleSpecifier.text)) return undefined;
  return ts.isImportSpecifier(declaration) ? member(declaration) : "crypto";
}

function member({ propertyName, name }: ts.ImportSpecifier): string {
  const imported = (propertyName ?? name).text;
  return /^(webcrypto|default)$/.test(imported) ? "crypto" : `crypto.${imported}`;
}
