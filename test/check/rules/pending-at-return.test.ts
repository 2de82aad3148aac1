import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

/** The lines of C0111 in a durable function whose body begins on line 3. */
function lines(body: string, rest = ""): string[] {
  return found(`${SDK}export function* order(ctx: Context, wanted: boolean, items: string[]) {\n${body}\n}\n${rest}`).filter((finding) => finding.startsWith("C011"));
}

test.each([
  ["nobody waits", `const p = yield* ctx.promise();\nyield* ctx.run(send, p.id);\nreturn p.id;`],
  ["the handle is dropped", `yield* ctx.promise();`],
  ["only the id is kept", `const { id } = yield* ctx.promise<string>({});\nyield* ctx.run(() => send(id));`],
  ["an early return", `const p = yield* ctx.promise();\nif (!wanted) return "no";\nreturn yield* p;`],
  ["an error of its own", `const p = yield* ctx.promise();\nif (!wanted) throw new Error("no");\nreturn yield* p;`],
  ["one branch", `const p = yield* ctx.promise();\nif (wanted) yield* p; else yield* ctx.sleep(1);`],
  ["a catch that returns", `const p = yield* ctx.promise();\ntry { yield* ctx.rpc("send", p.id); yield* p; } catch { return "failed"; }`],
  ["a loop that is left", `for (;;) { const p = yield* ctx.promise();\nif (yield* ctx.run(() => wanted)) break;\nyield* p; }`],
  ["a case without", `const p = yield* ctx.promise();\nswitch (items[0]) { case "a": yield* p; break; case "b": break; default: yield* p; }`],
  ["what may be left out", `const p = yield* ctx.promise();\nwanted && (yield* p);`],
  ["a request of its own", `const request = ctx.promise();\nconst p = yield* request;\nyield* ctx.run(send, p.id);`],
  ["assigned, and never waited for", `let p; p = yield* ctx.promise();\nyield* ctx.run(send, p.id);`],
  ["settled by another than the function", `const p = yield* ctx.promise();\nyield* ctx.run(mail, p.id);`],
])("a promise that may be pending at the end: %s", (_name, body) => {
  expect(lines(body, `declare const send: (...a: any[]) => any; function mail(id: string) { return id; } resonate.register("send", mail);`)).toEqual(["C0111 app.ts:3"]);
});

test.each([
  ["waited for", `const p = yield* ctx.promise();\nyield* ctx.run(send, p.id);\nreturn yield* p;`],
  ["waited for at once", `return yield* (yield* ctx.promise());`],
  ["on both branches", `const p = yield* ctx.promise();\nif (wanted) { yield* p; return 1; }\nconst result = yield* p;\nreturn result;`],
  ["in finally", `const p = yield* ctx.promise();\ntry { if (wanted) return 1; yield* ctx.rpc("send"); } catch { return 2; } finally { yield* p; }`],
  ["with a bare yield", `const p = yield* ctx.promise();\nyield p;`],
  ["in a loop", `const all = [];\nfor (const item of items) all.push([item, yield* ctx.promise()]);\nfor (const [, p] of all) yield* p;`],
  ["in a list", `const all = [yield* ctx.promise(), yield* ctx.promise()];\nfor (const p of all) yield* p;`],
  ["passed on", `const p = yield* ctx.promise();\nconst q = yield* ctx.promise();\nyield* race(ctx, [p, q]);`],
  ["a timer that is raced and passed on as a member", `const timer = yield* ctx.promise({ timeout: 5, tags: { "resonate:timer": "true" } });\nreturn yield* race(ctx, { timer });`],
  ["settled by its id", `const p = yield* ctx.promise();\nyield* ctx.run(() => resonate.promises.resolve(p.id));`],
  ["settled in a function", `const p = yield* ctx.promise();\nyield* ctx.run(settle, p.id);`],
  ["settled by name", `const p = yield* ctx.promise();\nyield* ctx.rpc("settle", p.id);`],
  ["settled by a variable of its id", `const p = yield* ctx.promise();\nconst id = p.id;\nif (wanted) return yield* p;\nyield* ctx.run(() => { settle(id); });`],
  ["detached", `const request = ctx.promise();\nrequest.mode = "detached";\nconst p = yield* request;\nyield* ctx.run(send, p.id);`],
  ["made where it is wanted", `let p;\nif (wanted) p = yield* ctx.promise();\nyield* ctx.sleep(1);\nif (p) yield* p;`],
  ["made and awaited under one condition", `let p;\nif (wanted) p = yield* ctx.promise();\nyield* ctx.sleep(1);\nif (wanted) yield* p!;`],
  ["its state is looked at", `const p = yield* ctx.promise();\nwhile (p.state === "pending") yield* ctx.sleep(1);`],
  ["never left", `const p = yield* ctx.promise();\nwhile (true) { yield* ctx.run(send, p.id); }`],
  ["the task is given back", `const p = yield* ctx.promise();\nif (wanted) { yield* ctx.panic(true, "later"); return; }\nyield* p;`],
  ["waited for by a nested generator", `const p = yield* ctx.promise();\nyield* ctx.run(function* () { return yield* p; });`],
  ["a labelled break to where it is waited for", `const p = yield* ctx.promise();\nouter: for (const a of items) { for (const b of items) { if (a === b) break outer; } }\nyield* p;`],
  ["a condition that is written out", `const p = yield* ctx.promise();\nif (true) { yield* p; }`],
  ["work of this process", `yield* ctx.beginRun(send);\nyield* ctx.detached("send");`],
])("a promise that is not: %s", (_name, body) => {
  const rest = `declare const send: (...a: any[]) => any; declare function race(ctx: Context, of: unknown): Generator;
    function settle(id: string) { return finish(id); } const finish = async (id: string) => { await resonate.promises.resolve(id); }; resonate.register("settle", settle); resonate.register("send", finish);`;
  expect(lines(body, rest)).toEqual([]);
});

test("an id that is returned to a caller in the same invocation may be settled there", () => {
  const helper = (call: string): string[] => lines("return 1;", `function* opened(ctx: Context) {\nconst p = yield* ctx.promise();\nreturn p.id;\n}\nexport function* caller(ctx: Context) {\n${call};\n}`);
  expect(helper("const id = yield* opened(ctx)")).toEqual([]);
  expect(helper("const id = yield* ctx.run(opened)")).toEqual(["C0111 app.ts:6"]);
});

test("calls that are begun and not waited for", () => {
  expect(lines(`const call = yield* ctx.beginRpc("send");\nif (wanted) return 1;\nyield* call;`)).toContain("C0112 app.ts:3");
  expect(lines(`yield* ctx.beginRpc("send");`)).toContain("C0112 app.ts:3");
  expect(lines(`const calls = [];\nfor (const item of items) calls.push(yield* ctx.beginRpc("send", item));\nfor (const call of calls) yield* call;`)).toEqual([]);
});
