/** What `verify` has to say of a broken program. */
export interface Diagnosis {
  /** The problem's code in `verify`'s report. */
  readonly problem: string;
  /** The registered function that the problem belongs to. */
  readonly function: string;
  /** What the message has to name for a reader to find the place: a step's function, an id, a name. */
  readonly names: RegExp;
  /** What the reason has to name, where it takes more than a look at the message to see the cause. */
  readonly because?: RegExp;
}

/** A folder with `broken.ts`, its corrected twin `fixed.ts` and one scenario for both. */
export interface DefectiveProgram {
  readonly folder: string;
  /** What is wrong with `broken.ts`, and by which fact of SEMANTICS.md or of the SDK. */
  readonly wrong: string;
  readonly diagnosis: Diagnosis;
}

/** One program per class of defect. Each broken one was seen to misbehave on the SDK's own network, except where only a real server refuses it. */
export const programs: readonly DefectiveProgram[] = [
  {
    folder: "clock-branch",
    wrong: "branches on Date.now(), which is later on the next pass",
    diagnosis: { problem: "diverged", function: "bookRoom", names: /applyDiscount/, because: /Date\.now\(\)/ },
  },
  {
    folder: "random-branch",
    wrong: "branches on Math.random(), which differs on each pass",
    diagnosis: { problem: "diverged", function: "shipAll", names: /openAudit/, because: /Math\.random\(\)/ },
  },
  {
    folder: "module-variable",
    wrong: "records a step only where a module variable is still empty; a fresh worker's is, a warm one's is not",
    diagnosis: { problem: "diverged", function: "quote", names: /loadRates/, because: /variable of the module/ },
  },
  {
    folder: "map-order",
    wrong: "takes the first entry of a Map that concurrently begun steps fill, which they do not when they are read back",
    diagnosis: { problem: "diverged", function: "procure", names: /order/, because: /the order in which they ended/ },
  },
  {
    folder: "instanceof-after-replay",
    wrong: "tests an error's class, which holds only in the pass that ran the step (A14)",
    diagnosis: { problem: "diverged", function: "checkout", names: /askForOtherCard/, because: /charge.*class/ },
  },
  {
    folder: "date-in-step",
    wrong: "a step gives a Date, which is text when it is read back (A4)",
    diagnosis: { problem: "not-json", function: "bookAppointment", names: /book\b/ },
  },
  {
    folder: "map-in-step",
    wrong: "a step gives a Map, which is {} when it is read back (A4)",
    diagnosis: { problem: "not-json", function: "restock", names: /countStock/ },
  },
  {
    folder: "bytes-in-step",
    wrong: "a step gives a Uint8Array, which is a plain object when it is read back (A4)",
    diagnosis: { problem: "not-json", function: "archiveInvoice", names: /render/ },
  },
  {
    folder: "bigint-in-step",
    wrong: "a step gives a bigint, which cannot be encoded: the task is handed out again in a tight loop (A4)",
    diagnosis: { problem: "not-json", function: "sweep", names: /balanceOf/ },
  },
  {
    folder: "undefined-member",
    wrong: "asks with `in` for a member that is undefined, and absent when it is read back (A4)",
    diagnosis: { problem: "not-json", function: "payBasket", names: /readBasket/ },
  },
  {
    folder: "sleep-cut",
    wrong: "sleeps three days in an invocation whose deadline is a day away (A11)",
    diagnosis: { problem: "sleep-cut", function: "reviewReminder", names: /sleep/ },
  },
  {
    folder: "promise-timeout",
    wrong: "waits for the timeout of a promise that has neither a timer, nor a target, nor the external tag: nothing fires it (A12)",
    diagnosis: { problem: "never-times-out", function: "decideClaim", names: /claim:0/ },
  },
  {
    folder: "raw-resolve",
    wrong: "resolves a promise with JSON.stringify in place of the codec, so the waiting workflow spins (A2)",
    diagnosis: { problem: "undecodable", function: "publishArticle", names: /article:0/ },
  },
  {
    folder: "unsettled-promise",
    wrong: "waits for a promise that nobody settles when the answer is no",
    diagnosis: { problem: "never-settled", function: "payInvoice", names: /invoice:0/ },
  },
  {
    folder: "unregistered-name",
    wrong: "calls a function by a name that nobody registered: its task is dropped and handed out again for ever (A10)",
    diagnosis: { problem: "not-registered", function: "closeMonth", names: /billing\.sendInvoice/ },
  },
  {
    folder: "foreign-root",
    wrong: "waits for a promise under another root, which a server refuses and the SDK's network does not (A5a)",
    diagnosis: { problem: "refused", function: "placeOrder", names: /payment-A-7/ },
  },
  {
    folder: "untagged-promise",
    wrong: "waits for a ctx.promise() without the external tag, which a server refuses and the SDK's network does not (A5b)",
    diagnosis: { problem: "refused", function: "signUp", names: /sign-up:0/ },
  },
  {
    folder: "effect-outside-step",
    wrong: "sends a mail between two steps: once more on each pass (A16)",
    diagnosis: { problem: "effect-repeated", function: "onboard", names: /mail ada@example\.com/ },
  },
  {
    folder: "captured-counter",
    wrong: "adds up a variable from inside the steps, which do not run again when they are read back",
    diagnosis: { problem: "result-differs", function: "checkOut", names: /call checkOut.*\b6\b/, because: /what they write into variables/ },
  },
  {
    folder: "unawaited-failure",
    wrong: "begins a step that fails for ever and does not await it: the order is accepted when its day is over (A7, A8)",
    diagnosis: { problem: "held-up", function: "acceptOrder", names: /pushToWarehouse/ },
  },
  {
    folder: "pending-holds-return",
    wrong: "returns while an attached promise is pending, which holds up the return for ever (A8)",
    diagnosis: { problem: "held-up", function: "printJob", names: /print:0/ },
  },
  {
    folder: "endless-loop",
    wrong: "looks every minute for what never comes, with no end to it and a history that only grows",
    diagnosis: { problem: "endless", function: "trackParcel", names: /fetchStatus/ },
  },
  {
    folder: "random-id",
    wrong: "makes an id with randomUUID() outside of a step, so that a later pass asks for another payment than it reserved",
    diagnosis: { problem: "diverged", function: "pay", names: /reserve/, because: /crypto\.randomUUID\(\)/ },
  },
  {
    folder: "process-env",
    wrong: "keeps a token in process.env and records the step that fetches it only while there is none",
    diagnosis: { problem: "diverged", function: "nightlyReport", names: /signIn/, because: /variable of the module or the process/ },
  },
  {
    folder: "concurrent-variable",
    wrong: "a step reads a variable that a concurrent step writes, which stays empty when that one is read back",
    diagnosis: { problem: "result-differs", function: "publishPhoto", names: /nobody/, because: /what they write into variables/ },
  },
  {
    folder: "generator-retry",
    wrong: "gives a generator a retry policy, which is ignored (A7)",
    diagnosis: { problem: "policy-ignored", function: "buy", names: /charge/ },
  },
];
