import { describe, expect, it } from "vitest";
import { migrateTexts } from "../tools/migrate-texts.js";

const app = `import * as restate from "@restatedev/restate-sdk";
export const greeter = restate.service({ name: "Greeter", handlers: { greet: async (ctx: restate.Context, name: string) => "Hello " + name, poke: async (ctx: restate.Context) => {} } });
export const counter = restate.object({ name: "Counter", handlers: { add: async (ctx: restate.ObjectContext, n: number) => n } });
export const flow = restate.workflow({ name: "Flow", handlers: { run: async (ctx: restate.WorkflowContext, n: number) => n, ask: async (ctx: restate.WorkflowSharedContext) => 1, wait: async (ctx: restate.WorkflowSharedContext) => { await ctx.promise("done"); } } });
export type Greeter = typeof greeter;
restate.serve({ services: [greeter, counter, flow] });
`;
const imports = `import * as clients from "@restatedev/restate-sdk-clients";
import { greeter, counter, flow, type Greeter } from "./app.js";
`;
const connected = `${imports}const rs = clients.connect({ url: "http://localhost:8080" });\n`;

interface Result {
  /** What the file says after its imports. */
  readonly code: string;
  readonly left: readonly string[];
  readonly app: string;
}

function migrated(text: string, more: Readonly<Record<string, string>> = {}): Result {
  const { after, migration } = migrateTexts({ "app.ts": app, "client.ts": text, ...more });
  const left = migration.diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code);
  return { code: (after["client.ts"] ?? "").replace(/^import .*\n/gm, "").trim(), left, app: after["app.ts"] ?? "" };
}

/** What becomes of statements after `const rs = connect(...)`. */
function rewritten(statements: string): string {
  const { code, left } = migrated(`${connected}${statements}\n`);
  expect(left).toEqual([]);
  return code.replace('const rs = new Resonate({ group: "clients" });\n', "");
}

describe("calls through an ingress client", () => {
  it.each([
    [`await rs.serviceClient(greeter).greet("x");`, `await rs.rpc<ResultOf<typeof greet>>(crypto.randomUUID(), "greet", "x");`],
    [`await rs.serviceClient<Greeter>({ name: "Greeter" }).poke();`, `await rs.rpc<ResultOf<typeof poke>>(crypto.randomUUID(), "poke");`],
    [`const Stub: Greeter = { name: "Greeter" };\nawait rs.serviceClient(Stub).poke();`, `await rs.rpc<ResultOf<typeof poke>>(crypto.randomUUID(), "poke");`],
    [`await rs.serviceSendClient(greeter).greet("x");`, `await rs.beginRpc(crypto.randomUUID(), "greet", "x");`],
    [`const sent = await rs.serviceSendClient(greeter).poke();\nconsole.log(await rs.result(sent));`, `const sent = await submit<ResultOf<typeof poke>>(rs, crypto.randomUUID(), "poke", []);\nconsole.log(await resultOf(rs, sent));`],
    [`await rs.serviceSendClient(greeter).greet("x", clients.rpc.sendOpts({ delay: { minutes: 1 } }));`, `await submit(rs, crypto.randomUUID(), "greet", ["x"], { delay: 60_000 });`],
    [`await rs.objectClient(counter, "k").add(1, clients.Opts.from({ idempotencyKey: "once" }));`, `await rs.rpc<ResultOf<typeof add>>(callId("Counter/add", "once", "k"), "add", "k", 1);`],
    [`await rs.workflowClient(flow, "k").ask();`, `await rs.rpc<ResultOf<typeof ask>>(crypto.randomUUID(), "ask", "k");`],
    [`await rs.workflowClient(flow, "k").wait();`, `await rs.rpc<ResultOf<typeof wait>>(crypto.randomUUID(), "wait", "k", rs.options({ timeout: noDeadline }));`],
    [`await rs.workflowClient(flow, "k").workflowSubmit(1);`, `await rs.beginRpc(workflowId("Flow", "k"), "flow", "k", 1, rs.options({ timeout: noDeadline }));`],
    [`const { status } = await rs.workflowClient(flow, "k").workflowSubmit(1);`, `const { status } = await submit<ResultOf<typeof flow>>(rs, workflowId("Flow", "k"), "flow", ["k", 1]);`],
    [`console.log(await rs.workflowClient(flow, "k").workflowAttach());`, `console.log(await attachTo<ResultOf<typeof flow>>(rs, workflowId("Flow", "k")));`],
    [`const { ready } = await rs.workflowClient(flow, "k").workflowOutput();`, `const { ready } = await outputOf<ResultOf<typeof flow>>(rs, workflowId("Flow", "k"));`],
    [`await rs.serviceClient(greeter).greet(await rs.serviceClient(greeter).greet("in"));`, `await rs.rpc<ResultOf<typeof greet>>(crypto.randomUUID(), "greet", await rs.rpc<ResultOf<typeof greet>>(crypto.randomUUID(), "greet", "in"));`],
  ])("%s", (before, after) => {
    expect(rewritten(before)).toBe(after);
  });

  it.each([
    ["a client in a constant", `const g = rs.serviceClient(greeter);\nawait g.poke();`, `await rs.rpc<ResultOf<typeof poke>>(crypto.randomUUID(), "poke");`],
    ["a key that is computed", `const c = rs.objectClient(counter, String(Math.random()));\nawait c.add(1);`, `const cKey = String(Math.random());\nawait rs.rpc<ResultOf<typeof add>>(crypto.randomUUID(), "add", cKey, 1);`],
    ["a key that changes later", `export async function f(id: string) { const c = rs.objectClient(counter, id); id = "other"; return c.add(1); }`, `export async function f(id: string) { const cKey = id; id = "other"; return rs.rpc<ResultOf<typeof add>>(crypto.randomUUID(), "add", cKey, 1); }`],
    ["a key that is hidden where it is used", `export function f(id: string) { const c = rs.objectClient(counter, id); return [1].map((id) => c.add(id)); }`, `export function f(id: string) { const cKey = id; return [1].map((id) => rs.rpc<ResultOf<typeof add>>(crypto.randomUUID(), "add", cKey, id)); }`],
    ["an ingress that is hidden where it is used", `const g = rs.serviceClient(greeter);\nexport async function f(rs: string) { return await g.greet(rs); }`, `const g = rs;\nexport async function f(rs: string) { return await g.rpc<ResultOf<typeof greet>>(crypto.randomUUID(), "greet", rs); }`],
  ])("%s", (_, before, after) => {
    expect(rewritten(before)).toBe(after);
  });

  it("a client that another module uses keeps its constant", () => {
    const { after } = migrateTexts({ "app.ts": app, "client.ts": `${connected}export const g = rs.serviceClient<Greeter>({ name: "Greeter" });\n`, "user.ts": `import { g } from "./client.js";\nawait g.greet("x");\n` });
    expect(after["client.ts"]).toContain("export const g = rs;");
    expect(after["user.ts"]).toContain(`await g.rpc<ResultOf<typeof greet>>(crypto.randomUUID(), "greet", "x");`);
  });

  it("a constant that has the name of its imported type", () => {
    const { code, left } = migrated(`${connected.replace(", type Greeter", "")}import type { Greeter } from "./app.js";\nconst Greeter: Greeter = { name: "Greeter" };\nawait rs.serviceClient(Greeter).poke();\n`);
    expect(left).toEqual([]);
    expect(code).toMatch(/^const rs = .*\nawait rs\.rpc<ResultOf<typeof poke>>\(crypto\.randomUUID\(\), "poke"\);$/);
  });

  it("the semicolon before a parenthesis stays", () => {
    const { code } = migrated(`${imports.replaceAll(";", "")}const rs = clients.connect({ url: "x" })\nconst g = rs.serviceClient(greeter)\n;(async () => { await g.poke() })()\n`);
    expect(code).toMatch(/^const rs = new Resonate\(\{ group: "clients" \}\)\n;\(async/);
  });
});

describe("the client", () => {
  it.each([
    ["made in a function is one for the process", `export function f() { const rs = clients.connect({ url: "x" }); return rs.serviceClient(greeter).poke(); }`, `export function f() { const rs = sharedClient(); return rs.rpc<ResultOf<typeof poke>>(crypto.randomUUID(), "poke"); }`],
    ["used where it is made", `await clients.connect({ url: "x" }).workflowClient(flow, "k").workflowSubmit(1);`, `await sharedClient().beginRpc(workflowId("Flow", "k"), "flow", "k", 1, sharedClient().options({ timeout: noDeadline }));`],
    ["set later", `let rs: clients.Ingress;\nexport const init = () => { rs = clients.connect({ url: "x" }); };\nexport const go = () => rs.serviceClient(greeter).poke();`, `let rs: Resonate;\nexport const init = () => { rs = sharedClient(); };\nexport const go = () => rs.rpc<ResultOf<typeof poke>>(crypto.randomUUID(), "poke");`],
    ["given by a method", `export class A { open(): clients.Ingress { return clients.connect({ url: "x" }); }\n  go() { return this.open().serviceClient(greeter).poke(); } }`, `export class A { open(): Resonate { return sharedClient(); }\n  go() { return this.open().rpc<ResultOf<typeof poke>>(crypto.randomUUID(), "poke"); } }`],
    ["taken out of an object", `interface Deps { rs: clients.Ingress }\nexport const f = ({ rs }: Deps) => rs.serviceClient(greeter).poke();\nawait f({ rs: clients.connect({ url: "x" }) });`, `interface Deps { rs: Resonate }\nexport const f = ({ rs }: Deps) => rs.rpc<ResultOf<typeof poke>>(crypto.randomUUID(), "poke");\nawait f({ rs: sharedClient() });`],
  ])("%s", (_, before, after) => {
    const { code, left } = migrated(`${imports}${before}\n`);
    expect(left).toEqual([]);
    expect(code).toBe(after);
  });

  it("is the package's own where the entry that serves loads the file", () => {
    const { after } = migrateTexts({ "app.ts": `import "./client.js";\n${app}`, "client.ts": `${connected}export const go = () => rs.serviceClient<Greeter>({ name: "Greeter" }).poke();\n` });
    expect(after["client.ts"]).toContain("const rs = resonate;");
  });

  it("belongs to a group of its own where only types are imported of what is served", () => {
    expect(migrated(`${connected.replace("import { greeter, counter, flow, type Greeter }", "import type { Greeter }")}await rs.serviceClient<Greeter>({ name: "Greeter" }).poke();\n`).code).toContain(`new Resonate({ group: "clients" })`);
  });

  it("names the worker group of a service that is not in the default one", () => {
    const other = `import * as restate from "@restatedev/restate-sdk";\nexport const mill = restate.service({ name: "Mill", handlers: { grind: async (ctx: restate.Context) => {} } });\nrestate.serve({ services: [mill] });\n`;
    const { code } = migrated(`${connected}import { mill } from "./mill.js";\nawait rs.serviceClient(mill).grind();\nconst s = await rs.serviceSendClient(mill).grind();\nconsole.log(s);\n`, { "mill.ts": other });
    expect(code).toContain(`"grind", rs.options({ target: "mill" }))`);
    expect(code).toContain(`"grind", [], { target: "mill" })`);
  });
});

describe("what cannot be followed keeps the service on Restate", () => {
  it.each([
    ["a client that is handed to anyone", `declare function use(x: unknown): void;\nuse(rs);\nawait rs.serviceClient(greeter).poke();`],
    ["a client of the service that is handed on", `declare function use(x: unknown): void;\nuse(rs.serviceClient(greeter));`],
    ["a handler that does not exist", `await rs.serviceClient(greeter).nothing();`],
    ["a handler that is computed", `const g = rs.serviceClient(greeter);\nexport const go = (name: string) => g[name]();`],
    ["an option with an effect", `await rs.serviceClient(greeter).greet("x", clients.Opts.from({ signal: AbortSignal.timeout(1) }));`],
    ["options that are made elsewhere", `declare const options: clients.Opts;\nawait rs.serviceClient(greeter).greet("x", options);`],
    ["a key that would be evaluated twice", `await rs.workflowClient(flow, crypto.randomUUID()).workflowSubmit(1);\nawait rs.serviceClient(greeter).poke();`],
    ["a key with a call of its own in it", `await rs.objectClient(counter, await rs.serviceClient(greeter).greet("k")).add(1);`],
    ["a call by names", `await rs.call({ service: "Greeter", handler: "greet", parameter: "x" });`],
    ["a service whose name is computed", `export const go = (name: string) => rs.serviceClient<Greeter>({ name } as never).poke();`],
    ["a result that a serialiser reads", `declare const serde: clients.Serde<string>;\nconsole.log(await rs.result(await rs.serviceSendClient(greeter).greet("x"), serde));`],
    ["an ingress of another type", `type Client = clients.Ingress;\nexport const go = (client: Client) => client.serviceClient(greeter).poke();`],
    ["an ingress that a promise gives", `export const open = async () => rs;\nawait (await open()).serviceClient(greeter).poke();`],
    ["the text of an error that is taken apart", `try { await rs.serviceClient(greeter).poke(); } catch (e) { if (e instanceof clients.HttpCallError) JSON.parse(e.responseText); }`],
  ])("%s", (_, statements) => {
    const { left, app: served } = migrated(`${connected}${statements}\n`);
    expect(left.length).toBeGreaterThan(0);
    expect(served).toContain(`restate.service({ name: "Greeter"`);
  });

  it("an ingress of a module that is imported as a whole", () => {
    const { left, code } = migrated(`${imports}export const rs = clients.connect({ url: "x" });\nawait rs.serviceClient(greeter).poke();\n`, { "late.ts": `const { rs } = await import("./client.js");\nexport const go = () => rs.objectClient({ name: "Counter" }, "k");\n` });
    expect(left).toContain("R0135");
    expect(code).toContain("clients.connect");
  });

  it("a service of another codebase", () => {
    const { left, app: served, code } = migrated(`${connected}await rs.serviceClient({ name: "Elsewhere" }).go();\n`);
    expect(left).toContain("R0142");
    expect(code).toContain("clients.connect");
    expect(served).toContain(`resonate.register("greet", greet);`);
  });
});

it("errors of calls keep their code, and what is sent its type", () => {
  const { code, left } = migrated(`${connected}export async function f(): Promise<clients.Send<string> | number> {
  try {
    return await rs.serviceSendClient(greeter).greet("x");
  } catch (error) {
    if (error instanceof clients.HttpCallError && error.status === 404) return error.status;
    throw error;
  }
}\n`);
  expect(left).toEqual([]);
  expect(code).toContain("Promise<Sent<string> | number>");
  expect(code).toContain("if (error instanceof TerminalError && error.code === 404) return error.code;");
});

it("an address that nothing else needs goes with the connection", () => {
  const { code } = migrated(`${imports}const URL = process.env.RESTATE_URL ?? "http://localhost:8080";\nconst OTHER = "x";\nconst rs = clients.connect({ url: URL, headers: { a: OTHER } });\nconsole.log(OTHER);\nawait rs.serviceClient(greeter).poke();\n`);
  expect(code).not.toContain("URL");
  expect(code).toContain(`const OTHER = "x";`);
});

it("of several services with one name, the type that is written for a stub says which is called", () => {
  const sdk = 'import * as restate from "@restatedev/restate-sdk";';
  const greeter = (name: string, handler: string): string => `const ${name} = restate.service({ name: "Greeter", handlers: { ${handler}: async (ctx: restate.Context, who: string) => who } });`;
  const { after, migration } = migrateTexts({
    "one.ts": `${sdk}\n${greeter("first", "hail")}\nexport type First = typeof first;\nrestate.serve({ services: [first] });\n`,
    "two.ts": `${sdk}\n${greeter("second", "greet")}\nrestate.serve({ services: [second] });\nexport const Second: typeof second = { name: "Greeter" };\n`,
    "three.ts": `${sdk}\nimport type { First } from "./one.js";\nimport { Second } from "./two.js";\nconst Stub: First = { name: "Greeter" };\nconst three = restate.service({ name: "Three", handlers: { ask: async (ctx: restate.Context, who: string) => {\n  const a = await ctx.serviceClient(Stub).hail(who);\n  const b = await ctx.serviceClient<First>({ name: "Greeter" }).hail(who);\n  return [a, b, await ctx.serviceClient(Second).greet(who)];\n} } });\nrestate.serve({ services: [three] });\n`,
  });
  expect(migration.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(after["three.ts"]?.match(/"(hail|greet)"/g)).toEqual(['"hail"', '"hail"', '"greet"']);
});

it("a client in the file of one of several processes is not that of the package", () => {
  const sdk = 'import * as restate from "@restatedev/restate-sdk";';
  const service = (name: string): string => `export const ${name} = restate.service({ name: "${name}", handlers: { ${name}It: async (ctx: restate.Context, who: string) => who } });`;
  const { after, migration } = migrateTexts({
    "one.ts": `${sdk}\nimport * as clients from "@restatedev/restate-sdk-clients";\nimport { lone } from "./lone.js";\n${service("one")}\nrestate.serve({ services: [one] });\nexport async function ask() {\n  const rs = clients.connect({ url: "http://localhost:8080" });\n  return [await rs.serviceClient(one).oneIt("x"), await rs.serviceClient(lone).loneIt("y")];\n}\n`,
    "two.ts": `${sdk}\n${service("two")}\nrestate.serve({ services: [two] });\n`,
    "lone.ts": `${sdk}\n${service("lone")}\n`,
  });
  expect(migration.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  expect(after["one.ts"]).toContain("const rs = sharedClient();");
  expect(after["one.ts"]).not.toMatch(/import \{[^}]*\bresonate\b/);
});
