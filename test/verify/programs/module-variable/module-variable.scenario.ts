import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "two quotes, one after the other",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "quote", id: "quote-1", args: ["EUR", 10], result: 10, effects: ["quote EUR 10"] },
    { call: "quote", id: "quote-2", args: ["USD", 10], result: 20, effects: ["quote USD 20"] },
  ],
});
