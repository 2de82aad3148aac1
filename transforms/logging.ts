import { keepingComments } from "../src/edits/comments.js";
import type { Output } from "../src/edits/output.js";
import { writeYield } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";

/** `ctx.console` prints once, not on replays: a recorded step does the same. `ctx.request().id` is the context's own id. */
export function logging(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) {
      const { eol } = plan.style(fn.file);
      if (site.concept === "request") out.replace(site.file, site.member, keepingComments(text, site.member, site.text, eol));
      if (site.concept !== "console") continue;
      out.replace(site.file, site.receiver, keepingComments(text, site.receiver, "console", eol));
      if (site.mode !== "step") continue;
      writeYield(out, site.file, text, { ...site.yielding, keyword: { start: site.call.start, end: site.call.start } }, `${site.context}.run(() => `, ")");
    }
  }
}

export default asJscodeshift("logging");
