import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A generated project on disk. */
export interface GeneratedCorpus {
  readonly dir: string;
  /** The files that use Restate, absolute. */
  readonly restateFiles: readonly string[];
}

const THINGS = ["order", "parcel", "invoice", "ticket", "booking", "policy", "claim", "refund", "quote", "shipment", "batch", "voucher"];
const VERBS = ["reserve", "submit", "settle", "confirm", "schedule", "assign", "approve", "collect", "publish", "archive"];

/** Writes a project of `count` Restate modules of about 120 lines each, and an entry that serves them all. */
export function generateRestateProject(dir: string, count: number): GeneratedCorpus {
  return generateProject(dir, count, 0);
}

/** Writes a project in which `restateCount` of `total` modules use Restate; the others are plain TypeScript that import one another. */
export function generateMixedProject(dir: string, total: number, restateCount: number): GeneratedCorpus {
  return generateProject(dir, restateCount, total - restateCount);
}

function generateProject(dir: string, restateCount: number, plainCount: number): GeneratedCorpus {
  const restateFiles: string[] = [];
  write(join(dir, "package.json"), MANIFEST);
  write(join(dir, "tsconfig.json"), TSCONFIG);
  for (let n = 0; n < plainCount; n++) write(join(dir, plainPath(n)), plainModule(n));
  for (let n = 0; n < restateCount; n++) {
    const path = join(dir, servicePath(n));
    write(path, serviceModule(namesOf(n)));
    restateFiles.push(path);
  }
  const entry = join(dir, "src/app.ts");
  write(entry, entryModule(restateCount));
  return { dir, restateFiles: [...restateFiles, entry] };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

const MANIFEST = `${JSON.stringify({ name: "generated", private: true, type: "module", dependencies: { "@restatedev/restate-sdk": "^1.17.2" } }, null, 2)}\n`;
const TSCONFIG = `${JSON.stringify({ compilerOptions: { target: "ES2022", module: "NodeNext", strict: true, outDir: "dist" }, include: ["src"] }, null, 2)}\n`;

interface Names {
  /** `order`, `parcel`: what the module is about. */
  readonly thing: string;
  readonly verb: string;
  /** Sets the module's names apart from those of all others. */
  readonly n: number;
  /** How the module refers to the SDK. */
  readonly style: "namespace" | "named";
}

function namesOf(n: number): Names {
  const styles = ["namespace", "named", "namespace"] as const;
  return { thing: pick(THINGS, n), verb: pick(VERBS, Math.floor(n / THINGS.length)), n, style: pick(styles, n) };
}

function pick<T>(values: readonly T[], n: number): T {
  const value = values[n % values.length];
  if (value === undefined) throw new RangeError("nothing to pick from");
  return value;
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const servicePath = (n: number): string => `src/area${Math.floor(n / 50)}/service${n}.ts`;
const plainPath = (n: number): string => `src/area${Math.floor(n / 50)}/plain${n}.ts`;

function entryModule(count: number): string {
  const numbers = Array.from({ length: count }, (_, n) => n);
  return [
    `import * as restate from "@restatedev/restate-sdk";`,
    ...numbers.map((n) => `import { service${n} } from "./${servicePath(n).replace("src/", "").replace(/ts$/, "js")}";`),
    "",
    "restate.serve({",
    "  services: [",
    ...numbers.map((n) => `    service${n},`),
    "  ],",
    "  port: 9080,",
    "});",
    "",
  ].join("\n");
}

function serviceModule({ thing, verb, n, style }: Names): string {
  const Thing = `${capital(thing)}${n}`;
  const sdk = style === "named" ? "" : "restate.";
  return `${style === "named" ? `import { service, type Context } from "@restatedev/restate-sdk";` : `import * as restate from "@restatedev/restate-sdk";`}
import { randomInt } from "node:crypto";

/** What a caller sends to ${verb} one ${thing}. */
export interface ${Thing} {
  id: string;
  customer: string;
  amount: number;
  lines: { sku: string; quantity: number }[];
}

export interface ${Thing}Result {
  reference: string;
  price: number;
  notified: boolean;
  finishedAt: number;
}

const limit${n} = ${100 + (n % 37)};
const currency${n} = "${pick(["EUR", "USD", "CHF", "SEK"], n)}";

// Prices come from a table here; a real ${thing} would ask another system.
async function price${Thing}(sku: string, quantity: number): Promise<number> {
  const base = sku.length * ${3 + (n % 5)};
  return Math.min(base * quantity, limit${n});
}

async function store${Thing}(record: { reference: string; amount: number }): Promise<string> {
  if (record.amount < 0) {
    throw new Error(\`negative amount in \${record.reference}\`);
  }
  return \`${thing}-\${record.reference}-\${randomInt(1000)}\`;
}

async function notify${Thing}(customer: string, text: string): Promise<boolean> {
  return customer.length > 0 && text.length > 0;
}

async function release${Thing}(reference: string): Promise<void> {
  if (reference === "") throw new Error("nothing to release");
}

function summarise${Thing}(input: ${Thing}): string {
  const count = input.lines.reduce((sum, line) => sum + line.quantity, 0);
  return \`\${input.customer}: \${count} items in \${currency${n}}\`;
}

/** Says what is wrong with a ${thing}, or nothing. */
function problems${Thing}(input: ${Thing}): string[] {
  const found: string[] = [];
  if (input.customer.trim() === "") found.push("no customer");
  if (input.amount > limit${n} * 100) found.push(\`more than \${limit${n} * 100} \${currency${n}}\`);
  for (const { sku, quantity } of input.lines) {
    if (!/^[a-z]+-\\d+$/.test(sku)) found.push(\`unknown article \${sku}\`);
    if (quantity < 1) found.push(\`\${quantity} of \${sku}\`);
  }
  return found;
}

/* Asks for every line's price, one step each. */
async function total${Thing}(ctx: ${sdk}Context, input: ${Thing}): Promise<number> {
  let total = 0;
  for (const line of input.lines) {
    total += await ctx.run(\`price \${line.sku}\`, () => price${Thing}(line.sku, line.quantity));
  }
  return total;
}

async function remind${Thing}(ctx: ${sdk}Context, customer: string): Promise<boolean> {
  await ctx.sleep({ minutes: ${1 + (n % 9)} });
  return await ctx.run("remind", async () => {
    const text = \`your ${thing} is waiting\`;
    return notify${Thing}(customer, text);
  });
}

export const service${n} = ${sdk}service({
  name: "${Thing}Service",
  handlers: {
    // The main path: price, store, tell the customer.
    ${verb}${Thing}: async (ctx: ${sdk}Context, input: ${Thing}): Promise<${Thing}Result> => {
      const reference = ctx.rand.uuidv4();
      const problems = problems${Thing}(input);
      if (problems.length > 0) {
        return { reference: problems.join(", "), price: 0, notified: false, finishedAt: 0 };
      }
      const price = await total${Thing}(ctx, input);

      const stored = await ctx.run("store", () => store${Thing}({ reference, amount: price }));
      await ctx.sleep(${250 + (n % 11) * 50});

      let notified = false;
      if (price < limit${n}) {
        notified = await ctx.run(() => notify${Thing}(input.customer, \`\${stored}: \${summarise${Thing}(input)}\`));
      } else {
        notified = await remind${Thing}(ctx, input.customer);
      }

      const finishedAt = await ctx.date.now();
      return { reference: stored, price, notified, finishedAt };
    },

    /** Undoes what \`${verb}${Thing}\` did. */
    async cancel${Thing}(ctx: ${sdk}Context, reference: string): Promise<boolean> {
      try {
        await ctx.run("release", async () => {
          await release${Thing}(reference);
        });
        return true;
      } catch (error) {
        const reason = error instanceof Error ? error.message : "unknown";
        return await ctx.run("report", () => notify${Thing}("support", \`\${reference}: \${reason}\`));
      }
    },
  },
});
`;
}

function plainModule(n: number): string {
  const thing = `${capital(pick(THINGS, n))}Plain${n}`;
  const neighbour = n % 3 === 0 && n % 50 !== 0 ? n - 1 : undefined;
  const other = neighbour === undefined ? undefined : `${capital(pick(THINGS, neighbour))}Plain${neighbour}`;
  const methods = Array.from({ length: 12 }, (_, at) => {
    return `  /** Rule ${at} of ${thing}. */
  async rule${at}(queue: { run(action: () => Promise<number>): Promise<number> }): Promise<number> {
    const weight = this.records.filter((record) => record.level > ${at}).length;
    const answer = await queue.run(async () => weight * ${at + 2});
    if (answer > ${50 + at}) {
      this.log.push(\`rule ${at}: \${answer}\`);
    }
    return answer;
  }`;
  });
  return `${other === undefined ? "" : `import { ${other} } from "./plain${neighbour}.js";\n`}export interface ${thing}Record {
  id: string;
  level: number;
  tags: string[];
}

export class ${thing} {
  readonly log: string[] = [];

  constructor(private readonly records: ${thing}Record[]) {}

${methods.join("\n\n")}
}
${other === undefined ? "" : `\nexport function combine${n}(a: ${thing}, b: ${other}): string[] {\n  return [...a.log, ...b.log];\n}\n`}`;
}
