import type { RemarkFact } from "./said-model.js";
import { shortened } from "./scope.js";
import type { Site } from "./site-model.js";

/** What is said of the sites of one function; `text` is that of its file. */
export function siteRemarks(sites: readonly Site[], text: string): RemarkFact[] {
  const clears = sites.some((site) => site.concept === "state" && (site.member === "clear" || site.member === "clearAll"));
  const callbacks = sites.filter((site) => site.concept === "callback" && site.items && site.shape.async);
  return sites.flatMap((site): RemarkFact[] => {
    const remark = (code: string): RemarkFact[] => [{ code, file: site.file, range: site.range, subject: shortened(text.slice(site.range.start, site.range.end)) }];
    if (site.concept === "step" && site.options && (site.options.kind === "dynamic" || site.options.limited)) return remark("R0305");
    if (site.concept === "awakeable" && site.name === "awakeable") return remark("R0307");
    if (site.concept === "callback" && site.begins && site.items && site.shape.async) return remark("R0308");
    if ((site.concept === "call" || site.concept === "send") && site.queuesBesideItself && callbacks.some(({ range }) => range.start <= site.range.start && site.range.end <= range.end)) return remark("R0309");
    return site.concept === "state" && site.member === "stateKeys" && clears ? remark("R0306") : [];
  });
}
