import { describe, expect, it } from "vitest";
import { indentationAt, lineEnd, lineStart, styleOf } from "../../src/edits/style.js";

describe("styleOf", () => {
  it("falls back to double quotes, semicolons, LF and two spaces", () => {
    expect(styleOf("")).toEqual({ quote: '"', semicolon: ";", eol: "\n", indent: "  " });
  });

  it.each([
    ["import a from 'a';\nimport b from 'b';\nimport c from \"c\";\n", "'"],
    ["const a = require('a');\n", "'"],
    ['import a from "a";\nconst s = \'x\' + \'y\';\n', '"'],
    ["import 'a';\n", "'"],
  ])("reads the quotes of %j", (text, quote) => {
    expect(styleOf(text).quote).toBe(quote);
  });

  it.each([
    ["import a from 'a'\nimport b from 'b'\n", ""],
    ["import a from 'a';\n", ";"],
    ["const a = 1\nconst b = f(a)\n", ""],
    ["import a from 'a'\r\nexport * from 'b'\r\n", ""],
    ["import {\n  a,\n} from 'a'\nconst b = 1\n", ""],
  ])("reads the semicolons of %j", (text, semicolon) => {
    expect(styleOf(text).semicolon).toBe(semicolon);
  });

  it("reads line endings and indentation", () => {
    expect(styleOf("a\r\n\tb\r\n")).toMatchObject({ eol: "\r\n", indent: "\t" });
    expect(styleOf("a {\n    b\n}\n")).toMatchObject({ eol: "\n", indent: "    " });
  });
});

describe("lines", () => {
  const text = "one\n  two\r\nthree";

  it("have a start, an end and an indentation", () => {
    const at = text.indexOf("two") + 1;
    expect([lineStart(text, at), lineEnd(text, at), indentationAt(text, at)]).toEqual([4, text.indexOf("three"), "  "]);
  });

  it("are the text's own at its ends", () => {
    expect([lineStart(text, 0), lineEnd(text, text.length), indentationAt("", 0)]).toEqual([0, text.length, ""]);
  });
});
