import { namedCallsIn } from "../remote-names.js";
import type { Rule } from "../rule.js";

/**
 * A worker that lacks the function drops the task, and the caller waits for ever. Says nothing where the searched code registers
 * nothing at all, so that its workers are elsewhere, or registers under names that are only known when it runs.
 */
export const nobodyRegisters: Rule = {
  code: "C0105",
  message: (s) => `A function is called by a name that nobody in the searched code registers: ${s}.`,
  why: "A worker drops a task whose function it does not know. The caller then waits until its deadline.",
  help: 'Register it (`resonate.register(name, f)`), correct the name, search the code that registers it as well, or name the worker group that has it: `ctx.options({ target: "<group>" })`.',
  find: (file, code) => {
    if (code.registrations.length === 0 || code.registeredAs(undefined).length > 0) return [];
    return namedCallsIn(file, code)
      .filter(({ name }) => code.registeredAs(name).length === 0)
      .map(({ name, argument }) => ({ node: argument, subject: name }));
  },
};
