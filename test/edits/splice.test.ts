import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Edit, TextRange } from "../../src/edits/edit.js";
import { ConflictingEdits, outdented, splice } from "../../src/edits/splice.js";

/** A text with disjoint ranges in it, some of them empty, in order. */
const textWithRanges = fc
  .string({ unit: fc.constantFrom("a", "é", "𝒳", "\n", "\r\n", " ", "\t", "/", '"'), maxLength: 60 })
  .chain((text) => fc.tuple(fc.constant(text), fc.uniqueArray(fc.nat(text.length), { maxLength: 12 })))
  .map(([text, points]) => {
    const sorted = [...points].sort((a, b) => a - b);
    const ranges: TextRange[] = [];
    for (let i = 0; i + 1 < sorted.length; i += 2) ranges.push({ start: sorted[i] ?? 0, end: sorted[i + 1] ?? 0 });
    return { text, ranges };
  });

function withTexts({ text, ranges }: { text: string; ranges: TextRange[] }): fc.Arbitrary<{ text: string; edits: Edit[] }> {
  return fc.array(fc.string({ maxLength: 5 }), { minLength: ranges.length, maxLength: ranges.length }).map((texts) => ({ text, edits: ranges.map((range, index) => ({ ...range, text: texts[index] ?? "" })) }));
}

describe("splice", () => {
  it("changes nothing without edits", () => {
    fc.assert(fc.property(fc.string(), (text) => splice(text, []) === text));
  });

  it("keeps every byte outside of the edited ranges, whatever order the edits come in", () => {
    fc.assert(
      fc.property(textWithRanges.chain(withTexts), fc.nat(), ({ text, edits }, rotation) => {
        let expected = "";
        let from = 0;
        for (const edit of edits) {
          expected += text.slice(from, edit.start) + edit.text;
          from = edit.end;
        }
        const at = edits.length === 0 ? 0 : rotation % edits.length;
        expect(splice(text, [...edits.slice(at), ...edits.slice(0, at)])).toBe(expected + text.slice(from));
      }),
    );
  });

  it("puts insertions of one place in their order, and equal orders as they come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 8 }), fc.nat(4), (orders, at) => {
        const edits = orders.map((order, index) => ({ start: at, end: at, text: `[${index}]`, order }));
        const expected = edits.toSorted((a, b) => a.order - b.order).map((edit) => edit.text).join("");
        expect(splice("abcd", edits)).toBe("abcd".slice(0, at) + expected + "abcd".slice(at));
      }),
    );
  });

  it("takes insertions at both ends of a replacement", () => {
    expect(splice("abcd", [{ start: 1, end: 3, text: "X" }, { start: 1, end: 1, text: "<" }, { start: 3, end: 3, text: ">" }])).toBe("a<X>d");
  });

  it("refuses replacements that overlap", () => {
    fc.assert(
      fc.property(fc.nat(4), fc.integer({ min: 2, max: 5 }), fc.integer({ min: 1, max: 4 }), (start, length, shift) => {
        fc.pre(shift < length);
        const edits = [{ start, end: start + length, text: "x" }, { start: start + shift, end: start + length + shift, text: "y" }];
        expect(() => splice("0123456789abcdef", edits)).toThrow(ConflictingEdits);
        expect(() => splice("0123456789abcdef", edits.toReversed())).toThrow(ConflictingEdits);
      }),
    );
  });

  it("refuses an insertion inside of a replacement or a deletion", () => {
    for (const text of ["x", ""]) expect(() => splice("abcd", [{ start: 0, end: 3, text }, { start: 1, end: 1, text: "y" }])).toThrow(ConflictingEdits);
  });

  it("refuses two texts for one range, and takes the same edit twice", () => {
    expect(() => splice("abcd", [{ start: 1, end: 2, text: "x" }, { start: 1, end: 2, text: "y" }])).toThrow(ConflictingEdits);
    expect(splice("abcd", [{ start: 1, end: 2, text: "x" }, { start: 1, end: 2, text: "x" }])).toBe("axcd");
  });

  it("merges deletions that overlap", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 10, maxLength: 20 }), fc.array(fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 5 })), { maxLength: 5 }), (text, spans) => {
        const edits = spans.map(([start, length]) => ({ start, end: Math.min(text.length, start + length), text: "" }));
        const expected = [...Array(text.length).keys()].filter((index) => !edits.some((edit) => edit.start <= index && index < edit.end)).map((index) => text.charAt(index));
        expect(splice(text, edits)).toBe(expected.join(""));
      }),
    );
  });

  it("refuses a replacement that overlaps a deletion", () => {
    expect(() => splice("abcdef", [{ start: 0, end: 3, text: "" }, { start: 2, end: 4, text: "x" }])).toThrow(ConflictingEdits);
  });
});

describe("dedents", () => {
  const lines = fc.array(fc.tuple(fc.constantFrom("", "  ", "    ", "\t", "      "), fc.constantFrom("a", "bb", "")), { minLength: 1, maxLength: 8 });

  it("take at most so many blanks from every line but the first", () => {
    fc.assert(
      fc.property(lines, fc.nat(6), fc.constantFrom("\n", "\r\n"), (list, columns, eol) => {
        const all = list.map(([blank, word]) => blank + word);
        const text = all.join(eol);
        const expected = all.map((line, index) => (index === 0 ? line : line.slice(Math.min(columns, /^[ \t]*/.exec(line)?.[0].length ?? 0)))).join(eol);
        expect(splice(text, [], [{ range: { start: 0, end: text.length }, columns }])).toBe(expected);
      }),
    );
  });

  it("leave verbatim ranges as they are", () => {
    fc.assert(
      fc.property(lines, lines, lines, fc.nat(6), (before, literal, after, columns) => {
        const [head, body, tail] = [before, literal, after].map((part) => part.map(([blank, word]) => blank + word).join("\n")) as [string, string, string];
        const text = `${head}\`${body}\`\n${tail}`;
        const start = head.length;
        const result = splice(text, [], [{ range: { start: 0, end: text.length }, columns }], [{ start, end: start + body.length + 2 }]);
        expect(result).toContain(`\`${body}\``);
      }),
    );
  });

  it("stay out of replaced text", () => {
    const text = "f({\n    a: 1,\n    b: 2,\n})";
    expect(splice(text, [{ start: 3, end: text.indexOf("b"), text: "\n    X\n    " }], [{ range: { start: 0, end: text.length }, columns: 2 }])).toBe("f({\n    X\n    b: 2,\n})");
  });
});

describe("outdented", () => {
  it("takes the first line's column off the lines after it", () => {
    const text = "    /**\n     * doc\n     */\n    f";
    expect(outdented(text, { start: 4, end: text.indexOf("\n    f") })).toBe("/**\n * doc\n */");
  });
});
