const UNITS: Readonly<Record<string, number>> = { ms: 1, millisecond: 1, s: 1_000, sec: 1_000, second: 1_000, m: 60_000, min: 60_000, minute: 60_000, h: 3_600_000, hour: 3_600_000, d: 86_400_000, day: 86_400_000, w: 604_800_000, week: 604_800_000 };

/** Gives a duration such as "3 days", "1.5h" or 250 in ms; undefined for what is none. */
export function durationOf(written: string | number): number | undefined {
  if (typeof written === "number") return Number.isFinite(written) && written >= 0 ? written : undefined;
  const [, amount, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i.exec(written) ?? [];
  const size = UNITS[unit.toLowerCase()] ?? UNITS[unit.toLowerCase().replace(/s$/, "")];
  return amount === undefined || size === undefined ? undefined : Number(amount) * size;
}

/** Says a duration in ms in words: "3 days", "1 hour 30 minutes"; no more than two units. */
export function durationText(ms: number): string {
  const parts: string[] = [];
  let left = ms;
  for (const [unit, size] of [["day", 86_400_000], ["hour", 3_600_000], ["minute", 60_000], ["second", 1_000]] as const) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
  }
  return parts.length === 0 ? `${ms} ms` : parts.slice(0, 2).join(" ");
}
