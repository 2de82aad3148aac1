import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a claim that nobody decides",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "decideClaim", id: "claim", args: ["C-1"], result: "escalated", effects: ["ask the manager about C-1, answer to claim:0", "escalate C-1"] },
  ],
});
