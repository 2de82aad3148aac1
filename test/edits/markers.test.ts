import { describe, expect, it } from "vitest";
import type { FileFacts } from "../../src/analysis/file-model.js";
import { markerEdits, type Marker } from "../../src/edits/markers.js";
import { splice } from "../../src/edits/splice.js";
import { styleOf } from "../../src/edits/style.js";

/** The text with markers; `anchors`: words at which statements begin. */
function marked(text: string, anchors: readonly string[], markers: readonly Marker[]): string {
  // Markers look at nothing else of a file.
  const facts: Pick<FileFacts, "text" | "anchors"> = { text, anchors: anchors.map((word) => text.indexOf(word)) };
  return splice(text, markerEdits(facts as FileFacts, markers, styleOf(text)));
}

describe("markers", () => {
  const text = "first();\nif (x) {\n    second(\n        third);\n}\n";
  const anchors = ["first", "if", "second"];
  const at = (word: string, code = "R0113", message = "Look."): Marker => ({ at: text.indexOf(word), code, message });

  it("stand above the statement, with its indentation", () => {
    expect(marked(text, anchors, [at("third")])).toBe("first();\nif (x) {\n    // restate-to-resonate[R0113]: Look.\n    second(\n        third);\n}\n");
  });

  it("stand once for a line and a code", () => {
    expect(marked(text, anchors, [at("second"), at("third", "R0113", "Again."), at("third", "R0114")]).match(/R01\d\d/g)).toEqual(["R0113", "R0114"]);
  });

  it("are one line, with the file's line ending", () => {
    expect(marked("a();\r\n", ["a"], [{ at: 0, code: "R0113", message: "One\r\n  two." }])).toBe("// restate-to-resonate[R0113]: One two.\r\na();\r\n");
  });

  it("are not put twice, even with other markers between", () => {
    const once = marked(text, anchors, [at("first"), at("first", "R0114")]);
    const again = marked(once, ["first"], [{ at: once.indexOf("first"), code: "R0113", message: "Look." }, { at: once.indexOf("first"), code: "R0114", message: "Look." }]);
    expect(again).toBe(once);
  });

  it("skip anchors that do not begin their line", () => {
    expect(marked("a(); b();\n", ["a", "b"], [{ at: 5, code: "R0113", message: "b." }])).toBe("// restate-to-resonate[R0113]: b.\na(); b();\n");
  });

  it("stand at the top where nothing comes before", () => {
    expect(marked("  x", [], [{ at: 2, code: "R0901", message: "m" }])).toBe("  // restate-to-resonate[R0901]: m\n  x");
  });
});
