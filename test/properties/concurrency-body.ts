import type { Draw, Lines } from "../tools/program-text.js";

/** A handler that generated code can call: it takes a number and gives one. */
export interface Callable {
  /** `serviceClient(svc0)`, `objectClient(obj0, «k1»)`. */
  readonly client: string;
  readonly sendClient: string;
  readonly handler: string;
}

/** What generated code can name. Everything has the type `number` unless said otherwise. */
export interface Scope {
  /** How the context is named. */
  readonly ctx: string;
  /** Constants: what is begun may read them later. */
  readonly nums: readonly string[];
  /** The variable that each statement makes something of. */
  readonly acc: string;
  /** `RestatePromise<number>`. */
  readonly handles: readonly string[];
  /** `RestatePromise<number>[]`, at least one of them. */
  readonly lists: readonly string[];
  /** `Map<number, RestatePromise<number>>`, with the keys 0 and 1. */
  readonly maps: readonly string[];
  /** `(x: number) => RestatePromise<number>`. */
  readonly beginners: readonly string[];
  /** `(x: number) => Promise<number>`, async. */
  readonly workers: readonly string[];
  /** `(ctx, x: number) => RestatePromise<number>`. */
  readonly beginningHelpers: readonly string[];
  /** `(ctx, x: number) => Promise<number>`, async. */
  readonly workingHelpers: readonly string[];
  readonly callables: readonly Callable[];
  /** Objects that hold the context in a field, with the methods `begin` and `work`. */
  readonly agents: readonly string[];
  /** Whether the context has state. */
  readonly stateful: boolean;
  /** Whether other code of the invocation runs at the same time, so that state and effects have no order of their own. */
  readonly beside: boolean;
  /** Whether a `return` would leave the body: not in blocks whose end matters. */
  readonly mayReturn: boolean;
}

interface Written {
  readonly lines: Lines;
  readonly scope: Scope;
}

/** Writes bodies in which durable promises are values: made in one place, combined, raced and awaited in another, twice or never. */
export class ConcurrencyWriter {
  #names = 0;
  #effects = 0;

  constructor(
    private readonly draw: Draw,
    /** What the SDK's names begin with: `restate.`, or nothing. */
    private readonly sdk: string,
    /** Whether to write what the tool leaves, too. */
    private readonly left: boolean,
  ) {}

  pick<T>(items: readonly T[]): T {
    const item = items[this.draw(items.length - 1)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  }

  name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  #chance(oneIn: number): boolean {
    return this.draw(oneIn - 1) === oneIn - 1;
  }

  /** A number that is there already; `constant` where it may be read later. */
  plain(scope: Scope, constant: boolean): string {
    const names = [...scope.nums, ...(constant ? [] : [scope.acc, scope.acc])];
    const name = (): string => this.pick(["1", ...names]);
    return this.pick<() => string>([() => String(this.draw(9)), name, name, () => `add(${name()}, ${this.draw(5)})`, () => `${name()} + ${this.draw(3)}`])();
  }

  /** What a step does. `loud` leaves an effect; a quiet one may be lost. */
  #action(value: string, loud: boolean): string {
    const label = `«e${this.#effects++}»`;
    const quiet = [() => `() => later(${value})`, () => `() => ${value}`, () => `async () => await later(${value})`, () => `async () => { const made = await later(${value}); return made + 1; }`];
    const heard = [
      () => `() => effect(${label}, ${value})`,
      () => `async () => effect(${label}, ${value})`,
      () => `async () => { await later(1); return effect(${label}, ${value}); }`,
      () => `() => laterEffect(${label}, ${value})`,
    ];
    return this.pick(loud ? heard : quiet)();
  }

  #run(scope: Scope, action: string, options = ""): string {
    const name = this.pick([`«s${this.#names++}»`, `\`s\${${this.pick(["1", ...scope.nums])}}\``, ""]);
    if (name === "" && options === "") return `${scope.ctx}.run(¶${action})`;
    return `${scope.ctx}.run(${name === "" ? "«s»" : name},§ ${action}${options === "" ? "" : `, ${options}`})`;
  }

  #step(scope: Scope, loud: boolean, constant: boolean): string {
    return this.#run(scope, this.#action(this.plain(scope, constant), loud), this.pick(["", "", "", "{ maxRetryAttempts: 3 }"]));
  }

  /** A durable promise that fails with a terminal error. */
  failing(scope: Scope): string {
    const value = this.plain(scope, true);
    return this.pick<() => string>([
      () => this.#run(scope, `() => fail(«f${this.#names++}», ${value})`),
      () => this.#run(scope, `async () => { await later(1); return fail(«f${this.#names++}», ${value}); }`),
      () => `${scope.ctx}.run(«tried», (): number => { throw new Error(«transient»); }, { maxRetryAttempts: ${this.pick(["1", "2"])}, initialRetryInterval: 5 })`,
      () => `${scope.ctx}.sleep({ hours: 2 }).map(() => ${value}).orTimeout(${this.pick(["10", "{ seconds: 3 }", "{ minutes: 1 }"])})`,
      () => `${scope.ctx}.awakeable<number>().promise.orTimeout({ seconds: ${1 + this.draw(3)} })`,
      () => `${this.sdk}RestatePromise.all([${this.promise(scope, 0, false)}, ${this.#run(scope, `() => fail(«f${this.#names++}», ${value})`)}]).map((both, failure) => { if (failure) throw failure; return (both ?? []).length; })`,
      () => `${this.promise(scope, 0, false)}.map((v): number => { throw new ${this.sdk}TerminalError(\`mapped \${v}\`); })`,
    ])();
  }

  /**
   * A durable promise of a number, made on the spot. `loud` where it is certain that somebody waits for it;
   * what it reads never changes.
   */
  promise(scope: Scope, depth: number, loud: boolean): string {
    const { ctx } = scope;
    const value = (): string => this.plain(scope, true);
    const step = (): string => this.#step(scope, loud, true);
    const inner = (): string => this.promise(scope, depth - 1, loud);
    const quiet = (): string => this.promise(scope, depth - 1, false);
    const combinator = `${this.sdk}RestatePromise`;
    const simple = [
      step,
      step,
      step,
      ...scope.beginningHelpers.map((helper) => () => `${helper}(${ctx}, ${value()})`),
      ...(this.left ? scope.beginners.map((beginner) => () => `${beginner}(${value()})`) : []),
      ...(loud && !scope.beside ? scope.callables.map(({ client, handler }) => () => `${ctx}.${client}.${handler}(${value()})`) : []),
      ...(loud ? [] : scope.handles.map((handle) => () => handle)),
    ];
    const composed = [
      () => `${inner()}.map((v) => (v ?? 0) + ${this.draw(3)})`,
      () => `${inner()}.orTimeout({ hours: ${1 + this.draw(3)} })`,
      () => `${this.failing(scope)}.map((v, failure) => (failure ? failure.message.length : (v ?? 0)))`,
      () => `${combinator}.race([${inner()}, ${ctx}.sleep({ hours: 3 }).map(() => -1)])`,
      () => `${combinator}.any([${this.failing(scope)}, ${quiet()}])`,
      () => `${combinator}.all([${inner()}, ${inner()}]).map((both) => (both ?? []).reduce((sum, each) => mix(sum, each), 1))`,
      () => `${combinator}.allSettled([${inner()}, ${this.failing(scope)}]).map((ends) => (ends ?? []).filter(({ status }) => status === «fulfilled»).length)`,
      () => `${combinator}.resolve(${value()})`,
      () => `(${this.pick(["n", ...scope.nums])} > ${this.draw(4)} ? ${inner()} : ${quiet()})`,
    ];
    return this.pick(depth <= 0 ? simple : [...simple, ...composed])();
  }

  /** What goes on with the end of a durable promise, by `then` and its like. It does not fail. */
  #chained(scope: Scope, loud: boolean): string {
    const { ctx } = scope;
    const base = (): string => this.promise(scope, 1, loud);
    const own = { ...scope, nums: [...scope.nums, "x"] };
    const run = (value: string): string => this.#run(scope, this.#action(value, loud));
    const onValue = (): string => this.pick(["(x) => x + 1", "note", "(x: number) => mix(x, 3)", `(x) => ${run("x")}`, `(x) => ${this.promise(own, 0, loud)}`, `async (x) => {\n  const made = await ${this.#step(own, loud, true)};\n  return made - x;\n}`, "async (x) => x * 2"]);
    const onFailure = (): string => this.pick(["() => 7", "(error: Error) => error.message.length", `() => ${run("4")}`, `async () => {\n  const made = await ${this.#step(scope, loud, true)};\n  return made + 5;\n}`]);
    return this.pick<() => string>([
      () => `${base()}.then(${onValue()})`,
      () => `${base()}.then(${onValue()})`,
      () => `${base()}.then(${onValue()}).then(${onValue()})`,
      () => `${this.failing(scope)}.catch(${onFailure()})`,
      () => `${this.failing(scope)}.then(${onValue()}, ${onFailure()})`,
      () => `${this.failing(scope)}.then(${onValue()}).catch(${onFailure()})`,
      () => `${base()}.finally(() => ${this.pick(["undefined", "note(2)", run("1")])})`,
      () => `${base()}.then((x) => { if (x > -1e9) throw new ${this.sdk}TerminalError(\`no \${x}\`); return x; }).catch(${onFailure()})`,
      () => `${this.sdk}RestatePromise.all([${base()}, ${base()}]).then(([one, other]) => one - other)`,
      () => `Promise.all([${base()}, ${base()}]).then((both) => both.length)`,
      // How far those come that nobody waits for is a matter of time.
      ...(loud ? scope.workers.map((worker) => () => `${worker}(${this.plain(scope, true)}).then(${onValue()})`) : []),
      ...(loud ? scope.workingHelpers.map((helper) => () => `${helper}(${ctx}, ${this.plain(scope, true)}).then(${onValue()})`) : []),
    ])();
  }

  /** A promise of a number to be awaited at once; what it reads may change later. */
  #work(scope: Scope, depth: number): string {
    const { ctx } = scope;
    const value = (): string => this.plain(scope, false);
    const loud = true;
    return this.pick<() => string>([
      () => this.#step(scope, loud, false),
      () => this.#step(scope, loud, false),
      () => this.promise(scope, depth, loud),
      ...scope.handles.map((handle) => () => handle),
      ...scope.lists.map((list) => () => this.pick([`${list}[0]!`, `${list}.at(-1)!`])),
      ...scope.maps.map((map) => () => `${map}.get(${this.draw(1)})!`),
      () => this.#chained(scope, loud),
      () => `giveTo({ ctx: ${ctx}, x: ${value()} })`,
      ...scope.agents.map((agent) => () => `${agent}.${this.pick(["begin", "work"])}(${value()})`),
      ...scope.workers.map((worker) => () => `${worker}(${value()})`),
      ...scope.beginners.map((beginner) => () => `${beginner}(${value()})`),
      ...scope.workingHelpers.map((helper) => () => `${helper}(${ctx}, ${value()})`),
      ...(scope.beside ? [] : scope.callables.map(({ client, handler }) => () => `${ctx}.${client}.${handler}(${value()})`)),
    ])();
  }

  /** A number, of which a part is awaited in one of the places where the grammar lets one. */
  number(scope: Scope, depth: number): string {
    const a = `await§ ${this.#work(scope, depth)}`;
    const n = (): string => (depth <= 0 ? this.plain(scope, false) : this.number(scope, depth - 1));
    return this.pick<() => string>([
      () => `${a}`,
      () => `(${a})`,
      () => `(${a}) + 1`,
      () => `add(${n()}, ${a})`,
      () => `add(${a}, ${n()})`,
      () => `[${a}, ${n()}][0]!`,
      () => `({ v: ${a} }).v`,
      () => `\`\${${a}}!\`.length`,
      () => `(${a}) > 3 ? ${n()} : ${n()}`,
      () => `${this.pick([scope.acc, ...scope.nums])} > 4 ? ${a} : ${n()}`,
      () => `(note(1), ${a})`,
      () => `(${a}) || 1`,
      () => `${this.pick([scope.acc, ...scope.nums])} && (${a})`,
      () => `Math.max(...[${a}, 2])`,
      () => `-(${a})`,
      () => `((x: number) => x + 1)(${a})`,
    ])();
  }

  /** Statements without a `return`. */
  block(scope: Scope, size: number, depth: number): Lines {
    return this.#statements(scope, 1 + this.draw(size), depth).lines;
  }

  /** Statements that end in a `return` of a number. */
  body(scope: Scope, size: number): Lines {
    const start = `let ${scope.acc} = ${this.pick(["n", "add(n, 1)"])};`;
    const { lines, scope: end } = this.#statements(scope, 1 + this.draw(size), 1);
    return [start, ...lines, ...this.#ending(end)];
  }

  #ending(scope: Scope): Lines {
    const { acc, ctx } = scope;
    return this.pick<() => Lines>([
      () => [`return ${acc};`],
      () => [`return ${acc};`],
      () => [`return mix(${acc}, ${this.number(scope, 1)});`],
      () => [`return§ await ${this.#work(scope, 1)};`],
      () => [`const last = ${acc};`, `return ${ctx}.run(() => effect(«last», last));`],
      () => [`const last = ${acc};`, `return ${this.promise({ ...scope, nums: [...scope.nums, "last"] }, 2, true)};`],
      () => [`return (await ${this.#combined(scope)}).length + ${acc};`],
    ])();
  }

  #statements(scope: Scope, count: number, depth: number): Written {
    const lines: (string | Lines)[] = [];
    let current = scope;
    for (let i = count; i > 0; i--) {
      const written = this.#statement(current, depth);
      lines.push(...written.lines);
      current = written.scope;
    }
    return { lines, scope: current };
  }

  #statement(scope: Scope, depth: number): Written {
    const groups = [() => this.#update(scope), () => this.#update(scope), () => this.#made(scope), () => this.#made(scope), () => this.#combining(scope), () => this.#callbacks(scope, depth), ...(depth > 0 ? [() => this.#control(scope, depth), () => this.#control(scope, depth), () => this.#failures(scope, depth)] : []), () => this.#closure(scope, depth), ...(scope.stateful && !scope.beside ? [() => this.#state(scope), () => this.#state(scope)] : [])];
    return this.pick(groups)();
  }

  /** Something awaited goes into the accumulator. */
  #update(scope: Scope): Written {
    const { acc, ctx } = scope;
    const v = this.name("v");
    const keep = (...lines: Lines): Written => ({ lines, scope });
    return this.pick<() => Written>([
      () => keep(`${acc} = mix(${acc}, ${this.number(scope, 1)});`),
      () => keep(`${acc} += ${this.number(scope, 1)};`),
      () => ({ lines: [`const ${v} = ${this.number(scope, 1)};`, `${acc} = mix(${acc}, ${v});`], scope: { ...scope, nums: [...scope.nums, v] } }),
      () => keep(`await ${this.#work(scope, 1)};`),
      () => ({ lines: [`const { value: ${v} } = await ${ctx}.run(() => boxed(${this.plain(scope, false)}));`, `${acc} = mix(${acc}, ${v});`], scope: { ...scope, nums: [...scope.nums, v] } }),
      () => keep(`${acc} = mix(${acc}, (await ${ctx}.run(() => boxed(${this.plain(scope, false)}))).value);`),
      () => keep(`await ${ctx}.sleep(${this.pick(["5", "{ milliseconds: 20 }", "{ seconds: 1 }", "{ hours: 1 }"])});`),
      () => ({ lines: [`const ${v} = ${acc};`], scope: { ...scope, nums: [...scope.nums, v] } }),
    ])();
  }

  /** Durable promises are made, and kept somewhere. */
  #made(scope: Scope): Written {
    const { ctx, acc } = scope;
    const v = this.name("p");
    const quiet = (): string => this.promise(scope, 2, false);
    const step = (value: string): string => `${ctx}.run(${this.pick([`«s${this.#names}», `, ""])}() => later(${value}))`;
    const handle = (lines: Lines): Written => ({ lines, scope: { ...scope, handles: [...scope.handles, v] } });
    const list = (lines: Lines): Written => ({ lines, scope: { ...scope, lists: [...scope.lists, v] } });
    const map = (lines: Lines): Written => ({ lines, scope: { ...scope, maps: [...scope.maps, v] } });
    const type = `${this.sdk}RestatePromise<number>`;
    return this.pick<() => Written>([
      () => handle([`const ${v} = ${quiet()};`]),
      () => handle([`const ${v} = ${quiet()};`, `const ${v}b = ${quiet()};`, `${acc} = mix(${acc}, add(await ${v}b, await ${v}));`]),
      () => handle([`const ${v}: ${type} = ${quiet()};`]),
      () => handle([`let ${v}: ${type};`, `if (n > ${this.draw(4)}) ${v} = ${quiet()};`, `else ${v} = ${quiet()};`]),
      // Never awaited.
      () => ({ lines: [`${this.pick(["", "void "])}${this.#chained(scope, false)};`], scope }),
      () => ({ lines: [`const ${v} = ${quiet()};`], scope }),
      () => ({ lines: [`const ${v} = ${this.failing(scope)};`], scope }),
      () => list([`const ${v} = [${quiet()}, ${quiet()}];`]),
      () => list([`const ${v} = [1, 2, ${this.plain(scope, true)}].map((x) => ${step("x")});`]),
      () => list([`const ${v} = [3, 1].map((x, i) => ${step("x + i")});`]),
      () => list([`const ${v}: ${type}[] = [];`, `for (const x${v} of [1, ${this.plain(scope, true)}]) ${v}.push(${step(`x${v}`)});`]),
      () => list([`const ${v}: ${type}[] = [];`, "for (let i = 0; i < 3; i++) {", [`const x = i * 2;`, `${v}.push(${step("x")});`], "}"]),
      () => list([`const ${v} = Array.from({ length: 2 }, (_, i) => ${step("i + 1")});`]),
      () => map([`const ${v} = new Map<number, ${type}>();`, `for (const x of [0, 1]) ${v}.set(x, ${step("x + 1")});`]),
      () => map([`const ${v} = new Map<number, ${type}>([[0, ${quiet()}], [1, ${quiet()}]]);`]),
      () => ({ lines: [`const ${v} = { a: ${quiet()}, b: ${quiet()} };`], scope: { ...scope, handles: [...scope.handles, `${v}.a`, `${v}.b`] } }),
      () => ({ lines: [`const { a: ${v}, b: ${v}b } = { a: ${quiet()}, b: ${quiet()} };`], scope: { ...scope, handles: [...scope.handles, v, `${v}b`] } }),
      () => ({ lines: [`const [${v}, ${v}b] = [${quiet()}, ${quiet()}]${this.pick(["", " as const"])};`], scope: { ...scope, handles: [...scope.handles, v, `${v}b`] } }),
      () => ({ lines: [`const ${v}: Job = { id: ${this.plain(scope, true)}, work: ${quiet()} };`, `${acc} = mix(${acc}, await ${v}.work);`], scope: { ...scope, handles: [...scope.handles, `${v}.work`] } }),
      () => ({ lines: [`const ${v} = new Agent(${ctx});`, `${acc} = mix(${acc}, await ${v}.begin(2));`], scope: { ...scope, agents: [...scope.agents, v] } }),
      () => ({ lines: [`const ${v}: Promise<number>[] = [];`, `for (const x${v} of [1, ${this.plain(scope, true)}]) ${v}.push(${this.#chained({ ...scope, nums: [`x${v}`] }, true)});`, `for (const each of await Promise.all(${v})) ${acc} = mix(${acc}, each);`], scope }),
      () => ({ lines: [`const ${v} = ${this.#native(scope)};`, ...this.block({ ...scope, mayReturn: false }, 1, 0), `${acc} = mix(${acc}, await ${v});`], scope }),
    ])();
  }

  /** Work that was begun: an async function called, without an await. It must not fail before somebody waits. */
  #native(scope: Scope): string {
    const value = (): string => this.plain(scope, true);
    const { ctx } = scope;
    return this.pick<() => string>([
      ...scope.workers.map((worker) => () => `${worker}(${value()})`),
      ...scope.workingHelpers.map((helper) => () => `${helper}(${ctx}, ${value()})`),
      () => this.#chained(scope, true),
      () => this.#chained(scope, true),
      () => `(async () => {\n  const made = await ${this.#step(scope, false, true)};\n  return made + 1;\n})()`,
    ])();
  }

  /** A promise of numbers, by a combinator. */
  #combined(scope: Scope): string {
    const { ctx } = scope;
    const promise = (): string => this.promise(scope, 1, true);
    const pair = (): string => `[${promise()}, ${promise()}]`;
    const namespace = this.pick([`${this.sdk}RestatePromise`, "Promise", `${this.sdk}CombineablePromise`]);
    return this.pick<() => string>([
      () => `${namespace}.all(${pair()})`,
      () => `${namespace}.all([${promise()}])`,
      ...scope.lists.map((list) => () => `${namespace}.all(${list})`),
      ...scope.lists.map((list) => () => `${namespace}.all([...${list}, ${promise()}])`),
      ...scope.lists.map((list) => () => `${namespace}.allSettled(${list})`),
      ...scope.maps.map((map) => () => `${namespace}.all([...${map}.values()])`),
      () => `${namespace}.allSettled([${promise()}, ${this.failing(scope)}])`,
      () => `Promise.all([${this.#chained(scope, true)}, ${promise()}])`,
      () => `${namespace}.all([${namespace}.all([${namespace}.all(${pair()}), ${promise()}]), ${promise()}])`,
      () => `Promise.all([1, 2].map((x) => ${this.#chained({ ...scope, nums: ["x"], beside: true }, true)}))`,
      () => `Promise.all([1, 2].map((x) => ${this.#run(scope, this.#action("x", true))}))`,
      () => `${this.sdk}RestatePromise.all([${this.sdk}RestatePromise.all(${pair()}), ${this.sdk}RestatePromise.race([${promise()}, ${ctx}.sleep({ days: 1 }).map(() => 0)])])`,
    ])();
  }

  #combining(scope: Scope): Written {
    const { acc, ctx } = scope;
    const v = this.name("r");
    const keep = (...lines: Lines): Written => ({ lines, scope });
    const restate = `${this.sdk}RestatePromise`;
    const namespace = this.pick([restate, "Promise"]);
    const quiet = (): string => this.promise(scope, 1, false);
    const loud = (): string => this.promise(scope, 1, true);
    const never = (): string => this.pick([`${ctx}.sleep({ hours: 5 }).map(() => -1)`, `${ctx}.awakeable<number>().promise`]);
    return this.pick<() => Written>([
      () => ({ lines: [`const [${v}a, ${v}b] = await ${namespace}.all([${loud()}, ${loud()}]);`, `${acc} = mix(${acc}, ${v}a - ${v}b);`], scope: { ...scope, nums: [...scope.nums, `${v}a`, `${v}b`] } }),
      () => keep(`const ${v} = await ${namespace}.allSettled([${loud()}, ${this.failing(scope)}]);`, `for (const end of ${v}) ${acc} = mix(${acc}, end.status === «fulfilled» ? end.value : (end.reason as Error).message.length);`),
      () => keep(`${acc} = mix(${acc}, await ${namespace}.race([${quiet()}, ${never()}]));`),
      () => keep(`${acc} = mix(${acc}, await ${namespace}.any([${this.failing(scope)}, ${quiet()}]));`),
      () => keep(`for (const v of await ${namespace}.all([${loud()}, ${loud()}])) ${acc} = mix(${acc}, v);`),
      () => keep(`const ${v} = ${restate}.all([${quiet()}, ${quiet()}]);`, `const [${v}a] = await ${v};`, `const [, ${v}b] = await ${v};`, `${acc} = mix(${acc}, ${v}a + ${v}b);`),
      ...scope.lists.flatMap((list) => [
        () => keep(`for (const each of ${list}) ${acc} = mix(${acc}, await each);`),
        () => keep(`for await (const each of ${list}) ${acc} = mix(${acc}, each);`),
        () => keep(`for (const [i, each] of ${list}.entries()) {`, [`${acc} = mix(${acc}, i + (await each));`], "}"),
        () => keep(`for (let i = 0; i < ${list}.length; i++) ${acc} = mix(${acc}, await ${list}[i]!);`),
        () => keep(`${acc} = mix(${acc}, (await ${namespace}.all(${list})).reduce((sum, each) => sum + each, 0));`),
        () => keep(`const ${v} = await ${namespace}.all(${list}.map((each) => each.map((x) => (x ?? 0) * 2)));`, `${acc} = mix(${acc}, ${v}[0]!);`),
        // All have ended, so the first in the list wins.
        () => keep(`await ${namespace}.all(${list});`, `${acc} = mix(${acc}, await ${namespace}.race(${list}));`),
        () => keep(`for (const each of [...${list}].reverse()) await each;`, `${acc} = mix(${acc}, await ${namespace}.race(${list}));`),
        // A window: each is taken out once it has ended.
        () => keep(`const ${v} = new Map(${list}.map((each, i) => [i, each.map((x) => ({ i, x: x ?? 0 }))] as const));`, `let ${v}sum = 0;`, `while (${v}.size > 0) {`, [`const { i, x } = await ${restate}.race([...${v}.values()]);`, `${v}.delete(i);`, `${v}sum += x;`], "}", `${acc} = mix(${acc}, ${v}sum);`),
      ]),
      ...scope.maps.flatMap((map) => [
        () => keep(`for (const [k, each] of ${map}) ${acc} = mix(${acc}, k + (await each));`),
        () => keep(`for (const each of ${map}.values()) ${acc} = mix(${acc}, await each);`),
        () => keep(`const ${v} = await ${namespace}.all([...${map}.values()]);`, `${acc} = mix(${acc}, ${v}.length + ${v}[1]!);`),
        () => keep(`const ${v} = await Promise.all([...${map}.entries()].map(async ([k, each]) => k + (await each)));`, `${acc} = mix(${acc}, ${v}[1]!);`),
        ...(this.left ? [() => keep(`${acc} = mix(${acc}, (await ${map}.get(0)) ?? 0);`)] : []),
        () => keep(`const ${v} = ${map}.get(1);`, `if (${v}) ${acc} = mix(${acc}, await ${v});`),
        () => keep(`if (${map}.has(0)) ${acc} = mix(${acc}, await ${namespace}.race([${map}.get(0)!, ${never()}]));`),
      ]),
      ...scope.handles.map((handle) => () => keep(`for (let i = 0; i < 2; i++) {`, [`${acc} = mix(${acc}, await ${restate}.race([${handle}, ${ctx}.sleep({ hours: 1 }).map(() => -i)]));`], "}")),
      ...(this.left ? scope.handles.map((handle) => () => keep(`${acc} = mix(${acc}, await settleTwice(${handle}));`)) : []),
      ...(this.left ? scope.handles.map((handle) => () => keep(`const ${v} = await outcomeOf(${handle});`, `${acc} = mix(${acc}, ${v}.data ?? -1);`)) : []),
    ])();
  }

  /** Scope of an async function within the body: it runs beside what called it. */
  #besideScope(scope: Scope, nums: readonly string[]): Scope {
    return { ...scope, agents: [], acc: this.name("own"), nums: [...scope.nums, ...nums], beside: true, mayReturn: true };
  }

  /** Async callbacks of array methods. */
  #callbacks(scope: Scope, depth: number): Written {
    const { acc } = scope;
    const v = this.name("c");
    const keep = (...lines: Lines): Written => ({ lines, scope });
    const items = this.pick(["[1, 2, 3]", `[${this.plain(scope, true)}, 2]`, "items(3)"]);
    const body = (nums: readonly string[], first: string): Lines => {
      const inner = this.#besideScope(scope, nums);
      return [`let ${inner.acc} = ${first};`, ...(this.#chance(4) ? [`if (${first} === 2) return ${first};`] : []), ...this.block(inner, 1, Math.min(1, depth - 1)), `return ${inner.acc};`];
    };
    const folded = `${acc} = mix(${acc}, ${v}.reduce((sum, each) => mix(sum, each), 0));`;
    const short = (): string => this.number({ ...this.#besideScope(scope, ["x"]), acc: "x" }, 0);
    const of = (name: string, deep: number): string => this.promise({ ...scope, nums: [name], handles: [] }, deep, true);
    return this.pick<() => Written>([
      () => keep(`const ${v} = await Promise.all(${items}.map(async (x) => {`, body(["x"], "x"), "}));", folded),
      () => keep(`const ${v} = await Promise.all(${items}.map(async (x, i) => {`, body(["x", "i"], "x + i"), "}));", folded),
      () => keep(`const ${v} = await Promise.all(pairs(${items}).map(async ({ id, size = 1 }) => {`, body(["id", "size"], "id"), "}));", folded),
      () => keep(`const ${v} = await Promise.all(${items}.map(async (x) => ${short()}));`, folded),
      () => keep(`const ${v} = await Promise.all(${items}.map(async function (x) {`, body(["x"], "x"), "}));", folded),
      () => keep(`const ${v}s = ${items}.map(async (x) => {`, body(["x"], "x"), "});", `const ${v} = await Promise.all(${v}s);`, folded),
      () => keep(`const ${v}s: Promise<number>[] = [];`, `for (const ${v}x of ${items}) {`, [`${v}s.push((async () => {`, body([], `${v}x`), "})());"], "}", `const ${v} = await Promise.all(${v}s);`, folded),
      () => keep(`const ${v}e = await Promise.allSettled(${items}.map(async (x) => {`, [`if (x === 2) throw new ${this.sdk}TerminalError(\`no \${x}\`);`, ...body(["x"], "x")], "}));", `const ${v} = ${v}e.map((end) => (end.status === «fulfilled» ? end.value : (end.reason as Error).message.length));`, folded),
      () => keep(`const ${v} = await Promise.all(${items}.flatMap((x) => [${of("x", 1)}, ${of("x", 0)}]));`, folded),
      () => keep(`const ${v} = await Promise.all(${items}.flatMap((x, i, all) => {`, ["if (i === 1) return [];", "const size = all.length + x;", `return [${of("size", 1)}, ...[x, i].map((y) => ${of("y", 0)})];`], "}));", folded),
      () => keep(`const ${v} = await Promise.all(${items}.map((x) => [${of("x", 0)}, ${of("x", 0)}]).flat());`, folded),
      () => keep(`const ${v} = await Promise.all(${items}.map((x) => (x === 2 ? 5 : ${of("x", 1)})));`, folded),
      () => keep(`const ${v}e = await Promise.allSettled(${items}.flatMap((x) => [${of("x", 0)}, ${this.failing({ ...scope, nums: ["x"] })}]));`, `const ${v} = ${v}e.map((end) => (end.status === «fulfilled» ? end.value : (end.reason as Error).message.length));`, folded),
      () => keep(`const ${v} = await ${items}.reduce(async (before, x, i) => {`, ["const sum = await before;", ...body(["x", "i", "sum"], "x")], "}, Promise.resolve(1));", `${acc} = mix(${acc}, ${v});`),
      () => keep(`const ${v} = await ${items}.${this.pick(["reduce", "reduceRight"])}(async (before, x) => {`, [`let own = ${short()};`, ...this.block({ ...this.#besideScope(scope, ["x"]), acc: "own" }, 1, 0), "return mix(await before, own);"], "}, Promise.resolve(1));", `${acc} = mix(${acc}, ${v});`),
      () => keep(`const ${v} = await ${items}.reduceRight(async (before, x) => mix(await before, await ${of("x", 1)}), Promise.resolve(1));`, `${acc} = mix(${acc}, ${v});`),
      () => keep(`const ${v} = await ${items}.reduce<Promise<number>>((before, x) => before.then(async (sum) => {`, [`const own = await ${of("x", 1)};`, "return mix(sum, own);"], "}), Promise.resolve(1));", `${acc} = mix(${acc}, ${v});`),
      () => keep(`const ${v} = async function* (count: number) {`, ["for (let i = 0; i < count; i++) {", ["const x = i;", `const made = await ${of("x", 1)};`, "yield made;", this.#chance(2) ? `yield ${of("x", 0)};` : "yield i;"], "}"], "};", `for await (const each of ${v}(2)) {`, [`${acc} = mix(${acc}, each);`, ...(this.#chance(2) ? [`if (${acc} % 3 === 1) break;`] : [])], "}"),
      () => keep(`const ${v} = async function* (n: number) {`, ["try {", ["const x = n;", `yield await ${of("x", 1)};`, "yield n;"], "} finally {", [`await ${this.#run(scope, `() => effect(«end${this.#effects++}», 1)`)};`], "}"], "};", `for await (const each of ${v}(${this.plain(scope, false)})) {`, [`if (each % 3 === 1) break;`, `${acc} = mix(${acc}, each);`], "}"),
      () => keep(`const ${v} = await ${items}.reduce(async (before, x) => {`, ["const sum = await before;", `return mix(sum, await ${this.#step({ ...scope, nums: ["x"] }, true, true)});`], "}, Promise.resolve(1));", `${acc} = mix(${acc}, ${v});`),
      ...(scope.workers.length > 0 ? [() => keep(`const ${v} = await Promise.all(${items}.map((x) => ${this.pick(scope.workers)}(x)));`, folded), () => keep(`const ${v} = await Promise.all(${items}.map(${this.pick(scope.workers)}));`, folded)] : []),
      ...(scope.workingHelpers.length > 0 ? [() => keep(`const ${v} = await Promise.all(${items}.map((x) => ${this.pick(scope.workingHelpers)}(${scope.ctx}, x)));`, folded)] : []),
    ])();
  }

  #control(scope: Scope, depth: number): Written {
    const { acc } = scope;
    const v = this.name("x");
    const keep = (...lines: Lines): Written => ({ lines, scope });
    const inner = (nums: readonly string[] = []): Lines => this.block({ ...scope, nums: [...scope.nums, ...nums] }, 2, depth - 1);
    const number = (): string => this.number(scope, 0);
    return this.pick<() => Written>([
      () => keep(`if ((${number()}) > 4) {`, inner(), "} else {", inner(), "}"),
      () => keep(`if (${acc} % 2 === 0) {`, inner(), "}"),
      () => keep(`for (const ${v} of [1, ${number()}]) {`, inner([v]), "}"),
      () => keep(`for (const ${v} of [1, 2, 3]) {`, [`if (${v} === 2) continue;`, ...inner([v]), `if (${acc} % 3 === 1) break;`], "}"),
      () => keep(`for (let i = 0; i < 2; i++) {`, [`const ${v} = i;`, ...inner([v])], "}"),
      () => keep(`switch (${acc} % 3) {`, ["case 0: {", inner(), "}", "case 1:", [`${acc} = mix(${acc}, ${number()});`, "break;"], "default:", [`${acc} = ${number()};`]], "}"),
      () => keep(`switch (note(${number()})) {`, [`case ${number()}:`, [`${acc} += 1;`, "break;"], "default: {", [...inner(), "break;"], "}"], "}"),
      () => keep(`${v}: for (const one of [1, 2]) {`, ["for (const other of [1, 2]) {", [`if (other === ${this.pick(["1", "2"])}) ${this.pick(["continue", "break"])} ${v};`, ...inner(["one", "other"])], "}"], "}"),
      () => keep("do {", inner(), `} while ((${number()}) > 1e9);`),
      () => keep(`let ${v} = 0;`, `while (${v} < 2 && note(${number()}) !== 1e9) {`, [`${v}++;`, ...inner()], "}"),
      () => keep("{", inner(), "}"),
      // A window that slides: as one ends, the next begins.
      () => keep(`const ${v} = new Map<number, ${this.sdk}RestatePromise<{ i: number; x: number }>>();`, `let ${v}next = 0;`, `while (${v}next < 3 || ${v}.size > 0) {`, [`while (${v}next < 3 && ${v}.size < 2) {`, [`const i = ${v}next++;`, `${v}.set(i, ${scope.ctx}.run(() => later(i)).map((x) => ({ i, x: x ?? 0 })));`], "}", `const { i, x } = await ${this.sdk}RestatePromise.race([...${v}.values()]);`, `${v}.delete(i);`, `${acc} += x;`], "}"),
      ...(scope.mayReturn ? [() => keep("try {", [`if (${acc} % 3 === 1) return ${this.pick([acc, `await ${this.promise(scope, 0, true)}`])};`, ...inner()], "} finally {", inner(), "}")] : []),
      ...(scope.mayReturn ? [() => keep("try {", ["try {", [...inner(), `if (${acc} % 2 === 1) return ${acc};`], "} finally {", inner(), "}"], "} catch {", [`${acc} += 1;`], "}")] : []),
      ...(scope.mayReturn ? [() => keep(`if (${acc} % 5 === 3) return ${this.pick([acc, `await ${this.promise(scope, 0, true)}`])};`)] : []),
    ])();
  }

  /** Errors are thrown, caught and passed on. */
  #failures(scope: Scope, depth: number): Written {
    const { acc, ctx } = scope;
    const v = this.name("u");
    const keep = (...lines: Lines): Written => ({ lines, scope });
    const inner = (): Lines => this.block(scope, 1, depth - 1);
    /** What fails; `last` where no statement follows. */
    const fail = (last = true): string =>
      this.pick<() => string>([
        () => `${acc} = mix(${acc}, await ${this.failing(scope)});`,
        () => `await ${this.sdk}RestatePromise.all([${this.promise(scope, 0, false)}, ${this.failing(scope)}]);`,
        () => `await Promise.all([${this.failing(scope)}, ${this.promise(scope, 0, false)}]);`,
        () => `${last ? "" : `if (${acc} > -1e9) `}throw new ${this.sdk}TerminalError(\`at \${${acc}}\`);`,
        () => `if (${acc} % 2 === 0) throw new ${this.sdk}TerminalError(«even», { errorCode: 418 });`,
        () => `await Promise.all([1, 2].map(async (x) => { if (x === 2) throw new ${this.sdk}TerminalError(«two»); return await ${this.#step({ ...scope, nums: ["x"] }, false, true)}; }));`,
      ])();
    const message = (name: string): string => `${acc} = mix(${acc}, (${name} as Error).message.length);`;
    return this.pick<() => Written>([
      () => keep("try {", [...inner(), fail()], "} catch (error) {", [message("error"), ...inner()], "}"),
      () => keep("try {", [fail(false), ...inner()], "} catch (error) {", [message("error")], "} finally {", inner(), "}"),
      () => keep("try {", [...inner(), fail()], "} catch (error) {", [`if (!(error instanceof ${this.sdk}TerminalError)) throw error;`, `${acc} = mix(${acc}, error.code);`], "}"),
      () => keep("try {", ["try {", [fail()], "} finally {", inner(), "}"], "} catch {", inner(), "}"),
      () => keep("try {", [fail()], "} catch (error) {", [`if (error instanceof ${this.sdk}TimeoutError) ${acc} = mix(${acc}, 408);`, message("error")], "}"),
      // Compensations, last in first out.
      () => {
        const undo = this.name("undo");
        const own = { ...scope, nums: [...scope.nums, v] };
        return keep(`const ${undo}: (() => Promise<${this.pick(["unknown", "number"])}>)[] = [];`, "try {", [
          `const ${v} = ${this.number(scope, 0)};`,
          `${undo}.push(() => ${ctx}.run(() => effect(«undo», ${v})));`,
          `${undo}.push(async () => ${this.number({ ...own, acc: v }, 0)});`,
          ...inner(),
          fail(),
        ], "} catch (error) {", [`for (const step of ${undo}.reverse()) ${acc} = mix(${acc}, Number(await step()));`, message("error")], "}");
      },
      // A promise that fails later than it is made, and is caught where it is awaited.
      () => keep(`const ${v} = ${this.failing(scope)};`, ...inner(), "try {", [`${acc} = mix(${acc}, await ${v});`], "} catch (error) {", [message("error")], "}"),
      ...(this.left ? [() => keep(`const ${v} = await outcomeOf(${this.failing(scope)});`, `${acc} = mix(${acc}, ${v}.error?.message.length ?? -1);`)] : []),
      // Where nobody waits yet, a failure would be nobody's.
      ...(scope.beside ? [] : [() => keep(`if (n > 3) ${acc} = mix(${acc}, await ${this.failing(scope)});`)]),
      ...(scope.beside ? [] : [() => keep(`if (${acc} % 7 === 3) throw new ${this.sdk}TerminalError(\`stopped at \${${acc}}\`);`)]),
    ])();
  }

  /** Functions within the body. */
  #closure(scope: Scope, depth: number): Written {
    const v = this.name("fn");
    const { ctx } = scope;
    const step = `${ctx}.run(() => later(${this.pick(["x", "x + 1", "add(x, 2)"])}))`;
    const inner = (): Scope => ({ ...this.#besideScope(scope, ["x"]), beginners: scope.beginners.slice(0, 1) });
    const body = (): Lines => {
      const own = inner();
      return [`let ${own.acc} = x;`, ...this.block(own, 1, Math.min(1, depth - 1)), `return ${own.acc};`];
    };
    // What nobody calls is left.
    const call = `${scope.acc} = mix(${scope.acc}, await ${v}(${this.plain(scope, false)}));`;
    const beginner = (...lines: Lines): Written => ({ lines: [...lines, call], scope: { ...scope, beginners: [...scope.beginners, v] } });
    const worker = (...lines: Lines): Written => ({ lines: [...lines, call], scope: { ...scope, workers: [...scope.workers, v] } });
    return this.pick<() => Written>([
      () => beginner(`const ${v} = (x: number) => ${step};`),
      () => beginner(`const ${v} = (x: number): ${this.sdk}RestatePromise<number> => {`, [`const y = x + 1;`, `return ${ctx}.run(() => later(y));`], "};"),
      ...(this.left ? [() => beginner(`function ${v}(x: number) {`, [`return ${step};`], "}")] : []),
      () => beginner(`const ${v} = (x: number) => x > 1 ? ${step} : ${ctx}.run(«other», () => later(x));`),
      () => worker(`const ${v} = async (x: number) => {`, body(), "};"),
      () => worker(`const ${v} = async (x: number): Promise<number> => ${this.number({ ...inner(), acc: "x" }, 0)};`),
      ...(this.left ? [() => worker(`async function ${v}(x: number) {`, body(), "}")] : []),
      () => worker(`const ${v} = async (x: number): Promise<number> => {`, [`if (!(x > 0)) return 0;`, `const own = await ${step};`, `return own + (await ${v}(Math.min(x, 3) - 1));`], "};"),
    ])();
  }

  /** State of an object. */
  #state(scope: Scope): Written {
    const { ctx, acc } = scope;
    const v = this.name("t");
    const key = this.pick(["«a»", "«b»", "`k${n}`"]);
    const keep = (...lines: Lines): Written => ({ lines, scope });
    return this.pick<() => Written>([
      () => keep(`${acc} = mix(${acc}, (await ${ctx}.get<number>(${key})) ?? 0);`),
      () => keep(`${ctx}.set(${key}, ${acc});`),
      () => keep(`${ctx}.set(${key}, ${this.number(scope, 0)});`),
      () => keep(`${ctx}.clear(${key});`),
      () => keep(`const ${v} = (await ${ctx}.get<number>(${key})) ?? 1;`, `${ctx}.set(${key}, ${v} + 1);`, `${acc} = mix(${acc}, ${v});`),
      () => keep(`[1, 2].forEach((x) => ${ctx}.set(\`k\${x}\`, x + ${acc}));`),
      () => keep(`[«a», «b»].forEach((name) => {`, [`${ctx}.set(name, ${acc});`], "});"),
      () => keep(`for (const name of await ${ctx}.stateKeys()) ${acc} = mix(${acc}, (await ${ctx}.get<number>(name)) ?? 0);`),
      () => keep(`${acc} = mix(${acc}, (await ${ctx}.stateKeys()).length);`),
      () => keep(`const [${v}a, ${v}b] = await Promise.all([${ctx}.get<number>(«a»), ${ctx}.get<number>(«b»)]);`, `${acc} = mix(${acc}, (${v}a ?? 0) - (${v}b ?? 0));`),
      () => keep(`if (${acc} % 4 === 1) ${ctx}.clearAll();`),
      () => keep(`${acc} > 3 ? ${ctx}.set(${key}, 1) : ${ctx}.clear(${key});`),
      () => keep(`const ${v} = (await ${ctx}.get<number[]>(«list»)) ?? [];`, `${v}.push(${acc});`, `${ctx}.set(«list», ${v});`, `${acc} = mix(${acc}, ${v}.length);`),
    ])();
  }
}
