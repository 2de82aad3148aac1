import { expect, test } from "vitest";
import { scanImports } from "../../src/project/import-scan.js";

test.each([
  [`import a from "x"`, "x"],
  [`import "x";`, "x"],
  [`import type { A } from 'x'`, "x"],
  [`import{a}from"x"`, "x"],
  [`export * from "x"`, "x"],
  ["export {\n  a,\n  b,\n} from\n  'x';", "x"],
  [`import a = require("x");`, "x"],
  [`const a = require( 'x' ).a`, "x"],
  [`await import(/* webpackChunkName: "y" */ "x")`, "x"],
  ["await import(`x`)", "x"],
  [`type A = typeof import("x")`, "x"],
])("%s", (text, specifier) => {
  expect(scanImports(text)).toEqual([specifier]);
});

test("a word that only contains a keyword, and a string on its own, are no imports", () => {
  expect(scanImports(`const important = "x"; transform "y"; requires("z"); const from = 1;`)).toEqual([]);
});
