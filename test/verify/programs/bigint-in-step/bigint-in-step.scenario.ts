import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a wallet is swept",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "sweep", id: "sweep", args: ["0xab", "0xcd"], result: "swept", effects: ["transfer 4000000000000000000 from 0xab to 0xcd"] },
  ],
});
