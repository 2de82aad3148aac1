import type { Output } from "../src/edits/output.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";

/** Restate's error classes become those of the support module, which end a step and a handler in the same way. */
export function errors(plan: Plan, out: Output): void {
  for (const { file, range, name, owner } of plan.facts.errors) {
    if (!plan.regions.errors.has(owner)) continue;
    const module = plan.supportModule(file, "errors");
    out.support.set(module, "errors");
    const local = plan.localName(file, name);
    out.replace(file, range, local);
    out.import(file, { name, as: local, from: { file: module } });
  }
}

export default asJscodeshift("errors");
