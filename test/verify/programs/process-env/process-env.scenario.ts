import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a report",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "nightlyReport", id: "report", args: ["ada", "sales"], result: "sales", effects: ["export sales with token of ada"] },
  ],
});
