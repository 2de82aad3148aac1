import type { Draw, Lines } from "./program-text.js";

/** A handler that generated code can call. */
export interface Callable {
  /** How a client for it is made, given `serviceClient` or `serviceSendClient`: `serviceClient(svc0)`. */
  readonly clients: (method: string) => readonly string[];
  readonly handler: string;
  readonly argument: (value: string) => string;
}

/** What a body may use. Everything has type `number` unless said otherwise. */
export interface BodyScope {
  readonly context: string;
  readonly names: readonly string[];
  readonly assignable: readonly string[];
  /** Names of functions `(ctx, n) => Promise<number>`. */
  readonly helpers: readonly string[];
  readonly callables: readonly Callable[];
  /** How `rpc.sendOpts` is written. */
  readonly sendOpts: string;
}

export interface BodyOptions {
  /** Only what gives the same results on both engines in any run: no time, random values and one-way messages. */
  readonly pure: boolean;
  readonly avoid: Avoid;
  readonly typescript: boolean;
}

/** Shapes that the tool is known to get wrong: left out until it does not. */
export interface Avoid {
  /** `return f(await g())`, where `f` gives a promise or something of unknown type. */
  readonly awaitsInReturnedCalls?: boolean;
  /** A comment between a step's name that is a template with values, and its action. */
  readonly commentsAfterTemplates?: boolean;
  /** Comments inside of an import of the SDK. */
  readonly commentsInImports?: boolean;
  /** `serviceClient({ name })`, and clients in constants, where the context's type is not written. */
  readonly untypedClients?: boolean;
}

/** Writes random bodies of handlers and helpers that only use what the tool rewrites. */
export class BodyWriter {
  #variables = 0;
  #steps = 0;

  constructor(
    readonly draw: Draw,
    readonly options: BodyOptions,
  ) {}

  #pick<T>(items: readonly T[]): T {
    const item = items[this.draw(items.length - 1)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  #lazily(makers: readonly (() => string)[]): string {
    return this.#pick(makers)();
  }

  /** A number without any waiting. */
  #plain(scope: BodyScope): string {
    const name = (): string => this.#pick(["1", ...scope.names]);
    return this.#lazily([() => String(this.draw(9)), name, () => `add(${name()}, ${this.draw(5)})`, () => `${name()} + ${this.draw(3)}`]);
  }

  /** A number, of which parts may be awaited. */
  number(scope: BodyScope, depth: number): string {
    if (depth <= 0) return this.#plain(scope);
    return this.#lazily([() => this.#plain(scope), () => `(${this.number(scope, depth - 1)} + ${this.number(scope, depth - 1)})`, () => this.#position(scope, depth), () => this.#position(scope, depth), () => this.#position(scope, depth)]);
  }

  /** An `await` in one of the places where the grammar has it. */
  #position(scope: BodyScope, depth: number): string {
    const a = this.awaited(scope, depth - 1);
    const n = (): string => this.number(scope, depth - 1);
    const sync = [() => `${scope.context}.rand.random()`, () => `${scope.context}.rand.uuidv4().length`, () => `${scope.context}.request().id.length`];
    return this.#lazily([
      () => `(${a})`,
      () => `(${a} + 1)`,
      () => `(1 - ${a})`,
      () => `(-${a})`,
      () => `(2 ** (${a} % 4))`,
      () => `(2 ** ${a} % 5)`,
      () => `add(§${a}, ¶${n()})`,
      () => `add(${n()}, ${a})`,
      () => `[${a}, 1][0]‹!›`,
      () => `({ v: ${a} }).v`,
      () => `({ w: 1, [${a}]: 2 }).w`,
      () => `\`\${${a}}!\`.length`,
      () => `(${a} > 1 ? ${n()} : ${n()})`,
      () => `(add(1, 0) > 1 ? ${a} : ${n()})`,
      () => `(add(1, 0) ? ${n()} : ${a})`,
      () => `(${a}‹ as number›)`,
      () => `((${a})‹!› + 1)`,
      () => `(${a}‹ satisfies number›)`,
      () => `(${a}).toFixed(0).length`,
      () => `(add(1, 2), ${a})`,
      () => `(${a} || 1)`,
      () => `(add(0, 0) || ${a})`,
      () => `(${a} && 1)`,
      () => `new Box(${a}).v`,
      () => `Math.max(...[${a}, 2])`,
      () => `(!${a} ? 1 : 2)`,
      () => `(typeof ${a}).length`,
      () => `(${a} === ${this.awaited(scope, 0)} ? 1 : 2)`,
      () => `((x‹: number›) => x + 1)(${a})`,
      () => `[...[${a}]].length`,
      () => `(~${a} | 1)`,
      () => `(${a} in { 1: 1 } ? 1 : 2)`,
      () => `(((${a})))`,
      ...(this.options.pure ? [] : sync),
    ]);
  }

  /** An awaited number: `await ...`. */
  awaited(scope: BodyScope, depth: number): string {
    return `await§ ${this.promise(scope, depth)}`;
  }

  /** A promise of a number, made on the spot. */
  promise(scope: BodyScope, depth: number, nested = true): string {
    const { context, helpers, callables } = scope;
    const plain = [
      () => `later(${this.#plain(scope)})`,
      () => `Promise.resolve(${this.#plain(scope)})`,
      ...(nested ? [() => `later(await later(${this.#plain(scope)}))`] : []),
    ];
    return this.#lazily([
      () => this.#step(scope),
      () => this.#step(scope),
      () => this.#step(scope),
      () => this.#step(scope),
      ...plain,
      ...(helpers.length > 0 ? [() => `${this.#pick(helpers)}(¶${context}, §${this.number(scope, depth - 1)})`, () => `${this.#pick(helpers)}(${context}, ${this.#plain(scope)})`] : []),
      ...(callables.length > 0 ? [() => this.#call(scope, depth), () => this.#call(scope, depth)] : []),
      ...(this.options.pure ? [] : [() => `${context}.date.now()`, () => `(${context}.date.now())`]),
    ]);
  }

  #call(scope: BodyScope, depth: number): string {
    const { clients, handler, argument } = this.#pick(scope.callables);
    return `${scope.context}.${this.#pick(clients("serviceClient"))}.${handler}(${argument(this.number(scope, depth - 1))})`;
  }

  #step(scope: BodyScope): string {
    const n = this.#steps++;
    const value = this.#plain(scope);
    const label = `«e${n}»`;
    const action = this.#pick([
      `() => effect(${label}, ${value})`,
      `() => only(${this.#pick(["1", ...scope.names])})`,
      `() => ${value}`,
      `async () => effect(${label}, ${value})`,
      `async () => await later(${value})`,
      `() => later(${value})`,
      `() => { return effect(${label}, ${value}) }`,
      `async () => { await later(1); return effect(${label}, ${value}) }`,
      `async () => { return await later(${value}) }`,
      `function () { return effect(${label}, ${value}) }`,
      `async function named()‹: Promise<number>› { return effect(${label}, ${value}) }`,
      `()‹: number› => effect(${label}, ${value})`,
      "seven",
      "laterSeven",
      `(() => effect(${label}, ${value}))`,
      `tools.make(${value})`,
      `() => ({ v: effect(${label}, ${value}) }).v`,
      `async () => (await Promise.all([later(${value}), later(2)])).length`,
    ]);
    const name = this.#pick([`«s${n}»`, `\`s\${${this.#pick(["1", ...scope.names])}}\``, "stepName", ""]);
    const run = `${scope.context}.run${this.#pick(["", "", "", "‹<number>›"])}`;
    if (name === "") return `${run}(¶${action})`;
    const options = this.#pick(["", "", "", ...stepOptions, ...(scope.names.length > 0 ? [`{ maxRetryAttempts: ${this.#pick(scope.names)} + 3 }`] : [])]);
    const slots = this.options.avoid.commentsAfterTemplates && name.includes("$") ? " " : "§ ¶";
    return `${run}(¶${name},${slots}${action}${options === "" ? "" : `, ¶${options}`}§)`;
  }

  /** Statements that end in a `return` of a number. */
  body(scope: BodyScope, size: number): Lines {
    const lines: (string | Lines)[] = [];
    let current = scope;
    for (let i = this.draw(size); i > 0; i--) {
      const { lines: more, scope: next } = this.#statement(current, 2);
      lines.push(...more);
      current = next;
    }
    lines.push(...this.#ending(current));
    return lines;
  }

  #ending(scope: BodyScope): Lines {
    if (this.options.avoid.awaitsInReturnedCalls) {
      const v = this.#name();
      return this.#pick<() => Lines>([
        () => [`const ${v} = ${this.number(scope, 2)};`, `return ${v};`],
        () => [`return§ ${this.awaited(scope, 1)};`],
        () => [`return§ ${this.promise(scope, 1, false)};`],
        () => [`return add(1, 1) > 1 ? ${this.promise(scope, 0, false)} : ${this.promise(scope, 0, false)};`],
      ])();
    }
    return this.#pick<() => Lines>([
      () => [`return§ ${this.number(scope, 2)};`],
      () => [`return§ ${this.awaited(scope, 1)};`],
      () => [`return§ ${this.promise(scope, 1)};`],
      () => [`return (¶${this.number(scope, 2)});`],
      () => [`return add(1, 1) > 1 ? ${this.promise(scope, 0)} : ${this.promise(scope, 0)};`],
    ])();
  }

  #name(): string {
    return `v${this.#variables++}`;
  }

  #statement(scope: BodyScope, depth: number): { lines: Lines; scope: BodyScope } {
    const keep = (...lines: Lines): { lines: Lines; scope: BodyScope } => ({ lines, scope });
    const v = this.#name();
    const bind = (lines: Lines, assignable = false): { lines: Lines; scope: BodyScope } => ({
      lines,
      scope: { ...scope, names: [...scope.names, v], assignable: assignable ? [...scope.assignable, v] : scope.assignable },
    });
    const n = (): string => this.number(scope, depth);
    const a = (): string => this.awaited(scope, 1);
    const inner = (more: readonly string[] = []): Lines => (depth <= 0 ? [`note(«x», 1);`] : this.#block({ ...scope, names: [...scope.names, ...more] }, depth - 1));
    const { context, assignable } = scope;
    const simple = [
      () => bind([`const ${v} = ${a()};`]),
      () => bind([`let ${v} = ${n()};`], true),
      () => bind([`const ${v}‹: number› = ¶${n()};`]),
      () => keep(`${a()};`),
      () => keep(`void (${a()});`),
      () => bind([`const { v: ${v} = ${a()} }‹: { v?: number }› = {};`]),
      () => bind([`const [${v} = ${a()}]‹: number[]› = [];`]),
      () => bind([`const ${v} = \`a\n     b \${${a()}}\n c\`.length;`]),
      () => keep(`(${a()}).toFixed();`),
      () => keep(`[${a()}].length;`),
      () => keep(`note(«x», ${a()});`),
      () => (assignable.length > 0 ? keep(`${this.#pick(assignable)} ${this.#pick(["=", "+=", "-="])} ${this.#pick([a, n])()};`) : keep(`${a()};`)),
      () => keep(`if (${n()} > 1) ${a()};`),
    ];
    const nested = [
      () => keep(`if (${n()} > 1) {`, inner(), "} else {", inner(), "}"),
      () => keep(`for (const ${v} of [1, ${n()}]) {`, inner([v]), "}"),
      () => keep(`for (let ${v} = 0; ${v} < Math.min(2, ${a()}); ${v}++) {`, inner([v]), "}"),
      () => keep(`switch (add(0, ${n()})) {`, [`case ${this.number(scope, 1)}: {`, inner(), "}", "default:", [`${a()};`]], "}"),
      () => keep("try {", inner(), [`${a()};`], "} catch (error) {", [`${a()};`, "throw error;"], "} finally {", [`${a()};`], "}"),
      () => keep("try {", [`if (add(1, 1) > 1) throw new Error(«local»);`], "} catch {", inner(), "}"),
      () => keep(`do {`, inner(), `} while (${a()} > 1e15);`),
      () => keep("{", inner(), "}"),
      () => keep(`while (${a()} > 1e15) ${a()};`),
    ];
    const durable = [
      () => keep(`await§ ${context}.sleep(¶${this.#pick(durations(scope))});`),
      () => keep(`await ${context}.sleep(${this.#pick(durations(scope))}, «nap»);`),
      () => keep(`${context}.console.log(«at», ${this.#pick(["1", ...scope.names])});`),
      () => keep(`${context}.console.info(§«line»);`),
      () => bind([`const ${v} = (await ${context}.date.toJSON()).length;`]),
      () => bind([`const ${v} = ${context}.rand.uuidv4().length;`]),
      () => bind([`const ${v} = [1, 2].map((x) => x * ${context}.rand.random()).length;`]),
      ...(scope.callables.length > 0 ? [...(this.options.avoid.untypedClients && !this.options.typescript ? [] : [() => this.#client(scope, v)]), () => keep(this.#send(scope, "")), () => keep(this.#send(scope, "await ")), () => keep(this.#send(scope, "void "))] : []),
    ];
    return this.#pick([...simple, ...(depth > 0 ? nested : []), ...(this.options.pure ? [] : durable)])();
  }

  #block(scope: BodyScope, depth: number): Lines {
    const lines: (string | Lines)[] = [];
    let current = scope;
    for (let i = this.draw(2); i >= 0; i--) {
      const { lines: more, scope: next } = this.#statement(current, depth);
      lines.push(...more);
      current = next;
    }
    return lines;
  }

  #client(scope: BodyScope, v: string): { lines: Lines; scope: BodyScope } {
    const { clients, handler, argument } = this.#pick(scope.callables);
    const client = `client${v}`;
    const lines = [`const ${client} = ${scope.context}.${this.#pick(clients("serviceClient"))};`, `const ${v} = add(await ${client}.${handler}(${argument(this.#plain(scope))}), await ${client}.${handler}(${argument("2")}));`];
    return { lines, scope: { ...scope, names: [...scope.names, v] } };
  }

  #send(scope: BodyScope, lead: string): string {
    const { clients, handler, argument } = this.#pick(scope.callables);
    const input = argument(this.#plain(scope));
    const options = this.draw(1) === 0 ? "" : `${input === "" ? "" : ", "}${scope.sendOpts}({ delay: ${this.#pick(durations(scope))} })`;
    return `${lead}${scope.context}.${this.#pick(clients("serviceSendClient"))}.${handler}(${input}${options});`;
  }
}

const stepOptions = ["{ maxRetryAttempts: 3 }", "retry", "{ initialRetryInterval: 20, maxRetryInterval: { seconds: 5 }, retryIntervalFactor: 3, maxRetryAttempts: 2 }", "{ initialRetryInterval: pause }", "{ maxRetryAttempts: add(1, 2), initialRetryInterval: add(10, 20) }"];

function durations({ names }: BodyScope): string[] {
  const [first = "2"] = names;
  return ["10", first, "{ milliseconds: 5 }", "{ seconds: 1, milliseconds: 30 }", `{ seconds: ${first} }`, `{ minutes: ${first} + 1, milliseconds: ${first} }`, "pause", "60 * 1_000", "add(1, 2)", "{ ...{ seconds: 1 } }", "{ days: 2 }", "(pause)", "{ hours: 1 }‹ as const›"];
}
