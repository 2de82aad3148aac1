import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a room booked while the offer holds",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "bookRoom", id: "booking", args: ["Ada", 3], result: 240, effects: ["discount for Ada", "invoice Ada 240"] },
  ],
});
