import type { Output } from "../src/edits/output.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { importSupport } from "./_support.js";

/** Restate's error classes become those of the support module, which end a step and a handler in the same way. */
export function errors(plan: Plan, out: Output): void {
  for (const { file, range, name, owner } of plan.facts.errors) {
    if (!plan.regions.errors.has(owner)) continue;
    out.replace(file, range, importSupport("errors", name, file, plan, out));
  }
}

export default asJscodeshift("errors");
