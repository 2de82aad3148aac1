import { ts } from "../../analysis/compiler.js";
import { isTopLevel } from "../../analysis/syntax.js";
import type { Registration, ResonateCode } from "../resonate-code.js";
import type { Rule } from "../rule.js";

/** The SDK throws at the second registration of a name and version on one client. */
export const registeredTwice: Rule = {
  code: "C0106",
  message: (s) => `A name is registered twice on one client: ${s}.`,
  why: "The SDK throws at the second registration, so the worker does not start.",
  help: "Register each function under a name of its own, or as another version: `resonate.register(name, f, { version: 2 })`.",
  find: (file, code) =>
    code
      .registrationsOf(file)
      .flatMap((registration) => {
        const alike = code.registeredAs(registration.name);
        const earlier = alike.slice(0, alike.indexOf(registration)).find((other) => isSame(other, registration) && bothHappen(other.call, registration.call, code));
        return earlier ? [{ node: registration.call, subject: `${registration.name ?? ""}, also at ${placeOf(earlier.call)}` }] : [];
      }),
};

function isSame(a: Registration, b: Registration): boolean {
  return a.name !== undefined && a.name === b.name && a.version === b.version && a.client !== undefined && a.client === b.client;
}

/** Branches may exclude each other, and modules may belong to different programs: only what surely meets counts. */
function bothHappen(a: ts.CallExpression, b: ts.CallExpression, code: ResonateCode): boolean {
  const [first, second] = [statementOf(a), statementOf(b)];
  if (!first || !second) return false;
  if (first.parent === second.parent && !ts.isIfStatement(first.parent)) return true;
  return isTopLevel(first) && isTopLevel(second) && code.canMeet(a.getSourceFile().fileName, b.getSourceFile().fileName);
}

function statementOf(call: ts.Node): ts.Node | undefined {
  return ts.findAncestor(call, ts.isStatement);
}

function placeOf(node: ts.Node): string {
  const file = node.getSourceFile();
  return `${file.fileName.slice(file.fileName.lastIndexOf("/") + 1)}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}
