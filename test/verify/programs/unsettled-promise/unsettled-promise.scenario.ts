import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "an invoice that the accountant refuses",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { send: "payInvoice", id: "invoice", args: ["A-7"] },
    { wait: "1 second" },
    { call: "answer", id: "answer", args: ["invoice", false] },
    { attach: "invoice", result: "refused" },
  ],
});
