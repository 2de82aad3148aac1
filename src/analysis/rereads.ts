import { ts } from "./compiler.js";
import type { Site } from "./site-model.js";
import { remarkAt, subjectOf } from "./scope.js";
import { type FunctionNode, idOf } from "./syntax.js";
import type { Work } from "./work.js";

/** Operations at which an invocation may be suspended: the next pass runs all that stands before them once more. */
const suspending: ReadonlySet<Site["concept"]> = new Set<Site["concept"]>(["sleep", "call", "awakeable", "invocation", "workflow-promise", "promise-method", "handle", "combine", "chain", "callback"]);

/** Adds a remark to every function that reads the time or chance outside of a step and waits for something afterwards. */
export function remarkRereads(work: Work): void {
  const byId = new Map([...work.findings.keys()].map((fn) => [idOf(fn), fn]));
  const waits = new Map<FunctionNode, boolean>();
  const waiting = (fn: FunctionNode): boolean => {
    const known = waits.get(fn);
    if (known !== undefined) return known;
    waits.set(fn, false);
    waits.set(fn, waitsIn(fn).length > 0);
    return waits.get(fn) ?? false;
  };
  const waitsIn = (fn: FunctionNode): Site[] =>
    (work.findings.get(fn)?.sites ?? []).filter((site) => {
      const target = site.concept === "helper-call" ? byId.get(site.target) : undefined;
      return suspending.has(site.concept) || (target !== undefined && waiting(target));
    });
  const callers = new Map<string, FunctionNode[]>();
  for (const [fn, { calls }] of work.findings) for (const id of calls) callers.set(id, [...(callers.get(id) ?? []), fn]);
  const seen = new Set<FunctionNode>();
  const calledByWaiting = (fn: FunctionNode): boolean => {
    if (seen.has(fn)) return false;
    seen.add(fn);
    return (callers.get(idOf(fn)) ?? []).some((caller) => waiting(caller) || calledByWaiting(caller));
  };
  for (const [fn, findings] of work.findings) {
    const own = waitsIn(fn);
    seen.clear();
    const isHelper = findings.volatile.length > 0 && calledByWaiting(fn);
    for (const node of findings.volatile) {
      const loop = ts.findAncestor(node, (ancestor) => ancestor !== fn && ts.isIterationStatement(ancestor, false));
      const from = loop?.getStart() ?? node.end;
      if (isHelper || own.some(({ range }) => range.end > from)) findings.remarks.push(remarkAt("R0223", node, subjectOf(node)));
    }
  }
}
