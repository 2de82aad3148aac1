import type { Severity } from "./diagnostic.js";

/** What a code says, always: its severity, its message around the subject in the code, and the way out. */
export interface CatalogueEntry {
  readonly severity: Severity;
  readonly message: (subject: string) => string;
  readonly help: string;
  /** Of what behaves differently: for `docs/differences.md` and `explain`. */
  readonly difference?: Difference;
}

/** A difference in behaviour, in plain sentences. */
export interface Difference {
  /** What Restate did. */
  readonly restate: string;
  /** What Resonate does with the migrated code. */
  readonly resonate: string;
  /** What the reader has to decide or do. */
  readonly choose: string;
}

const left = (message: (subject: string) => string, help: string): CatalogueEntry => ({ severity: "error", message, help });
const differs = (message: (subject: string) => string, help: string, difference: Difference): CatalogueEntry => ({ severity: "warning", message, help, difference });
const notes = (message: (subject: string) => string, help: string, difference: Difference): CatalogueEntry => ({ severity: "note", message, help, difference });

const byHand = "The tool does not rewrite this. It stays on Restate with all that is connected with it, and works there; move it by hand.";

/** What the first three characters of a code say of it. */
const ranges: Readonly<Record<string, { readonly severity: Severity; readonly meaning: string }>> = {
  R01: { severity: "error", meaning: "Left as it was, and why. A marker stands in the code." },
  R02: { severity: "warning", meaning: "It behaves differently here, or code beside it has to follow by hand." },
  R03: { severity: "note", meaning: "For information: something to know, or that cannot be seen from the code. Shown with `--verbose`." },
  R09: { severity: "error", meaning: "The whole file was left: it has a syntax error, or what the tool wrote would not have parsed (a bug of the tool)." },
};

/** The one list of everything the tool can say, in the order of the codes. The number of a code never changes its meaning. */
export const catalogue: Readonly<Record<string, CatalogueEntry>> = {
  R0101: left((s) => `This use of a virtual object's definition cannot be followed: ${s}.`, "Define it with `restate.object({ name, handlers })` as a constant at the top level of a module, with its handlers in an object literal."),
  R0102: left((s) => `This use of a workflow's definition cannot be followed: ${s}.`, "Define it with `restate.workflow({ name, handlers })` as a constant at the top level of a module, with its handlers in an object literal."),
  R0103: left((s) => `Contract-first definitions are left on Restate: ${s}.`, "Define the service together with its handlers (`restate.service({ name, handlers })`), and run the tool again; or move it by hand."),
  R0104: left((s) => `This service definition cannot be read: ${s}.`, "Define it as a constant at the top level of a module, with a constant name and its handlers in an object literal."),
  R0105: left((s) => `The option ${s} changes what handlers do, and has no counterpart on Resonate.`, "Decide what it stands for on Resonate, remove it, and run the tool again."),
  R0106: left((s) => `This use of a service definition would lose its meaning: ${s}.`, "Use the definition only in clients and endpoints, or replace this use by hand; then run the tool again."),
  R0110: left((s) => `State or the key of an object is used where no key is known: ${s}.`, "Use them in handlers of objects and workflows, and in helpers that these call by name, with the context as a parameter of its own."),
  R0111: left((s) => `The key is used in a parameter of its handler: ${s}.`, "Take it from the context in the function's body."),
  R0112: left((s) => `It cannot be seen which workflow this promise belongs to, or where it goes: ${s}.`, "Await it or call its methods where `ctx.promise(name)` stands, or keep it in a constant of that function; in a helper only where `run` alone leads to it."),
  R0115: left((s) => `This combination of durable promises, or use of their type, cannot be followed: ${s}.`, "Make a `ctx.run` step of what is not durable, and write the list in place or build it in this function."),
  R0116: left((s) => `This durable promise goes where it cannot be followed: ${s}.`, "Await it here; or keep it in a constant, a list or a field, and hand it only to functions whose parameter is a `RestatePromise`."),
  R0117: left((s) => `A method of this durable promise is left on Restate: ${s}.`, "Await the promise, inside of `try` where it may fail; or give its method a function literal whose result survives JSON, and that changes no variable around it."),
  R0118: left((s) => `The context leaves the code that can be followed: ${s}.`, "Hand the context only to functions of the project, as an argument of its own, and use it by its members."),
  R0119: left((s) => `A durable operation inside a callback cannot become a \`yield*\`: ${s}.`, "Turn the callback into a loop in the handler, or into a helper function that takes the context."),
  R0120: left((s) => `A function that takes a context stands where it cannot become a generator function: ${s}.`, "Make it a function, a constant or a member of a constant object literal at the top level of a module."),
  R0122: left((s) => `This call of a workflow's \`run\` is left on Restate: ${s}.`, "Keep its key in a constant: it is needed twice."),
  R0123: left((s) => `A call by service and method name is left on Restate: ${s}.`, "What it calls may have moved to Resonate: call it there with `ctx.rpc(name, input)`, by the name it is registered under. Move this function by hand."),
  R0124: left((s) => `A client of a contract is left on Restate: ${s}.`, "Call the handler through the client of its definition (`ctx.serviceClient(definition)`), and run the tool again."),
  R0125: left((s) => `Flow-control scopes are left on Restate: ${s}.`, byHand),
  R0126: left((s) => `The handle of a one-way call is used in a way that cannot be followed: ${s}.`, "Take only its `invocationId`, at the call or from a constant that holds the handle."),
  R0127: left((s) => `A reference to an invocation cannot be followed: ${s}.`, "Use it where it stands or from a constant of the same function, by `attach` and `cancel`; hand on the id."),
  R0128: left((s) => `Signals are left on Restate: ${s}.`, "Use an awakeable, or a promise of a workflow, which are rewritten: each is settled once, while of the signals of one name that came before it was waited for Restate gives the last one only."),
  R0129: left((s) => `This call carries an option or an argument that is not rewritten: ${s}.`, "Remove it if it is not needed, and write options in place (`restate.rpc.opts({ ... })`); or move the call by hand."),
  R0130: left((s) => `Only the id of a request has a counterpart on Resonate, not ${s}.`, "Pass what the handler needs as part of its input."),
  R0131: left((s) => `Restate's error classes are left: ${s}.`, "In code that no migrated function leads to, write `TerminalError` of durable/errors or an error of your own. Of an error that a client throws, read `message` and `status` where they stand."),
  R0133: left((s) => `The value awaited here does not survive JSON, so it cannot be recorded: ${s}.`, "Move the await into a `ctx.run` step that returns what the handler needs as plain data."),
  R0134: left((s) => `${s} cannot stand in a generator function.`, "Collect the values in a `ctx.run` step."),
  R0135: left((s) => `This use of Restate's ingress client cannot be followed: ${s}.`, "Keep the client in a constant, a field or a parameter with its type, and call the handlers of definitions through it; or move it by hand to `resonate.rpc(id, name, ...)`."),
  R0136: left((s) => `Only endpoints on Node are rewritten: ${s}.`, "A Resonate worker is a process that goes on running. Serve the definitions with `serve` on Node, and run the tool again; or move them by hand."),
  R0137: left((s) => `This endpoint cannot be read: ${s}.`, "Serve a list of definitions with `serve`, `endpoint().bind(...).listen()` or `createServer(createEndpointHandler(...)).listen()` at the top level."),
  R0139: left((s) => `A satellite package of Restate is left: ${s}.`, byHand),
  R0140: left((s) => `A type of Restate's SDK is used on its own: ${s}.`, "Replace it by a type of your own or of @resonatehq/sdk."),
  R0141: left((s) => `This use of Restate's SDK is not understood: ${s}.`, "Replace it by hand."),
  R0142: left((s) => `The called service is not in the searched code, or has no such handler: ${s}.`, "Run the tool on the folder that holds both sides, or call it by hand with `ctx.rpc(name, input)`."),
  R0143: left((s) => `This option of a step has no counterpart on Resonate: ${s}.`, "Remove it, or say it with the options for retries; then run the tool again."),
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
  R0161: left((s) => `A durable function goes where its calls cannot be followed: ${s}.`, "Hand it only to code of the project, with a type that says what it takes and gives."),
  R0162: left((s) => `A durable operation stands where no \`yield*\` can: ${s}.`, "Move it from the constructor, getter, field or module into a method or function, and call that."),
  R0163: left((s) => `Work that is begun has a context of its own, and this would use that of the function around it: ${s}.`, "Make a helper function of what is called, and hand it the context."),
  R0164: left((s) => `A durable function waits here for something that is not durable, and no context is at hand to record it: ${s}.`, "Give the function the context as a parameter."),
  R0165: left((s) => `Code that has nothing to do with Restate uses this as well, and would not know of generator functions: ${s}.`, "Give the handlers a function of their own, and run the tool again."),

  R0166: left((s) => `The items of a durable async generator go where they cannot be followed: ${s}.`, "Take them with `for await`, or hand them on with `yield*`, where the function is called."),
  R0202: differs((s) => `The step's value does not survive JSON (${s}): Restate gave the decoded value at once, Resonate gives it only after a replay.`, "Return plain data from the step.", {
    restate: "A step's result was what JSON makes of it, at once: a `Date` was text, a `Map` was `{}`, a member that was `undefined` was gone.",
    resonate: "The code gets the live value in the pass that ran the step, and what JSON made of it in every pass after a replay, so it may take another way after a crash. A value that JSON cannot carry at all, a `bigint` or a cycle, makes the task run again and again.",
    choose: "Return plain data from the step, and make the rich value of it outside: `new Date(yield* ctx.run(...))`.",
  }),
  R0203: differs((s) => `This await became a recorded step, which runs once; before, it ran again on every replay: ${s}.`, "Check that its result is meant to be kept.", {
    restate: "What is awaited here was no step: it ran again in every replay, and its value was not recorded.",
    resonate: "It is a step now. It runs once, and every later pass gets the value that was recorded the first time.",
    choose: "See that the value may be kept for as long as the invocation lasts: a token or a connection would be out of date after a long sleep. What must be fresh belongs into the step that uses it.",
  }),
  R0204: differs((s) => `A sleep of ${s} outlives the default deadline of 24 hours, which cuts it short.`, "Start this function with a longer `timeout` (`resonate.options({ timeout })`).", {
    restate: "Nothing timed out unless asked to: a sleep took as long as it said.",
    resonate: "Every invocation has a deadline, 24 hours unless its start says otherwise, and so has all that it waits for. A sleep that would go beyond it ends at the deadline, and nothing says so.",
    choose: "Start the function with a longer `timeout`: `resonate.options({ timeout: noDeadline })`, with `noDeadline` of durable/ids. Calls in the migrated code do so already; starts from elsewhere have to.",
  }),
  R0205: differs((s) => `The option ${s} has no counterpart on Resonate and was dropped.`, "Nothing the handler does depends on it; see whether anything else read it.", {
    restate: "The option told Restate's server how to describe, keep, time out or expose the service or the call.",
    resonate: "Nothing reads it: the server keeps what it keeps by its own settings, and whoever reaches it can call every registered function.",
    choose: "Nothing, where it only described. Where it kept callers out (`ingressPrivate`), keep them from the server (RESONATE_TOKEN). Where it set how long results are kept, see the server's settings.",
  }),
  R0206: differs((s) => `Handlers are registered when the module is imported; before, ${s} decided whether they were served.`, "Import the handlers' modules only in the process that is to run them.", {
    restate: "The code around the endpoint decided whether, and when, its services were served.",
    resonate: "A module registers its handlers when it is imported, and from then on the worker takes their calls.",
    choose: "Import the handlers' modules only in the process that is to run them; where a condition decides, with `await import(...)` inside of it.",
  }),
  R0207: differs((s) => `The endpoint option ${s} was dropped: a Resonate worker takes no requests.`, "Protect the worker's connection to the Resonate server instead (RESONATE_TOKEN).", {
    restate: "Restate's server called the endpoint by HTTP; this option checked who called, or took its log lines.",
    resonate: "A worker takes no requests. It opens the connection to the server itself, and logs through the client.",
    choose: "Protect the connection instead: RESONATE_TOKEN. A logger goes to the client: `new Resonate({ logger })`.",
  }),
  R0208: differs((s) => `This line is printed again on every replay: ${s}.`, "Put it into a `ctx.run` step if it must not repeat.", {
    restate: "`ctx.console` was silent in a replay.",
    resonate: "What stands between steps runs again in every pass, so the line is printed again each time the invocation goes on after a wait or a crash.",
    choose: "Put the line into a step, `yield* ctx.run(() => console.log(...))`, if it must not repeat.",
  }),
  R0209: differs((s) => `A script of package.json starts or calls Restate: ${s}.`, "Replace it; a Resonate server is optional in development and named by RESONATE_URL otherwise.", {
    restate: "The script started Restate's server, or called its command-line tool.",
    resonate: "A program without RESONATE_URL needs no server at all; with it, it is a worker of the server that the address names.",
    choose: "Replace the script: `restate-to-resonate dev` or `resonate dev` for development, `resonate serve` for a server that keeps its data.",
  }),
  R0211: differs((s) => `@resonatehq/sdk needs Node 22 or later, this package allows ${s}.`, "Raise `engines.node`, and the image or runner that starts it.", {
    restate: "Restate's SDK asks for no certain version of Node.",
    resonate: "`@resonatehq/sdk` needs Node 22 or later.",
    choose: "Raise `engines.node`, and the image or runner that starts the package.",
  }),
  R0212: differs((s) => `The exported type of a definition went away with it: ${s}.`, "Callers outside of this code use the types of the exported functions.", {
    restate: "Code elsewhere typed its clients by the exported type of the definition (`typeof orders`).",
    resonate: "There is no definition any more: a call names a function, or the name under which it is registered.",
    choose: "Type callers by the functions: `ctx.rpc(place, order)`, or `ResultOf<typeof place>` of durable/result-of for a call by name.",
  }),
  R0213: differs((s) => `The step changes ${s} of its handler: after a wait the change is gone, and a retried attempt meets what the attempt before left there.`, "Keep what a step changes inside of the step, and return it.", {
    restate: "A step that failed made the whole handler run again from its journal, so what an attempt had left in the handler's variables was gone before the next. What a step had written stayed as long as the invocation ran on without a replay.",
    resonate: "Only the step is tried again, in the same pass: the next attempt meets what the one before has written. After every sleep, call or other wait the handler is replayed, and a replay takes the recorded result and writes nothing.",
    choose: "Keep what a step changes inside of it, and return what the handler needs.",
  }),
  R0214: differs((s) => `The value recorded here has no type to tell whether it survives JSON: ${s}.`, "Make sure that it is plain data.", {
    restate: "The value was not recorded: the code saw it as it was, in every pass.",
    resonate: "It is recorded as JSON. Nothing in the code tells its type, so it may come back as something else after a replay.",
    choose: "Make sure that it is plain data, and write its type down.",
  }),
  R0215: differs((s) => `@resonatehq/sdk is an ES module and this package is CommonJS: ${s}.`, "It needs Node 22.12 or later, and TypeScript 5.8 with `module: nodenext`; or make the package an ES module.", {
    restate: "`@restatedev/restate-sdk` can be loaded by `import` and by `require`.",
    resonate: "`@resonatehq/sdk` is an ES module only. `require` loads it from Node 22.12 on, and TypeScript accepts that from 5.8 on with `module: nodenext`.",
    choose: "Make the package an ES module (`\"type\": \"module\"`), or see that it runs on such a Node and compiler.",
  }),
  R0216: differs((s) => `There is no endpoint and no port to wait for any more, so this runs at once: ${s}.`, "Remove it if it only announced the port.", {
    restate: "The endpoint listened on a port, and this ran when it did.",
    resonate: "A worker listens on no port: this runs at once.",
    choose: "Remove it if it only announced the port. Where others waited for the port, they have nothing to wait for: a call waits at the server until a worker takes it.",
  }),
  R0217: differs((s) => `An argument that is undefined arrives as null: ${s}. Defaults of the called handler do not apply to it.`, "Leave the argument out where it is undefined, or let the handler treat null as absent.", {
    restate: "An input that was `undefined` was no input: the default value of the handler's parameter applied.",
    resonate: "Arguments travel as a list in JSON, in which `undefined` becomes `null`. A default value does not apply to `null`.",
    choose: "Leave the argument out where it is undefined, or let the handler treat `null` as absent.",
  }),
  R0218: differs((s) => `After a replay an error that came out of a step or a call has its name and message, not its class, so this may decide otherwise: ${s}.`, "Test \`error.name\` instead.", {
    restate: "An error that came out of a step or a call was a plain `TerminalError`, in every pass: a class of your own never arrived.",
    resonate: "In the pass that ran the step the error still has its class. After a replay it has its name, message and stack, so `instanceof` may decide otherwise after a crash.",
    choose: "Test `error.name`. `instanceof TerminalError`, with the class of durable/errors, gives the same in every pass.",
  }),
  R0219: differs((s) => `A cancelled invocation is interrupted where it waits, not in its steps nor between them: ${s}.`, "See that nothing relies on a cancellation that comes between two steps, or in a pause before another attempt.", {
    restate: "Cancelling threw a `CancelledError` into the handler at its next await, also of a step, so its compensations ran. It spread along its calls, also those of a workflow's `run`.",
    resonate: "Resonate's own `cancel` only settles the invocation's promise: no `catch` and no `finally` of it runs. The migrated code cancels by a promise of its own. Handlers that wait are registered as `cancellable`, and heed it at a sleep, a call, a promise, in the queue of their key: there they throw a `CancelledError` once, also into the calls under way. A step runs to its end, and so do steps that follow without a wait. A workflow is cancelled by its own id only.",
    choose: "Where a long row of steps has to be interrupted, make parts of it handlers of their own and call them: a call is a wait. To cancel from outside: `cancel(resonate, id)` of durable/cancellation. Handlers that are not `cancellable` yet: `resonate.register(\"order\", cancellable(order))`, around all other wrappers.",
  }),
  R0222: differs((s) => `An error that is not terminal ends this begun work for good: ${s}.`, "Throw what is transient inside of a `ctx.run` step, which is retried.", {
    restate: "The error of an async function that was begun reached whoever waited for it as it was; where it left the handler, the handler ran again.",
    resonate: "The work is a child of its own: its failure is recorded, and reaches whoever waits for it as a terminal error with the same message.",
    choose: "Throw what is transient inside of a step; or register the work's function behind `retrying` of durable/ where it is begun.",
  }),
  R0223: differs((s) => `This is read again after every wait, and comes out differently each time: ${s}.`, "Read it in a step: `yield* ctx.run(() => Date.now())`, `ctx.date.now()`, `ctx.math.random()`.", {
    restate: "A handler was replayed after a failure or a wait of minutes, and what it read outside of steps was read again then; mostly it ran through in one go.",
    resonate: "A handler is replayed after every sleep, call or other wait. What it reads outside of steps is read again each time: an id made before a sleep is another one after it.",
    choose: "Read it in a step, whose value is recorded.",
  }),
  R0228: differs((s) => `An element of this list that is undefined is null once it has been recorded: ${s}.`, "Use null in the list, or leave such elements out.", {
    restate: "A step's result was what JSON makes of it, at once: an element of a list that was undefined was null in every pass. What was no step was not recorded at all.",
    resonate: "The code gets the list as it is in the pass that ran the step, and with null in place of undefined in every pass after a replay.",
    choose: "Put null into the list where there is nothing, or leave such elements out: `.filter((one) => one !== undefined)` inside of the step.",
  }),
  R0229: differs((s) => `After an error that is tried again, the next attempt may take the record of this for another step's: ${s}.`, "Do durable work in `catch` and `finally` for terminal errors only, and put what fails for the moment into a step.", {
    restate: "The next attempt took the records by their place. Where it met one of another name or kind, the server noticed (error 570), and the invocation stood still. Among steps without names it took the record for its own.",
    resonate: "The next attempt takes the records by their place, and steps have no names that could be compared: a step that comes where this stood gets what this gave, and does not run.",
    choose: "Do durable work in `catch` for terminal errors only, `if (error instanceof TerminalError)`; put what fails for the moment, and what `finally` would clean up, into steps, which are tried again by themselves.",
  }),
  R0240: differs((s) => `A client of Resonate takes its address from RESONATE_URL and keeps its process running; ${s} was dropped.`, "Set RESONATE_URL, and RESONATE_TOKEN where the server wants one. Where the program is to end by itself, stop the client: `await resonate.stop()`.", {
    restate: "The client of the ingress sent one HTTP request for each call, to the address and with the headers that it was given.",
    resonate: "A client of Resonate stays connected, to hear of results. It takes its address from RESONATE_URL and its token from RESONATE_TOKEN; without an address it runs in memory, alone. It keeps its process running.",
    choose: "Set RESONATE_URL, and RESONATE_TOKEN where the server wants one. Where the program is to end by itself: `await resonate.stop()`.",
  }),
  R0242: differs((s) => `The option ${s} of a call from outside has no counterpart and was dropped.`, "Pass what the handler needs as part of its input.", {
    restate: "The option went along with the HTTP request: a header for the handler, a limit, a name for the trace.",
    resonate: "A call carries the name of a function and its arguments, nothing else.",
    choose: "Pass what the handler needs as part of its input.",
  }),
  R0243: differs((s) => `The text of a failed call is the message of the error alone, without the HTTP response around it: ${s}.`, "Check what reads it.", {
    restate: "The message of an `HttpCallError` held the whole HTTP response; its `responseText` was the body, in JSON.",
    resonate: "The call rejects with the error that the handler ended with: `message` is its message, and `code` of a `TerminalError` what `status` was.",
    choose: "Check what reads the text: it has no JSON around it any more.",
  }),
  R0244: differs((s) => `Restate's ingress is called by HTTP here: ${s}.`, "Make the call through a client of Resonate in a group of its own: `new Resonate({ group: \"clients\" })`.", {
    restate: "Every handler could be called by HTTP: `POST /Service/handler` at the ingress.",
    resonate: "The server takes promises, not paths: a client makes the promise of an invocation, and a worker that registered the function runs it.",
    choose: "Make the call through a client in a group of its own, `new Resonate({ group: \"clients\" })`; where others need HTTP, behind a route of your own web server.",
  }),
  R0245: differs((s) => `Restate's server is started or told of the service here: ${s}.`, "Start Resonate's server instead (`resonate serve`, image resonatehqio/resonate) and give workers its address in RESONATE_URL; they announce themselves, nothing is registered.", {
    restate: "Restate's server had to run, and to be told of every deployment.",
    resonate: "A worker opens the connection to the server itself, and is known by what it registered. Nothing is announced.",
    choose: "Start Resonate's server instead (`resonate serve`, image resonatehqio/resonate), and give workers its address in RESONATE_URL.",
  }),
  R0246: differs((s) => `Resonate has no subscriptions to Kafka: ${s}.`, "Run a consumer that starts the function for each message, under an id made of topic, partition and offset so that a message that comes twice starts it once.", {
    restate: "Restate's server could subscribe to a topic and call a handler for each message.",
    resonate: "Resonate has no subscriptions.",
    choose: "Run a consumer that starts the function for each message, under an id made of topic, partition and offset, so that a message that comes twice starts it once.",
  }),

  R0304: notes((s) => `How long ${s} is cannot be read here; what outlives 24 hours is cut short unless the call has a longer \`timeout\`.`, "Start this function with a longer `timeout` if it can be more than a day.", {
    restate: "Nothing timed out unless asked to: a sleep took as long as it said.",
    resonate: "Every invocation has a deadline, 24 hours unless its start says otherwise, and a sleep that would go beyond it ends there, silently. How long this one is cannot be read from the code.",
    choose: "If it can be more than a day, start the function with a longer `timeout`: `resonate.options({ timeout: noDeadline })`, with `noDeadline` of durable/ids.",
  }),
  R0305: notes((s) => `The attempts of this step are counted anew where a worker is lost: ${s}.`, "Nothing, unless the limit must hold across processes.", {
    restate: "An attempt that was cut short by the loss of its worker counted, so no step was tried more often than its limit.",
    resonate: "The worker counts the attempts that it makes itself. Where it is lost, the next one begins at one.",
    choose: "Nothing, unless the limit must hold across processes: then let the action itself keep count, in the system it calls.",
  }),
  R0306: notes((s) => `An entry that was cleared is not among the names any more, also in the invocation that cleared it: ${s}.`, "Nothing, unless the code counts on the old name.", {
    restate: "In the invocation that cleared an entry, `stateKeys()` still named it, where Restate had sent the state along (SDK 1.17).",
    resonate: "The names are those of the entries that are there.",
    choose: "Nothing, unless the code counts on the name of a cleared entry.",
  }),
  R0307: notes((s) => `Whoever completes this awakeable first decides: ${s}.`, "Nothing, if it is completed once.", {
    restate: "Of two completions that came before the handler looked, the later one stayed (server 1.7).",
    resonate: "A durable promise is settled once: the first completion stays, in every case.",
    choose: "Nothing, if it is completed once. Else have it completed by one place, which decides.",
  }),
  R0308: notes((s) => `Each step of these callbacks runs once, also after a wait: ${s}.`, "Nothing.", {
    restate: "Callbacks side by side, behind a native `Promise.all`, are unknown to Restate: after the handler had been suspended in them, one step could run twice and another not at all (server 1.7, SDK 1.17).",
    resonate: "The callbacks are generator functions that run as children of the invocation, each with steps of its own.",
    choose: "Nothing.",
  }),
  R0309: notes((s) => `Callbacks side by side call one key: after a lost worker these calls may be taken in another order: ${s}.`, "Nothing, unless the order of these calls counts.", {
    restate: "The calls of one invocation to one key were taken in the order in which they were made, so in that of the list.",
    resonate: "Each callback is a child of the invocation. Its call is queued when a worker has taken it up: of several workers, one that is lost takes its calls along, and those of the others come first.",
    choose: "Nothing, unless the order counts. Else make the calls one after another, in a `for` loop.",
  }),
  R0330: notes((s) => `An idempotency key is kept for as long as the server keeps the call, not for a day: ${s}.`, "Use a new key where the call is meant to be made again.", {
    restate: "The server knew an idempotency key for a day after the call, unless set otherwise; then a call under it was made again.",
    resonate: "The key is part of the call's id, and a call of that id is the same call for as long as the server keeps its promise.",
    choose: "Use a new key where the call is meant to be made again.",
  }),
  R0331: notes((s) => `A text tells how to call Restate's ingress: ${s}.`, "From a shell a function is called by `resonate invoke <id> --func <name> --arg <JSON>`.", {
    restate: "A handler could be called from a shell, `curl localhost:8080/Service/handler`.",
    resonate: "A function is called by the name it is registered under: `resonate invoke <id> --func <name> --arg <JSON>`.",
    choose: "Change the text. The name is in the manifest (`registeredAs`); the key of an object or workflow is the first argument. The call ends after an hour unless `--timeout` says more, and a worker group other than the default one needs `--target poll://any@<group>`.",
  }),

  R0901: left((s) => `The file has a syntax error and was skipped: ${s.replace(/\.$/, "")}.`, "Mend it, and run the tool again."),
  R0902: left((s) => `What the tool wrote here does not parse, so the file was left as it was: ${s}.`, "This is a bug of the tool: please report it with the file."),
};

/** The entry of a code. Throws for a code that is not in the catalogue: that is a bug of the tool. */
export function entryOf(code: string): CatalogueEntry {
  const entry = catalogue[code];
  if (!entry) throw new Error(`diagnostic ${code} is not in the catalogue`);
  return entry;
}

/** The range that a code belongs to. Throws for a code of none. */
export function rangeOf(code: string): { readonly severity: Severity; readonly meaning: string } {
  const range = ranges[code.slice(0, 3)];
  if (!range) throw new Error(`diagnostic ${code} belongs to no range`);
  return range;
}

/** What a code says, without what it says it of. */
export function titleOf({ message }: CatalogueEntry): string {
  const [before = "", after = ""] = message(SUBJECT).split(SUBJECT);
  if (before.endsWith(": ")) return before.slice(0, -2) + after;
  if (before.endsWith(" (") && after.startsWith(")")) return before.slice(0, -2) + after.slice(1);
  return after === "." ? `${before}...` : `${before}...${after}`;
}

/** Stands for the subject where a message is taken apart: no text in code has it. */
export const SUBJECT = "\0";
