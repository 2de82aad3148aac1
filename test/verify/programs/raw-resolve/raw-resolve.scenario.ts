import { defineScenario } from "../../../../src/verify/scenario.js";

export default defineScenario({
  about: "an article that the editor approves",
  effects: { module: "../effects.ts", export: "effects" },
  steps: [
    { send: "publishArticle", id: "article", args: ["on replay"] },
    { wait: "1 second" },
    {
      parallel: [
        { call: "approve", id: "approve", args: ["article", "Ada"] },
        { attach: "article", result: "approved by Ada" },
      ],
      effects: ["publish on replay"],
    },
  ],
});
