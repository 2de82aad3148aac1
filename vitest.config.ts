import { defineConfig } from "vitest/config";
import { ClosingLineReporter } from "./test/tools/closing-line-reporter.js";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", new ClosingLineReporter()],
    // Fixtures and the packed tarball run child processes and npm.
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
