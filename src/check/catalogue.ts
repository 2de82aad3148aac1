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
  import: { code: "C0001", message: (s) => `A package of Restate is imported: ${s}.`, why: "What is imported from Restate still runs on Restate's server, beside whatever runs on Resonate.", help: "Migrate this file: `restate-to-resonate <path>`." },
  marker: { code: "C0002", message: (s) => `A marker stands where a person must act: ${s}`, why: "A migration left this place as it was, or cannot know what is meant. Until somebody decides, the program does something else than it did.", help: "Settle it by hand and remove the comment; `restate-to-resonate explain <code>` tells what it means." },
  dependency: { code: "C0003", message: (s) => `A package depends on Restate: ${s}.`, why: "It is installed with the program and hides imports that come back.", help: "Remove it once nothing imports it any more." },
  mention: { code: "C0004", message: (s) => `A script or configuration is about Restate: ${s}.`, why: "Code that was migrated no longer talks to Restate's server: what starts, registers or names it does nothing for it.", help: "Start Resonate's server instead (`resonate serve`, image resonatehqio/resonate), and give workers its address in RESONATE_URL." },
  address: { code: "C0005", message: (s) => `Restate's server is called here: ${s}.`, why: "Migrated handlers are not served by Restate's ingress any more, and its admin API knows nothing of workers of Resonate: such a call fails, or reaches an old deployment.", help: "Call through a client of Resonate, `resonate.rpc(id, name, ...args)`, or by `resonate invoke`; there is no admin API, since workers announce themselves." },
  unreasoned: { code: "C0010", message: (s) => `A comment silences a finding and gives no reason: ${s}.`, why: "Who reads it later cannot tell whether it still holds. It silences nothing until it says why.", help: "Say why: `// restate-to-resonate-ignore C0104: the value only goes into a log`." },
  unparsed: { code: "C0011", message: (s) => `The file has a syntax error and was not searched for what is unsafe: ${s}.`, why: "What is unsafe in it would go unseen.", help: "Mend it." },
  olderSdk: { code: "C0012", severity: "warning", message: (s) => `Code for an SDK before 0.7.0 was not searched for what is unsafe: ${s}.`, why: "The rules are about generator functions. On code of the older SDK they would be wrong.", help: "Its durable functions are async; later ones are generators. Check again when the SDK is up to date." },
} as const satisfies Readonly<Record<string, CheckEntry>>;

/** Everything that `check` can say, in the order of the codes. */
export const checkCatalogue: readonly CheckEntry[] = [...Object.values(remains), ...rules];
