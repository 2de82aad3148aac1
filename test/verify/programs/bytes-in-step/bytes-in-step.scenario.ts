import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "an invoice is rendered and archived",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "archiveInvoice", id: "archive", args: ["A-7"], result: "archived", effects: ["upload A-7, 11 bytes"] },
  ],
});
