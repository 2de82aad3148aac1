import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "an order with its payment",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "placeOrder", id: "order", args: ["A-7"], result: "A-7: receipt for A-7", effects: ["charge A-7"] },
  ],
});
