import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.js";
import { reportText } from "../../src/verify/text-report.js";
import { type Problem, type ScenarioReport, type VerifyOptions, type VerifyReport, verifyProgram } from "../../src/verify/verify.js";
import { type CompiledChild, compileChild } from "../tools/compiled-child.js";
import { TemporaryProgram } from "./temporary-program.js";

let child: CompiledChild;
const programs: TemporaryProgram[] = [];

beforeAll(async () => {
  child = await compileChild();
});
afterEach(() => {
  for (const program of programs.splice(0)) program.remove();
});
afterAll(() => child.remove());

function program(files: Readonly<Record<string, string>>): TemporaryProgram {
  const made = new TemporaryProgram(files);
  programs.push(made);
  return made;
}

function verify({ root }: TemporaryProgram, options: Partial<VerifyOptions> = {}): Promise<VerifyReport> {
  return verifyProgram({ paths: [root], child: child.path, seed: "1", ...options });
}

async function only(made: TemporaryProgram, options: Partial<VerifyOptions> = {}): Promise<ScenarioReport> {
  const { scenarios } = await verify(made, options);
  expect(scenarios).toHaveLength(1);
  return scenarios[0] as ScenarioReport;
}

function errors({ problems }: ScenarioReport): string[] {
  return problems.filter(({ severity }) => severity === "error").map(({ code, message, reason }: Problem) => `${code}: ${message} ${reason ?? ""}`);
}

/** A program of one file, with a scenario. `body` sees `ctx` functions registered with `resonate`. */
function single(body: string, scenario: string, more: Readonly<Record<string, string>> = {}): TemporaryProgram {
  return program({
    "src/app.ts": `import { type Context, Resonate } from "@resonatehq/sdk";\nimport { effect, outside } from "restate-to-resonate/scenario";\nconst resonate = new Resonate();\n${body}`,
    "app.scenario.ts": `import { defineScenario } from "restate-to-resonate/scenario";\nexport default defineScenario(${scenario});`,
    ...more,
  });
}

describe("time", () => {
  it("takes none: sleeps of weeks, retries with backoff, and steps that wait for timers or for files", async () => {
    const made = single(
      `import { readFile } from "node:fs/promises";
      import { setTimeout as pause } from "node:timers/promises";
      let failures = 0;
      function* patient(ctx: Context) {
        yield* ctx.sleep(30 * 86_400_000);
        yield* ctx.run(async () => { await pause(50_000); effect("paused"); });
        yield* ctx.run(async () => { await new Promise((resolve) => setTimeout(resolve, 3_600_000)); });
        const text = yield* ctx.run(() => readFile(new URL("./text.txt", import.meta.url), "utf8"));
        yield* ctx.run(() => { if (outside("failures", () => ({ count: 0 })).count++ < 40) throw new Error("not yet"); effect("done"); });
        return text.trim();
      }
      resonate.register("patient", patient);`,
      `{ steps: [{ call: "patient", timeout: "60 days", result: "hello", effects: ["paused", "done"] }] }`,
      { "src/text.txt": "hello\n" },
    );
    const begin = performance.now();
    const report = await only(made);
    expect(errors(report)).toEqual([]);
    expect(report.crashPoints).toBeGreaterThan(10);
    // Run by run, the program's time is a month and more.
    expect(performance.now() - begin).toBeLessThan(60_000);
  });

  it("gives scenarios a clock too", async () => {
    const made = single(
      `function* approval(ctx: Context) {
        const timer = yield* ctx.promise<string>({ timeout: 3 * 86_400_000, tags: { "resonate:timer": "true", "resonate:target": ctx.options().target } });
        return (yield* timer) ?? "too late";
      }
      resonate.register("approval", approval);`,
      `{ steps: [
        { send: "approval", id: "a", timeout: "10 days" }, { wait: "2 days" }, { resolve: "a:0", value: "yes" }, { attach: "a", result: "yes" },
        { send: "approval", id: "b", timeout: "10 days" }, { wait: "4 days" }, { attach: "b", result: "too late" },
        { parallel: [{ call: "approval", id: "c", timeout: "10 days", result: "no" }, { resolve: "c:0", value: "no" }] },
        { send: "approval", id: "d", timeout: "10 days" }, { reject: "d:0", error: "refused" }, { attach: "d", error: /refused/ },
      ] }`,
    );
    expect(errors(await only(made))).toEqual([]);
  });
});

describe("a program", () => {
  it("is loaded as it is: its own paths, CommonJS, JSON, top-level await, servers, stand-ins, environment", async () => {
    const made = program({
      "package.json": "{}",
      "src/resonate.ts": `import { Resonate } from "@resonatehq/sdk";\nexport const resonate = new Resonate();`,
      "src/config.json": `{ "name": "config" }`,
      "src/payments.ts": `export async function pay(): Promise<string> { throw new Error("a real payment"); }`,
      "src/payments.fake.ts": `import { effect } from "restate-to-resonate/scenario";\nexport async function pay(): Promise<string> { effect("pay"); return "paid"; }`,
      "src/old.cjs": `module.exports = { dir: __dirname, main: require.main === module };`,
      "src/app.ts": `import { createServer } from "node:http";
        import semver from "semver";
        import config from "./config.json";
        import { pay } from "./payments";
        import { resonate } from "./resonate";
        const old = require("./old.cjs") as { dir: string; main: boolean };
        createServer().listen(80, () => undefined);
        setInterval(() => undefined, 1_000);
        process.on("SIGTERM", () => undefined);
        resonate.register("all", function* (ctx: any) {
          const paid = yield* ctx.run(() => pay());
          return [paid, config.name, semver.major("3.2.1"), old.dir === __dirname, old.main, require.main === module, process.env.SHOP];
        });`,
      "tests/app.scenario.ts": `export default {
        entries: ["../src/app.js"], env: { SHOP: "corner" }, replace: { "../src/payments.ts": "../src/payments.fake.ts" },
        steps: [{ call: "all", result: ["paid", "config", 3, true, false, true, "corner"], effects: ["pay"] }],
      };`,
    });
    expect(errors(await only(made))).toEqual([]);
  });

  it("of several processes runs as several workers, each with its group", async () => {
    const made = program({
      "src/a.ts": `import { Resonate } from "@resonatehq/sdk";\nconst resonate = new Resonate({ group: "a" });\nresonate.register("first", function* (ctx: any, n: number) { return (yield* ctx.rpc("second", n, ctx.options({ target: "b" }))) + 1; });`,
      "src/b.ts": `import { Resonate } from "@resonatehq/sdk";\nconst resonate = new Resonate({ group: "b" });\nresonate.register("second", function* (ctx: any, n: number) { return (yield* ctx.run(async () => n * 2)) as number; });`,
      "src/one.scenario.ts": `export default { steps: [{ call: "first", args: [5], result: 11 }] };`,
    });
    const report = await only(made);
    expect(errors(report)).toEqual([]);
    expect(report.processes).toEqual([[made.at("src/a.ts")], [made.at("src/b.ts")]]);
    expect(report.functions.map(({ name, group, called }) => [name, group, called])).toEqual([["first", "a", true], ["second", "b", true]]);
  });

  it("without a scenario runs on made inputs and made step results, and the report says so", async () => {
    const made = program({
      "src/app.ts": `import { type Context, Resonate } from "@resonatehq/sdk";
        const resonate = new Resonate();
        async function price(sku: string): Promise<{ cents: number }> { throw new Error("a real service"); }
        function* buy(ctx: Context, order: { sku: string; count: number }) {
          const { cents } = yield* ctx.run(() => price(order.sku));
          const paid = yield* ctx.promise<{ by: string }>({ tags: { "resonate:external": "true" } });
          return { total: cents * order.count, by: (yield* paid).by };
        }
        resonate.register("buy", buy);`,
    });
    const report = await only(made);
    expect(errors(report)).toEqual([]);
    expect(report.notes.join()).toMatch(/No scenario: .* inputs made from its types/);
    expect(report.functions).toMatchObject([{ name: "buy", steps: 2, called: true }]);
    expect(report.crashPoints).toBeGreaterThan(5);
  });
});

describe("what it finds", () => {
  it("a process that ends itself", async () => {
    const made = single(`resonate.register("stop", function* (ctx: Context) { yield* ctx.run(async () => process.exit(4)); });`, `{ steps: [{ call: "stop" }] }`);
    expect(errors(await only(made))).toEqual([expect.stringMatching(/^exited: process\.exit\(4\) was called/)]);
  });

  it("a rejection that nobody handles", async () => {
    const made = single(`resonate.register("loose", function* (ctx: Context) { void Promise.reject(new Error("lost")); return 1; });`, `{ steps: [{ call: "loose", result: 1 }] }`);
    expect(errors(await only(made))).toEqual([expect.stringMatching(/^unhandled: .*lost/)]);
  });

  it("a call to a group that nobody serves", async () => {
    const made = single(
      `resonate.register("far", function* (ctx: Context) { return yield* ctx.rpc("there", ctx.options({ target: "elsewhere" })); });`,
      `{ steps: [{ call: "far" }] }`,
    );
    expect(errors(await only(made))).toEqual([expect.stringMatching(/^not-registered: Nobody serves group elsewhere, where there \(far-1:0\) is to run\. Groups of the program: default/)]);
  });

  it("a function that is given back for ever", async () => {
    const made = single(`resonate.register("panics", function* (ctx: Context) { yield* ctx.panic(true, "again"); });`, `{ steps: [{ call: "panics" }] }`);
    expect(errors(await only(made))).toEqual([expect.stringMatching(/^spinning: panics was given back \d+ times in a row: .*again/)]);
  });

  it("a value that the first pass alone sees, and not one that nobody misses", async () => {
    const made = single(
      `class Money { constructor(readonly cents: number) {} text() { return String(this.cents); } }
      resonate.register("misses", function* (ctx: Context) { const m = yield* ctx.run(async () => new Money(5)); yield* ctx.sleep(1); return m.text(); });
      resonate.register("ignores", function* (ctx: Context) { const m = yield* ctx.run(async () => new Money(5)); yield* ctx.sleep(1); return m.cents; });`,
      `{ steps: [{ call: "ignores", result: 5 }, { call: "misses", result: "5" }] }`,
    );
    const report = await only(made);
    expect(report.problems.map(({ code, severity, function: func }) => [code, severity, func])).toEqual(expect.arrayContaining([["not-json", "error", "misses"], ["not-json", "warning", "ignores"]]));
    expect(errors(report)).toHaveLength(1);
  });

  it("is written side by side, with the place, the reason and the way out", async () => {
    const made = single(
      `export function* flip(ctx: Context) {
        if (Math.random() < 0.5) yield* ctx.run(async function heads() { return 1; });
        else yield* ctx.run(async function tails() { return 2; });
        yield* ctx.sleep(1_000);
        return "flipped";
      }
      resonate.register("flip", flip);`,
      `{ about: "a coin", steps: [{ call: "flip", id: "coin" }] }`,
    );
    const text = reportText(await verify(made), { colour: false, base: made.root, quiet: false });
    expect(text).toContain("app.scenario.ts a coin");
    expect(text).toMatch(/✗ flip +\d+ steps?, \d+ crash points/);
    expect(text).toMatch(/✗ diverged in flip {2}src\/app\.ts:\d+:\d+/);
    expect(text).toMatch(/flip asked for run (heads|tails)\(\) as coin:0, and asked for run (heads|tails)\(\) there when it ran again/);
    expect(text).toMatch(/why: {2}flip reads Math\.random\(\) outside of a step/);
    expect(text).toMatch(/pass 1, worker1 +│ pass 2, worker1/);
    expect(text).toMatch(/▶ :0 run (heads|tails)\(\) → [12] +│ :0 run (heads|tails)\(\) → [12]/);
    expect(text).toMatch(/help: Let a replay ask for the same operations/);
    expect(text).toMatch(/1 problem in 1 scenario: .* on @resonatehq\/sdk 0\.11\.5\./);
  });
});

describe("how far it looks", () => {
  const chain = `resonate.register("chain", function* (ctx: Context, n: number) { for (let i = 0; i < n; i++) yield* ctx.run(async () => i); return n; });`;

  it("samples beyond the limit, and the seed takes the same points again", async () => {
    const made = single(chain, `{ steps: [{ call: "chain", args: [12], result: 12 }] }`);
    const report = await only(made, { limit: 3, seed: "7" });
    expect([report.tried, report.seed, report.runs]).toEqual([3, "7", 16]);
    expect(report.crashPoints).toBe(26);
    const text = reportText({ version: 1, sdk: "0.11.5", sdkOfProject: true, scenarios: [report] }, { colour: false, base: made.root, quiet: false });
    expect(text).toContain("3 of 26 crash points were tried; --seed 7 takes the same ones again, --limit 26 takes all.");
  });

  it("stops a run that makes too many requests", async () => {
    const made = single(chain, `{ steps: [{ call: "chain", args: [40] }] }`);
    expect(errors(await only(made, { requests: 30 }))).toEqual([expect.stringMatching(/^endless: chain came to no end within 30 requests/)]);
  });
});

describe("bad input", () => {
  const refused = async (made: TemporaryProgram, options: Partial<VerifyOptions> = {}): Promise<string> => {
    const error: unknown = await verify(made, options).then(() => undefined, (reason: unknown) => reason);
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  };

  it("is a usage error that says what is wrong", async () => {
    expect(await refused(program({}), { paths: ["/no/such/folder"] })).toMatch(/There is no \/no\/such\/folder/);
    expect(await refused(program({ "a.ts": "export const a = 1;" }))).toMatch(/No program on Resonate found in .*: of 1 source files none starts one/);
    expect(await refused(single("", `{ steps: [{ cal: "x" }] } as never`))).toMatch(/app\.scenario\.ts: step 1 is none of call/);
    expect(await refused(single(`resonate.register("f", function* () {});`, `{ steps: [{ call: "g" }] }`))).toMatch(/it calls "g", which the program does not register\. Registered: f\./);
    expect(await refused(single(`import "./missing.js";\nresonate.register("f", function* () {});`, `{ steps: [{ call: "f" }] }`))).toMatch(/cannot be put together[^]*missing\.js/);
    expect(await refused(single(`resonate.register("f", function* () {});`, `{ entries: ["./nowhere.ts"], steps: [{ call: "f" }] }`))).toMatch(/`entries` names \.\/nowhere\.ts, and there is no/);
  });

  it("is also a program that fails as it is loaded", async () => {
    expect(await refused(single(`resonate.register("f", function* () {});\nthrow new Error("no database");`, `{ steps: [{ call: "f" }] }`))).toMatch(/failed while it was loaded.*no database/);
  });
});
