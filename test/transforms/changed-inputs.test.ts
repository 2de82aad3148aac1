import { describe, expect, it } from "vitest";
import { migrateTexts } from "../tools/migrate-texts.js";

const head = `import * as restate from "@restatedev/restate-sdk";
import { merge, charge } from "somewhere";
import { cloneDeep } from "lodash";
interface Item { id: string; done?: boolean; price: number; tags: string[]; next?: Item }
interface Order { id: string; total: number; lines: string[]; items: Item[]; address: { street: string; flags: Record<string, boolean> }; note?: Item }
const pick = (order: Order) => order.items[0]!;
const copy = (order: Order): Order => ({ ...order, items: order.items.map((item) => ({ ...item })) });
function close(item: Item): void { item.done = true; }
function closeAll(items: readonly Item[]): void { items.forEach((item) => closeOne(item)); }
function closeOne(item: Item): void { close(item); }
function down(item: Item | undefined, n: number): void { if (item && n > 0) { down(item.next, n - 1); item.price = n; } }
function sumOf(items: readonly Item[]): number { return items.length === 0 ? 0 : items[0]!.price + sumOf(items.slice(1)); }
function keep(list: Item[], item: Item): void { list.push(item); }
const sum = (items: Item[]) => items.reduce((total, item) => total + item.price, 0);
const table = new Map<string, { id: string; left: number; order?: Order }>();
const find = (id: string) => table.get(id);
const shelf: Order[] = [];
class Basket {
  items: Item[] = [];
  constructor(private readonly order: Order) {}
  fill(): this { this.items = this.order.items; return this; }
  finish(): void { for (const item of this.items) item.done = true; }
  size(): number { return this.order.items.length; }
}
async function durable(ctx: restate.Context, order: Order) { await ctx.sleep(1); order.total++; }
async function reads(ctx: restate.Context, order: Order) { await ctx.sleep(1); return order.total; }
interface Strategy { go(ctx: restate.Context, order: Order): Promise<void> }
class Cheap implements Strategy { async go(ctx: restate.Context, order: Order) { await ctx.sleep(1); order.lines.pop(); } }
const strategies: Record<string, Strategy> = { cheap: new Cheap() };
`;

/** Which names of its input the handler copies first. */
function copied(parameter: string, body: string): string[] {
  const { after } = migrateTexts({ "app.ts": `${head}export const s = restate.service({ name: "S", handlers: { go: async (ctx: restate.Context, ${parameter}: Order) => {\n${body}\nawait ctx.sleep(1);\n} } });\n` });
  return [...(after["app.ts"] ?? "").matchAll(/(\w+) = structuredClone\(\1\)/g)].map(([, name]) => name as string);
}

describe("a handler that may change its input copies it first", () => {
  it.each([
    "order.total = 1;",
    "order.total++;",
    "delete order.note;",
    "const part = { ...order }; part.lines.push('x');",
    "const part = { ...order, total: 1 }; part.address.street = 'x';",
    "let lines = order.lines; lines.push('x');",
    "let lines: string[] = []; lines = order.lines; lines.push('x');",
    "let lines: string[] | undefined; lines ??= order.lines; lines.push('x');",
    "pick(order).done = true;",
    "const item = pick(order); item.tags.push('x');",
    "(order.lines ?? []).push('x');",
    "const lines = order.lines || []; lines.sort();",
    "const item = order.total > 1 ? order.items[0]! : pick(order); item.done = true;",
    "const { lines } = order; lines.reverse();",
    "const { address: { flags } } = order; flags.a = true;",
    "const [first] = order.items; if (first) first.done = true;",
    "const [, ...rest] = order.items; rest[0]!.done = true;",
    "let flags; ({ address: { flags } } = order); flags.a = true;",
    "[order.total] = [2];",
    "[order.lines[0], order.lines[1]] = ['a', 'b'];",
    "for (const item of order.items) item.done = true;",
    "for (const { tags } of order.items) tags.splice(0, 1);",
    "for (const key in order.address.flags) order.address.flags[key] = false;",
    "for (const item of [...order.items]) item.done = true;",
    "for (const [, item] of order.items.entries()) item.done = true;",
    "for (const [, item] of Object.entries(order.items)) item.done = true;",
    "for (const item of Object.values(order.items)) item.done = true;",
    "order.items.forEach((item) => { item.done = true; });",
    "order.items.map((item) => item.tags).forEach((tags) => tags.push('x'));",
    "order.items.flatMap((item) => item.tags.length ? [item] : []).forEach((item) => { item.done = true; });",
    "order.items.filter((item) => item.price > 1)[0]!.done = true;",
    "const found = order.items.find(({ id }) => id === 'a'); if (found) found.done = true;",
    "const byId = new Map(order.items.map((item) => [item.id, item])); byId.get('a')!.done = true;",
    "const byId = new Map<string, Item>(); for (const item of order.items) byId.set(item.id, item); for (const item of byId.values()) item.done = true;",
    "const index: Record<string, Item> = {}; for (const item of order.items) index[item.id] = item; index.a!.done = true;",
    "const index = order.items.reduce<Record<string, Item>>((all, item) => { all[item.id] = item; return all; }, {}); index.a!.done = true;",
    "const list: Item[] = []; list.push(order.items[0]!); list[0]!.done = true;",
    "const list: Item[] = []; keep(list, order.items[0]!); list[0]!.done = true;",
    "const state = { items: [] as Item[] }; state.items.push(order.items[0]!); const { items } = state; items[0]!.done = true;",
    "const state = { items: [] as Item[] }; const items = state.items; items.push(order.items[0]!); state.items[0]!.done = true;",
    "const state = { items: [] as Item[] }; const items = state.items; state.items.push(order.items[0]!); items[0]!.done = true;",
    "let last: Item | undefined; for (const item of order.items) { if (last) last.done = true; last = item; }",
    "let last: Item | undefined; const finish = () => { if (last) last.done = true; }; last = order.items[0]; finish();",
    "const items = (await ctx.run(() => [] as Item[])) ?? []; items.push(order.items[0]!); for (const item of items) item.done = true;",
    "const boxed = { inner: { order } }; boxed.inner.order.total = 1;",
    "close(pick(order));",
    "closeAll(order.items);",
    "closeAll([...order.items]);",
    "down(order.note, 3);",
    "order.items.forEach(close);",
    "Object.assign(order.address, { street: 'x' });",
    "Object.assign(order, { total: 1 });",
    "const part = Object.assign({}, order); part.lines.push('x');",
    "const add = () => order.lines.push('x'); add();",
    "const add = (to: Order) => { to.total = 2; }; add(order);",
    "function add(lines: string[]) { lines.push('x'); } add(order.lines);",
    "const itself = () => order; itself().total = 1;",
    "new Basket(order).fill().finish();",
    "const basket = new Basket(order); basket.fill(); basket.finish();",
    "const basket = new Basket(order); basket.items = order.items; basket.finish();",
    "const again = await ctx.run(() => pick(order)); again.done = true;",
    "const [again] = await restate.RestatePromise.all([ctx.run(() => order.items)]); again[0]!.done = true;",
    "merge(order, { total: 1 });",
    "shelf.push(order);",
    "await durable(ctx, order);",
    "await strategies.cheap!.go(ctx, order);",
    "await Promise.all(order.items.map(async (item) => { await ctx.sleep(1); item.done = true; }));",
    "try { order.lines.push('x'); } finally { await ctx.sleep(1); }",
    "const items = order.items as Item[]; items!.pop();",
    "order.lines.sort().reverse();",
    "const sorted = order.items.sort((a, b) => a.price - b.price); await ctx.sleep(1);",
    "const part = JSON.parse(JSON.stringify(order)); part.total = 1; order.lines.length = 0;",
  ])("%s", (body) => {
    expect(copied("order", body)).toEqual(["order"]);
  });

  it.each([
    ["{ lines, total }", "lines.push('x'); return total;", ["lines"]],
    ["{ address: { flags }, items: [first] }", "flags.a = true; first!.done = true;", ["flags", "first"]],
    ["{ id, ...rest }", "rest.total = 1;", []],
    ["{ id, ...rest }", "rest.lines.push(id);", ["rest"]],
  ])("the names that a pattern %s gives: %s", (pattern, body, names) => {
    expect(copied(pattern, body)).toEqual(names);
  });
});

describe("a handler that only reads its input copies nothing", () => {
  it.each([
    "return order.total + 1;",
    "let total = order.total; total += 2; return total;",
    "let { total, lines } = order; total++; lines = []; return lines;",
    "order = { ...order, total: 2 };",
    "const part = { ...order }; part.total = 1; return part;",
    "const part = { ...order, lines: [...order.lines] }; part.lines = []; return part;",
    "const part = structuredClone(order); part.lines.push('x'); return part;",
    "const part = cloneDeep(order); part.lines.push('x'); return part;",
    "const part = JSON.parse(JSON.stringify(order)); part.lines.push('x'); return part;",
    "const part = copy(order); part.total = 1; return part;",
    "return [...order.items].sort((a, b) => a.price - b.price);",
    "return order.items.slice().reverse();",
    "const names = order.items.map((item) => item.id); names.sort(); names.push('x'); return names;",
    "const items = order.items.map((item) => ({ ...item })); for (const item of items) item.done = true; return items;",
    "const items = order.items.filter((item) => item.price > 1); items.push(...order.items); items.splice(0, 1); return items;",
    "const index: Record<string, number> = {}; for (const item of order.items) index[item.id] = item.price; return index;",
    "const results: string[] = []; for (const item of order.items) results.push(await ctx.run(() => item.id)); return results;",
    "const done: Item[] = []; for (const item of order.items) done.push(item); return done.length;",
    "const entries = Object.entries(order.address.flags).sort(([a], [b]) => a.localeCompare(b)); return entries;",
    "const seen = new Set(order.lines); seen.add('x'); return [...seen].sort();",
    "const account = await ctx.run(() => find(order.id)); if (account) account.left -= order.total;",
    "const account = find(order.id); if (account) account.left -= order.total;",
    "const receipt = await ctx.run(() => charge(order.id)); receipt.done = true;",
    "return sumOf(order.items) + sum(order.items);",
    "const parts = order.id.split('-'); parts.push('x'); return parts.join();",
    "console.log(order); return order.lines.join();",
    "const basket = new Basket(order); return basket.size();",
    "await ctx.run(() => charge(order));",
    "await ctx.run(() => { table.set(order.id, { id: order.id, left: order.total, order }); });",
    "await reads(ctx, order);",
    "const failed: string[] = []; for (const { id } of order.items) { try { await ctx.run(() => charge(id)); } catch { failed.push(id); } } return failed;",
    "const date = new Date(order.id); date.setHours(0); return date.toISOString();",
    "const body = { order, tries: 0 }; body.tries++; return body;",
    "const state = { left: order.items.length }; state.left--; return state;",
    "const items: Item[] = []; const same = items.find(({ id }) => id === order.id); if (same) same.price += 1; else items.push(order.items[0]!); return items;",
    "let item: Item = { id: 'x', price: 1, tags: [] }; item.done = true; item = order.items[0]!; return item;",
    "const queue = [...order.items]; while (queue.length) { const item = queue.shift()!; await ctx.run(() => charge(item)); } ",
  ])("%s", (body) => {
    expect(copied("order", body)).toEqual([]);
  });
});
