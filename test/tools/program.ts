import { type Avoid, BodyWriter, type BodyScope, type Callable } from "./program-body.js";
import { type Draw, type Lines, type ProgramStyle, writeProgram } from "./program-text.js";

/** A generated Restate program. */
export interface GeneratedProgram {
  readonly style: ProgramStyle;
  /** Texts by path, relative to the program's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** Lines that are no business of the tool's. */
  readonly sentinels: readonly string[];
  readonly services: readonly GeneratedService[];
}

export interface GeneratedService {
  readonly name: string;
  readonly handlers: readonly { readonly name: string; readonly input: Input }[];
}

export interface ProgramOptions {
  /** Prefix of everything that must be unique among programs. */
  readonly prefix: string;
  /** Only what gives the same results on both engines: see BodyOptions. */
  readonly pure?: boolean;
  /** With an endpoint that serves all services. */
  readonly endpoint?: boolean;
  /** Include what the tool leaves. */
  readonly left?: boolean;
  readonly avoid?: Avoid;
}

type Input = "none" | "typed" | "pattern" | "default";

const inputs: readonly Input[] = ["typed", "none", "pattern", "default"];
const handlerNames = ["alpha", "beta", "delete", "with-dash", "add"];

/** Makes a program of up to three services, with helpers before and after them. */
export function generateProgram(draw: Draw, options: ProgramOptions): GeneratedProgram {
  const style = drawStyle(draw, options.pure ? ["ts", "ts", "js"] : ["ts", "ts", "ts", "ts", "js", "cjs"]);
  const writer = new ProgramWriter(draw, options, style);
  return writer.write();
}

function drawStyle(draw: Draw, languages: readonly ProgramStyle["language"][]): ProgramStyle {
  return {
    language: languages[draw(languages.length - 1)] ?? "ts",
    quote: draw(2) === 2 ? "'" : '"',
    semicolons: draw(3) < 3,
    eol: draw(4) === 4 ? "\r\n" : "\n",
    indent: ["  ", "    ", "\t"][draw(2)] ?? "  ",
    bom: draw(7) === 7,
    comments: [0, 12, 5][draw(2)] ?? 0,
  };
}

class ProgramWriter {
  readonly #body: BodyWriter;
  readonly #sentinels: string[] = [];
  readonly #services: { readonly fact: GeneratedService; readonly variable: string; readonly callables: Callable[] }[] = [];
  readonly #extra: Lines[] = [];
  readonly #namespace: string;

  constructor(
    readonly draw: Draw,
    readonly options: ProgramOptions,
    readonly style: ProgramStyle,
  ) {
    this.#body = new BodyWriter(draw, { pure: options.pure ?? false, avoid: options.avoid ?? {}, typescript: style.language === "ts" });
    this.#namespace = this.#pick(["restate", "rs", ""]);
  }

  #pick<T>(items: readonly T[]): T {
    const item = items[this.draw(items.length - 1)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  /** How a name of the SDK is written. */
  #sdk(name: string): string {
    return this.#namespace === "" ? name : `${this.#namespace}.${name}`;
  }

  write(): GeneratedProgram {
    const helpers: string[] = [];
    const sections: Lines[] = [];
    for (let i = this.draw(2); i > 0; i--) {
      const { name, lines } = this.#helper(`helper${helpers.length}`, helpers);
      sections.push(lines);
      helpers.push(name);
    }
    const services = 1 + this.draw(2);
    for (let i = 0; i < services; i++) sections.push(this.#service(i, helpers));
    sections.push(...this.#extra);
    const ordered: Lines[] = [];
    for (const section of sections) {
      // Cjs: constants that clients name must exist when a handler runs, not before.
      ordered.splice(this.draw(ordered.length), 0, section);
    }
    const body = ordered.flatMap((section) => [...section, "", ...this.#sentinel()]);
    const extension = this.style.language === "ts" ? "ts" : this.style.language === "js" ? "js" : "cjs";
    const lines = [...this.#imports(), "", ...this.#sentinel(), ...body, ...this.#exports(), ...(this.options.endpoint ? this.#endpoint() : [])];
    const tools = writeProgram(toolLines(this.style.language), { ...this.style, comments: 0, bom: false }, this.draw, "");
    return {
      style: this.style,
      files: { [`app.${extension}`]: writeProgram(lines, this.style, this.draw, this.options.prefix), [`tools.${extension}`]: tools },
      sentinels: this.#sentinels,
      services: this.#services.map(({ fact }) => fact),
    };
  }

  #imports(): Lines {
    const { language } = this.style;
    const names = ["service", "handlers", "createServiceHandler", "serve", "endpoint", "rpc", "TerminalError", ...(language === "ts" ? ["type Context", "type Duration"] : [])];
    const tools = "add, later, effect, note, only, seven, laterSeven, tools, Box";
    const data = ["const stepName = «step»;", "const retry = { maxRetryAttempts: 4 };", "const pause‹: { seconds: number }› = { seconds: 1 };"];
    if (language === "cjs") {
      const sdk = this.#namespace === "" ? `{ ${names.join(", ")} }` : this.#namespace;
      return [`const ${sdk} = require(«@restatedev/restate-sdk»);`, `const { ${tools} } = require(«./tools.cjs»);`, "", ...data];
    }
    const multi = this.draw(1) === 0 && (this.style.comments === 0 || !this.options.avoid?.commentsInImports);
    const sdk = this.#namespace !== "" ? [`import * as ${this.#namespace} from «@restatedev/restate-sdk»;`] : multi ? ["import {", names.map((name) => `${name},`), "} from «@restatedev/restate-sdk»;"] : [`import { ${names.join(", ")} } from «@restatedev/restate-sdk»;`];
    return [...sdk, `import { ${tools} } from «./tools.js»;`, "", ...data];
  }

  #exports(): Lines {
    if (this.style.language !== "cjs") return [];
    return [`module.exports = { ${this.#services.map(({ variable }) => variable).join(", ")} };`];
  }

  #sentinel(): Lines {
    if (this.draw(1) === 0) return [];
    const id = `${this.options.prefix}${this.#sentinels.length}`;
    const line = this.#pick([`const sentinel${id}   =   [ 1,2 ,3 ]`, `function sentinel${id} ( a,b ) { return a+b }`, `class Sentinel${id} { async run(ctx) { await ctx.run( 'x' ) } }`]);
    this.#sentinels.push(this.style.language === "ts" ? line.replace("a,b", "a: any,b: any").replace("run(ctx)", "run(ctx: any)") : line);
    return [...(this.style.semicolons ? [] : [""]), `${this.#sentinels.at(-1) ?? ""}`, ...(this.style.semicolons ? [] : [""])];
  }

  #scope(context: string, names: readonly string[], helpers: readonly string[], before: number): BodyScope {
    return { context, names, assignable: [], helpers, callables: this.#services.slice(0, before).flatMap(({ callables }) => callables), sendOpts: this.#sdk("rpc.sendOpts") };
  }

  #helper(name: string, others: readonly string[]): { name: string; lines: Lines } {
    const context = this.#pick(["ctx", "c", "context"]);
    const scope = this.#scope(context, ["k"], others, 0);
    const parameters = `${context}‹: ${this.#sdk("Context")}›, k‹: number›`;
    const result = this.#pick(["", "‹: Promise<number>›"]);
    const body = (): Lines => this.#body.body(scope, 3);
    return this.#pick<() => { name: string; lines: Lines }>([
      () => ({ name, lines: [`async function ${name}(${parameters})${result} {`, body(), "}"] }),
      () => ({ name, lines: [`const ${name} = async (${parameters})${result} => {`, body(), "};"] }),
      () => ({ name, lines: [`const ${name} = (${parameters})${result} => ${this.#stepOnly(scope)};`] }),
      () => ({ name, lines: [`const ${name} = async (${parameters})${result} =>§ ${this.#returned(scope)};`] }),
      () => ({ name, lines: [`const ${name} = async function (${parameters})${result} {`, body(), "};"] }),
      () => ({ name: `${name}.go`, lines: [`const ${name} = {`, [`async go(${parameters})${result} {`, body(), "},"], "};"] }),
      () => ({ name: `${name}.go`, lines: [`const ${name} = {`, [`go: async (${parameters})${result} => {`, body(), "},"], "};"] }),
      () => ({ name: `${name}.go`, lines: [`const ${name} = {`, [`go: async function (${parameters})${result} {`, body(), "},"], "};"] }),
    ])();
  }

  #returned(scope: BodyScope): string {
    return this.options.avoid?.awaitsInReturnedCalls ? this.#body.awaited(scope, 1) : this.#body.number(scope, 2);
  }

  #stepOnly(scope: BodyScope): string {
    return `${scope.context}.run(«only», () => effect(«only», ${scope.names[0] ?? "1"}))`;
  }

  #service(index: number, helpers: readonly string[]): Lines {
    const name = `${this.options.prefix}Svc${index}`;
    const variable = `svc${index}`;
    const handlers: { name: string; input: Input }[] = [];
    const members: (string | Lines)[] = [];
    for (let i = this.draw(2); i >= 0; i--) {
      const handler = { name: handlerNames[(handlers.length + this.draw(1) * 2 + index) % handlerNames.length] ?? "alpha", input: this.#pick(inputs) };
      if (handlers.some((other) => other.name === handler.name)) continue;
      handlers.push(handler);
      members.push(...this.#handler(handler, `${handler.name.replace("-", "").replace("delete", "remove")}Of${index}`, helpers, index));
    }
    const callables = handlers.filter((handler) => /^\w+$/.test(handler.name)).map((handler) => this.#callable(variable, name, handler));
    this.#services.push({ fact: { name, handlers }, variable, callables });
    const exported = this.style.language === "cjs" || this.draw(3) === 3 ? "" : "export ";
    return [`${exported}const ${variable} = ${this.#sdk("service")}({`, [`name: «${name}»,`, "handlers: {", members, "},"], "});"];
  }

  #callable(variable: string, service: string, handler: { name: string; input: Input }): Callable {
    const typescript = this.style.language === "ts";
    return {
      handler: handler.name,
      clients: (method) => [`${method}(${variable})`, ...(typescript ? [`${method}<typeof ${variable}>({ name: «${service}» })`] : this.options.avoid?.untypedClients ? [] : [`${method}({ name: «${service}» })`])],
      argument: (value) => (handler.input === "none" ? "" : handler.input === "pattern" ? `{ n: ${value} }` : value),
    };
  }

  #handler(handler: { name: string; input: Input }, own: string, helpers: readonly string[], index: number): Lines {
    const context = this.#pick(["ctx", "ctx", "c"]);
    const type = this.#pick([`‹: ${this.#sdk("Context")}›`, `‹: ${this.#sdk("Context")}›`]);
    const input = { none: "", typed: ", n‹: number›", pattern: ", { n }‹: { n: number }›", default: ", n‹: number› = 3" }[handler.input];
    const scope = this.#scope(context, handler.input === "none" ? [] : ["n"], helpers, index);
    const key = /^\w+$/.test(handler.name) ? handler.name : `«${handler.name}»`;
    const parameters = `${context}${type}${input}`;
    const result = this.#pick(["", "‹: Promise<number>›"]);
    const body = (): Lines => this.#body.body(scope, 5);
    const arrow = (): Lines => [`${key}:§ async (${parameters})${result} =>§ {`, body(), "},"];
    const wrapper = this.#sdk("handlers.handler");
    const simple = this.#sdk("createServiceHandler");
    return this.#pick<() => Lines>([
      arrow,
      arrow,
      () => [`async ${key}(${parameters})${result} {`, body(), "},"],
      () => [`${key}: async (${parameters})${result} =>§ ${this.#returned(scope)},`],
      () => [`${key}: (${parameters})${result} => ${this.#stepOnly({ ...scope, names: [] })},`],
      () => [`${key}: async function (${parameters})${result} {`, body(), "},"],
      () => [`${key}: async function inner(${parameters})${result} {`, body(), "},"],
      ...(handler.input === "default" ? [] : [() => [`${key}: ${simple}({},§ async (${parameters})${result} => {`, body(), "}),"], () => [`${key}: ${wrapper}({ description: «d» },¶ async (${parameters})${result} => {`, body(), "}),"]]),
      () => this.#elsewhere(key, own, [`async function ${own}(${parameters})${result} {`, body(), "}"]),
      ...(this.options.left ? [() => [`${key}: async (${parameters}) => {`, [this.#pick(leftStatements(context, this.#sdk("TerminalError"))), `return ${this.#body.awaited(scope, 1)};`], "},"]] : []),
    ])();
  }

  #elsewhere(key: string, own: string, lines: Lines): Lines {
    this.#extra.push(lines);
    return [`${key}: ${own},`];
  }

  #endpoint(): Lines {
    const variables = this.#services.map(({ variable }) => variable);
    return this.#pick<Lines>([
      [`${this.#sdk("serve")}({ services: [${variables.join(", ")}], port: 9080 });`],
      [`${this.#sdk("endpoint")}()${variables.map((variable) => `.bind(${variable})`).join("")}.listen(9080);`],
    ]);
  }
}

function leftStatements(context: string, terminal: string): string[] {
  return [
    `const { promise } = ${context}.awakeable‹<number>›();`,
    `if (add(1, 1) > 5) throw new ${terminal}(«no»);`,
    `const pending = ${context}.run(«p», () => 1);`,
    `[1].forEach(async () => { await ${context}.sleep(1); });`,
    `await ${context}.sleep(1).map(() => 1);`,
  ];
}

function toolLines(language: ProgramStyle["language"]): Lines {
  const lines = [
    "const effects‹: string[]› = [];",
    "const add = (a‹: number›, b‹: number›)‹: number› => a + b;",
    "function effect(label‹: string›, value‹: number›)‹: number› {",
    ["effects.push(`${label}=${value}`);", "return value;"],
    "}",
    "// What stands outside of steps runs again on every replay, so that it must leave no trace.",
    "const note = (_label‹: string›, value‹: number›)‹: number› => value;",
    "async function later(value‹: number›)‹: Promise<number>› {",
    ["return effect(«later», value + 1);"],
    "}",
    "async function only(value‹: number›)‹: Promise<number>› {",
    ["return effect(«only», value * 2);"],
    "}",
    "function seven()‹: number› {",
    ["return effect(«seven», 7);"],
    "}",
    "const laterSeven = async ()‹: Promise<number>› => effect(«laterSeven», 7);",
    "const tools = { make: (value‹: number›) => async ()‹: Promise<number>› => effect(«made», value) };",
    "class Box {",
    [...(language === "ts" ? ["readonly v: number;"] : []), "constructor(v‹: number›) {", ["this.v = v;"], "}"],
    "}",
  ];
  const names = "effects, add, effect, note, later, only, seven, laterSeven, tools, Box";
  return [...lines, language === "cjs" ? `module.exports = { ${names} };` : `export { ${names} };`];
}
