import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a card that is declined",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "checkout", id: "checkout", args: ["Ada", "expired"], result: "waiting", effects: ["ask Ada for another card"] },
  ],
});
