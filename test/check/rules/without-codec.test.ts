import { expect, test } from "vitest";
import { found, SDK } from "../found.js";

test("texts and JSON as data of a promise are found", () => {
  const source = `${SDK}export const done = (id: string, value: string) => [
    resonate.promises.resolve(id, { data: JSON.stringify(true) }),
    resonate.promises.reject(id, { data: "no" }),
    resonate.promises.resolve(id, { data: \`"\${value}"\` as string }),
  ];`;
  expect(found(source)).toEqual([3, 4, 5].map((line) => `C0107 app.ts:${line}`));
});

test("encoded data, no data and the language's own promises are not", () => {
  const source = `${SDK}export const done = (id: string) => [
    resonate.promises.resolve(id, { data: new Codec().encode(true).data }),
    resonate.promises.resolve(id, new Codec().encode(true)),
    resonate.promises.resolve(id),
    Promise.resolve({ data: "x" }),
  ];`;
  expect(found(source)).toEqual([]);
});
