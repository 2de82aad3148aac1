import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a payment of two steps",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "pay", id: "payment", args: [500], result: 500, effects: ["reserve 500", "capture 500"] },
  ],
});
