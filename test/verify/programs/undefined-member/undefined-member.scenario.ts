import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a basket without a coupon",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "payBasket", id: "basket", args: ["b1"], result: 20 },
  ],
});
