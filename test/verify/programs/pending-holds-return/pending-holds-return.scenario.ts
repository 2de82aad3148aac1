import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a document that nobody stops",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "printJob", id: "print", args: ["letter"], result: "6 pages", effects: ["print letter"] },
  ],
});
