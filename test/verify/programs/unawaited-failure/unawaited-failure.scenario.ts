import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "an order the warehouse does not know",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "acceptOrder", id: "order", args: ["A-7"], result: "accepted A-7" },
  ],
});
