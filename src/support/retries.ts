import { Exponential } from "@resonatehq/sdk";
import { type Duration, millis } from "./duration.js";

/** How a step is retried; attempts count the first one. */
export interface StepRetries {
  maxRetryAttempts?: number;
  initialRetryInterval?: Duration;
  maxRetryInterval?: Duration;
  retryIntervalFactor?: number;
}

/** The retry policy of a step: 50 ms before the first retry, then twice as long each time, 10 s at most, unless the options say otherwise. */
export function stepRetries(options: StepRetries): Exponential {
  const { maxRetryAttempts, initialRetryInterval = 50, maxRetryInterval = 10_000, retryIntervalFactor: factor = 2 } = options;
  return new Exponential({
    // The policy multiplies once before the first retry.
    delay: millis(initialRetryInterval) / factor,
    factor,
    maxDelay: millis(maxRetryInterval),
    ...(maxRetryAttempts === undefined ? {} : { maxRetries: Math.max(0, maxRetryAttempts - 1) }),
  });
}
