import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "three suppliers, the last of which answers first",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "procure", id: "procurement", result: "cargo", effects: ["order from cargo at 20"] },
  ],
});
