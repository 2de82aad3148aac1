import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { globSync } from "tinyglobby";
import { describe, expect, test } from "vitest";
import { catalogue, rangeOf } from "../../src/report/catalogue.js";
import { differencesPage } from "../tools/differences-page.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const codes = Object.keys(catalogue);

/** The codes that the sources name, comments left out. */
function codesIn(patterns: string[]): Set<string> {
  const files = globSync([...patterns, "!src/report/catalogue.ts"], { cwd: ROOT, absolute: true });
  const texts = files.map((file) => readFileSync(file, "utf8").replace(/\/\*[^]*?\*\/|(^|\s)\/\/.*$/gm, ""));
  return new Set(texts.flatMap((text) => [...text.matchAll(/"(R\d{4})"/g)].map(([, code]) => code ?? "")));
}

test("every code is one that the tool can say", () => {
  const said = codesIn(["src/**/*.ts", "transforms/*.ts"]);
  expect(codes.filter((code) => !said.has(code))).toEqual([]);
});

test("every code that the tool says is in it", () => {
  const said = codesIn(["src/analysis/**/*.ts", "src/*.ts", "src/report/*.ts", "transforms/*.ts"]);
  expect(said.size).toBeGreaterThan(50);
  expect([...said].filter((code) => !codes.includes(code))).toEqual([]);
});

test("its codes are in order, and have the severity of their range", () => {
  expect(codes).toEqual([...codes].sort());
  for (const code of codes) expect([code, catalogue[code]?.severity]).toEqual([code, rangeOf(code).severity]);
});

describe.each(Object.entries(catalogue))("%s", (code, { message, help, difference }) => {
  test("names what it is about once, and has a way out", () => {
    const [before, after, ...more] = message("\0").split("\0");
    expect(more).toEqual([]);
    // What stands before the subject and what stands after it make a sentence without it as well.
    if (before?.endsWith(": ")) expect(after).toMatch(/^\.( [A-Z]|$)/);
    expect(help).toMatch(/^[A-Z`].*\.$/);
    expect(help.length).toBeLessThan(320);
  });

  test("promises nothing for later", () => {
    expect(`${message("")} ${help}`).not.toMatch(/\byet\b|later version/i);
  });

  test("says both sides and a choice if it is a difference, and only then", () => {
    expect(difference !== undefined).toBe(/^R0[23]/.test(code));
    for (const sentence of Object.values(difference ?? {})) expect(sentence).toMatch(/^[A-Z`].*[.?]$/);
  });
});

test("docs/differences.md is what the catalogue makes of it: npx tsx test/tools/docs.ts", () => {
  expect(readFileSync(`${ROOT}docs/differences.md`, "utf8")).toBe(differencesPage());
});
