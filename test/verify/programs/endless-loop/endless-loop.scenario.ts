import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a parcel that never arrives",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "trackParcel", id: "parcel", args: ["lost-1"] },
  ],
});
