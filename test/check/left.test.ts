import { expect, test } from "vitest";
import { leftInConfiguration, leftInManifest, leftInSource } from "../../src/check/left.js";
import { unsilenced } from "../../src/check/silence.js";

const told = (findings: readonly { readonly code: string; readonly line: number; readonly message: string }[]): string[] => findings.map(({ code, line, message }) => `${code} ${line} ${message.slice(message.indexOf(": ") + 2)}`);

test("every way to import Restate is found, and markers, and variables of its server", () => {
  const source = [
    'import * as restate from "@restatedev/restate-sdk";',
    'export { service } from "@restatedev/restate-sdk/fetch";',
    'const clients = require("@restatedev/restate-sdk-clients");',
    'const later = () => import("@restatedev/restate-sdk-zod");',
    "// restate-to-resonate[R0123]: A call by name.",
    "const url = process.env.RESTATE_INGRESS_URL;",
    'const text = "restate"; // from Restate: import "@restatedev/x"',
  ].join("\n");
  expect(told(leftInSource("/a.ts", source))).toEqual([
    "C0002 5 restate-to-resonate[R0123]: A call by name.",
    "C0001 1 @restatedev/restate-sdk.",
    "C0001 2 @restatedev/restate-sdk/fetch.",
    "C0001 3 @restatedev/restate-sdk-clients.",
    "C0001 4 @restatedev/restate-sdk-zod.",
    "C0004 6 RESTATE_INGRESS_URL.",
  ]);
  expect(leftInSource("/a.ts", 'import { Resonate } from "@resonatehq/sdk"; // not Restate')).toEqual([]);
});

test("services, commands and variables in configuration are found; comments, this tool and documentation are not", () => {
  const compose = "services:\n  restate:\n    image: docker.restate.dev/restatedev/restate:1.4\n  # restate was here\n  check:\n    command: npx restate-to-resonate check .\n";
  expect(told(leftInConfiguration("/docker-compose.yml", compose))).toEqual(["C0004 2 restate:.", "C0004 3 restate.dev/restatedev/restate:1.4."]);
  expect(told(leftInConfiguration("/up.sh", "curl localhost:9070/deployments\nresonate serve\n"))).toEqual(["C0004 1 :9070."]);
  expect(leftInConfiguration("/README.md", "We used restate.")).toEqual([]);
});

test("dependencies and scripts are found in their lines", () => {
  const manifest = `{\n  "scripts": {\n    "server": "restate-server",\n    "check": "restate-to-resonate check ."\n  },\n  "devDependencies": { "@restatedev/restate": "1", "@resonatehq/sdk": "1" },\n  "overrides": {\n    "@restatedev/restate-sdk": "1"\n  }\n}`;
  expect(told(leftInManifest("/package.json", manifest))).toEqual(["C0003 6 @restatedev/restate.", "C0003 8 @restatedev/restate-sdk.", "C0004 3 server: restate-server."]);
});

test("a comment with a reason silences its codes on the next line; without one it is reported", () => {
  const source = (comment: string): string => `${comment}\nimport "@restatedev/a";\nimport "@restatedev/b";`;
  const left = (comment: string): string[] => told(unsilenced(leftInSource("/a.ts", source(comment)), "/a.ts", source(comment)));
  expect(left("// restate-to-resonate-ignore C0104, C0001: goes in May")).toEqual(["C0001 3 @restatedev/b."]);
  expect(left("// restate-to-resonate-ignore C0104: another code")).toHaveLength(2);
  for (const comment of ["// restate-to-resonate-ignore C0001", "// restate-to-resonate-ignore C0001: "]) expect(left(comment)).toEqual(["C0001 2 @restatedev/a.", "C0001 3 @restatedev/b.", "C0010 1 C0001."]);
});
