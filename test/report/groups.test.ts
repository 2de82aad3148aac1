import { expect, test } from "vitest";
import { catalogue } from "../../src/report/catalogue.js";
import { groupsOf } from "../../src/report/groups.js";
import { diagnosticAt } from "./migrations.js";

test.each(Object.entries(catalogue))("%s: the message comes apart into what is said and of what", (code, { message }) => {
  const [group] = groupsOf([diagnosticAt("/a.ts", 1, { code, message: message("a(b)") })]);
  expect(group?.places).toEqual([{ file: "/a.ts", line: 1, subject: "a(b)" }]);
  expect(group?.title).not.toContain("a(b)");
  expect(group?.title).toMatch(/^(\.\.\. )?\S.*[^ :(](\.|\.\.\.)$/);
});

test("a code or a message the catalogue does not have stays whole", () => {
  const strange = [diagnosticAt("/a.ts", 1), diagnosticAt("/a.ts", 2, { code: "R0110", message: "something else" })];
  expect(groupsOf(strange).map(({ title, places }) => [title, places[0]?.subject])).toEqual([
    ["ctx.awakeable was left", ""],
    ["something else", ""],
  ]);
});
