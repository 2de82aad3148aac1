import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "three items",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "checkOut", id: "check-out", args: [[{ sku: "tea", price: 3 }, { sku: "milk", price: 1 }, { sku: "sugar", price: 2 }]], result: 6, effects: ["reserve tea", "reserve milk", "reserve sugar"] },
  ],
});
