import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { transformSync } from "esbuild";
import ts from "typescript";
import { afterAll, describe, expect, it } from "vitest";
import { closureKey } from "../../src/verify/inputs/closure-key.js";
import { type MadeValues, makeValues, valueAt, valueForStep } from "../../src/verify/inputs/index.js";

// Outside of the repository, where nothing is installed: the SDK's types are then the project's own.
const folder = mkdtempSync(join(tmpdir(), "verify-inputs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const prelude = `import { type Context, Resonate } from "@resonatehq/sdk";\nconst resonate = new Resonate();\n`;

/** Writes a program of one or more files, and makes its values. */
function made(text: string, options: { readonly file?: string; readonly prelude?: string; readonly files?: Record<string, string> } = {}): MadeValues & { readonly path: string } {
  const dir = mkdtempSync(join(folder, "program-"));
  const path = join(dir, options.file ?? "program.ts");
  const settings = { "package.json": '{ "type": "module" }', "tsconfig.json": '{ "compilerOptions": { "target": "es2022", "module": "nodenext", "strict": true, "types": [] } }' };
  for (const [name, content] of Object.entries({ ...settings, ...options.files })) writeFileSync(join(dir, name), content);
  writeFileSync(path, (options.prelude ?? prelude) + text);
  return { ...makeValues([path]), path };
}

/** The value made for a parameter of a type, with its notes. */
function madeFor(type: string, declarations = ""): { readonly value: unknown; readonly notes: readonly { readonly kind: string; readonly at: string }[] } {
  const { inputs } = made(`${declarations}\nfunction* f(ctx: Context, x: ${type}) { return x; }\nresonate.register("f", f);`);
  return inputs[0]!.args[0]!;
}

describe("values of types", () => {
  const cases: readonly (readonly [type: string, value: unknown, declarations?: string])[] = [
    ["string", "x"],
    ["number", 1],
    ["boolean", true],
    ["null", null],
    ["undefined", undefined],
    ["'paid'", "paid"],
    ["false", false],
    ["string | null", "x"],
    ["{ a: number; b?: string }", { a: 1, b: "b" }],
    ["readonly string[]", ["x"]],
    ["[string, number, boolean?, ...string[]]", ["x", 1, true]],
    ["Record<string, number>", { key: 1 }],
    ["Record<'a' | 'b', number>", { a: 1, b: 1 }],
    ["{ [day: number]: string }", { "1": "1" }],
    ["Map2", { size: 1 }, "interface Map2 { size: number }"],
    ["Color", "red", "enum Color { Red = 'red', Blue = 'blue' }"],
    ["Level", 0, "enum Level { Low, High }"],
    ["OrderId", "x", "type OrderId = string & { readonly __brand: 'OrderId' }"],
    ["{ a: string } & { b: number }", { a: "a", b: 1 }],
    ["`order-${number}/${string}`", "order-1/x"],
    ["Uppercase<string>", "X"],
    ["Partial<Pick<O, 'a'>>", { a: 1 }, "interface O { a: number; b: string }"],
    ["Tree", { value: 1, children: [] }, "interface Tree { value: number; children: Tree[]; parent?: Tree }"],
    ["List", { next: null }, "type List = { next: List | null }"],
    ["Json", "x", "type Json = Json[] | { [name: string]: Json } | string | number | boolean | null"],
    ["object", {}],
    ["{ at: ReturnType<typeof now> }", { at: 1 }, "const now = () => 1;"],
  ];
  // One program for all, since reading the library's types is what takes the time; a namespace each keeps their names apart.
  const namespaces = cases.map(([type, , declarations = ""], index) => `namespace n${index} {\n${declarations}\nfunction* f(ctx: Context, x: ${type}) { return x; }\nresonate.register("f${index}", f);\n}`);
  const known = new Map(made(namespaces.join("\n")).inputs.map(({ name, args }) => [name, args]));
  it.each(cases.map(([type, value], index) => ({ type, value, index })))("$type", ({ value, index }) => {
    expect(known.get(`f${index}`)).toEqual([{ value, notes: [] }]);
  });

  it("says where a type does not survive JSON, and gives what JSON makes of it", () => {
    const { value, notes } = madeFor("{ order: { placed: Date; tags: Set<string>; total: bigint; done: () => void; raw: Uint8Array } }");
    expect(value).toEqual({ order: { placed: "2026-01-01T00:00:00.000Z", tags: {}, total: null, raw: { "0": 1 } } });
    expect(notes.map((note) => `${note.kind} ${note.at}`)).toEqual(["placed", "tags", "total", "done", "raw"].map((name) => `not-json x.order.${name}`));
  });

  it("says where a type says nothing", () => {
    for (const type of ["any", "unknown"]) expect(madeFor(`{ a: ${type} }`)).toMatchObject({ value: { a: null }, notes: [{ kind: "unknown", at: "x.a" }] });
  });

  it("says where a required member was cut", () => {
    expect(madeFor("Loop", "interface Loop { self: Loop }")).toMatchObject({ value: { self: null }, notes: [{ kind: "cut", at: "x.self" }] });
  });

  it("ends on types that grow for ever and on unions of unions", () => {
    const declarations = `type Grow<T> = { value: T; more: Grow<T[]> };
      type U = A | B | C | D; interface A { k: 'a'; x: unknown; u: U } interface B { k: 'b'; x: unknown; u: U[]; v: U } interface C { k: 'c'; y: unknown; u: U } interface D { k: 'd'; z: unknown; u: U; w: U }`;
    const begun = performance.now();
    expect(madeFor("Grow<string>", declarations).notes.map((note) => note.kind)).toContain("cut");
    expect(madeFor("U", declarations).notes.length).toBeGreaterThan(0);
    expect(performance.now() - begun).toBeLessThan(30_000);
  });

  it("is a member of its type, for any type that JSON can carry", () => {
    const { type } = fc.letrec<{ type: string }>((tie) => {
      const leaf = fc.constantFrom("string", "number", "boolean", "null", "'a'", "7", "false", "`n-${number}`", "Color", "Tree", "object");
      const member = fc.tuple(fc.constantFrom("a", "b", "'c-d'"), fc.constantFrom("", "?"), tie("type")).map(([name, mark, of]) => [name, `${name}${mark}: ${of}`] as const);
      const members = fc.uniqueArray(member, { maxLength: 3, selector: ([name]) => name }).map((all) => `{ ${all.map(([, text]) => text).join("; ")} }`);
      const made = fc.oneof(
        members,
        tie("type").map((of) => `(${of})[]`),
        tie("type").map((of) => `Record<string, ${of}>`),
        tie("type").map((of) => `Partial<{ p: ${of} }>`),
        fc.tuple(tie("type"), tie("type")).map(([one, other]) => `(${one} | ${other})`),
        fc.tuple(tie("type"), tie("type")).map(([one, other]) => `[${one}, ${other}?]`),
        fc.tuple(tie("type"), tie("type")).map(([one, other]) => `({ q: ${one} } & { r: ${other} })`),
      );
      return { type: fc.oneof({ maxDepth: 4, depthSize: "medium" }, leaf, made) };
    });
    const types = fc.sample(type, { numRuns: 300, seed: 7 });
    const declarations = "export enum Color { Red = 'red', Blue = 'blue' }\nexport interface Tree { value: number; children: Tree[]; parent?: Tree }\n";
    const functions = types.map((of, index) => `function* f${index}(ctx: Context, x: ${of}) { return x; }\nresonate.register("f${index}", f${index});`);
    const { inputs } = made(declarations + functions.join("\n"));
    expect(inputs.flatMap((input) => input.args[0]!.notes)).toEqual([]);
    const check = inputs.map(({ args }, index) => `export const v${index}: ${types[index]} = ${literal(args[0]!.value, types[index]!)};`);
    expect(errorsOf(declarations + check.join("\n"))).toEqual([]);
  });
});

/** JSON as an expression; enums cannot be written as their values, so those are named. */
function literal(value: unknown, type: string): string {
  const text = JSON.stringify(value) ?? "undefined";
  return type.includes("Color") ? text.replaceAll('"red"', "Color.Red") : text;
}

function errorsOf(text: string): readonly string[] {
  const path = join(mkdtempSync(join(folder, "check-")), "check.ts");
  writeFileSync(path, text);
  const program = ts.createProgram([path], { strict: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext, noEmit: true, types: [], skipLibCheck: true });
  return ts.getPreEmitDiagnostics(program).map((error) => `${ts.flattenDiagnosticMessageText(error.messageText, " ")} ${text.split("\n")[error.file?.getLineAndCharacterOfPosition(error.start ?? 0).line ?? 0] ?? ""}`);
}

describe("registrations", () => {
  it("finds them by the receiver's type, with the arguments after the context", () => {
    const { inputs, unclear } = made(`
      const names = { add: "Cart.add" } as const;
      class Registry { register(name: string, f: unknown) { return [name, f]; } }
      function* add(ctx: Context, key: string, item: { sku: string }) { return item; }
      function* clear(ctx: Context) { return 0; }
      export const cart = resonate.register(names.add, add);
      resonate.register(clear);
      new Registry().register("not ours", add);
      for (const f of [add]) resonate.register(String(f), f);`);
    expect(inputs.map(({ name, args }) => [name, args.map((arg) => arg.value)])).toEqual([
      ["Cart.add", ["key", { sku: "sku" }]],
      ["clear", []],
    ]);
    expect(unclear).toHaveLength(1);
    expect(inputs[0]!.place).toMatchObject({ line: 8, column: 36 });
  });

  it("looks through a wrapper that forgets the types of its arguments", () => {
    const { inputs } = made(`
      type Handler = (ctx: Context, ...rest: any[]) => Generator<any, any, any>;
      const exclusive = (object: string, handler: Handler): Handler => handler;
      function* add(ctx: Context, key: string, amount: number) { return amount; }
      resonate.register("add", exclusive("Counter", add));`);
    expect(inputs[0]!.args.map((arg) => arg.value)).toEqual(["key", 1]);
  });

  it("follows imports, and takes the nearest tsconfig's paths", () => {
    const { inputs } = made(`import { charge } from "#lib/charge.js";\nresonate.register("charge", charge);`, {
      files: {
        "charge.ts": `import type { Context } from "@resonatehq/sdk";\nexport function* charge(ctx: Context, cents: number) { return cents; }`,
        "tsconfig.json": '{ "compilerOptions": { "module": "nodenext", "paths": { "#lib/*": ["./*"] } } }',
      },
    });
    expect(inputs[0]!.args.map((arg) => arg.value)).toEqual([1]);
  });

  it("reads JavaScript with JSDoc", () => {
    const { inputs, sites } = made(
      `/** @param {import("@resonatehq/sdk").Context} ctx @param {{ id: string, count?: number }} order */
      export function* order(ctx, order) { return yield* ctx.run(async () => ({ paid: order.id })); }
      resonate.register("order", order);`,
      { file: "program.js", prelude: `import { Resonate } from "@resonatehq/sdk";\nconst resonate = new Resonate();\n` },
    );
    expect(inputs[0]!.args.map((arg) => arg.value)).toEqual([{ id: "id", count: 1 }]);
    expect(sites.map((site) => site.made.value)).toEqual([{ paid: "paid" }]);
  });

  it("names the tsconfig it cannot read", () => {
    expect(() => made("", { files: { "tsconfig.json": "{ not json" } })).toThrow(/tsconfig\.json cannot be read/);
  });
});

describe("sites", () => {
  const text = `
    async function charge(_: Context, cents: number): Promise<{ receipt: string; cents: number }> { return { receipt: "r", cents }; }
    const lib = { pack: (_: Context, n: number): string[] => [String(n)] };
    function* child(ctx: Context) { return yield* ctx.run(lib.pack, 1); }
    const queue = { run: (f: () => number) => f() };
    function* order(ctx: Context, cents: number) {
      const { receipt } = yield* ctx.run(charge, cents);
      const label = yield* ctx.run(async () => \`for \${receipt}\`);
      const begun = yield* ctx.beginRun((_: Context, n: number) => ({ twice: n * 2 }), cents);
      queue.run(() => 1);
      yield* ctx.run(child);
      const approved = yield* (yield* ctx.promise<{ by: string }>());
      const quote = yield* ctx.rpc<number[]>("quote", cents);
      return [label, approved, quote, yield* begun];
    }
    resonate.register("order", order);`;

  it("makes a value for each leaf step, promise and call by name, and none for generators or other objects", () => {
    expect(made(text).sites.map((site) => [site.kind, site.name, site.made.value])).toEqual([
      ["step", "pack", ["pack"]],
      ["step", "charge", { receipt: "receipt", cents: 1 }],
      ["step", undefined, "result"],
      ["step", undefined, { twice: 1 }],
      ["promise", undefined, { by: "by" }],
      ["call", "quote", [1]],
    ]);
  });

  it("finds a step's value by place, by the source that runs, and by name", () => {
    const values = made(text);
    const at = (line: number, column: number) => ({ file: values.path, line, column });
    const nothing = { name: "", source: "() => 0" };
    expect(valueForStep(values, { ...nothing, place: at(10, 40) })?.value).toEqual("result");
    expect(valueForStep(values, { name: "", source: "async()=>`for ${receipt}`" })?.value).toBe("result");
    expect(valueForStep(values, { name: "charge", source: "renamed by a bundler" })?.value).toEqual({ receipt: "receipt", cents: 1 });
    expect(valueForStep(values, nothing)).toBeUndefined();
    expect(valueAt(values, at(14, 46))?.value).toEqual({ by: "by" });
    expect(valueAt(values, at(1, 1))).toBeUndefined();
  });

  it("gives what is known of a function elsewhere where a generic helper runs it", () => {
    const values = made(`
      async function charge(): Promise<{ paid: boolean }> { return { paid: true }; }
      function* traced<T>(ctx: Context, step: () => T) { return yield* ctx.run(step); }
      export function* one(ctx: Context) { return yield* traced(ctx, charge); }
      export function* two(ctx: Context) { return yield* ctx.run(charge); }`);
    const place = { file: values.path, line: 5, column: 77 };
    expect(valueForStep(values, { place, name: "", source: "() => 0" })).toMatchObject({ value: null, notes: [{ kind: "unknown" }] });
    expect(valueForStep(values, { place, name: "charge", source: "async function charge() { return { paid: true }; }" })?.value).toEqual({ paid: true });
  });

  it.each([
    ["async () => { const total: number = order.items!.length as number; return { total, 'a': \"b\" }; }"],
    ["async (_: Context, id: string): Promise<void> => { await (send)(id) /* done */; }"],
    ["async function charge<T extends object>(this: void, order: T, note?: string) { if (note) { return note } return `x${String(order)}`; }"],
    ["() => items.map((item) => item.price).reduce((a, b) => a + b, 0)"],
  ])("a closure's key survives compilation: %s", (source) => {
    const { code } = transformSync(`export const f = ${source}`, { loader: "ts", target: "node22" });
    const runs = code.slice(code.indexOf("= ") + 2, code.lastIndexOf(";\nexport")).trim();
    expect(runs).not.toBe("");
    expect(closureKey(runs)).toBe(closureKey(source));
  });
});
