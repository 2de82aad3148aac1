import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "a photo uploaded after the login",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { call: "publishPhoto", id: "photo", args: ["cat.png"], result: "photographer", effects: ["upload cat.png.webp as photographer"] },
  ],
});
