import type { ChainMember, ChainSite, CombineSite, GivenFact, HandleSite, SettledPromiseSite } from "../src/analysis/site-model.js";
import { keepingComments } from "../src/edits/comments.js";
import type { Output } from "../src/edits/output.js";
import { writeYield } from "../src/edits/yielding.js";
import { asJscodeshift } from "../src/jscodeshift.js";
import type { Plan } from "../src/plan.js";
import { writeBegun, writeOptionalCall } from "./_begun.js";
import { importSupport } from "./_support.js";
import { writeDuration } from "./time.js";

/** Durable promises that are not awaited where they are created are handles, which are combined by functions and awaited with `yield*`. */
export function promises(plan: Plan, out: Output): void {
  for (const fn of plan.functions) {
    const { text } = plan.file(fn.file);
    for (const site of fn.sites) {
      if (site.concept === "handle") {
        if (site.optional) writeOptionalCall(site, site.optional, out, text);
        else if (site.isWrapped) writeWrapped(site, plan, out, text);
        else if (site.absent) writeYield(out, site.file, text, site.yielding, `${importSupport("absent", "awaited", site.file, plan, out)}(`, ")");
        else writeBegun(site, site.yielding, plan, out, text);
        if (site.given) writeGiven(site, site.given, out);
      }
      if (site.concept === "combine") writeCombination(site, plan, out, text);
      if (site.concept === "chain") writeChain(site, plan, out, text);
      if (site.concept === "settled-promise") writeSettled(site, plan, out, text);
    }
  }
}

export default asJscodeshift("promises");

/** `charge({ ctx, item })`, begun: a child with a context of its own makes the call. */
function writeWrapped({ file, context, yielding }: HandleSite, plan: Plan, out: Output, text: string): void {
  const begin = importSupport("futures", "begin", file, plan, out);
  writeYield(out, file, text, yielding, `${begin}(${context}, ${context}.beginRun(function* (${context}) { return yield* `, `${plan.style(file).semicolon} }))`);
}

/** What took no context is handed one where it is called, or begun with it as a child. */
function writeGiven({ file, context, begins, yielding }: HandleSite, { callee, at, isEmpty }: GivenFact, out: Output): void {
  if (begins) {
    out.insert(file, callee.start, `${context}.beginRun(`, -yielding.end + 1);
    out.replace(file, { start: callee.end, end: at }, isEmpty ? "" : ", ");
  } else out.insert(file, at, isEmpty ? context : `${context}, `, Number.MIN_SAFE_INTEGER);
}

/** The value instead of a promise that has it; a `throw` instead of one that has failed, or what throws where no statement can stand. */
function writeSettled(site: SettledPromiseSite, plan: Plan, out: Output, text: string): void {
  const { file, member, head, tail, hasValue, parens, statement } = site;
  const { eol } = plan.style(file);
  const rest = keepingComments(text, tail, "", eol).replace(/^(?=\/)/, " ");
  const value = hasValue ? "" : "undefined";
  if (statement) {
    const before = `${member === "reject" ? "throw" : "return"} ${value}`;
    if (hasValue) out.replace(file, statement, keepingComments(text, statement, before, eol));
    else return out.replace(file, statement, before);
    return out.replace(file, tail, rest);
  }
  if (member === "reject") {
    writeYield(out, file, text, site.yielding);
    return out.replace(file, head, keepingComments(text, head, `${importSupport("futures", "rejected", file, plan, out)}(`, eol));
  }
  out.replace(file, head, keepingComments(text, head, `${parens ? "(" : ""}${value}`, eol));
  out.replace(file, tail, `${rest}${parens ? ")" : ""}`);
}

const functions: Readonly<Record<CombineSite["member"], string>> = {
  all: "all", allSettled: "allSettled", any: "any", race: "race", resolve: "resolved", reject: "rejected", orTimeout: "orTimeout", map: "mapped",
};

function writeCombination(site: CombineSite, plan: Plan, out: Output, text: string): void {
  const { file, member, head, receiver, duration, begins, context } = site;
  const { eol } = plan.style(file);
  const needsContext = member !== "resolve" && member !== "reject" && member !== "map";
  const name = importSupport("futures", member === "orTimeout" && begins ? "beginOrTimeout" : functions[member], file, plan, out);
  const breaks = !receiver && /^[ \t]*\r?\n/.test(text.slice(head.end));
  const open = `${name}(${needsContext ? `${context},${breaks ? "" : " "}` : ""}`;
  // A limit to the wait begins a timer; other combinations begin nothing.
  if (!begins || member === "orTimeout") writeYield(out, file, text, site.yielding);
  if (!receiver) return out.replace(file, head, keepingComments(text, head, open, eol));
  // Before what the receiver itself begins with, after the `yield*` of the whole.
  out.insert(file, receiver.start, open, -receiver.end - 0.5);
  out.replace(file, head, keepingComments(text, head, ", ", eol));
  if (duration) writeDuration(out, file, duration, plan, text);
}

const links: Readonly<Record<ChainMember, string>> = { then: "andThen", catch: "orElse", finally: "andFinally" };

/** The promise is wrapped, so that its methods can be called on it; what is not awaited on the spot begins. */
function writeChain(site: ChainSite, plan: Plan, out: Output, text: string): void {
  const { file, receiver, begins, context } = site;
  const chained = importSupport("chains", "chained", file, plan, out);
  writeYield(out, file, text, site.yielding, "", begins ? `.begin(${context})` : "");
  out.insert(file, receiver.start, `${chained}(`, -receiver.end - 0.5);
  out.insert(file, receiver.end, ")", 0.5 - receiver.start);
  for (const { member, name, typeArguments } of site.links) {
    out.replace(file, name, links[member]);
    if (typeArguments) out.replace(file, typeArguments, "");
  }
}
