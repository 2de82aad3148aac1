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
  expect(told(leftInConfiguration("/docker-compose.yml", compose))).toEqual(["C0004 2 restate:.", "C0004 3 restatedev/restate:1.4."]);
  expect(told(leftInConfiguration("/up.sh", "curl localhost:9070/deployments\ncurl localhost:9070/health\nresonate serve\n"))).toEqual(["C0004 1 :9070/deployments.", "C0005 2 :9070."]);
  expect(leftInConfiguration("/README.md", "We used restate.")).toEqual([]);
});

test.each([
  ['await fetch("http://host:8080/Greeter/greet", { method: "POST" });', ["C0005 1 /Greeter/greet."]],
  ["await fetch(`http://localhost:8080/cart/${id}/add/send`);", ["C0005 1 /cart/${id}/add/send."]],
  ["await fetch(`${INGRESS_URL}/Cart/${id}/add`);", ["C0005 1 /Cart/${id}/add."]],
  ["await fetch(`${base}/restate/awakeables/${id}/resolve`);", ["C0005 1 /restate/awakeables/${id}/resolve."]],
  ['const admin = "http://localhost:9070";', ["C0005 1 :9070."]],
  ['const url = "http://restate:8080";', ["C0005 1 http://restate:8080."]],
  ['const url = "https://201.env.us.restate.cloud:8080";', ["C0005 1 https://201.env.us.restate.cloud:8080."]],
  ['const ingress = process.env["RESTATE_INGRESS"] ?? "http://localhost:8080";', ["C0004 1 RESTATE_INGRESS.", "C0005 1 :8080."]],
])("calls of Restate's server in code: %s", (source, expected) => {
  expect(told(leftInSource("/a.ts", source, new Set(["add", "greet"])))).toEqual(expected);
});

test.each([
  'fetch("http://localhost:8080/health"); fetch("http://localhost:8080/users/list"); fetch("http://localhost:8080/api/v1/orders/list");',
  'fetch(`${base}/Greeter/greet`); const url = "http://localhost:8080";',
  "// fetch(`http://localhost:8080/Greeter/greet`), :9070, RESTATE_URL",
  'import { add } from "../restate/workflow/add.js"; export * from "./restate/invocation/add.js";',
  'const docs = "https://docs.restate.dev/concepts"; const port = 9070; const tool = "http://restate-to-resonate:80";',
])("other calls, comments, folders and documentation are none: %s", (source) => {
  expect(told(leftInSource("/a.ts", source, new Set(["add", "greet"])))).toEqual([]);
});

test("addresses and subscriptions in scripts and workflows", () => {
  expect(told(leftInConfiguration("/.github/workflows/e2e.yml", "- run: curl localhost:8080/Greeter/greet --json '1'\n- run: npx restate-to-resonate check .\n"))).toEqual(["C0005 1 /Greeter/greet."]);
  expect(told(leftInConfiguration("/.env", "DATABASE_URL=postgres://a\nRESTATE_ADMIN_URL=http://a\nINGRESS=http://restate:8080\n"))).toEqual(["C0004 2 RESTATE_ADMIN_URL.", "C0005 3 http://restate:8080."]);
  expect(told(leftInConfiguration("/sub.sh", `curl x/subscriptions --json '{"source": "kafka://main/orders", "sink": "service://Greeter/greet"}'\n`))).toEqual(["C0004 1 kafka://main/orders."]);
  expect(leftInConfiguration("/kafka.yml", "url: kafka://main/orders\n")).toEqual([]);
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
