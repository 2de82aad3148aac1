import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "the month of one customer",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "closeMonth", id: "month", args: ["Ada"], result: "Ada/1200", effects: ["invoice Ada over 1200"] },
  ],
});
