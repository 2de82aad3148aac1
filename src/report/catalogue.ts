import type { Severity } from "./diagnostic.js";

/** What a code says, always: its severity, its message around the subject in the code, and the way out. */
export interface CatalogueEntry {
  readonly severity: Severity;
  readonly message: (subject: string) => string;
  readonly help: string;
}

const left = (message: (subject: string) => string, help: string): CatalogueEntry => ({ severity: "error", message, help });
const differs = (message: (subject: string) => string, help: string): CatalogueEntry => ({ severity: "warning", message, help });
const notes = (message: (subject: string) => string, help: string): CatalogueEntry => ({ severity: "note", message, help });

const later = "Not rewritten yet. What is connected with it stays on Restate and works there; move it by hand, or use a later version of this tool.";

/** The one list of everything the tool can say. R01 is left, R02 differs, R03 informs, R09 concerns a whole file. */
export const catalogue: Readonly<Record<string, CatalogueEntry>> = {
  R0101: left((s) => `Virtual objects are left on Restate: ${s}.`, later),
  R0102: left((s) => `Workflows are left on Restate: ${s}.`, later),
  R0103: left((s) => `Contract-first definitions are left on Restate: ${s}.`, later),
  R0104: left((s) => `This service definition cannot be read: ${s}.`, "Define it as a constant at the top level of a module, with a constant name and its handlers in an object literal."),
  R0105: left((s) => `The option ${s} changes what handlers do, and has no counterpart yet.`, "Decide what it stands for on Resonate, remove it, and run the tool again."),
  R0106: left((s) => `This use of a service definition would lose its meaning: ${s}.`, "Use the definition only in clients and endpoints, or replace this use by hand; then run the tool again."),
  R0110: left((s) => `Key-value state is left on Restate: ${s}.`, later),
  R0111: left((s) => `The key of an object or workflow is left on Restate: ${s}.`, later),
  R0112: left((s) => `Workflow promises are left on Restate: ${s}.`, later),
  R0113: left((s) => `Awakeables are left on Restate: ${s}.`, later),
  R0114: left((s) => `Completing an awakeable is left on Restate: ${s}.`, later),
  R0115: left((s) => `Combinators of durable promises are left on Restate: ${s}.`, later),
  R0116: left((s) => `This durable promise is not awaited where it is created: ${s}.`, "If nothing is to run beside it, await it here. Concurrency is not rewritten yet."),
  R0117: left((s) => `Methods of durable promises (orTimeout, map, then, catch) are left on Restate: ${s}.`, later),
  R0118: left((s) => `The context leaves the code that can be followed: ${s}.`, "Hand the context only to functions of the project, as an argument of its own, and use it by its members."),
  R0119: left((s) => `A durable operation inside a callback cannot become a \`yield*\`: ${s}.`, "Turn the callback into a loop in the handler, or into a helper function that takes the context."),
  R0120: left((s) => `A function that takes a context stands where it cannot become a generator function yet: ${s}.`, "Make it a function, a constant or a member of a constant object literal at the top level of a module."),
  R0121: left((s) => `A call to a virtual object is left on Restate: ${s}.`, later),
  R0122: left((s) => `A call to a workflow is left on Restate: ${s}.`, later),
  R0123: left((s) => `A call by service and method name is left on Restate: ${s}.`, "What it calls may have moved to Resonate: call it there with `ctx.rpc(name, input)`, by the name it is registered under. Move this function by hand."),
  R0124: left((s) => `A client of a contract is left on Restate: ${s}.`, later),
  R0125: left((s) => `Flow-control scopes are left on Restate: ${s}.`, later),
  R0126: left((s) => `The handle of a one-way call is used, which is left on Restate: ${s}.`, later),
  R0127: left((s) => `Attaching to or cancelling an invocation is left on Restate: ${s}.`, later),
  R0128: left((s) => `Signals are left on Restate: ${s}.`, later),
  R0129: left((s) => `This call carries an option that is not rewritten yet: ${s}.`, "Remove the option if it is not needed, or move the call by hand."),
  R0130: left((s) => `Only the id of a request has a counterpart on Resonate, not ${s}.`, "Pass what the handler needs as part of its input."),
  R0131: left((s) => `Restate's error classes are left: ${s}.`, "Resonate retries a failing step unless the error's class is listed as not retryable. " + later),
  R0132: left((s) => `This can throw one of Restate's error classes: ${s}. On Resonate the step would be retried for ever.`, later),
  R0133: left((s) => `The value awaited here does not survive JSON, so it cannot be recorded: ${s}.`, "Move the await into a `ctx.run` step that returns what the handler needs as plain data."),
  R0134: left((s) => `${s} cannot stand in a generator function.`, "Collect the values in a `ctx.run` step."),
  R0135: left((s) => `Restate's ingress client is left: ${s}.`, later),
  R0136: left((s) => `Only endpoints on Node are rewritten: ${s}.`, "A Resonate worker is a process that runs. " + later),
  R0137: left((s) => `This endpoint cannot be read: ${s}.`, "Serve a list of definitions with `serve`, `endpoint().bind(...).listen()` or `createServer(createEndpointHandler(...)).listen()` at the top level."),
  R0139: left((s) => `A satellite package of Restate is left: ${s}.`, later),
  R0140: left((s) => `A type of Restate's SDK is used on its own: ${s}.`, "Replace it by a type of your own or of @resonatehq/sdk."),
  R0141: left((s) => `This use of Restate's SDK is not understood: ${s}.`, "Replace it by hand."),
  R0142: left((s) => `The called service is not in the searched code, or has no such handler: ${s}.`, "Run the tool on the folder that holds both sides, or call it by hand with `ctx.rpc(name, input)`."),
  R0143: left((s) => `This option of a step has no counterpart on Resonate: ${s}.`, "Remove it, or express it with maxRetryAttempts; then run the tool again."),
  R0144: left((s) => `A promise is returned from inside of \`try\` without \`await\`: ${s}. Its failure passes the \`catch\` by, and would not any more.`, "Write `return await` if the failure is to be caught, or return it after the `try`."),
  R0145: left((s) => `\`this\` would mean something else in a generator function: ${s}.`, "Name the object instead of `this`."),
  R0146: left((s) => `The context is used inside of a step: ${s}.`, "Take what the step needs from the context before the step."),
  R0147: left((s) => `A durable operation stands inside of an expression that would become a step itself: ${s}.`, "Put its result into a variable of its own before this await."),
  R0148: left((s) => `The type of the value awaited here is not known, so nobody can say that it survives JSON: ${s}.`, "Move the await into a `ctx.run` step that returns plain data, or annotate the type."),
  R0149: left((s) => `A serialiser other than JSON is left: ${s}.`, "Resonate stores JSON. Convert the value to plain data, and remove the serialiser."),
  R0150: left((s) => `Left whole on Restate, because it is connected with what is left: ${s}.`, "Resolve what is left there, and run the tool again."),
  R0151: left((s) => `The name of this step does more than name it: ${s}. Resonate has no names for steps, so it would not be evaluated.`, "Evaluate it before the step, and name the step by the result."),
  R0152: left((s) => `What is awaited here writes a variable of the handler (${s}); as a recorded step it would not be written on a replay.`, "Let the awaited code return the value instead."),
  R0153: left((s) => `The type of ${s} is known more closely here than it would be inside of a step's closure.`, "Put it into a constant first, and await with that."),
  R0155: left((s) => `A promise that was created before is awaited here: ${s}. A retry of the step would wait for the same promise again.`, "Create it in the expression that is awaited."),
  R0156: left((s) => `This service is served by several processes together with different others: ${s}. It would belong to several worker groups.`, "Serve it in one process, or in several that serve the same services; then run the tool again."),
  R0157: left((s) => `A handler of an object is called directly, outside of its turn: ${s}.`, "Move what both do into a helper function that takes the context, or call it through `ctx.objectClient`."),
  R0158: left((s) => `The type of this object's state is given by an alias in another module: ${s}.`, "Write the state's type at the context: `ObjectContext<State>`."),
  R0160: left((s) => `This value would be evaluated at another place, or twice: ${s}.`, "Put it into a constant before the call, and run the tool again."),

  R0201: differs((s) => `An error thrown here fails the call at once; Restate ran the handler again: ${s}.`, "If it is transient, throw it inside of a `ctx.run` step, which is retried."),
  R0202: differs((s) => `The step's value does not survive JSON (${s}): Restate gave the decoded value at once, Resonate gives it only after a replay.`, "Return plain data from the step."),
  R0203: differs((s) => `This await became a recorded step: ${s} ran again on every replay, now it runs once.`, "Check that its result is meant to be kept."),
  R0204: differs((s) => `A sleep of ${s} outlives the default deadline of 24 hours, which cuts it short.`, "Start this function with a longer `timeout` (`resonate.options({ timeout })`)."),
  R0205: differs((s) => `The option ${s} has no counterpart on Resonate and was dropped.`, "Nothing the handler does depends on it; see whether anything else read it."),
  R0206: differs((s) => `Handlers are registered when the module is imported; before, ${s} decided whether they were served.`, "Import the handlers' modules only in the process that is to run them."),
  R0207: differs((s) => `The endpoint option ${s} was dropped: a Resonate worker takes no requests.`, "Protect the worker's connection to the Resonate server instead (RESONATE_TOKEN)."),
  R0208: differs((s) => `This line is printed again on every replay: ${s}.`, "Put it into a `ctx.run` step if it must not repeat."),
  R0209: differs((s) => `A script of package.json starts or calls Restate: ${s}.`, "Replace it; a Resonate server is optional in development and named by RESONATE_URL otherwise."),
  R0211: differs((s) => `@resonatehq/sdk needs Node 22 or later, this package allows ${s}.`, "Raise `engines.node`, and the image or runner that starts it."),
  R0212: differs((s) => `The exported type of a definition went away with it: ${s}.`, "Callers outside of this code use the types of the exported functions."),
  R0213: differs((s) => `The step changes the variable ${s} of its handler: a retried attempt now meets what the attempt before left there.`, "Keep what a step changes inside of the step."),
  R0214: differs((s) => `The value recorded here has no type to tell whether it survives JSON: ${s}.`, "Make sure that it is plain data."),
  R0215: differs((s) => `@resonatehq/sdk is an ES module and this package is CommonJS: ${s}.`, "It needs Node 22.12 or later, and TypeScript 5.8 with `module: nodenext`; or make the package an ES module."),
  R0216: differs((s) => `There is no endpoint and no port to wait for any more: ${s} runs at once.`, "Remove it if it only announced the port."),
  R0217: differs((s) => `An argument that is undefined arrives as null: ${s}. Defaults of the called handler do not apply to it.`, "Leave the argument out where it is undefined, or let the handler treat null as absent."),
  R0218: differs((s) => `After a replay an error that came out of a step or a call has its name and message, not its class: ${s} may hold at first and not later.`, "Test \`error.name\` instead."),
  R0219: differs((s) => `A cancelled invocation that has begun goes on, unless its handler is \`cancellable\`: ${s}.`, "Register the handlers that may be cancelled with `cancellable(...)` of durable/cancellation, inside of `retrying(...)` where that stands."),
  R0220: differs((s) => `Nobody waits for this step, so Restate never ran it; now it runs: ${s}.`, "Remove it, or wait for it."),

  R0240: differs((s) => `A client of Resonate takes its address from RESONATE_URL and keeps its process running: ${s} was dropped.`, "Set RESONATE_URL, and RESONATE_TOKEN where the server wants one. Where the program is to end by itself, stop the client: `await resonate.stop()`."),
  R0242: differs((s) => `The option ${s} of a call from outside has no counterpart and was dropped.`, "Pass what the handler needs as part of its input."),
  R0243: differs((s) => `The text of a failed call is the message of the error alone, without the HTTP response around it: ${s}.`, "Check what reads it."),
  R0221: differs((s) => `The step starts at once, with ${s} as it is here; in Restate it started at the next await, after ${s} was written again.`, "Keep the value that is meant in a constant."),
  R0244: differs((s) => `Restate's ingress is called by HTTP here: ${s}.`, "Make the call through a client of Resonate in a group of its own: `new Resonate({ group: \"clients\" })`."),
  R0245: differs((s) => `Restate's server is started or told of the service here: ${s}.`, "Start Resonate's server instead (`resonate serve`, image resonatehqio/resonate) and give workers its address in RESONATE_URL; they announce themselves, nothing is registered."),
  R0246: differs((s) => `Resonate has no subscriptions to Kafka: ${s}.`, "Run a consumer that starts the function for each message, under an id made of topic, partition and offset so that a message that comes twice starts it once."),

  R0304: notes((s) => `How long ${s} is cannot be read here; what outlives 24 hours is cut short unless the call has a longer \`timeout\`.`, "Start this function with a longer `timeout` if it can be more than a day."),
  R0331: notes((s) => `A text tells how to call Restate's ingress: ${s}.`, "From a shell a function is called by `resonate invoke`."),
  R0330: notes((s) => `An idempotency key is kept for as long as the server keeps the call, not for a day: ${s}.`, "Use a new key where the call is meant to be made again."),

  R0901: left((s) => `The file has a syntax error and was skipped: ${s.replace(/\.$/, "")}.`, "Mend it, and run the tool again."),
  R0902: left((s) => `What the tool wrote here does not parse, so the file was left as it was: ${s}.`, "This is a bug of the tool: please report it with the file."),
};

/** The entry of a code. Throws for a code that is not in the catalogue: that is a bug of the tool. */
export function entryOf(code: string): CatalogueEntry {
  const entry = catalogue[code];
  if (!entry) throw new Error(`diagnostic ${code} is not in the catalogue`);
  return entry;
}
