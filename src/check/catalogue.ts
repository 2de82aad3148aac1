import type { CheckEntry, Rule } from "./rule.js";
import { callNotAwaited } from "./rules/call-not-awaited.js";
import { calledWithoutYield } from "./rules/called-without-yield.js";
import { classOfError } from "./rules/class-of-error.js";
import { colonInId } from "./rules/colon-in-id.js";
import { differsOnReplay } from "./rules/differs-on-replay.js";
import { foreignAwait } from "./rules/foreign-await.js";
import { nobodyRegisters } from "./rules/nobody-registers.js";
import { notYielded } from "./rules/not-yielded.js";
import { pendingAtReturn } from "./rules/pending-at-return.js";
import { registeredTwice } from "./rules/registered-twice.js";
import { timeoutWithoutTag } from "./rules/timeout-without-tag.js";
import { withoutCodec } from "./rules/without-codec.js";

/** What is unsafe in code for Resonate, in the order of the codes. */
export const rules: readonly Rule[] = [
  notYielded,
  foreignAwait,
  calledWithoutYield,
  differsOnReplay,
  nobodyRegisters,
  registeredTwice,
  withoutCodec,
  colonInId,
  classOfError,
  timeoutWithoutTag,
  pendingAtReturn,
  callNotAwaited,
];

/** What is left of Restate, and what kept `check` from looking. */
export const remains = {
  import: { code: "C0001", message: (s) => `A package of Restate is imported: ${s}.`, help: "Migrate this file: `restate-to-resonate <path>`." },
  marker: { code: "C0002", message: (s) => `A marker stands where a person must act: ${s}`, help: "Settle it by hand and remove the comment; `restate-to-resonate explain <code>` tells what it means." },
  dependency: { code: "C0003", message: (s) => `A package depends on Restate: ${s}.`, help: "Remove it once nothing imports it any more." },
  mention: { code: "C0004", message: (s) => `A script or configuration is about Restate: ${s}.`, help: "Start Resonate's server instead (`resonate serve`, image resonatehqio/resonate), and give workers its address in RESONATE_URL." },
  unreasoned: { code: "C0010", message: (s) => `A comment silences a finding and gives no reason: ${s}.`, help: "Say why: `// restate-to-resonate-ignore C0104: the value only goes into a log`." },
  unparsed: { code: "C0011", message: (s) => `The file has a syntax error and was not searched for what is unsafe: ${s}.`, help: "Mend it." },
} as const satisfies Readonly<Record<string, CheckEntry>>;

/** Everything that `check` can say, in the order of the codes. */
export const checkCatalogue: readonly CheckEntry[] = [...Object.values(remains), ...rules];
