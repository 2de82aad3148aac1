import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

test("colons in the ids of invocations are found", () => {
  const source = `${SDK}const ID = "order:2"; function* f(ctx: Context) {} resonate.register("f", f);
  export const start = (key: string, client: Resonate) => [
    resonate.run("order:1", f),
    client.beginRpc(\`order:\${key}\`, "f"),
    resonate.rpc(ID, f),
  ];`;
  expect(found(source)).toEqual([4, 5, 6].map((line) => `C0108 app.ts:${line}`));
});

test("other ids, and the ids of promises and of other libraries, are not", () => {
  const source = `${SDK}function* f(ctx: Context) {} resonate.register("f", f);
  export const start = (key: string, queue: { run(id: string): void }) => [
    resonate.run(\`order/\${key}\`, f, "a:b"),
    resonate.promises.resolve("order/1:approval"),
    queue.run("a:b"),
  ];`;
  expect(found(source)).toEqual([]);
});
