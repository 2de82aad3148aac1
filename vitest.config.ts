import { defineConfig } from "vitest/config";
import { ClosingLineReporter } from "./test/tools/closing-line-reporter.js";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", new ClosingLineReporter()],
    // Fixtures and the packed tarball run child processes and npm.
    // Both cores: the default leaves one of two free.
    maxWorkers: 2,
    // Tests of one file that run beside each other have processes of their own.
    maxConcurrency: 2,
    testTimeout: 60_000,
    hookTimeout: 180_000,
  },
});
