import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

const CLIENT = `${SDK}export { resonate };`;

test("a second registration of a name is found, in one file and in two that one program loads", () => {
  expect(found(`${SDK}function* a(ctx: Context) {}\nresonate.register("a", a);\nresonate.register(a);`)).toEqual(["C0106 app.ts:4"]);
  const module = `import { resonate } from "./client.js";\nresonate.register("a", function* (ctx) {});`;
  expect(found({ "client.ts": CLIENT, "one.ts": module, "two.ts": module, "main.ts": `import "./one.js"; import "./two.js"; import { resonate } from "./client.js";` })).toEqual(["C0106 two.ts:2"]);
});

test("other versions, other clients, branches and programs are none", () => {
  const source = `${SDK}const other = new Resonate(); function* a(ctx: Context) {}
  resonate.register("a", a); resonate.register("a", a, { version: 2 }); other.register("a", a);
  if (process.env.FAST) { resonate.register("b", a); } else { resonate.register("b", a); }`;
  expect(found(source)).toEqual([]);
  const module = `import { resonate } from "./client.js";\nresonate.register("a", function* (ctx) {});`;
  expect(found({ "client.ts": CLIENT, "one.ts": module, "two.ts": module })).toEqual([]);
});
