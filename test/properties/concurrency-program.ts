import fc from "fast-check";
import { type Draw, type Lines, type ProgramStyle, writeProgram } from "../tools/program-text.js";
import { type Callable, ConcurrencyWriter, type Scope } from "./concurrency-body.js";

/** A generated Restate program of durable promises as values. */
export interface ConcurrencyProgram {
  readonly style: ProgramStyle;
  /** Texts by path, relative to the program's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Lines that are no business of the tool's. */
  readonly sentinels: readonly string[];
}

/** Stands for what makes a program's names differ from those of the others in its batch. */
const mine = "Q_Q";

export interface ConcurrencyOptions {
  /** With what the tool leaves, too. */
  readonly left?: boolean;
  /** The greatest number of statements of a handler, besides the nested ones. */
  readonly size?: number;
}

/** As many programs by fast-check. */
export function concurrencyPrograms(count: number, { left = false, size = 2 }: ConcurrencyOptions = {}): fc.Arbitrary<ConcurrencyProgram[]> {
  // One generator for all: fc.array would begin each with the same random numbers, and give the same program again and again.
  // Without bias: the first runs of a property would be of the simplest programs.
  return fc.noBias(fc.gen().map((draw) => Array.from({ length: count }, () => new ProgramWriter((max) => draw(fc.nat, { max }), { left, size }).write())));
}

/** The same program as the one at a place in its batch: with names of its own. */
export function named(program: ConcurrencyProgram, index: number): ConcurrencyProgram {
  const own = (text: string): string => text.replaceAll(mine, `q${index}_`);
  return {
    ...program,
    files: Object.fromEntries(Object.entries(program.files).map(([path, text]) => [path, own(text)])),
    sentinels: program.sentinels.map(own),
  };
}

const handlerNames = ["alpha", "beta", "gamma"];

class ProgramWriter {
  readonly #writer: ConcurrencyWriter;
  readonly #sdk: string;
  readonly #style: ProgramStyle;
  readonly #sentinels: string[] = [];

  constructor(
    private readonly draw: Draw,
    private readonly options: Required<ConcurrencyOptions>,
  ) {
    this.#sdk = this.draw(1) === 0 ? "restate." : "";
    this.#writer = new ConcurrencyWriter(draw, this.#sdk, options.left);
    this.#style = { language: "ts", quote: draw(2) === 2 ? "'" : '"', semicolons: draw(3) < 3, eol: draw(5) === 5 ? "\r\n" : "\n", indent: ["  ", "    ", "\t"][draw(2)] ?? "  ", bom: draw(9) === 9, comments: [0, 0, 14][draw(2)] ?? 0 };
  }

  write(): ConcurrencyProgram {
    const callables: Callable[] = [];
    const [helpers, ownHelpers] = [this.#helpers("out"), this.#helpers("own")];
    const sections: Lines[] = [ownHelpers.lines];
    for (let i = 0; i <= this.draw(1); i++) {
      sections.push(this.#service(i, callables, [helpers, ownHelpers]));
    }
    const body = sections.flatMap((section) => [...section, "", ...this.#sentinel()]);
    const job: Lines = ["interface Job {", ["id: number;", `work: ${this.#sdk}RestatePromise<number>;`], "}", ""];
    const imported = `import { helperOutP, helperOutA${this.options.left ? ", settleTwice, outcomeOf" : ""} } from «./helpers.js»;`;
    // Of error classes, what no migrated function leads to is left.
    const fails = /\bfail\(/.test(JSON.stringify([helpers.lines, body]));
    const names = ["add", "mix", "later", "effect", "laterEffect", "boxed", "items", "pairs", "note", ...(fails ? ["fail"] : [])];
    return {
      style: this.#style,
      files: {
        "app.ts": this.#text([...this.#imports(names), imported, "", ...job, ...this.#shared(body), ...body]),
        "helpers.ts": this.#text([...this.#imports(names), "", ...job, ...this.#shared(helpers.lines), ...helpers.lines, ...(this.options.left ? promiseHelpers(this.#sdk) : [])]),
        "tools.ts": writeProgram([...(fails ? failing : []), ...tools], { ...this.#style, comments: 0, bom: false }, this.draw, ""),
      },
      sentinels: this.#sentinels,
    };
  }

  #text(lines: Lines): string {
    return writeProgram(lines, this.#style, this.draw, mine);
  }

  #imports(names: readonly string[]): Lines {
    const sdk = this.#sdk === "" ? "import { service, object, RestatePromise, CombineablePromise, TerminalError, TimeoutError, type Context, type ObjectContext } from «@restatedev/restate-sdk»;" : "import * as restate from «@restatedev/restate-sdk»;";
    return [sdk, `import { ${names.join(", ")} } from «./tools.js»;`];
  }

  /** What a module uses of a class with the context in a field, and of a function that takes it in an object. */
  #shared(lines: Lines): Lines {
    const text = JSON.stringify(lines);
    const agent = ["class Agent {", ["constructor(private readonly ctx: " + this.#sdk + "Context) {}", "", "begin(x: number) {", ["return this.ctx.run(() => later(x));"], "}", "", "async work(x: number): Promise<number> {", ["const own = await this.ctx.run(() => effect(«agent», x));", "return mix(own, await this.begin(own));"], "}"], "}", ""];
    const giveTo = ["async function giveTo({ ctx, x }: { ctx: " + this.#sdk + "Context; x: number }): Promise<number> {", ["const own = await ctx.run(() => effect(«given», x));", "return own + 1;"], "}", ""];
    return [...(text.includes("new Agent(") ? agent : []), ...(text.includes("giveTo(") ? giveTo : [])];
  }

  #sentinel(): Lines {
    if (this.draw(2) > 0) return [];
    const id = `${mine}${this.#sentinels.length}`;
    const line = this.#writer.pick([`const sentinel${id}   =   [ 1,2 ,3 ]`, `function sentinel${id} ( a: any,b: any ) { return a+b }`, `class Sentinel${id} { async run(ctx: any) { await Promise.all( [ctx.run( 'x' )] ) } }`]);
    this.#sentinels.push(line);
    return [...(this.#style.semicolons ? [] : [""]), line, ...(this.#style.semicolons ? [] : [""])];
  }

  #scope(over: Partial<Scope>): Scope {
    return { ctx: "ctx", nums: ["n"], acc: "acc", handles: [], lists: [], maps: [], beginners: [], workers: [], beginningHelpers: [], workingHelpers: [], callables: [], agents: [], stateful: false, beside: false, mayReturn: true, ...over };
  }

  /** A helper that begins something and gives it, and an async one. */
  #helpers(where: "out" | "own"): { readonly lines: Lines; readonly beginning: string; readonly working: string } {
    const suffix = where === "out" ? "Out" : "Own";
    const exported = where === "out" ? "export " : "";
    const [beginning, working] = [`helper${suffix}P`, `helper${suffix}A`];
    const parameters = `${this.#writer.pick(["ctx", "ctx"])}: ${this.#sdk}Context, n: number`;
    const promise = `${this.#sdk}RestatePromise<number>`;
    const begins = this.#writer.pick<Lines>([
      [`${exported}const ${beginning} = (${parameters}) => ctx.run(() => later(n));`],
      [`${exported}function ${beginning}(${parameters}): ${promise} {`, ["return ctx.run(«help», () => later(n));"], "}"],
      [`${exported}function ${beginning}(${parameters}) {`, ["const work = ctx.run(() => later(n));", "return work.map((v) => (v ?? 0) + 1);"], "}"],
      [`${exported}const ${beginning} = (${parameters}): ${promise} => n > 2 ? ctx.run(() => later(n)) : ${this.#sdk}RestatePromise.resolve(n);`],
    ]);
    const scope = this.#scope({ beginningHelpers: [beginning], beside: true });
    const body = this.#writer.body(scope, 1);
    const works = this.#writer.pick<Lines>([
      [`${exported}async function ${working}(${parameters})${this.#writer.pick(["", ": Promise<number>"])} {`, body, "}"],
      [`${exported}const ${working} = async (${parameters}) => {`, body, "};"],
      [`${exported}async function ${working}(${parameters}): Promise<number> {`, ["if (!(n > 0)) return 0;", `const own = await ctx.run(() => effect(«r», n));`, `return mix(own, await ${working}(ctx, Math.min(n, 3) - 1));`], "}"],
      [`${exported}async function ${working}(${parameters}): Promise<number> {`, ["if (!(n > 0)) return 0;", `const rest = ${working}(ctx, Math.min(n, 3) - 1);`, `const own = await ctx.run(() => effect(«r», n));`, "return mix(own, await rest);"], "}"],
    ]);
    return { lines: [...begins, "", ...works, ""], beginning, working };
  }

  #service(index: number, callables: Callable[], helpers: readonly { readonly beginning: string; readonly working: string }[]): Lines {
    const kind = this.draw(2) === 2 ? "object" : "service";
    const name = `${mine}Svc${index}`;
    const variable = `svc${index}`;
    const members: (string | Lines)[] = [];
    const handlers = handlerNames.slice(0, 1 + this.draw(1));
    const before = [...callables];
    for (const handler of handlers) {
      const scope = this.#scope({ stateful: kind === "object", callables: before, beginningHelpers: helpers.map(({ beginning }) => beginning), workingHelpers: helpers.map(({ working }) => working) });
      members.push(...this.#handler(handler, kind, scope));
      const client = kind === "object" ? (method: string): string => `object${method}(${variable}, «k1»)` : (method: string): string => `service${method}(${variable})`;
      callables.push({ client: client("Client"), sendClient: client("SendClient"), handler });
    }
    return [`export const ${variable} = ${this.#sdk}${kind}({`, [`name: «${name}»,`, "handlers: {", members, "},"], "});"];
  }

  #handler(name: string, kind: "service" | "object", scope: Scope): Lines {
    const parameters = `ctx: ${this.#sdk}${kind === "object" ? "ObjectContext" : "Context"}, n: number`;
    const body = this.#writer.body(scope, this.options.size);
    return this.#writer.pick<Lines>([
      [`${name}: async (${parameters}) => {`, body, "},"],
      [`async ${name}(${parameters}) {`, body, "},"],
      [`${name}: async (${parameters}): Promise<number> => {`, body, "},"],
      [`async ${name}(${parameters}): Promise<number> {`, body, "},"],
    ]);
  }
}

function promiseHelpers(sdk: string): Lines {
  return [
    "export async function settleTwice(work: Promise<number>): Promise<number> {",
    ["const first = await work;", "return first + (await work);"],
    "}",
    "",
    "export async function outcomeOf<T>(work: Promise<T>): Promise<{ data: T | undefined; error: Error | undefined }> {",
    ["try {", ["return { data: await work, error: undefined };"], "} catch (error) {", [`if (!(error instanceof ${sdk}TerminalError)) throw error;`, "return { data: undefined, error };"], "}"],
    "}",
  ];
}

const failing: Lines = [
  "import { TerminalError } from «@restatedev/restate-sdk»;",
  "",
  "export function fail(label: string, value: number): number {",
  ["throw new TerminalError(`${label} failed at ${value}`, { errorCode: 409 });"],
  "}",
  "",
];

const tools: Lines = [
  "import { effects } from «../effects.js»;",
  "",
  "export const add = (a: number, b: number): number => a + b;",
  "/** Tells of everything before it, in its order. */",
  "export const mix = (a: number, b: number): number => (a * 31 + b * 7 + 3) % 997;",
  "export async function later(value: number): Promise<number> {",
  ["await Promise.resolve();", "return value + 1;"],
  "}",
  "export function effect(label: string, value: number): number {",
  ["effects.push(`${label}=${value}`);", "return value + 2;"],
  "}",
  "export async function laterEffect(label: string, value: number): Promise<number> {",
  ["await Promise.resolve();", "return effect(label, value);"],
  "}",
  "export function boxed(value: number): { value: number } {",
  ["return { value };"],
  "}",
  "export const items = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);",
  "export const pairs = (numbers: number[]): { id: number; size?: number }[] => numbers.map((id) => (id > 1 ? { id, size: id } : { id }));",
  "export const note = (value: number): number => value;",
];
