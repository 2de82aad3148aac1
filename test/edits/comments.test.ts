import { describe, expect, it } from "vitest";
import { commentsIn, keepingComments } from "../../src/edits/comments.js";

function found(text: string): string[] {
  return commentsIn(text, { start: 0, end: text.length }).map((range) => text.slice(range.start, range.end));
}

describe("commentsIn", () => {
  it("finds line and block comments in order", () => {
    expect(found("a, /* one */ b // two\n/** three\n */ c")).toEqual(["/* one */", "// two", "/** three\n */"]);
  });

  it("knows strings and templates", () => {
    expect(found("'// a' + \"/* b */\" + `// c` // d")).toEqual(["// d"]);
  });

  it("gives offsets in the whole text", () => {
    const text = "x /* no */ y /* yes */ z";
    expect(commentsIn(text, { start: 11, end: text.length })).toEqual([{ start: 13, end: 22 }]);
  });

  it("finds none where there is none", () => {
    expect(found("a / b")).toEqual([]);
  });
});

describe("keepingComments", () => {
  const keep = (text: string, eol: string): string => keepingComments(text, { start: 0, end: text.length }, "NEW", eol);

  it("puts block comments on the line of what comes, line comments on their own", () => {
    expect(keep("a /* one */ // two\n b", "\n")).toBe("/* one */ // two\nNEW");
  });

  it("uses the file's line ending", () => {
    expect(keep("// one\r\n b", "\r\n")).toBe("// one\r\nNEW");
  });

  it("is the replacement alone where there is no comment", () => {
    expect(keep("a + b", "\n")).toBe("NEW");
  });
});
