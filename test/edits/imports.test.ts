import { describe, expect, it } from "vitest";
import { migrateModule, migrateTexts } from "../tools/migrate-texts.js";

const sdk = "@restatedev/restate-sdk";

/** A service whose one handler makes one step. */
function greeter(service: string, context: string): string {
  return `export const greeter = ${service}({ name: "Greeter", handlers: { greet: async (ctx: ${context}) => ctx.run("a", () => 1) } });\n`;
}

/** The lines of a module that import something, up to the first other statement. */
function importsOf(text: string): string {
  return text.slice(0, text.search(/^(export|function|const \w+ =|console|interface|type )/m));
}

const usual = `import type { Context } from "@resonatehq/sdk";\nimport { resonate } from "./resonate.js";\n`;

/** A module in which something is left: as long as there is one, error classes that nobody leads to stay Restate's. */
const left = { "left.ts": `import { service, type Context } from "${sdk}";\nexport const caller = service({ name: "Caller", handlers: { call: async (ctx: Context) => ctx.genericCall({ service: "Other", method: "do", parameter: 1 }) } });\n` };

describe("imports of the SDK", () => {
  it.each([
    ["a namespace", `import * as restate from "${sdk}";\n`, "restate.service", "restate.Context"],
    ["names", `import { service, Context } from "${sdk}";\n`, "service", "Context"],
    ["an inline type", `import { service, type Context } from "${sdk}";\n`, "service", "Context"],
    ["aliases", `import { service as make, Context as Ctx } from "${sdk}";\n`, "make", "Ctx"],
    ["several lines", `import {\n  service,\n  type Context,\n} from "${sdk}";\n`, "service", "Context"],
    ["values and types apart", `import { service } from "${sdk}";\nimport type { Context } from "${sdk}";\n`, "service", "Context"],
    ["import =", `import restate = require("${sdk}");\n`, "restate.service", "restate.Context"],
    ["names that nothing uses", `import { service, serve, TerminalError, Context } from "${sdk}";\n`, "service", "Context"],
  ])("%s are replaced", (_, imports, service, context) => {
    expect(importsOf(migrateModule(imports + greeter(service, context)))).toBe(usual);
  });

  it("go with the constants that only took names out of them", () => {
    for (const [imports, chain, prefix] of [[`import * as restate from "${sdk}";`, "restate.rpc", "restate."], [`import { rpc, service, type Context } from "${sdk}";`, "rpc", ""]] as const) {
      const text = `${imports}\nconst { sendOpts } = ${chain};\nexport const b = ${prefix}service({ name: "B", handlers: { ho: async (ctx: ${prefix}Context, n: number) => n } });\nexport const a = ${prefix}service({ name: "A", handlers: { hi: async (ctx: ${prefix}Context) => { ctx.serviceSendClient(b).ho(1, sendOpts({ delay: 5 })); } } });\n`;
      const after = migrateModule(text);
      expect(importsOf(after)).toBe(`${usual}import { delayed } from "./durable/delay.js";\n`);
      expect(after).not.toContain("sendOpts");
    }
  });

  it("stay, thinned, where something else uses them", () => {
    const text = `import {\n  Context,\n  TerminalError, // kept\n  service,\n} from "${sdk}";\n${greeter("service", "Context")}export const isTerminal = (error: unknown) => error instanceof TerminalError;\n`;
    const { after, migration } = migrateTexts({ "app.ts": text, ...left });
    expect(importsOf(after["app.ts"] ?? "").replace(/\/\/ restate-to-resonate.*\n/, "")).toBe(`import {\n  TerminalError, // kept\n} from "${sdk}";\n${usual}`);
    expect(migration.diagnostics.filter(({ file }) => file.endsWith("app.ts")).map(({ code }) => code)).toEqual(["R0131"]);
  });

  it("leave the comments at their lines, whatever becomes of the names around them", () => {
    const text = `import {\n  rpc, // for calls\n  Context,\n  handlers, // of services\n  TerminalError,\n  serve, // at last\n  service,\n} from "${sdk}";\n${greeter("service", "Context")}export const isTerminal = (error: unknown) => error instanceof TerminalError;\n`;
    const { after } = migrateTexts({ "app.ts": text, ...left });
    const comments = ["// for calls", "// of services", "// at last"];
    expect(comments.map((comment) => (after["app.ts"] ?? "").split(comment).length - 1)).toEqual([1, 1, 1]);
    expect(after["app.ts"]).toContain(`import {\n  // for calls\n  // of services\n  TerminalError`);
  });

  it("stay by their default name without the others", () => {
    const { after } = migrateTexts({ "app.ts": `import sdk, { service, type Context } from "${sdk}";\nconsole.log(sdk);\n${greeter("service", "Context")}` });
    expect(after["app.ts"]).toContain(`import sdk from "${sdk}";\n`);
  });
});

describe("other imports", () => {
  it("are not touched", () => {
    const others = `import dep, * as all from 'dep'\nimport "./effect.js";\nimport type {  A,B  } from "dep";\nimport {unused} from "dep";\n`;
    expect(migrateModule(`${others}import * as restate from "${sdk}";\nexport const used = [dep, all] as A[] | B[];\n${greeter("restate.service", "restate.Context")}`, { others: { "effect.ts": "export {};\n" } })).toMatch(others);
  });

  it("of Resonate are used and extended", () => {
    const text = `import { Resonate } from "@resonatehq/sdk";\nimport * as restate from "${sdk}";\nexport const other = new Resonate();\n${greeter("restate.service", "restate.Context")}`;
    expect(importsOf(migrateModule(text))).toBe(`import { Resonate, type Context } from "@resonatehq/sdk";\nimport { resonate } from "./resonate.js";\n`);
  });

  it("of definitions go with their uses, and keep the module's effect", () => {
    const files = {
      "app.ts": `import greeter, { util } from "./greeter.js";\nimport * as restate from "${sdk}";\nconsole.log(util);\nrestate.serve({ services: [greeter] });\n`,
      "greeter.ts": `import { service, type Context } from "${sdk}";\nexport const util = 1;\nexport default service({ name: "Greeter", handlers: { greet: async (ctx: Context) => 1 } });\n`,
    };
    expect(migrateTexts(files).after["app.ts"]).toBe(`import { util } from "./greeter.js";\nimport "./greeter.js";\nconsole.log(util);\n`);
    const alone = { ...files, "app.ts": files["app.ts"].replace("greeter, { util }", "greeter").replace("console.log(util);\n", "") };
    expect(migrateTexts(alone).after["app.ts"]).toBe(`import "./greeter.js";\n`);
  });
});

describe("new imports", () => {
  it("stand after shebang, directives and a header comment", () => {
    const head = `#!/usr/bin/env node\n"use strict";\n/* licence */\n\n`;
    expect(migrateModule(`${head}import * as restate from "${sdk}";\n${greeter("restate.service", "restate.Context")}`).startsWith(head + usual)).toBe(true);
  });

  it("do not take a name that the file uses", () => {
    const text = `import * as restate from "${sdk}";\ninterface Context { a: number }\nexport const own: Context = { a: 1 };\n${greeter("restate.service", "restate.Context")}`;
    const after = migrateModule(text);
    expect(after).toContain(`import type { Context as ResonateContext } from "@resonatehq/sdk";\n`);
    expect(after).toContain("greet(ctx: ResonateContext)");
  });

  it("do not take a name that a field keeps whose class is left, so that a second run changes nothing", () => {
    const agent = "class Agent {\n  constructor(private readonly ctx: Context) {}\n  work() {\n    return this.ctx.run(() => 1);\n  }\n}\n";
    const text = `import { object, service, type Context, type ObjectContext } from "${sdk}";\n${agent}export const office = object({ name: "Office", handlers: { open: async (ctx: ObjectContext) => Promise.all([1].map(async (x) => { const a = new Agent(ctx); const f = async () => a.work(); return f(); })) } });\nasync function greeting(ctx: Context) { return await ctx.run(() => 1); }\nexport const hall = service({ name: "Hall", handlers: { greet: async (ctx: Context) => greeting(ctx) } });\n`;
    const { after, migration } = migrateTexts({ "app.ts": text });
    expect(migration.diagnostics.some(({ severity }) => severity === "error")).toBe(true);
    expect(after["app.ts"]).toContain("private readonly ctx: Context)");
    expect(after["app.ts"]).toContain("function* greeting(ctx: ResonateContext)");
    expect(migrateTexts(after).migration.changes).toEqual([]);
  });

  it("follow the file's quotes, semicolons and line endings", () => {
    const text = `import * as restate from '${sdk}'\nimport a from 'a'\nexport const x = a\n${greeter("restate.service", "restate.Context").replace(";\n", "\n")}`.replaceAll("\n", "\r\n");
    expect(importsOf(migrateModule(text))).toBe(`import type { Context } from '@resonatehq/sdk'\r\nimport { resonate } from './resonate.js'\r\nimport a from 'a'\r\n`);
  });

  it.each([
    ["./util", "./resonate"],
    ["./util.js", "./resonate.js"],
    ["./util.ts", "./resonate.ts"],
  ])("write modules of the codebase as %s does", (habit, module) => {
    const after = migrateModule(`import { util } from "${habit}";\nimport * as restate from "${sdk}";\nexport const x = util;\n${greeter("restate.service", "restate.Context")}`, { others: { "util.ts": "export const util = 1;\n" } });
    expect(after).toContain(`import { resonate } from "${module}";\n`);
  });

  it("have no extension where a bundler resolves them", () => {
    expect(migrateModule(`import * as restate from "${sdk}";\n${greeter("restate.service", "restate.Context")}`, { compilerOptions: { moduleResolution: "bundler" } })).toContain(`from "./resonate";`);
  });
});

describe("CommonJS", () => {
  const options = { moduleType: "commonjs", path: "app.js" } as const;

  it("requires as a whole are replaced", () => {
    const after = migrateModule(`const restate = require("${sdk}");\nconst s = restate.service({ name: "S", handlers: { hi: async (ctx) => ctx.run("a", () => 1) } });\nmodule.exports = { s };\n`, options);
    expect(after).toBe(`const { resonate } = require("./resonate");\nfunction* hi(ctx) {\n  return yield* ctx.run(() => 1);\n}\nresonate.register("hi", hi);\nmodule.exports = { hi };\n`);
  });

  it("requires by name are replaced, aliases too", () => {
    const after = migrateModule(`const { service: make, serve } = require("${sdk}");\nconst s = make({ name: "S", handlers: { hi: async (ctx) => ctx.run("a", () => 1, { maxRetryInterval: 2 }) } });\nserve({ services: [s] });\n`, options);
    expect(importsOf(after)).toBe(`const { Exponential } = require("@resonatehq/sdk");\nconst { resonate } = require("./resonate");\n`);
    expect(after).not.toContain("restate-sdk");
  });

  it("a module that only serves keeps requiring the handlers' modules", () => {
    const others = { "greeter.js": `const restate = require("${sdk}");\nconst greeter = restate.service({ name: "G", handlers: { hi: async (ctx) => 1 } });\nmodule.exports = { greeter };\n` };
    const after = migrateModule(`const restate = require("${sdk}");\nconst { greeter } = require("./greeter");\nrestate.serve({ services: [greeter] });\n`, { ...options, others });
    expect(after).toBe(`require("./greeter");\n`);
  });
});
