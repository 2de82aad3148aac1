import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "two articles, one of them out of stock",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "restock", id: "restock", args: [["tea", "milk"]], result: 2, effects: ["reorder tea"] },
  ],
});
