import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "an appointment and its reminder",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "bookAppointment", id: "appointment", args: ["Ada", "2026-03-01"], result: "Ada", effects: ["book Ada", "remind Ada: see you at 2026-03-01T09:00:00.000Z"] },
  ],
});
