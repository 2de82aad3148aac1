import { ts } from "../../analysis/compiler.js";
import { subjectOf } from "../../analysis/scope.js";
import { type FunctionNode, walk } from "../../analysis/syntax.js";
import { exitsOf } from "../flow.js";
import type { ResonateCode } from "../resonate-code.js";
import type { Rule, RuleFinding } from "../rule.js";
import { volatileIn, volatilityOf } from "../volatile.js";

/** Everything between steps runs again on every replay: what differs from pass to pass leads a replay astray, and I/O happens again. */
export const differsOnReplay: Rule = {
  code: "C0104",
  message: (s) => `This runs again on every replay, and may come out differently each time: ${s}.`,
  why: "After a crash, a sleep or a wait the function runs again from its start, and finished steps give their recorded results. What stands between steps is evaluated anew: another time, another number, another branch, or the same I/O once more.",
  help: "Take the time from `yield* ctx.date.now()`, chance from `yield* ctx.math.random()`, and everything else from a step: `yield* ctx.run(() => crypto.randomUUID())`.",
  find: (file, code) => {
    const found: RuleFinding[] = [];
    walk(file, (node) => {
      if (code.isDurable(node)) found.push(...[...replayed(node, code)].sort((a, b) => a.pos - b.pos).map((place) => ({ node: place, subject: subjectOf(place) })));
    });
    return found;
  },
};

/**
 * What is evaluated before something durable, which a replay repeats. After the last of it nothing is replayed: a value that is made
 * there is recorded with the invocation's result. Where the function ends in the middle of an invocation, its caller may go on.
 */
function replayed(fn: FunctionNode, code: ResonateCode): ReadonlySet<ts.Node> {
  const found = new Set<ts.Node>();
  const report = (places: Iterable<ts.Node>): void => {
    for (const place of places) found.add(place);
  };
  const exits = exitsOf<ts.Node>(fn, (node, facts) => {
    const volatility = volatilityOf(node, code);
    if (volatility === "effect") found.add(node);
    if (volatility === "value") facts.add(node);
    for (const inner of volatileIn(node, code)) facts.add(inner);
    if (ts.isYieldExpression(node)) report(facts);
  });
  if (!code.endsInvocation(fn)) for (const { facts } of exits) report(facts);
  return found;
}
