/** A length of time as the sum of its members, or a number of milliseconds. */
export type Duration = number | { days?: number; hours?: number; minutes?: number; seconds?: number; milliseconds?: number };

/** The duration in milliseconds; none is no time. */
export function millis(duration: Duration | undefined): number {
  if (duration === undefined) return 0;
  if (typeof duration === "number") return duration;
  const { days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = duration;
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds;
}
