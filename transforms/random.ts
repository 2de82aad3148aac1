import { commentsOf, keepingComments } from "../src/edits/comments.js";
import type { Output } from "../src/edits/output.js";
import { writeYield } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { importSupport } from "./_support.js";

/** `ctx.rand` as recorded values; where no `yield*` can stand, as a generator seeded with the invocation. */
export function random(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) {
      if (site.concept !== "random") continue;
      if (site.mode === "seeded") {
        const randomOf = importSupport("random", "randomOf", site.file, plan, out);
        out.replace(site.file, site.receiver, keepingComments(text, site.receiver, `${randomOf}(${site.context})`, plan.style(site.file).eol));
        continue;
      }
      writeYield(out, site.file, text, site.yielding);
      const comments = commentsOf(text, site.call, plan.style(site.file).eol);
      out.replace(site.file, site.call, comments + (site.member === "random" ? `${site.context}.math.random()` : `${site.context}.run(() => ${cryptoIn(site.file, plan)}.randomUUID())`));
    }
  }
}

export default asJscodeshift("random");

/** The runtime's `crypto`, also where the file calls something else so. */
function cryptoIn(file: string, plan: Plan): string {
  const { declared, bindings } = plan.file(file);
  const isModule = bindings.some((binding) => binding.local === "crypto" && /^(node:)?crypto$/.test(binding.module) && !binding.typeOnly);
  return !declared.has("crypto") || isModule ? "crypto" : "globalThis.crypto";
}
