import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a gateway that is busy at first",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "buy", id: "purchase", args: [500], result: "charged 500", effects: ["charge 500"] },
  ],
});
