import { expect, it } from "vitest";
import { migrateTexts } from "./tools/migrate-texts.js";

const app = `import * as restate from "@restatedev/restate-sdk";
export const greeter = restate.service({ name: "Greeter", handlers: { greet: async (ctx: restate.Context, name: string) => "Hello " + name } });
export const cart = restate.object({ name: "Cart", handlers: { add: async (ctx: restate.ObjectContext, item: string) => {} } });
export const signup = restate.workflow({ name: "Signup", handlers: { run: async (ctx: restate.WorkflowContext) => 1 } });
restate.serve({ services: [greeter, cart, signup] });
`;

/** What is said of a file, as code, line and subject. */
function said(path: string, text: string, service = app): string[] {
  const { migration, after } = migrateTexts({ "app.ts": service, [path]: text });
  expect(after[path]).toBe(text);
  return migration.diagnostics.filter(({ file }) => file.endsWith(`/${path}`)).map(({ code, line, message }) => `${code} ${line} ${message.replace(/^[^:]*: /, "")}`);
}

it("calls of the ingress by HTTP in code, with what takes their place", () => {
  const code = [
    `const a = fetch("http://localhost:8080/Greeter/greet", { method: "POST" });`,
    "const b = axios.post(`${process.env.RESTATE_URL}/Cart/${id}/add/send`);",
    "await got(`http://restate:8080/Signup/${id}/run`);",
    "fetch(`http://localhost:8080/restate/awakeables/${id}/resolve`);",
    `fetch("http://localhost:8080/Other/greet"); fetch("http://localhost:8080/Greeter/other");`,
    `import x from "./Greeter/greet";`,
  ];
  expect(said("gateway.js", `${code.join("\n")}\n`)).toEqual([
    `R0244 1 /Greeter/greet (now resonate.rpc(id, "greet", input)).`,
    'R0244 2 /Cart/${id}/add/send (now resonate.beginRpc(id, "add", key, input)).',
    'R0244 3 /Signup/${id}/run (now resonate.rpc("Signup/<key>", "signup", key)).',
    "R0244 4 /restate/awakeables/${id}/resolve (now resolveAwakeableWith, rejectAwakeableWith or `resonate promises resolve`).",
  ]);
});

it("documentation, scripts and deployment files", () => {
  expect(said("README.md", "# Run\n\ncurl localhost:8080/Greeter/greet -d '\"x\"'\n\n    restate deployments register http://localhost:9080\n")).toEqual([
    'R0331 3 /Greeter/greet (now resonate.rpc(id, "greet", input)).',
    "R0245 5 restate deployments register.",
  ]);
  expect(said("docker-compose.yml", "services:\n  restate:\n    image: docker.restate.dev/restatedev/restate:1.5\n")).toEqual(["R0245 3 restatedev/restate:1.5."]);
  expect(said("subscribe.sh", `curl localhost:9070/subscriptions --json '{"source": "kafka://main/orders", "sink": "service://Greeter/greet"}'\n`)).toEqual(["R0246 1 kafka://main/orders."]);
});

it("nothing where nothing migrates", () => {
  expect(said("docker-compose.yml", "image: restatedev/restate:1.5\n", `import * as restate from "@restatedev/restate-sdk";\nexport const s = restate.service({ name: "S" + Math.random(), handlers: {} });\n`)).toEqual([]);
});
