import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a user who clicks the link",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { send: "signUp", id: "sign-up", args: ["ada"] },
    { wait: "1 second" },
    {
      parallel: [
        { call: "click", id: "click", args: ["sign-up", "4711"] },
        { attach: "sign-up", result: "activated with 4711" },
      ],
      effects: ["activate ada"],
    },
  ],
});
