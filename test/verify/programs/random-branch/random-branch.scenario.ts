import { defineScenario } from "../../../../src/verify/scenario.js";

const parcels = ["tea", "milk", "sugar", "flour", "salt", "rice"];

export default defineScenario({
  about: "six parcels",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [{ call: "shipAll", id: "shipment", args: [parcels], result: parcels, effects: parcels.map((parcel) => `ship ${parcel}`) }],
});
