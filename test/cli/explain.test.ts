import { expect, test } from "vitest";
import { packageInfo } from "../../src/cli/package-info.js";
import { EXIT, run } from "../../src/cli/program.js";
import type { Tools } from "../../src/cli/tools.js";
import { catalogue } from "../../src/report/catalogue.js";

async function explained(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const io = { out: (text: string) => void (out += text), err: (text: string) => void (err += text), colour: false, interactive: false };
  const code = await run(["explain", ...argv], io, { ...packageInfo() } as Tools);
  return { code, out, err };
}

test("a difference: severity, what it means, and the three sentences", async () => {
  const { code, out, err } = await explained("R0218");
  expect({ code, err }).toEqual({ code: EXIT.done, err: "" });
  const { restate, resonate, choose } = catalogue["R0218"]?.difference ?? {};
  expect(out).toMatch(/^R0218 {2}warning: It behaves differently here/);
  expect(out).toContain("After a replay an error that came out of a step or a call has its name and message, not its class, so this may decide otherwise.");
  expect(out).toContain(`\n\nRestate:   ${restate}\n\nResonate:  ${resonate}\n\nChoose:    ${choose}\n`);
});

test("what was left: what it means, and the way out", async () => {
  expect((await explained("R0128")).out).toBe(
    "R0128  error: Left as it was, and why. A marker stands in the code.\n\n" +
      "Signals are left on Restate.\n\n" +
      "Way out:   Use an awakeable, or a promise of a workflow, which are rewritten: each is settled once, while of the signals of one name that came before it was waited for Restate gives the last one only.\n",
  );
});

test.each(Object.keys(catalogue))("%s can be explained", async (known) => {
  const { code, out } = await explained(known);
  expect(code).toBe(EXIT.done);
  expect(out).not.toMatch(/\$\{|\0|: +(undefined)?$/m);
});

test("as it stands in a marker, and in small letters", async () => {
  const plain = await explained("R0128");
  expect(await explained("[R0128]")).toEqual(plain);
  expect(await explained("r0128")).toEqual(plain);
});

test.each([
  ["R0113", ["R0112", "R0111", "R0115"]],
  ["R0299", ["R0209"]],
  ["R099", ["R0901"]],
])("%s is no code: exit code 2, and the nearest", async (unknown, near) => {
  const { code, out, err } = await explained(unknown);
  expect({ code, out }).toEqual({ code: EXIT.usage, out: "" });
  expect(err).toMatch(new RegExp(`^error: There is no code ${unknown}\\. The nearest:\n`));
  const listed = [...err.matchAll(/^ {2}(R\d{4}) {2}\S/gm)].map(([, found]) => found);
  expect(listed).toHaveLength(3);
  expect(listed).toEqual(expect.arrayContaining(near));
});

test("no code at all is bad use", async () => {
  expect((await explained()).code).toBe(EXIT.usage);
});
