import { ts } from "../../analysis/compiler.js";
import { subjectOf } from "../../analysis/scope.js";
import { walk } from "../../analysis/syntax.js";
import { misuseOf } from "../operations.js";
import type { Rule, RuleFinding } from "../rule.js";

/** Calling a generator function makes a generator and runs none of its body. */
export const calledWithoutYield: Rule = {
  code: "C0103",
  message: (s) => `A durable function is called without \`yield*\`, so its body never runs: ${s}.`,
  why: "Calling a generator function makes a generator object and runs none of its body. `yield*` runs it; `ctx.run` and its like call it themselves.",
  help: "Write `yield*` before the call, or hand the function to `ctx.run`, `ctx.beginRun` or `ctx.rpc`.",
  find: (file, code) => {
    const found: RuleFinding[] = [];
    walk(file, (node) => {
      if (!ts.isCallExpression(node) || !code.isDurable(code.functionNamed(node.expression))) return;
      const misuse = misuseOf(node, true, code);
      if (misuse !== undefined) found.push({ node, subject: `${subjectOf(node)} is ${misuse}` });
    });
    return found;
  },
};
