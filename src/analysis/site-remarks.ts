import type { RemarkFact } from "./said-model.js";
import { shortened } from "./scope.js";
import type { CallbackSite, Site } from "./site-model.js";

/** What makes no entry in Restate's journal by itself. */
const unrecorded: ReadonlySet<Site["concept"]> = new Set<Site["concept"]>(["client", "key", "closure-type", "request", "invocation-id", "bare-id", "chain"]);

/**
 * Whether a callback may do something durable after it has waited: then what callbacks side by side do has no order of its own. One that
 * does one thing only does it where it is called.
 */
function mayWaitBetween({ shape, straight }: CallbackSite, sites: readonly Site[]): boolean {
  const inside = sites.filter((site) => !unrecorded.has(site.concept) && shape.range.start < site.range.start && site.range.end <= shape.range.end);
  return straight !== true || inside.length > 1 || inside.some((site) => site.concept === "helper-call" || site.concept === "handle" || site.concept === "plain-await");
}

/** What is said of the sites of one function; `text` is that of its file. */
export function siteRemarks(sites: readonly Site[], text: string): RemarkFact[] {
  const clears = sites.some((site) => site.concept === "state" && (site.member === "clear" || site.member === "clearAll"));
  const callbacks = sites.filter((site) => site.concept === "callback" && site.items && site.shape.async);
  return sites.flatMap((site): RemarkFact[] => {
    const remark = (code: string): RemarkFact[] => [{ code, file: site.file, range: site.range, subject: shortened(text.slice(site.range.start, site.range.end)) }];
    if (site.concept === "step" && site.options && (site.options.kind === "dynamic" || site.options.limited)) return remark("R0305");
    if (site.concept === "awakeable" && site.name === "awakeable") return remark("R0307");
    if (site.concept === "callback" && site.begins && site.items && site.shape.async && mayWaitBetween(site, sites)) return remark("R0308");
    if ((site.concept === "call" || site.concept === "send") && site.queuesBesideItself && callbacks.some(({ range }) => range.start <= site.range.start && site.range.end <= range.end)) return remark("R0309");
    return site.concept === "state" && site.member === "stateKeys" && clears ? remark("R0306") : [];
  });
}
