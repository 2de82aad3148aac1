// Loaded into a measured child process with --require: at its end it writes its peak memory (KiB) to the file MEASURE_TO names.
const { writeFileSync } = require("node:fs");

process.on("exit", () => {
  if (process.env.MEASURE_TO) writeFileSync(process.env.MEASURE_TO, String(process.resourceUsage().maxRSS));
});
