import type { Output } from "../src/edits/output.js";
import type { Plan } from "../src/plan.js";

/** Imports a name of a support module into a file, and gives its name there. */
export function importSupport(support: string, name: string, file: string, plan: Plan, out: Output, typeOnly = false): string {
  const module = plan.supportModule(file, support);
  out.support.set(module, support);
  const local = plan.localName(file, name);
  out.import(file, { name, as: local, from: { file: module }, ...(typeOnly ? { typeOnly } : {}) });
  return local;
}
