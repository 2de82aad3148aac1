/** A number of milliseconds as a person writes it: `5_000`. */
export function formatMilliseconds(value: number): string {
  return Number.isInteger(value) && Math.abs(value) >= 1_000 ? String(value).replace(/\B(?=(\d{3})+$)/g, "_") : String(value);
}
