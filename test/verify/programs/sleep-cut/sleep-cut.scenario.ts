import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "an order, and the reminder that follows after three days",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "fulfil", id: "order", args: ["A-7"], result: "shipped", effects: ["ship A-7"] },
    { wait: "5 days", effects: ["ask for a review of A-7"] },
  ],
});
