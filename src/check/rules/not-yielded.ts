import { subjectOf } from "../../analysis/scope.js";
import { misuseOf, operationsIn } from "../operations.js";
import type { Rule } from "../rule.js";

/** `ctx.run(...)` on its own is a description of work: nothing happens until it is yielded. */
export const notYielded: Rule = {
  code: "C0101",
  message: (s) => `An operation of a context is not yielded, so it never happens: ${s}.`,
  why: "An operation of a context only describes work. Resonate does it when the description is yielded; nothing happens to one that is dropped, awaited or taken for its result.",
  help: "Write `yield*` before it.",
  find: (file, code) =>
    operationsIn(file, code).flatMap(({ call, awaited }) => {
      const misuse = misuseOf(call, awaited, code);
      return misuse === undefined ? [] : [{ node: call, subject: `${subjectOf(call)} is ${misuse}` }];
    }),
};
