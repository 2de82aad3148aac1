import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "an account with its welcome mail",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "onboard", id: "onboarding", args: ["ada@example.com"], result: "account of ada@example.com", effects: ["create ada@example.com", "mail ada@example.com: welcome"] },
  ],
});
